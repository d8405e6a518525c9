package wechat

import (
	"context"
	"regexp"

	"github.com/silenceper/wechat/v2/miniprogram/qrcode"
	"github.com/silenceper/wechat/v2/officialaccount/basic"
)

var (
	pointScene = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	miniScene  = regexp.MustCompile(`^[0-9a-zA-Z!#$&'()*+,/:;=?@._~-]{1,32}$`)
	miniPage   = regexp.MustCompile(`^[0-9A-Za-z_-][0-9A-Za-z_/-]{0,127}$`)
)

// PointTicket makes a permanent code of the official account and returns the
// URL to draw as a QR code. Scanning it sends an [Event] with the scene. WeChat
// grants 100,000 of them in all, so keep the URL.
func (c *Client) PointTicket(ctx context.Context, scene string) (string, error) {
	const op = "point"
	if !pointScene.MatchString(scene) {
		return "", refused(op, "scene must be 1 to 64 letters, digits, - or _")
	}
	var link string
	err := c.sdk(ctx, op, c.cfg.Official.ID, func(_ context.Context, ref reference) error {
		ticket, err := basic.NewBasic(c.official(ref)).GetQRTicket(basic.NewLimitQrRequest(scene))
		if err == nil {
			link = ticket.URL
		}
		return err
	})
	if err == nil && link == "" {
		err = unreadable(op)
	}
	return link, err
}

// MiniCode returns the JPEG of a mini-program code that opens page with scene.
// The page must be in the released mini-program. The code never expires.
func (c *Client) MiniCode(ctx context.Context, scene, page string) ([]byte, error) {
	const op = "minicode"
	if !miniScene.MatchString(scene) {
		return nil, refused(op, "scene must be 1 to 32 of the characters WeChat allows")
	}
	if page != "" && !miniPage.MatchString(page) {
		return nil, refused(op, "page must be a path without leading slash and query")
	}
	var image []byte
	err := c.sdk(ctx, op, c.cfg.Mini.ID, func(_ context.Context, ref reference) error {
		got, err := qrcode.NewQRCode(c.mini(ref)).GetWXACodeUnlimit(qrcode.QRCoder{Scene: scene, Page: page})
		image = got
		return err
	})
	return image, err
}
