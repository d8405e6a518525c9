package wechat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"yishi/wechat"
	"yishi/wechat/wechattest"
)

func TestLoginAndPhone(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	code := w.fake.LoginCode(w.li, mini.ID)
	id, err := w.client.Code2Session(ctx, code)
	if want := (wechat.Identity{AppID: mini.ID, OpenID: w.li.OpenID(mini.ID), UnionID: w.li.UnionID}); err != nil || id != want {
		t.Fatalf("%+v, %v; want %+v", id, err, want)
	}
	_, err = w.client.Code2Session(ctx, code)
	wantCode(t, err, 40163)
	late := w.fake.LoginCode(w.li, mini.ID)
	w.clock.pass(5*time.Minute + time.Second)
	_, err = w.client.Code2Session(ctx, late)
	wantCode(t, err, 40029)

	phone, err := w.client.PhoneNumber(ctx, w.fake.PhoneCode(w.li))
	if err != nil || phone != w.li.Phone {
		t.Fatal(phone, err)
	}
	_, err = w.client.PhoneNumber(ctx, w.fake.LoginCode(w.li, mini.ID))
	wantCode(t, err, 40029)
}

func TestCodesAreCheckedBeforeTheyLeave(t *testing.T) {
	w := newWorld(t)
	for _, code := range []string{"", "short", "x&appid=other&secret=y", "12345678\n", strings.Repeat("a", 129)} {
		_, err := w.client.Code2Session(t.Context(), code)
		if c := wechat.Code(err); c != 40029 && c != 41008 || wechat.Retryable(err) {
			t.Errorf("%q: %v", code, err)
		}
		_, err = w.client.PhoneNumber(t.Context(), code)
		if c := wechat.Code(err); c != 40029 && c != 41008 {
			t.Errorf("%q: %v", code, err)
		}
	}
	if n := w.fake.Calls("/sns/jscode2session") + w.fake.Calls("/wxa/business/getuserphonenumber"); n != 0 {
		t.Fatal(n, "calls")
	}
}

func TestSend(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	ctx := t.Context()
	long := strings.Repeat("楼道灯修好了", 5)
	w.fake.Allow(w.li, mini.ID, "tmpl-mini", 1)
	m := wechat.Message{
		AppID: mini.ID, OpenID: w.li.OpenID(mini.ID), Code: "outcome", Title: long,
		Params: map[string]string{"state": "已经办结了哦"}, Page: "pages/topic/index",
	}
	if ch, err := send(ctx, w.client, m); err != nil || ch != wechat.ChannelSubscribe {
		t.Fatal(ch, err)
	}
	_, err := send(ctx, w.client, m)
	wantCode(t, err, 43101)
	if wechat.Retryable(err) {
		t.Error("a spent consent is no reason to retry")
	}

	m.AppID, m.OpenID = official.ID, w.li.OpenID(official.ID)
	if ch, err := send(ctx, w.client, m); err != nil || ch != wechat.ChannelTemplate {
		t.Fatal(ch, err)
	}
	m.Code, m.Page = "unknown", "https://example.org/t/1"
	if ch, err := send(ctx, w.client, m); err != nil || ch != wechat.ChannelCustomer {
		t.Fatal(ch, err)
	}

	sent := w.fake.Sent(w.li)
	if len(sent) != 3 {
		t.Fatalf("%+v", sent)
	}
	if got := sent[0].Params; got["thing1"] != string([]rune(long)[:19])+"…" || got["phrase2"] != "已经办结了" || sent[0].Page != "pages/topic/index" {
		t.Errorf("subscribe %+v", sent[0])
	}
	if sent[1].Template != "tmpl-oa" || sent[1].Page != "pages/topic/index" || sent[1].Channel != wechat.ChannelTemplate {
		t.Errorf("template %+v", sent[1])
	}
	if sent[2].Text != long+"\nhttps://example.org/t/1" {
		t.Errorf("customer %+v", sent[2])
	}
}

func TestSendRefusals(t *testing.T) {
	w := newWorld(t)
	m := wechat.Message{AppID: official.ID, OpenID: w.li.OpenID(official.ID), Code: "unknown", Title: "x"}
	_, err := send(t.Context(), w.client, m)
	wantCode(t, err, 45015)
	m.Code = "outcome"
	_, err = send(t.Context(), w.client, m)
	wantCode(t, err, 43004)
	w.follow(t)
	m.Code = "unknown"
	w.clock.pass(2 * time.Minute) // the minute after following is over
	_, err = send(t.Context(), w.client, m)
	wantCode(t, err, 45015)
	must(t)(w.fake.Say(w.li, "你好"))
	for range 5 {
		if _, err = send(t.Context(), w.client, m); err != nil {
			t.Fatal(err)
		}
	}
	_, err = send(t.Context(), w.client, m)
	wantCode(t, err, 45047)
	m.OpenID = w.li.OpenID(mini.ID)
	_, err = send(t.Context(), w.client, m)
	wantCode(t, err, 40003)
	calls := w.fake.Calls("/cgi-bin/message/subscribe/send")
	for _, bad := range []wechat.Message{
		{AppID: mini.ID, OpenID: "o", Code: "unknown"}, {AppID: "wxother", OpenID: "o"}, {AppID: mini.ID}, {OpenID: "o"},
	} {
		if ch, err := send(t.Context(), w.client, bad); err == nil || ch != "" || wechat.Retryable(err) || wechat.Code(err) != 0 {
			t.Errorf("%+v: %q %v", bad, ch, err)
		}
	}
	if calls != w.fake.Calls("/cgi-bin/message/subscribe/send") {
		t.Error("a hopeless message left")
	}
}

