package wechat

import (
	"context"
	"slices"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	officialconfig "github.com/silenceper/wechat/v2/officialaccount/config"
	officialcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/message"
)

// Channel is the way a message went.
type Channel string

// The channels.
const (
	ChannelTemplate  Channel = "template"  // official account, followers, no time limit
	ChannelCustomer  Channel = "customer"  // official account, within 48 hours of the resident's last message
	ChannelSubscribe Channel = "subscribe" // mini-program, one message per consent
	ChannelConsented Channel = "consented" // official account, one message per consent, follower or not
)

// Message is a notice to one resident.
type Message struct {
	AppID  string
	OpenID string
	Code   string            // the notice's code, the key of a template
	Title  string            // the ready sentence, all that a customer message says
	Params map[string]string // what fills a template
	Page   string            // a page of the mini-program without leading slash, or an https URL; may be empty
}

// Ways are the channels by which a notice can go to an account of an app, the best
// first: of the official account what its template for the code is for, where it
// has one, and a customer message; of the mini-program a subscribe message, which
// needs a template.
func (c *Client) Ways(appID, code string) []Channel {
	t, ok := c.template(appID, code)
	switch {
	case appID == "":
	case appID == c.cfg.Official.ID && t.Consented:
		return []Channel{ChannelConsented, ChannelCustomer}
	case appID == c.cfg.Official.ID && ok:
		return []Channel{ChannelTemplate, ChannelCustomer}
	case appID == c.cfg.Official.ID:
		return []Channel{ChannelCustomer}
	case appID == c.cfg.Mini.ID && ok:
		return []Channel{ChannelSubscribe}
	}
	return nil
}

// TemplateID is the template of a notice at an app, "" if it has none.
func (c *Client) TemplateID(appID, code string) string {
	t, _ := c.template(appID, code)
	return t.ID
}

// Code is the notice that a template of an app stands for, "" for none.
func (c *Client) Code(appID, template string) string {
	for key, t := range c.cfg.Templates {
		app, code, scoped := strings.Cut(key, "/")
		if !scoped {
			app, code = appID, key
		}
		if t.ID == template && app == appID && c.TemplateID(appID, code) == template {
			return code
		}
	}
	return ""
}

// Send delivers a message by one of its [Client.Ways]. Nothing is sent twice
// unless Send is called twice.
func (c *Client) Send(ctx context.Context, m Message, by Channel) error {
	if m.OpenID == "" || !slices.Contains(c.Ways(m.AppID, m.Code), by) {
		return refused("send", "no way to the receiver")
	}
	template, _ := c.template(m.AppID, m.Code)
	send := map[Channel]func(reference, Message, Template) error{
		ChannelTemplate: c.sendTemplate, ChannelCustomer: c.sendCustomer, ChannelSubscribe: c.sendSubscribe,
		ChannelConsented: c.sendConsented,
	}[by]
	return c.sdk(ctx, "send "+string(by), m.AppID, func(_ context.Context, ref reference) error {
		return send(ref, m, template)
	})
}

// NoRight reports whether a message was refused because the receiver does not let
// it through: no consent is left, the time for an answer is over, or they follow no
// more. Another way may be open.
func NoRight(err error) bool {
	switch Code(err) {
	case codeNoConsent, codeWindowOver, codeTooMany, codeNotFollowing:
		return true
	}
	return false
}

func (c *Client) template(appID, code string) (Template, bool) {
	t, ok := c.cfg.Templates[appID+"/"+code]
	if !ok {
		t, ok = c.cfg.Templates[code]
	}
	return t, ok && t.ID != ""
}

// filled are the fields of a template with what a message says, each an item as
// the SDK has it.
func filled[T any](t Template, m Message, item func(value string) T) map[string]T {
	data := make(map[string]T, len(t.Fields))
	for field, param := range t.Fields {
		data[field] = item(fit(field, m.param(param)))
	}
	return data
}

// target is where a tap on a message of the official account leads: to a web page,
// or to a page of the mini-program.
func (c *Client) target(page string) (url, miniID, miniPage string) {
	switch {
	case page == "":
	case isURL(page):
		url = page
	case c.cfg.Mini.ID != "":
		miniID, miniPage = c.cfg.Mini.ID, page
	}
	return url, miniID, miniPage
}

func (c *Client) sendSubscribe(ref reference, m Message, t Template) error {
	data := filled(t, m, func(value string) *subscribe.DataItem { return &subscribe.DataItem{Value: value} })
	return subscribe.NewSubscribe(c.mini(ref)).Send(&subscribe.Message{
		ToUser: m.OpenID, TemplateID: t.ID, Page: m.Page, Data: data,
		MiniprogramState: "formal", Lang: "zh_CN",
	})
}

func (c *Client) sendTemplate(ref reference, m Message, t Template) error {
	data := filled(t, m, func(value string) *message.TemplateDataItem { return &message.TemplateDataItem{Value: value} })
	sent := message.TemplateMessage{ToUser: m.OpenID, TemplateID: t.ID, Data: data}
	sent.URL, sent.MiniProgram.AppID, sent.MiniProgram.PagePath = c.target(m.Page)
	_, err := message.NewTemplate(c.official(ref)).Send(&sent)
	return err
}

func (c *Client) sendConsented(ref reference, m Message, t Template) error {
	data := filled(t, m, func(value string) *message.SubscribeDataItem { return &message.SubscribeDataItem{Value: value} })
	sent := message.SubscribeMessage{ToUser: m.OpenID, TemplateID: t.ID, Data: data}
	sent.Page, sent.MiniProgram.AppID, sent.MiniProgram.PagePath = c.target(m.Page)
	return message.NewSubscribe(c.official(ref)).Send(&sent)
}

func (c *Client) sendCustomer(ref reference, m Message, _ Template) error {
	text := m.Title
	if isURL(m.Page) {
		text += "\n" + m.Page
	}
	text = cut(clean(text), maxRunes, maxBytes)
	return message.NewMessageManager(c.official(ref)).Send(message.NewCustomerTextMessage(m.OpenID, text))
}

// official is the SDK's view of the official account for one call.
func (c *Client) official(ref reference) *officialcontext.Context {
	return &officialcontext.Context{
		Config:            &officialconfig.Config{AppID: c.cfg.Official.ID},
		AccessTokenHandle: ref,
	}
}

func isURL(page string) bool {
	return strings.HasPrefix(page, "https://") || strings.HasPrefix(page, "http://")
}

func (m Message) param(name string) string {
	if value, ok := m.Params[name]; ok || name != "title" {
		return value
	}
	return m.Title
}

// fieldLimits are the characters WeChat allows in a template field, by the
// type that the field's name begins with. One too many loses the message.
var fieldLimits = map[string]int{
	"thing": 20, "phrase": 5, "name": 10, "character_string": 32, "number": 32,
}

// fit makes a value acceptable for a field: one line, short enough, not empty.
func fit(field, value string) string {
	value = strings.Join(strings.Fields(clean(value)), " ")
	if value == "" {
		return "-"
	}
	kind := strings.TrimRight(field, "0123456789")
	limit, runes := fieldLimits[kind], []rune(value)
	switch {
	case limit == 0 || len(runes) <= limit:
		return value
	case kind == "thing": // the only one that may hold the mark
		return string(runes[:limit-1]) + mark
	}
	return string(runes[:limit])
}
