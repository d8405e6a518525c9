package wechat

import (
	"context"
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

// Send delivers a message and says by which channel. A mini-program sends a
// subscribe message and needs a template for the code; an official account
// sends what its template for the code is for, or without one a customer
// message. The channel is "" if there was an error. Nothing is sent twice
// unless Send is called twice.
func (c *Client) Send(ctx context.Context, m Message) (Channel, error) {
	if m.OpenID == "" || m.AppID == "" {
		return "", refused("send", "no receiver")
	}
	template, ok := c.template(m.AppID, m.Code)
	channel, send := ChannelCustomer, c.sendCustomer
	switch {
	case m.AppID == c.cfg.Mini.ID && !ok:
		return "", refused("send", "no template for this notice")
	case m.AppID == c.cfg.Mini.ID:
		channel, send = ChannelSubscribe, c.sendSubscribe
	case ok && template.Consented:
		channel, send = ChannelConsented, c.sendConsented
	case ok:
		channel, send = ChannelTemplate, c.sendTemplate
	}
	err := c.sdk(ctx, "send "+string(channel), m.AppID, func(_ context.Context, ref reference) error {
		return send(ref, m, template)
	})
	if err != nil {
		return "", err
	}
	return channel, nil
}

func (c *Client) template(appID, code string) (Template, bool) {
	t, ok := c.cfg.Templates[appID+"/"+code]
	if !ok {
		t, ok = c.cfg.Templates[code]
	}
	return t, ok && t.ID != ""
}

func (c *Client) sendSubscribe(ref reference, m Message, t Template) error {
	data := make(map[string]*subscribe.DataItem, len(t.Fields))
	for field, param := range t.Fields {
		data[field] = &subscribe.DataItem{Value: fit(field, m.param(param))}
	}
	return subscribe.NewSubscribe(c.mini(ref)).Send(&subscribe.Message{
		ToUser: m.OpenID, TemplateID: t.ID, Page: m.Page, Data: data,
		MiniprogramState: "formal", Lang: "zh_CN",
	})
}

func (c *Client) sendTemplate(ref reference, m Message, t Template) error {
	sent := message.TemplateMessage{
		ToUser: m.OpenID, TemplateID: t.ID, Data: make(map[string]*message.TemplateDataItem, len(t.Fields)),
	}
	for field, param := range t.Fields {
		sent.Data[field] = &message.TemplateDataItem{Value: fit(field, m.param(param))}
	}
	switch {
	case m.Page == "":
	case isURL(m.Page):
		sent.URL = m.Page
	case c.cfg.Mini.ID != "":
		sent.MiniProgram.AppID, sent.MiniProgram.PagePath = c.cfg.Mini.ID, m.Page
	}
	_, err := message.NewTemplate(c.official(ref)).Send(&sent)
	return err
}

func (c *Client) sendConsented(ref reference, m Message, t Template) error {
	sent := message.SubscribeMessage{
		ToUser: m.OpenID, TemplateID: t.ID, Data: make(map[string]*message.SubscribeDataItem, len(t.Fields)),
	}
	for field, param := range t.Fields {
		sent.Data[field] = &message.SubscribeDataItem{Value: fit(field, m.param(param))}
	}
	switch {
	case m.Page == "":
	case isURL(m.Page):
		sent.Page = m.Page
	case c.cfg.Mini.ID != "":
		sent.MiniProgram.AppID, sent.MiniProgram.PagePath = c.cfg.Mini.ID, m.Page
	}
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