func TestTemplatesBelongToTheAccount(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	w.fake.AddTemplate(official.ID, "tmpl-other", "thing1", "time2")
	w.fake.AddTemplate(mini.ID, "tmpl-mini", "phrase2", "thing1")
	_, err := send(t.Context(), w.client, wechat.Message{AppID: official.ID, OpenID: w.li.OpenID(official.ID), Code: "outcome", Title: "x"})
	wantCode(t, err, 40037)
	w.fake.AddConsented(official.ID, "tmpl-biz", true, "thing3")
	for _, tt := range []struct {
		app       string
		consented bool
		want      string
	}{
		{official.ID, false, "map[tmpl-other:{[thing1 time2] false}]"},
		{official.ID, true, "map[tmpl-biz:{[thing3] true}]"},
		{mini.ID, true, "map[tmpl-mini:{[phrase2 thing1] false}]"},
	} {
		if got, err := w.client.Templates(t.Context(), tt.app, tt.consented); err != nil || fmt.Sprint(got) != tt.want {
			t.Errorf("%v, %v; want %s", got, err, tt.want)
		}
	}
	if _, err = w.client.Templates(t.Context(), "wxother", true); err == nil {
		t.Error("templates of nobody")
	}
}

func TestCodesToScan(t *testing.T) {
	w := newWorld(t)
	link, err := w.client.PointTicket(t.Context(), "p-12")
	if err != nil || !strings.HasPrefix(link, "http://weixin.qq.com/q/") {
		t.Fatal(link, err)
	}
	data, err := w.client.MiniCode(t.Context(), "t=12", "pages/topic/index")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = jpeg.Decode(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	w.fake.Fail("/wxa/getwxacodeunlimit", 41030, 1)
	_, err = w.client.MiniCode(t.Context(), "t=12", "")
	wantCode(t, err, 41030)
	for _, scene := range []string{"", "a b", "广场", strings.Repeat("a", 65), "a&b=%20"} {
		if _, err := w.client.PointTicket(t.Context(), scene); err == nil {
			t.Errorf("point scene %q", scene)
		}
		if _, err := w.client.MiniCode(t.Context(), scene, ""); err == nil {
			t.Errorf("mini scene %q", scene)
		}
	}
	if _, err := w.client.MiniCode(t.Context(), "a", "/pages/topic"); err == nil {
		t.Error("leading slash")
	}
}

const tokenPath = "/cgi-bin/stable_token"

func TestOneTokenForAll(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := w.client.PointTicket(t.Context(), "p"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.fake.Calls(tokenPath); n != 1 {
		t.Fatal(n, "tokens")
	}
	w.clock.pass(2*time.Hour - 61*time.Second)
	_, err := w.client.PointTicket(t.Context(), "p")
	if n := w.fake.Calls(tokenPath); err != nil || n != 1 {
		t.Fatal(n, "tokens", err)
	}
	w.clock.pass(2 * time.Second) // less than a minute left
	_, err = w.client.PointTicket(t.Context(), "p")
	if n := w.fake.Calls(tokenPath); err != nil || n != 2 {
		t.Fatal(n, "tokens", err)
	}
}

func TestProcessesShareTheToken(t *testing.T) {
	w := newWorld(t)
	store := wechat.NewMemoryTokens()
	for range 3 {
		c, err := wechat.New(wechat.Config{Official: official, Endpoint: w.fake.URL()}, store, w.clock.now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.PointTicket(t.Context(), "p"); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	if n := w.fake.Calls(tokenPath); n != 1 {
		t.Fatal(n, "tokens")
	}
}

// brokenStore is a database that is down.
type brokenStore struct{}

func (brokenStore) Load(context.Context, string) (wechat.Token, error) {
	return wechat.Token{}, errors.New("down")
}
func (brokenStore) Keep(context.Context, string, wechat.Token) error { return errors.New("down") }

func TestBrokenStoreCostsOneCall(t *testing.T) {
	w := newWorld(t)
	c, err := wechat.New(wechat.Config{Official: official, Endpoint: w.fake.URL()}, brokenStore{}, w.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for range 2 {
		if _, err = c.PointTicket(t.Context(), "p"); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.fake.Calls(tokenPath); n != 1 {
		t.Fatal(n, "tokens")
	}
}

func TestDeadTokenIsReplacedOnce(t *testing.T) {
	const path = "/cgi-bin/qrcode/create"
	w := newWorld(t)
	create := func() error { _, err := w.client.PointTicket(t.Context(), "p"); return err }
	if err := create(); err != nil {
		t.Fatal(err)
	}
	w.fake.Revoke(official.ID)
	if err := create(); err != nil {
		t.Fatal("not replayed:", err)
	}
	if n, m := w.fake.Calls(path), w.fake.Calls(tokenPath); n != 3 || m != 2 {
		t.Fatal(n, "calls", m, "tokens")
	}
	for _, code := range []int{40001, 40014, 42001} {
		w.fake.Fail(path, code, 1)
		if err := create(); err != nil {
			t.Fatal(code, "not replayed:", err)
		}
	}
	before := w.fake.Calls(path)
	w.fake.Fail(path, 40001, 5)
	err := create()
	wantCode(t, err, 40001)
	if n := w.fake.Calls(path) - before; n != 2 || !wechat.Retryable(err) {
		t.Fatal(n, "calls", err)
	}
}

func TestReplayCarriesTheBody(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	w.fake.Fail("/cgi-bin/message/custom/send", 42001, 1)
	m := wechat.Message{AppID: official.ID, OpenID: w.li.OpenID(official.ID), Title: "办好了"}
	if _, err := send(t.Context(), w.client, m); err != nil {
		t.Fatal(err)
	}
	if sent := w.fake.Sent(w.li); len(sent) != 1 || sent[0].Text != "办好了" {
		t.Fatalf("%+v", sent)
	}
}

func TestTokenRefusalsReachTheCaller(t *testing.T) {
	w := newWorld(t)
	w.fake.Fail(tokenPath, 40164, 1)
	_, err := w.client.PointTicket(t.Context(), "p")
	wantCode(t, err, 40164)
	if wechat.Retryable(err) {
		t.Error("an operator must act first")
	}
	w.fake.Fail(tokenPath, -1, 1)
	_, err = w.client.PointTicket(t.Context(), "p")
	if wantCode(t, err, -1); !wechat.Retryable(err) {
		t.Error("busy passes")
	}
	for _, path := range []string{tokenPath, "/cgi-bin/qrcode/create"} {
		w.fake.Fail(path, 502, 1)
		if _, err = w.client.PointTicket(t.Context(), "p"); err == nil || !wechat.Retryable(err) {
			t.Error(path, err)
		}
	}
}

func TestCallerCanGiveUp(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	release := make(chan struct{})
	var once sync.Once
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		once.Do(func() { close(arrived) })
		<-release
	}))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(release) })
	c := newClient(t, wechat.Config{Official: official, Endpoint: slow.URL}, w.clock)
	go func() { <-arrived; cancel() }()
	_, err := c.PointTicket(ctx, "p")
	if !errors.Is(err, context.Canceled) || !wechat.Retryable(err) {
		t.Fatal(err)
	}
}

func TestText(t *testing.T) {
	for _, c := range [][3]string{
		{"thing1", "短", "短"},
		{"thing1", "  两\n行 ", "两 行"},
		{"thing12", strings.Repeat("字", 21), strings.Repeat("字", 19) + "…"},
		{"phrase3", "一二三四五六", "一二三四五"},
		{"character_string4", strings.Repeat("a", 40), strings.Repeat("a", 32)},
		{"time5", "2026年10月1日 15:01", "2026年10月1日 15:01"},
		{"thing1", "\x00", "-"},
	} {
		if got := wechat.Fit(c[0], c[1]); got != c[2] {
			t.Errorf("fit %s %q = %q, want %q", c[0], c[1], got, c[2])
		}
	}
	if got := wechat.Cut(strings.Repeat("👍", 600), 600, 2040); len(got) > 2040 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes", len(got))
	}
	if got := wechat.Clean("a\x00\u202e\xff\u200db\n"); got != "a\u200db\n" {
		t.Errorf("%q", got)
	}
	if wechat.Code(nil) != 0 || wechat.Code(errors.New("x")) != 0 || wechat.Retryable(nil) || wechat.Retryable(wechattest.ErrNoService) {
		t.Error("foreign errors have no code")
	}
}

// send delivers a message by the best of its ways.
func send(ctx context.Context, c *wechat.Client, m wechat.Message) (wechat.Channel, error) {
	ways := append(c.Ways(m.AppID, m.Code), "")
	if err := c.Send(ctx, m, ways[0]); err != nil {
		return "", err
	}
	return ways[0], nil
}
