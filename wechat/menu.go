package wechat

import (
	"context"

	"github.com/silenceper/wechat/v2/officialaccount/menu"
)

// Button is a button of the official account's menu: one with buttons under
// it, or one that sends a key to the chat, opens a web page, or opens a page of
// the mini-program. URL is then what clients without mini-programs open.
type Button struct {
	Name string   `json:"name"`
	Key  string   `json:"key,omitempty"`
	URL  string   `json:"url,omitempty"`
	Page string   `json:"page,omitempty"`
	Sub  []Button `json:"sub,omitempty"`
}

const codeNoMenu = 46003

// What WeChat takes, in bytes.
const (
	maxTop, maxSub         = 3, 5
	maxTopName, maxSubName = 16, 60
	maxKey, maxURL         = 128, 1024
)

// SetMenu replaces the menu of the official account. Phones show it after some
// minutes.
func (c *Client) SetMenu(ctx context.Context, buttons []Button) error {
	const op = "set menu"
	if len(buttons) == 0 || !wellFormed(buttons, true) {
		return refused(op, "three buttons with five under each, of short names, each with one purpose, are the most")
	}
	return c.sdk(ctx, op, c.cfg.Official.ID, func(_ context.Context, ref reference) error {
		return menu.NewMenu(c.official(ref)).SetMenu(c.outward(buttons))
	})
}

// Menu returns the menu of the official account, which may be none.
func (c *Client) Menu(ctx context.Context) ([]Button, error) {
	var got []Button
	err := c.sdk(ctx, "menu", c.cfg.Official.ID, func(_ context.Context, ref reference) error {
		now, err := menu.NewMenu(c.official(ref)).GetMenu()
		for _, b := range now.Menu.Button {
			got = append(got, inward(b))
		}
		return err
	})
	if Code(err) == codeNoMenu {
		return nil, nil
	}
	return got, err
}

// wellFormed tells whether WeChat would take the buttons.
func wellFormed(buttons []Button, top bool) bool {
	most, name := maxTop, maxTopName
	if !top {
		most, name = maxSub, maxSubName
	}
	if len(buttons) > most {
		return false
	}
	for _, b := range buttons {
		if b.Name == "" || len(b.Name) > name || len(b.Key) > maxKey || len(b.URL) > maxURL || !b.clear(top) {
			return false
		}
	}
	return true
}

// clear tells whether a button has one purpose.
func (b Button) clear(top bool) bool {
	switch {
	case len(b.Sub) > 0:
		return top && b.Key == "" && b.URL == "" && b.Page == "" && wellFormed(b.Sub, false)
	case b.Key != "":
		return b.URL == "" && b.Page == ""
	case b.Page != "":
		return miniPage.MatchString(b.Page) && isURL(b.URL)
	}
	return isURL(b.URL)
}

func (c *Client) outward(buttons []Button) []*menu.Button {
	out := make([]*menu.Button, len(buttons))
	for i, b := range buttons {
		out[i] = &menu.Button{Name: b.Name, Key: b.Key, URL: b.URL, PagePath: b.Page, SubButtons: c.outward(b.Sub)}
		switch {
		case len(b.Sub) > 0:
		case b.Key != "":
			out[i].Type = "click"
		case b.Page != "":
			out[i].Type, out[i].AppID = "miniprogram", c.cfg.Mini.ID
		default:
			out[i].Type = "view"
		}
	}
	return out
}

func inward(b menu.Button) Button {
	out := Button{Name: b.Name, Key: b.Key, URL: b.URL, Page: b.PagePath}
	for _, s := range b.SubButtons {
		out.Sub = append(out.Sub, inward(*s))
	}
	return out
}
