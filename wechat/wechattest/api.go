package wechattest

import (
	"bytes"
	"crypto/rand"
	"image/jpeg"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"yishi/wechat"
)

// endpoint is one API path. serve is called under the fake's lock.
type endpoint struct {
	method string
	token  bool
	serve  func(*input) any
}

// input is one API call.
type input struct {
	app   *app // owner of the access token
	query url.Values
	body  body
}

// body holds every field that any endpoint takes.
type body struct {
	Grant      string `json:"grant_type"`
	AppID      string `json:"appid"`
	Secret     string `json:"secret"`
	Code       string `json:"code"`
	To         string `json:"touser"`
	TemplateID string `json:"template_id"`
	URL        string `json:"url"`
	Page       string `json:"page"`
	Scene      any    `json:"scene"` // a text for a code, a number for a check
	OpenID     string `json:"openid"`
	Version    int    `json:"version"`
	Content    string `json:"content"`
	MediaURL   string `json:"media_url"`
	MediaType  int    `json:"media_type"`
	Type       string `json:"msgtype"`
	Text       struct {
		Content string `json:"content"`
	} `json:"text"`
	Data map[string]struct {
		Value string `json:"value"`
	} `json:"data"`
	Mini struct {
		Page string `json:"pagepath"`
	} `json:"miniprogram"`
	Button   []button `json:"button"`
	Path     string   `json:"path"`
	Query    string   `json:"query"`
	Expires  int      `json:"expire_type"`
	Interval int      `json:"expire_interval"`
	Seconds  int      `json:"expire_seconds"`
	Action   string   `json:"action_name"`
	Info     struct {
		Scene struct {
			Text string `json:"scene_str"`
		} `json:"scene"`
	} `json:"action_info"`
}

func (f *Fake) endpoints() map[string]endpoint {
	return map[string]endpoint{
		"/cgi-bin/stable_token":                      {http.MethodPost, false, f.stableToken},
		"/sns/jscode2session":                        {http.MethodGet, false, f.session},
		"/wxa/business/getuserphonenumber":           {http.MethodPost, true, f.phoneNumber},
		"/cgi-bin/message/template/send":             {http.MethodPost, true, f.sendTemplate},
		"/cgi-bin/message/custom/send":               {http.MethodPost, true, f.sendCustomer},
		"/cgi-bin/message/subscribe/send":            {http.MethodPost, true, f.sendSubscribe},
		"/cgi-bin/qrcode/create":                     {http.MethodPost, true, f.createCode},
		"/wxa/getwxacodeunlimit":                     {http.MethodPost, true, f.miniCode},
		"/cgi-bin/message/subscribe/bizsend":         {http.MethodPost, true, f.sendConsented},
		"/cgi-bin/template/get_all_private_template": {http.MethodGet, true, f.officialTemplates},
		"/wxaapi/newtmpl/gettemplate":                {http.MethodGet, true, f.miniTemplates},
		"/cgi-bin/menu/create":                       {http.MethodPost, true, f.createMenu},
		"/cgi-bin/menu/get":                          {http.MethodGet, true, f.readMenu},
		"/cgi-bin/media/get":                         {http.MethodGet, true, f.readMedia},
		"/cgi-bin/user/info":                         {http.MethodGet, true, f.userInfo},
		"/cgi-bin/ticket/getticket":                  {http.MethodGet, true, f.pageTicket},
		"/sns/oauth2/access_token":                   {http.MethodGet, false, f.authorized},
		"/wxa/generate_urllink":                      {http.MethodPost, true, f.link},
		"/wxa/msg_sec_check":                         {http.MethodPost, true, f.checkText},
		"/wxa/media_check_async":                     {http.MethodPost, true, f.checkMedia},
	}
}

// known checks the credentials of an app.
func (f *Fake) known(id, secret string) (*app, any) {
	a := f.app(id)
	if a == nil {
		return nil, refusal(40013)
	}
	if a.Secret != secret {
		return nil, refusal(40125)
	}
	return a, nil
}

