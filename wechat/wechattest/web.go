package wechattest

import (
	"crypto/rand"
	_ "embed" // the page on which a resident is chosen
	"errors"
	"html/template"
	"net/http"
	"net/url"
)

// Authorize opens the authorization page of a web page on a resident's phone,
// and returns where the phone goes on to. A snapshot page makes the resident up.
func (f *Fake) Authorize(r *Resident, link string, snapshot bool) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", errors.New("wechattest: not a URL")
	}
	if u.Path != authorizePath || u.Fragment != "wechat_redirect" {
		return "", errors.New("wechattest: the link is wrong")
	}
	return f.authorize(r, u.Query(), snapshot)
}

func (f *Fake) authorize(r *Resident, q url.Values, snapshot bool) (string, error) {
	back, err := url.Parse(q.Get("redirect_uri"))
	scope := q.Get("scope")
	f.mu.Lock()
	a := f.app(q.Get("appid"))
	f.mu.Unlock()
	switch {
	case err != nil || back.Host == "":
		return "", errors.New("wechattest: the link is wrong")
	case a == nil || a.mini || q.Get("response_type") != "code" || scope != "snsapi_base" && scope != "snsapi_userinfo":
		return "", errors.New("wechattest: the parameters are wrong")
	}
	code := f.issue(r, a.ID)
	f.mu.Lock()
	f.codes[code].snapshot, f.codes[code].union = snapshot, scope == "snsapi_userinfo"
	f.mu.Unlock()
	come := back.Query()
	come.Set("code", code)
	come.Set("state", q.Get("state"))
	back.RawQuery = come.Encode()
	return back.String(), nil
}

const authorizePath = "/connect/oauth2/authorize"

//go:embed authorize.html
var authorizePage string

var choosing = template.Must(template.New("").Parse(authorizePage))

// choice is a resident as whom a person may go on.
type choice struct{ Name, Go, Snapshot string }

// choose is the authorization page of the demo: whoever comes chooses as which
// resident they go on.
func (f *Fake) choose(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f.mu.Lock()
	chosen := f.resident(q.Get("as"))
	var all []choice
	for _, p := range f.residents {
		q.Set("as", p.id)
		q.Del("snapshot")
		c := choice{Name: p.Name, Go: authorizePath + "?" + q.Encode()}
		q.Set("snapshot", "1")
		c.Snapshot = authorizePath + "?" + q.Encode()
		all = append(all, c)
	}
	f.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	if chosen == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = choosing.Execute(w, all)
		return
	}
	to, err := f.authorize(chosen, r.URL.Query(), r.URL.Query().Get("snapshot") != "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, to, http.StatusFound) //nolint:gosec // as WeChat does; this is a stand-in on loopback
}

func (f *Fake) authorized(in *input) any {
	text := in.query.Get("code")
	if text == "" {
		return refusal(41008)
	}
	a, no := f.known(in.query.Get("appid"), in.query.Get("secret"))
	if no != nil {
		return no
	}
	r, no := f.spend(text, a.ID)
	if no != nil {
		return no
	}
	out := map[string]any{
		"access_token": rand.Text(), "expires_in": 7200, "refresh_token": rand.Text(), "openid": r.OpenID(a.ID), "scope": "snsapi_base",
	}
	if f.codes[text].union {
		out["scope"], out["unionid"] = "snsapi_userinfo", r.UnionID
	}
	if f.codes[text].snapshot {
		out["is_snapshotuser"], out["openid"] = 1, "o"+digest("snapshot "+text)
	}
	return out
}

// pageTicket gives the ticket that signs web pages.
func (f *Fake) pageTicket(in *input) any {
	if in.query.Get("type") != "jsapi" || in.app.mini {
		return refusal(40097)
	}
	in.app.ticket = rand.Text() + rand.Text()
	return map[string]any{"errcode": 0, "errmsg": "ok", "ticket": in.app.ticket, "expires_in": 7200}
}

// Ticket is the ticket that the web pages of an app are signed with.
func (f *Fake) Ticket(appID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.app(appID); a != nil {
		return a.ticket
	}
	return ""
}

func (f *Fake) link(in *input) any {
	switch {
	case in.body.Path == "" || in.body.Path[0] == '/':
		return refusal(40165)
	case in.body.Expires != 1 || in.body.Interval < 1 || in.body.Interval > 30:
		return refusal(85401)
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "url_link": "https://wxaurl.cn/" + digest(in.app.ID + in.body.Path + in.body.Query)[:11]}
}
