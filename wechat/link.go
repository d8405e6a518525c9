package wechat

import (
	"context"
	"net/url"

	"github.com/silenceper/wechat/v2/miniprogram/urllink"
)

const maxLinkDays = 30

// MiniLink is a URL for a text message or an e-mail that opens a page of the
// mini-program, for one to thirty days.
func (c *Client) MiniLink(ctx context.Context, page string, query url.Values, days int) (string, error) {
	const op = "link"
	if !miniPage.MatchString(page) || days < 1 || days > maxLinkDays || len(query.Encode()) > maxURL {
		return "", refused(op, "a page without leading slash and one to thirty days are needed")
	}
	var link string
	err := c.sdk(ctx, op, c.cfg.Mini.ID, func(_ context.Context, ref reference) error {
		got, err := urllink.NewURLLink(c.mini(ref)).Generate(&urllink.ULParams{
			Path: page, Query: query.Encode(), IsExpire: true,
			ExpireType: urllink.ExpireTypeInterval, ExpireInterval: days,
		})
		link = got
		return err
	})
	if err == nil && link == "" {
		err = unreadable(op)
	}
	return link, err
}
