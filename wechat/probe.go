package wechat

import (
	"context"
	"crypto/rand"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	"github.com/silenceper/wechat/v2/officialaccount/message"
)

// Reach fails where WeChat would give no access token to an app: id, secret or
// address of this computer are wrong, or the line is down.
func (c *Client) Reach(ctx context.Context, appID string) error {
	src := c.sources[appID]
	if src == nil {
		return refused("token", "no such app")
	}
	_, err := src.token(ctx, "")
	return err
}

// EchoQuery is the question by which WeChat finds out whether a callback URL
// holds the token of an app, and what must come back.
func (c *Client) EchoQuery(appID string) (query url.Values, want string) {
	d := c.chat
	if appID == c.cfg.Mini.ID {
		d = c.push
	}
	stamp, nonce, want := strconv.FormatInt(c.now().Unix(), 10), rand.Text(), rand.Text()
	return url.Values{
		"timestamp": {stamp}, "nonce": {nonce}, "echostr": {want}, "signature": {sign(d.app.Token, stamp, nonce)},
	}, want
}

var templateField = regexp.MustCompile(`\{\{\s*([a-z_]+[0-9]+)\.DATA\s*\}\}`)

// TemplateInfo is what an app's own template is like.
type TemplateInfo struct {
	Fields []string
	Long   bool // one consent is good for any number of messages
}

const typeLong = 3 // of a subscribe template; 2 is good for one message

func (t *TemplateInfo) read(content string, kind int) {
	for _, m := range templateField.FindAllStringSubmatch(content, -1) {
		t.Fields = append(t.Fields, m[1])
	}
	slices.Sort(t.Fields)
	t.Long = kind == typeLong
}

// Templates are an app's own templates by their id: those that need a consent, which
// are all that a mini-program has, or those of template messages.
func (c *Client) Templates(ctx context.Context, appID string, consented bool) (map[string]TemplateInfo, error) {
	all := map[string]TemplateInfo{}
	add := func(id, content string, kind int) {
		var t TemplateInfo
		t.read(content, kind)
		all[id] = t
	}
	err := c.sdk(ctx, "templates", appID, func(_ context.Context, ref reference) error {
		if !consented {
			got, err := message.NewTemplate(c.official(ref)).List()
			for _, t := range got {
				add(t.TemplateID, t.Content, 0)
			}
			return err
		}
		if appID != c.cfg.Mini.ID {
			got, err := message.NewSubscribe(c.official(ref)).List()
			for _, t := range got {
				add(t.PriTmplID, t.Content, t.SubType)
			}
			return err
		}
		got, err := subscribe.NewSubscribe(c.mini(ref)).ListTemplates()
		if err != nil {
			return err
		}
		for _, t := range got.Data {
			add(t.PriTmplID, t.Content, int(t.Type))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// advices are what an operator can do about an errcode, by the code of the
// sentence.
var advices = map[int]string{
	codeBusy: "operator.busy", 40013: "operator.appid", 40125: "operator.secret", 40164: "operator.whitelist",
	40037: "operator.template", 41030: "operator.page", 47003: "operator.field", codeDailyLimit: "operator.quota",
	48001: "operator.unauthorized", 50002: "operator.frozen",
}

// NeedsOperator reports whether nothing will go until an operator has changed
// something, at WeChat or in the configuration.
func NeedsOperator(err error) bool {
	_, known := advices[Code(err)]
	return known && !Retryable(err)
}

// Advice is the code of a sentence that tells an operator what to do about an
// error, "operator.unknown" if nothing particular is known.
func Advice(err error) string {
	if code, ok := advices[Code(err)]; ok {
		return code
	}
	if Code(err) == 0 && Retryable(err) {
		return "operator.line"
	}
	return "operator.unknown"
}
