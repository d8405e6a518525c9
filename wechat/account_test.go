package wechat_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"yishi/wechat"
)

func TestPassingTicket(t *testing.T) {
	w := newWorld(t)
	link, err := w.client.PassingTicket(t.Context(), "meeting-7", time.Hour)
	if err != nil || !strings.HasPrefix(link, "http://weixin.qq.com/q/") {
		t.Fatal(link, err)
	}
	const path = "/cgi-bin/qrcode/create"
	before := w.fake.Calls(path)
	for scene, life := range map[string]time.Duration{
		"": time.Hour, "a b": time.Hour, "a": time.Second, "b": 31 * 24 * time.Hour, "c": -time.Hour,
	} {
		if _, err := w.client.PassingTicket(t.Context(), scene, life); err == nil {
			t.Errorf("%q for %s", scene, life)
		}
	}
	if w.fake.Calls(path) != before {
		t.Error("a hopeless code left")
	}
}

func TestMenu(t *testing.T) {
	w := newWorld(t)
	none, err := w.client.Menu(t.Context())
	if err != nil || none != nil {
		t.Fatal(none, err)
	}
	menu := []wechat.Button{
		{Name: "提议", Key: "propose"},
		{Name: "看看", Sub: []wechat.Button{{Name: "进度", Key: "progress"}, {Name: "公开页", URL: "https://example.org/?a=1&b=2"}}},
		{Name: "小程序", Page: "pages/home/index", URL: "https://example.org/"},
	}
	if err = w.client.SetMenu(t.Context(), menu); err != nil {
		t.Fatal(err)
	}
	if got, err := w.client.Menu(t.Context()); err != nil || !reflect.DeepEqual(got, menu) {
		t.Errorf("%+v, %v", got, err)
	}
	one := wechat.Button{Name: "a", Key: "k"}
	before := w.fake.Calls("/cgi-bin/menu/create")
	for name, bad := range map[string][]wechat.Button{
		"none": nil, "four": {one, one, one, one}, "no purpose": {{Name: "a"}}, "two purposes": {{Name: "a", Key: "k", URL: "https://x"}},
		"no name": {{Key: "k"}}, "long name": {{Name: "六个汉字太长", Key: "k"}}, "page alone": {{Name: "a", Page: "pages/a"}},
		"six under": {{Name: "a", Sub: []wechat.Button{one, one, one, one, one, one}}}, "no URL": {{Name: "a", URL: "javascript:x"}},
		"deep": {{Name: "a", Sub: []wechat.Button{{Name: "b", Sub: []wechat.Button{one}}}}}, "long key": {{Name: "a", Key: strings.Repeat("k", 129)}},
		"head with purpose": {{Name: "a", Key: "k", Sub: []wechat.Button{one}}},
	} {
		if err := w.client.SetMenu(t.Context(), bad); err == nil {
			t.Error(name)
		}
	}
	if w.fake.Calls("/cgi-bin/menu/create") != before {
		t.Error("a hopeless menu left")
	}
	w.fake.Fail("/cgi-bin/menu/get", 48001, 1)
	_, err = w.client.Menu(t.Context())
	wantCode(t, err, 48001)
}