const tokenLife = 2 * time.Hour

// stableToken gives the same token until five minutes before its end.
func (f *Fake) stableToken(in *input) any {
	if in.body.Grant != "client_credential" {
		return refusal(40002)
	}
	a, no := f.known(in.body.AppID, in.body.Secret)
	if no != nil {
		return no
	}
	now := f.now()
	if a.token == "" || a.expires.Sub(now) < 5*time.Minute {
		a.token, a.expires = "80_"+rand.Text()+rand.Text()+rand.Text(), now.Add(tokenLife)
	}
	return map[string]any{"access_token": a.token, "expires_in": int(a.expires.Sub(now).Seconds())}
}

func (f *Fake) session(in *input) any {
	if in.query.Get("js_code") == "" {
		return refusal(41008)
	}
	a, no := f.known(in.query.Get("appid"), in.query.Get("secret"))
	if no != nil {
		return no
	}
	r, no := f.spend(in.query.Get("js_code"), a.ID)
	if no != nil {
		return no
	}
	r.visits[a.ID] = f.now()
	return map[string]any{"openid": r.OpenID(a.ID), "unionid": r.UnionID, "session_key": rand.Text()[:22] + "=="}
}

func (f *Fake) phoneNumber(in *input) any {
	r, no := f.spend(in.body.Code, "")
	if no != nil {
		return no
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "phone_info": map[string]any{
		"phoneNumber": r.Phone, "purePhoneNumber": r.Phone, "countryCode": "86",
		"watermark": map[string]any{"timestamp": f.now().Unix(), "appid": in.app.ID},
	}}
}

// receiver finds the resident of an openid of the calling app.
func (f *Fake) receiver(in *input) *Resident {
	for _, r := range f.residents {
		if r.OpenID(in.app.ID) == in.body.To {
			return r
		}
	}
	return nil
}

// arrive puts a message on a phone.
func (f *Fake) arrive(r *Resident, in *input, channel wechat.Channel) any {
	d := Delivery{
		At: f.now(), AppID: in.app.ID, Channel: channel, Text: in.body.Text.Content,
		Template: in.body.TemplateID, Page: in.body.Page, Params: make(map[string]string, len(in.body.Data)),
	}
	values := make([]string, 0, len(in.body.Data))
	for _, field := range slices.Sorted(maps.Keys(in.body.Data)) {
		d.Params[field] = in.body.Data[field].Value
		values = append(values, in.body.Data[field].Value)
	}
	if d.Text == "" {
		d.Text = strings.Join(values, "\n")
	}
	if words := in.app.words[d.Template]; words != "" {
		for field, value := range d.Params {
			words = strings.ReplaceAll(words, "{{"+field+".DATA}}", value)
		}
		d.Text = words
	}
	if d.Page == "" {
		d.Page = in.body.URL + in.body.Mini.Page
	}
	r.sent = append(r.sent, d)
	f.lastMsgID++
	return map[string]any{"errcode": 0, "errmsg": "ok", "msgid": f.lastMsgID}
}

func (f *Fake) sendTemplate(in *input) any {
	r := f.receiver(in)
	switch {
	case r == nil:
		return refusal(40003)
	case !r.following:
		return refusal(43004)
	case !in.app.takes(in.body.TemplateID):
		return refusal(40037)
	case !wellFilled(in.body):
		return refusal(47003)
	}
	return f.arrive(r, in, wechat.ChannelTemplate)
}

func (f *Fake) sendCustomer(in *input) any {
	r := f.receiver(in)
	switch {
	case r == nil:
		return refusal(40003)
	case in.body.Type != "text" || in.body.Text.Content == "":
		return refusal(47001)
	case len(in.body.Text.Content) > 2048:
		return refusal(45002)
	case !r.following || !f.now().Before(r.window.until):
		return refusal(45015)
	case r.window.left == 0:
		return refusal(45047)
	}
	r.window.left--
	return f.arrive(r, in, wechat.ChannelCustomer)
}

