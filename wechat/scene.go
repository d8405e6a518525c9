package wechat

import (
	"context"
	"regexp"
	"time"

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
	return c.ticket(ctx, op, basic.NewLimitQrRequest(scene))
}

// The life of a passing ticket.
const (
	minLife = time.Minute
	maxLife = 30 * 24 * time.Hour
)

// PassingTicket is [Client.PointTicket] for a code that WeChat forgets after a
// life of one minute to thirty days. There may be any number of them.
func (c *Client) PassingTicket(ctx context.Context, scene string, life time.Duration) (string, error) {
	const op = "passing"
	if !pointScene.MatchString(scene) || life < minLife || life > maxLife {
		return "", refused(op, "scene must be 1 to 64 letters, digits, - or _, and its life a minute to thirty days")
	}
	return c.ticket(ctx, op, basic.NewTmpQrRequest(life, scene))
}

// ticket returns what to draw; WeChat's own picture lies on another host.
func (c *Client) ticket(ctx context.Context, op string, what *basic.Request) (link string, err error) {
	err = c.sdk(ctx, op, c.cfg.Official.ID, func(_ context.Context, ref reference) error {
		got, err := basic.NewBasic(c.official(ref)).GetQRTicket(what)
		if err == nil {
			link = got.URL
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
