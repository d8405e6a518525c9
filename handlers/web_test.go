package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
)

// leave begins a login on a web page, and returns the state that WeChat is told and
// the cookie that the browser keeps.
func (d *door) leave(t *testing.T, query string) (state string, cookie *http.Cookie) {
	t.Helper()
	got := d.ask("GET", "/api/v1/logins/web"+query, "", nil)
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusFound || to.Host != "wechat.example" {
		t.Fatalf("sent to %v, %v: %s", to, err, got)
	}
	if back := to.Query().Get("back"); back != "https://yishi.example/api/v1/logins/web/back" {
		t.Errorf("WeChat sends them back to %q", back)
	}
	cookie, err = http.ParseSetCookie(got.header.Get("Set-Cookie"))
	if err != nil || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || !strings.HasPrefix(cookie.Name, "__Host-") {
		t.Fatalf("the cookie %v, %v", cookie, err)
	}
	return to.Query().Get("state"), cookie
}

// TestWebLogin logs somebody in on a web page, if they come back with the state and
// the cookie that they left with, and says what to do if not.
func TestWebLogin(t *testing.T) {
	d := newDoor(t, forumtest.New(t, forumtest.SQLite(t)))
	state, cookie := d.leave(t, "?poll=7")
	other, otherCookie := d.leave(t, "?poll=7")
	if state == other {
		t.Error("two visits have one state")
	}
	keep := cookie.Name + "=" + cookie.Value
	for name, tt := range map[string]struct {
		query, cookie, want string
		status              int
	}{
		"no cookie":             {"code=x&state=" + state, "", "web.state", http.StatusForbidden},
		"no state":              {"code=x", keep, "web.state", http.StatusForbidden},
		"neither":               {"code=x&state=", "", "web.state", http.StatusForbidden},
		"an empty cookie":       {"code=x&state=", cookie.Name + "=", "web.state", http.StatusForbidden},
		"an empty state":        {"code=x&state=", cookie.Name + "=.7", "web.state", http.StatusForbidden},
		"another visit":         {"code=x&state=" + other, keep, "web.state", http.StatusForbidden},
		"another's cookie":      {"code=x&state=" + state, otherCookie.Name + "=" + otherCookie.Value, "web.state", http.StatusForbidden},
		"a cookie of elsewhere": {"code=x&state=" + state, "yishi-web=" + cookie.Value, "web.state", http.StatusForbidden},
		"a made-up page":        {"code=x&state=" + state, cookie.Name + "=" + state + ".//evil.example", "web.state", http.StatusForbidden},
		"refused":               {"state=" + state, keep, "web.denied", http.StatusForbidden},
		"a snapshot":            {"code=snapshot&state=" + state, keep, "web.snapshot", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			got := d.ask("GET", "/api/v1/logins/web/back?"+tt.query, "", nil, "Cookie", tt.cookie)
			if got.status != tt.status || got.header.Get("Location") != "" || !strings.Contains(string(got.body), text.Say(tt.want, nil)) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if kind := got.header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
				t.Errorf("told as %s", kind)
			}
			if !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
				t.Error("the cookie stays")
			}
		})
	}
	got := d.ask("GET", "/api/v1/logins/web/back?code=somebody&state="+state, "", nil, "Cookie", keep)
	page, code, _ := strings.Cut(got.header.Get("Location"), "#")
	if got.status != http.StatusFound || page != "/ballot/?poll=7" || !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Fatalf("sent to %q: %s", page, got)
	}
	pass := must[models.Pass](t, d, "POST", "/api/v1/logins/link", "", map[string]any{"code": code})
	if me := must[models.Me](t, d, "GET", "/api/v1/me", d.resident(t, "somebody"), nil); me.Person.ID != pass.PersonID {
		t.Errorf("the page acts as %d, the mini-program as %d", pass.PersonID, me.Person.ID)
	}
	if again := d.ask("POST", "/api/v1/logins/link", "", map[string]any{"code": code}); again.code() != "login.link" {
		t.Errorf("the code works twice: %s", again)
	}
}

// TestWebLoginToApp brings whoever named no poll to the residents' app.
func TestWebLoginToApp(t *testing.T) {
	d := newDoor(t, forumtest.New(t, forumtest.SQLite(t)))
	state, cookie := d.leave(t, "")
	got := d.ask("GET", "/api/v1/logins/web/back?code=somebody&state="+state, "", nil, "Cookie", cookie.Name+"="+cookie.Value)
	page, code, _ := strings.Cut(got.header.Get("Location"), "#")
	if got.status != http.StatusFound || page != "/app/" {
		t.Fatalf("sent to %q: %s", page, got)
	}
	must[models.Pass](t, d, "POST", "/api/v1/logins/link", "", map[string]any{"code": code})
}

// TestSignPage signs our own pages alone.
func TestSignPage(t *testing.T) {
	d := newDoor(t, forumtest.New(t, forumtest.SQLite(t)))
	for page, want := range map[string]int{
		"https://yishi.example/ballot/?poll=7":         http.StatusOK,
		"https://yishi.example/board/?poll=7#top":      http.StatusOK,
		"https://yishi.example/app/":                   http.StatusOK,
		"http://yishi.example/ballot/":                 http.StatusUnprocessableEntity,
		"https://yishi.example/":                       http.StatusUnprocessableEntity,
		"https://yishi.example/ballot/../phone/":       http.StatusUnprocessableEntity,
		"https://yishi.example:8443/ballot/":           http.StatusUnprocessableEntity,
		"https://yishi.example.evil/ballot/":           http.StatusUnprocessableEntity,
		"https://evil.example/ballot/":                 http.StatusUnprocessableEntity,
		"https://yishi.example@evil.example/ballot/":   http.StatusUnprocessableEntity,
		"https://evil@yishi.example/ballot/":           http.StatusUnprocessableEntity,
		"//yishi.example/ballot/":                      http.StatusUnprocessableEntity,
		"/ballot/":                                     http.StatusUnprocessableEntity,
		"javascript:alert(1)":                          http.StatusUnprocessableEntity,
		"https://yishi.example\\@evil.example/ballot/": http.StatusUnprocessableEntity,
	} {
		got := d.ask("GET", "/api/v1/logins/web/signature?url="+url.QueryEscape(page), "", nil)
		if got.status != want || want != http.StatusOK && got.code() != "web.page" {
			t.Errorf("%s: %s, want %d", page, got, want)
		}
	}
}