func (f *Fake) sendSubscribe(in *input) any {
	if strings.HasPrefix(in.body.Page, "/") {
		return refusal(41030)
	}
	r, refused := f.consented(in)
	if refused != nil {
		return refused
	}
	done := f.arrive(r, in, wechat.ChannelSubscribe)
	f.receipts = append(f.receipts, receipt{in.app, in.body.To, in.body.TemplateID, f.lastMsgID})
	return done
}

// sendConsented sends a message of the official account that needs a consent
// and no following.
func (f *Fake) sendConsented(in *input) any {
	r, refused := f.consented(in)
	if refused != nil {
		return refused
	}
	return f.arrive(r, in, wechat.ChannelConsented)
}

// consented spends the consent of a message's receiver, or refuses it.
func (f *Fake) consented(in *input) (*Resident, any) {
	r := f.receiver(in)
	if r == nil {
		return nil, refusal(40003)
	}
	grant := grant{in.app.ID, in.body.TemplateID}
	switch {
	case !in.app.takes(in.body.TemplateID):
		return nil, refusal(40037)
	case !wellFilled(in.body):
		return nil, refusal(47003)
	case r.grants[grant] == 0:
		return nil, refusal(43101)
	}
	r.grants[grant]--
	return r, nil
}

// widths are the characters that the fields of a template hold.
var widths = map[string]int{"thing": 20, "phrase": 5, "name": 10, "character_string": 32, "number": 32}

// moments are what the fields of a time and a date hold: a day with its year, an hour
// or both.
var moments = map[string]*regexp.Regexp{
	"time": regexp.MustCompile(`^(\d{4}\p{Han}\d{1,2}\p{Han}\d{1,2}\p{Han} )?\d{1,2}:\d{2}$`),
	"date": regexp.MustCompile(`^\d{4}\p{Han}\d{1,2}\p{Han}\d{1,2}\p{Han}( \d{1,2}:\d{2})?$`),
}

func wellFilled(b body) bool {
	for field, item := range b.Data {
		kind := strings.TrimRight(field, "0123456789")
		width, n := widths[kind], utf8.RuneCountInString(item.Value)
		if n == 0 || (width > 0 && n > width) || moments[kind] != nil && !moments[kind].MatchString(item.Value) {
			return false
		}
	}
	return len(b.Data) > 0
}

// createCode makes a permanent code, or one for at most thirty days. Its success
// has no errmsg.
func (f *Fake) createCode(in *input) any {
	scene := in.body.Info.Scene.Text
	passing := in.body.Action == "QR_STR_SCENE"
	if !passing && in.body.Action != "QR_LIMIT_STR_SCENE" || scene == "" || len(scene) > 64 || in.body.Seconds > 30*24*3600 {
		return refusal(40129)
	}
	out := map[string]any{
		"ticket": rand.Text() + rand.Text(),
		"url":    "http://weixin.qq.com/q/" + digest(in.app.ID+scene),
	}
	if passing {
		out["expire_seconds"] = max(in.body.Seconds, 30)
	}
	return out
}

var sceneChars = regexp.MustCompile(`^[0-9a-zA-Z!#$&'()*+,/:;=?@._~-]{1,32}$`)

// miniCode draws a code that a real phone can scan, though it opens nothing.
func (f *Fake) miniCode(in *input) any {
	scene, _ := in.body.Scene.(string)
	if !sceneChars.MatchString(scene) {
		return refusal(40129)
	}
	if strings.HasPrefix(in.body.Page, "/") || strings.Contains(in.body.Page, "?") {
		return refusal(41030)
	}
	code, err := qr.Encode(in.body.Page+"?scene="+scene, qr.M, qr.Auto)
	if err != nil {
		return refusal(-1)
	}
	if code, err = barcode.Scale(code, 430, 430); err != nil {
		return refusal(-1)
	}
	var out bytes.Buffer
	if err = jpeg.Encode(&out, code, nil); err != nil {
		return refusal(-1)
	}
	return out.Bytes()
}
