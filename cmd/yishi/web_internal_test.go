package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yishi/models"
)

// TestWebLoginInTheDemo goes through the login of a web page as a person in the demo
// does: away to the stand-in for WeChat, a resident chosen there, and back.
func TestWebLoginInTheDemo(t *testing.T) {
	s := openStage(t)
	jar, err := cookiejar.New(nil)
	ok(t, err)
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	open := func(address string) (to, body string) {
		t.Helper()
		res, err := browser.Get(address)
		ok(t, err)
		defer func() { _ = res.Body.Close() }()
		read, err := io.ReadAll(res.Body)
		ok(t, err)
		return res.Header.Get("Location"), string(read)
	}
	choose := func(link string) string {
		t.Helper()
		away, _ := open(s.cfg.PublicURL + "/api/v1/logins/web?poll=3")
		_, list := open(away)
		found := regexp.MustCompile(link).FindStringSubmatch(list)
		if found == nil {
			t.Fatalf("nobody can be chosen: %s", list)
		}
		back, said := open(s.fake.URL() + strings.ReplaceAll(found[1], "&amp;", "&"))
		if !strings.HasPrefix(back, s.cfg.PublicURL+"/api/v1/logins/web/back?") {
			t.Fatalf("sent to %q: %s", back, said)
		}
		return back
	}
	if to, said := open(choose(`href="([^"]+snapshot=1[^"]*)"`)); to != "" || !strings.Contains(said, s.door.Text.Say("web.snapshot", nil)) {
		t.Errorf("from a snapshot one goes on to %q: %s", to, said)
	}
	back := choose(`href="([^"]+)">` + regexp.QuoteMeta(s.city.Sample.Residents[1].Name))
	page, said := open(back)
	where, code, found := strings.Cut(page, "#")
	if where != "/ballot/?poll=3" || !found {
		t.Fatalf("sent to %q: %s", page, said)
	}
	if to, said := open(back); to != "" || !strings.Contains(said, s.door.Text.Say("web.state", nil)) {
		t.Errorf("one comes back twice, to %q: %s", to, said)
	}
	body, err := json.Marshal(map[string]string{"code": code})
	ok(t, err)
	res, err := browser.Post(s.cfg.PublicURL+"/api/v1/logins/link", "application/json", strings.NewReader(string(body)))
	ok(t, err)
	defer func() { _ = res.Body.Close() }()
	var pass models.Pass
	ok(t, json.NewDecoder(res.Body).Decode(&pass))
	if want := s.city.Residents[s.city.Sample.Residents[1].Name].PersonID; pass.PersonID != want {
		t.Errorf("logged in as %d, want %d", pass.PersonID, want)
	}
	_, signature := open(s.cfg.PublicURL + "/api/v1/logins/web/signature?url=" + url.QueryEscape(s.cfg.PublicURL+"/ballot/?poll=3"))
	if !strings.Contains(signature, sampleOfficial) {
		t.Errorf("the page is signed with %s", signature)
	}
}

// openStage is a stage that answers.
func openStage(t *testing.T) *stage {
	t.Helper()
	s, err := newStage(t.Context(), "", "127.0.0.1:0", time.Now)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.close()) })
	front := server(s.house.public)
	go func() { _ = front.Serve(s.public) }()
	t.Cleanup(func() { ok(t, front.Close()) })
	return s
}

// TestLoginLink follows the link of the ballots' page in a real browser: away to the
// stand-in for WeChat, and back to the same page, logged in.
func TestLoginLink(t *testing.T) {
	page := browser(t)
	s := openStage(t)
	at := s.cfg.PublicURL + "/ballot/?poll=7"
	var back, trouble, address string
	ok(t, chromedp.Run(page,
		chromedp.Navigate(at),
		chromedp.Click("#by-wechat", chromedp.NodeVisible),
		chromedp.Click(`//a[contains(., "`+s.city.Sample.Residents[1].Name+`")]`, chromedp.NodeVisible),
		chromedp.WaitVisible("#trouble"),
		chromedp.Text("#trouble", &trouble),
		chromedp.Evaluate(`sessionStorage.getItem("login") ?? ""`, &back),
		chromedp.Location(&address),
		chromedp.WaitNotVisible("#login"),
	))
	if back == "" || trouble != s.door.Text.Say("poll.unknown", nil) || address != at {
		t.Errorf("back at %q with the login %q, the page says %q", address, back, trouble)
	}
}