func TestMedia(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	must(t)(w.fake.SendImage(w.li))
	if data, kind, err := w.client.Media(t.Context(), w.last(t).MediaID); err != nil || kind != "image/jpeg" || len(data) == 0 {
		t.Fatal(len(data), kind, err)
	}
	must(t)(w.fake.SendVoice(w.li, ""))
	if data, kind, err := w.client.Media(t.Context(), w.last(t).MediaID); err != nil || kind != "audio/amr" || !bytes.HasPrefix(data, []byte("#!AMR")) {
		t.Fatal(string(data), kind, err)
	}
	_, _, err := w.client.Media(t.Context(), "unknown-medium")
	wantCode(t, err, 40007)
	for name, data := range map[string][]byte{
		"web page": []byte("<html><script>alert(1)</script>"), "program": []byte("\x7fELF"), "nothing": {}, "SVG": []byte("<svg onload=x>"),
		"too large": append([]byte("#!AMR"), make([]byte, 4<<20)...),
	} {
		if got, kind, err := w.client.Media(t.Context(), w.fake.AddMedia(data)); err == nil || got != nil || kind != "" {
			t.Errorf("%s came through as %s", name, kind)
		}
	}
	for _, id := range []string{"", "short", "12345678&type=x", "../../../../etc"} {
		if _, _, err := w.client.Media(t.Context(), id); err == nil || wechat.Code(err) != 0 {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestFollower(t *testing.T) {
	w := newWorld(t)
	open := w.li.OpenID(official.ID)
	want := wechat.Identity{AppID: official.ID, OpenID: open, UnionID: w.li.UnionID}
	if got, following, err := w.client.Follower(t.Context(), open); err != nil || following || got != want {
		t.Fatal(got, following, err)
	}
	w.follow(t)
	if got, following, err := w.client.Follower(t.Context(), open); err != nil || !following || got != want {
		t.Fatal(got, following, err)
	}
	_, _, err := w.client.Follower(t.Context(), w.li.OpenID(mini.ID))
	wantCode(t, err, 40003)
	before := w.fake.Calls("/cgi-bin/user/info")
	if _, _, err := w.client.Follower(t.Context(), open+"&lang=en"); err == nil || w.fake.Calls("/cgi-bin/user/info") != before {
		t.Error("parameters went along")
	}
}

const state = "0123456789abcdefABCDEF"

// visit has a resident open the authorization page and come back.
func (w *world) visit(t *testing.T, unionID, snapshot bool) string {
	t.Helper()
	link, err := w.client.AuthorizeURL("https://example.org/w?next=%2Fa", state, unionID)
	if err != nil {
		t.Fatal(err)
	}
	back, err := w.fake.Authorize(w.li, link, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil || u.Query().Get("state") != state || u.Query().Get("next") != "/a" || u.Host != "example.org" {
		t.Fatal(back, err)
	}
	return u.Query().Get("code")
}

func TestAuthorize(t *testing.T) {
	w := newWorld(t)
	want := wechat.Identity{AppID: official.ID, OpenID: w.li.OpenID(official.ID)}
	code := w.visit(t, false, false)
	if got, err := w.client.Authorized(t.Context(), code); err != nil || got != want {
		t.Fatal(got, err)
	}
	_, err := w.client.Authorized(t.Context(), code)
	wantCode(t, err, 40163)
	want.UnionID = w.li.UnionID
	if got, err := w.client.Authorized(t.Context(), w.visit(t, true, false)); err != nil || got != want {
		t.Fatal(got, err)
	}
	if got, err := w.client.Authorized(t.Context(), w.visit(t, true, true)); !errors.Is(err, wechat.ErrSnapshot) || got != (wechat.Identity{}) {
		t.Fatal(got, err)
	}
	late := w.visit(t, false, false)
	w.clock.pass(5*time.Minute + time.Second)
	_, err = w.client.Authorized(t.Context(), late)
	wantCode(t, err, 40029)
	_, err = w.client.Authorized(t.Context(), w.fake.LoginCode(w.li, mini.ID))
	wantCode(t, err, 40029)
	_, err = w.client.Authorized(t.Context(), "x&appid=other")
	wantCode(t, err, 40029)
	for _, bad := range [][2]string{
		{"/relative", state},
		{"javascript:x", state},
		{"https://u:p@example.org/", state},
		{"https://example.org/#x", state},
		{"https://example.org/", "short"},
		{"https://example.org/", state + "&scope=x"},
	} {
		if link, err := w.client.AuthorizeURL(bad[0], bad[1], false); err == nil {
			t.Errorf("%q: %s", bad, link)
		}
	}
	real := newClient(t, wechat.Config{Official: official}, w.clock)
	if link, _ := real.AuthorizeURL("https://example.org/", state, false); !strings.HasPrefix(link, "https://open.weixin.qq.com/connect/oauth2/authorize?appid=") {
		t.Error(link)
	}
}

func TestPageConfig(t *testing.T) {
	w := newWorld(t)
	const path = "/cgi-bin/ticket/getticket"
	const page = "https://example.org/w?a=1&b=2"
	p, err := w.client.PageConfig(t.Context(), page+"#top")
	if err != nil {
		t.Fatal(err)
	}
	text := "jsapi_ticket=" + w.fake.Ticket(official.ID) + "&noncestr=" + p.Nonce + "&timestamp=" + strconv.FormatInt(w.clock.now().Unix(), 10) + "&url=" + page
	want, _, _ := strings.Cut(string(openssl(t, []byte(text), "dgst", "-sha1", "-r")), " ")
	if p.Signature != want || p.AppID != official.ID || p.Timestamp != w.clock.now().Unix() || len(p.Nonce) < 16 {
		t.Errorf("%+v, want %s", p, want)
	}
	if again, err := w.client.PageConfig(t.Context(), page); err != nil || again.Nonce == p.Nonce || w.fake.Calls(path) != 1 {
		t.Error(err, w.fake.Calls(path), "tickets")
	}
	w.clock.pass(2 * time.Hour)
	if _, err = w.client.PageConfig(t.Context(), page); err != nil || w.fake.Calls(path) != 2 {
		t.Error(err, w.fake.Calls(path), "tickets")
	}
	if _, err = w.client.PageConfig(t.Context(), "example.org"); err == nil {
		t.Error("signed what is no page")
	}
}

func TestMiniLink(t *testing.T) {
	w := newWorld(t)
	link, err := w.client.MiniLink(t.Context(), "pages/topic/index", url.Values{"id": {"12"}}, 30)
	if err != nil || !strings.HasPrefix(link, "https://wxaurl.cn/") {
		t.Fatal(link, err)
	}
	before := w.fake.Calls("/wxa/generate_urllink")
	for page, days := range map[string]int{"/pages/a": 1, "": 1, "pages/a": 0, "pages/b": 31} {
		if _, err := w.client.MiniLink(t.Context(), page, nil, days); err == nil {
			t.Errorf("%q %d", page, days)
		}
	}
	if w.fake.Calls("/wxa/generate_urllink") != before {
		t.Error("a hopeless link left")
	}
}

func TestSendConsented(t *testing.T) {
	w := newWorld(t, func(cfg *wechat.Config) {
		cfg.Templates["invited"] = wechat.Template{ID: "tmpl-biz", Fields: map[string]string{"thing1": "title"}, Consented: true}
	})
	m := wechat.Message{AppID: official.ID, OpenID: w.li.OpenID(official.ID), Code: "invited", Title: "请来议事", Page: "pages/topic/index"}
	_, err := send(t.Context(), w.client, m)
	if wantCode(t, err, 43101); wechat.Retryable(err) {
		t.Error("a missing consent is no reason to retry")
	}
	w.fake.Allow(w.li, official.ID, "tmpl-biz", 1)
	if ch, err := send(t.Context(), w.client, m); err != nil || ch != wechat.ChannelConsented {
		t.Fatal(ch, err)
	}
	if sent := w.fake.Sent(w.li); len(sent) != 1 || sent[0].Text != "请来议事" || sent[0].Page != "pages/topic/index" || sent[0].Channel != wechat.ChannelConsented {
		t.Errorf("%+v", sent)
	}
	_, err = send(t.Context(), w.client, m)
	wantCode(t, err, 43101)
}

// TestHalfAnswers gives the new calls answers that lack what was asked for.
func TestHalfAnswers(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenPath {
			_, _ = rw.Write([]byte(`{"access_token":"t","expires_in":7200}`))
			return
		}
		_, _ = rw.Write([]byte(`{"errcode":0,"errmsg":"ok"}`))
	}))
	t.Cleanup(server.Close)
	c := newClient(t, wechat.Config{Mini: mini, Official: official, Endpoint: server.URL}, w.clock)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"passing":  func() error { _, err := c.PassingTicket(ctx, "p", time.Hour); return err },
		"media":    func() error { _, _, err := c.Media(ctx, "12345678"); return err },
		"follower": func() error { _, _, err := c.Follower(ctx, "o"); return err },
		"web":      func() error { _, err := c.Authorized(ctx, "12345678"); return err },
		"page":     func() error { _, err := c.PageConfig(ctx, "https://example.org/"); return err },
		"link":     func() error { _, err := c.MiniLink(ctx, "pages/a", nil, 1); return err },
		"text":     func() error { _, err := c.CheckText(ctx, "o", 1, "x"); return err },
		"image":    func() error { _, err := c.CheckImage(ctx, "o", "https://example.org/"); return err },
	} {
		if call() == nil {
			t.Error(name, "took nothing for something")
		}
	}
}
