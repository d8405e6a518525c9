package wechattest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yishi/wechat"
	"yishi/wechat/wechattest"
)

var official = wechat.App{
	ID: "wx0000000official", Secret: "secret", Token: "token",
	AESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}

func at() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }

// newFake is a WeChat whose official account answers with handler.
func newFake(t *testing.T, handler http.HandlerFunc) (*wechattest.Fake, *wechattest.Resident) {
	t.Helper()
	f := wechattest.New(at)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	f.AddApp(official, server.URL)
	return f, f.AddResident("王师傅", "13900000002")
}

func bot(t *testing.T, answer func(wechat.Event) string) http.HandlerFunc {
	t.Helper()
	c, err := wechat.New(wechat.Config{Official: official}, wechat.NewMemoryTokens(), at)
	if err != nil {
		t.Fatal(err)
	}
	return c.Callback(func(_ context.Context, e wechat.Event) (string, error) { return answer(e), nil }).ServeHTTP
}

func TestRefusalsLookReal(t *testing.T) {
	f, _ := newFake(t, nil)
	ask := func(method, path, body string) string {
		rec := httptest.NewRecorder()
		f.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
		if rec.Code != 200 {
			t.Errorf("%s: status %d", path, rec.Code)
		}
		return rec.Body.String()
	}
	form := regexp.MustCompile(`"errmsg":"[^"]+ rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"`)
	for _, c := range [][4]string{
		{"POST", "/cgi-bin/stable_token", `{}`, `"errcode":40002`},
		{"POST", "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"x"}`, `"errcode":40013`},
		{"POST", "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"` + official.ID + `"}`, `"errcode":40125`},
		{"GET", "/sns/jscode2session", "", `"errcode":41008`},
		{"GET", "/sns/jscode2session?js_code=x&appid=x", "", `"errcode":40013`},
		{"POST", "/cgi-bin/qrcode/create?access_token=", `{}`, `"errcode":40001`},
		{"POST", "/cgi-bin/qrcode/create?access_token=", `{`, `"errcode":47001`},
	} {
		if got := ask(c[0], c[1], c[2]); !strings.Contains(got, c[3]) || !form.MatchString(got) {
			t.Errorf("%s %s: %s", c[1], c[2], got)
		}
	}
	rec := httptest.NewRecorder()
	f.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/nowhere", nil))
	if rec.Code != 404 {
		t.Error(rec.Code)
	}
}

// TestRepliesAreChecked spoils what a good bot answers.
func TestRepliesAreChecked(t *testing.T) {
	good := bot(t, func(wechat.Event) string { return "好" })
	var spoil func(string) string
	f, r := newFake(t, func(w http.ResponseWriter, req *http.Request) {
		rec := httptest.NewRecorder()
		good(rec, req)
		_, _ = io.WriteString(w, spoil(rec.Body.String()))
	})
	keep := func(s string) string { return s }
	spoil = keep
	if reply, err := f.Follow(r, ""); err != nil || reply != "好" {
		t.Fatal(reply, err)
	}
	for name, how := range map[string]func(string) string{
		"not XML": func(string) string { return "ok" },
		"other signature": func(s string) string {
			return strings.Replace(s, "<MsgSignature><![CDATA[", "<MsgSignature><![CDATA[0", 1)
		},
		"other time": func(s string) string { return strings.Replace(s, "<TimeStamp>1", "<TimeStamp>2", 1) },
		"cut":        func(s string) string { return s[:len(s)/2] },
	} {
		spoil = how
		if reply, err := f.Say(r, "x"); err == nil {
			t.Errorf("%s: took %q", name, reply)
		}
	}
}

func TestSlowBotIsNoService(t *testing.T) {
	f, r := newFake(t, func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		<-req.Context().Done()
	})
	f.Patience = 10 * time.Millisecond
	if _, err := f.Follow(r, ""); err == nil {
		t.Fatal("waited for ever")
	}
}

// phone asks the phone page something.
func phone(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func TestPhonePage(t *testing.T) {
	f, _ := newFake(t, nil)
	h := http.StripPrefix("/phone", f.Phone())
	html := phone(h, http.MethodGet, "/phone/", "")
	if html.Code != 200 || !strings.HasPrefix(html.Header().Get("Content-Type"), "text/html") {
		t.Fatal(html.Code, html.Header())
	}
	for _, want := range []string{"模拟环境，非真实微信", "扫议事点的码", "提议", "进度", "投票", "附近", "我的", "帮助", `lang="zh-CN"`} {
		if !strings.Contains(html.Body.String(), want) {
			t.Errorf("page lacks %s", want)
		}
	}
	for _, path := range []string{"", "phone.css", "phone.js", "api/state"} {
		rec := phone(h, http.MethodGet, "/phone/"+path, "")
		if rec.Code != 200 || !strings.HasPrefix(rec.Header().Get("Content-Security-Policy"), "default-src 'self';") {
			t.Errorf("%s: %d %v", path, rec.Code, rec.Header())
		}
		if path != "api/state" && regexp.MustCompile(`https?://|["'(]/[^/]`).Match(rec.Body.Bytes()) {
			t.Errorf("%s reaches outside its own folder", path)
		}
	}
	inline := regexp.MustCompile(`<script>|<style|\son[a-z]+=|style=|javascript:`)
	if inline.Match(html.Body.Bytes()) {
		t.Error("inline code in the page")
	}
	inputs := regexp.MustCompile(`<(?:input|select|textarea)[^>]* id="([^"]+)"`).FindAllStringSubmatch(html.Body.String(), -1)
	for _, input := range inputs {
		if !strings.Contains(html.Body.String(), `for="`+input[1]+`"`) {
			t.Errorf("%s has no label", input[1])
		}
	}
}

func TestPhoneActs(t *testing.T) {
	f, r := newFake(t, bot(t, func(e wechat.Event) string { return "收到" + string(e.Kind) + e.Scene + e.Text }))
	f.AddScene("gate", "东门")
	h := f.Phone()
	do := func(body string) int { return phone(h, http.MethodPost, "/api/act", body).Code }
	if got := do(`{"resident":"1","act":"say","text":"x"}`); got != 409 {
		t.Fatal("said without following:", got)
	}
	for _, body := range []string{
		`{"resident":"1","act":"scan","text":"gate"}`, `{"resident":"1","act":"say","text":"投票"}`,
		`{"resident":"1","act":"locate","lat":31,"lng":121}`, `{"resident":"1","act":"image"}`, `{"resident":"1","act":"voice"}`,
	} {
		if got := do(body); got != 200 {
			t.Errorf("%s: %d", body, got)
		}
	}
	for _, body := range []string{`{`, `{"resident":"9","act":"say"}`, `{"resident":"1","act":"vote"}`} {
		if got := do(body); got != 400 {
			t.Errorf("%s: %d", body, got)
		}
	}
	// The mini-program beside it asks WeChat for a login and tells what was consented to.
	f.AddMini(wechat.App{ID: "wx-mini", Secret: "s"}, "", true)
	for act, app := range map[string]string{"login": "wx-mini", "phone": ""} {
		var got struct{ Answer string }
		rec := phone(h, http.MethodPost, "/api/act", `{"resident":"1","act":"`+act+`"}`)
		if err := json.NewDecoder(rec.Body).Decode(&got); err != nil || f.Owner(got.Answer, app) != r {
			t.Errorf("%s gives %q: %v", act, got.Answer, err)
		}
	}
	if got := do(`{"resident":"1","act":"consent","text":"tmpl","yes":true}`); got != 200 || f.Allowed(r, "wx-mini", "tmpl") != 1 {
		t.Errorf("a consent is answered %d and leaves %d", got, f.Allowed(r, "wx-mini", "tmpl"))
	}
	var state struct {
		Residents []struct{ ID, Name string }
		Scenes    []wechattest.Scene
		Following bool
		Lines     []struct {
			Mine      bool
			Act, Text string
		}
		Notices []wechattest.Delivery
	}
	rec := phone(h, http.MethodGet, "/api/state?resident=1", "")
	if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&state); err != nil {
		t.Fatal(err)
	}
	if state.Residents[0].Name != r.Name || state.Scenes[0].Label != "东门" || !state.Following || state.Notices == nil {
		t.Errorf("%+v", state)
	}
	var texts []string
	for _, l := range state.Lines {
		texts = append(texts, l.Text)
	}
	if want := []string{"东门", "收到subscribegate", "投票", "收到text投票", "", "收到location", "", "收到image", "", "收到voice"}; !slices.Equal(texts, want) {
		t.Errorf("%q", texts)
	}
}

func TestPhoneKeepsOtherPagesOut(t *testing.T) {
	f, _ := newFake(t, bot(t, func(wechat.Event) string { return "" }))
	h := f.Phone()
	const body = `{"resident":"1","act":"follow"}`
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"same origin":         {nil, 200},
		"cross site":          {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"same site":           {[]string{"Sec-Fetch-Site", "same-site"}, 403},
		"foreign origin, old": {[]string{"Sec-Fetch-Site", "", "Origin", "https://example.org"}, 403},
		"own origin, old":     {[]string{"Sec-Fetch-Site", "", "Origin", "http://example.com"}, 200},
		"form":                {[]string{"Content-Type", "text/plain"}, 415},
	} {
		if got := phone(h, http.MethodPost, "/api/act", body, c.header...).Code; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if got := phone(h, http.MethodGet, "/api/act", "").Code; got != 405 {
		t.Error(got)
	}
}
