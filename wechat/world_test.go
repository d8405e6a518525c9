package wechat_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"yishi/wechat"
	"yishi/wechat/wechattest"
)

const (
	newKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	oldKey = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
)

var (
	mini     = wechat.App{ID: "wx00000000000mini1", Secret: "5ecre70f7hem1n1pr0gramabcdef0123"}
	official = wechat.App{ID: "wx0000000official", Secret: "5ecre70f7he0ff1c1a1acc0un7abcdef", Token: "callbacktoken", AESKey: newKey}
)

// clock is a time that tests move by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a forum of one bot, WeChat and one resident.
type world struct {
	fake   *wechattest.Fake
	client *wechat.Client
	clock  *clock
	li     *wechattest.Resident
	url    string // of the callback

	mu     sync.Mutex
	events []wechat.Event
	answer func(e wechat.Event) (string, error)
}

func newWorld(t *testing.T, change ...func(*wechat.Config)) *world {
	t.Helper()
	w := &world{clock: &clock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}}
	w.answer = func(e wechat.Event) (string, error) { return "收到：" + e.Text, nil }
	w.fake = wechattest.New(w.clock.now)
	if err := w.fake.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.fake.Close)
	cfg := wechat.Config{
		Mini: mini, Official: official, Endpoint: w.fake.URL(),
		Templates: map[string]wechat.Template{
			mini.ID + "/outcome":     {ID: "tmpl-mini", Fields: map[string]string{"thing1": "title", "phrase2": "state"}},
			official.ID + "/outcome": {ID: "tmpl-oa", Fields: map[string]string{"thing1": "title"}},
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	w.client = newClient(t, cfg, w.clock)
	server := httptest.NewServer(w.client.Callback(w.take))
	t.Cleanup(server.Close)
	w.url = server.URL
	w.fake.AddMini(cfg.Mini, "", false)
	w.fake.AddApp(cfg.Official, server.URL)
	w.li = w.fake.AddResident("李阿姨", "13800000001")
	return w
}

func newClient(t *testing.T, cfg wechat.Config, c *clock) *wechat.Client {
	t.Helper()
	client, err := wechat.New(cfg, wechat.NewMemoryTokens(), c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func (w *world) take(_ context.Context, e wechat.Event) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
	return w.answer(e)
}

// seen are the events that reached the bot.
func (w *world) seen() []wechat.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]wechat.Event{}, w.events...)
}

func (w *world) last(t *testing.T) wechat.Event {
	t.Helper()
	seen := w.seen()
	if len(seen) == 0 {
		t.Fatal("no event")
	}
	return seen[len(seen)-1]
}

// follow makes the resident a follower and forgets the event.
func (w *world) follow(t *testing.T) {
	t.Helper()
	must(t)(w.fake.Follow(w.li, ""))
	w.mu.Lock()
	w.events = nil
	w.mu.Unlock()
}

func must(t *testing.T) func(string, error) string {
	t.Helper()
	return func(reply string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
}

func wantCode(t *testing.T, err error, code int) {
	t.Helper()
	if err == nil || wechat.Code(err) != code {
		t.Fatalf("error %v has code %d, want %d", err, wechat.Code(err), code)
	}
}

// sealedRequest is a genuine delivery, ready to be spoiled.
func (w *world) sealedRequest(t *testing.T, inner string) *http.Request {
	t.Helper()
	req, err := w.fake.Sealed(t.Context(), official.ID, w.li.OpenID(official.ID), inner)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func textPush(from, content string) string {
	return strings.NewReplacer("FROM", from, "TEXT", content).Replace(
		"<xml><ToUserName>gh_1</ToUserName><FromUserName>FROM</FromUserName><CreateTime>1795510800</CreateTime>" +
			"<MsgType>text</MsgType><Content>TEXT</Content><MsgId>77</MsgId></xml>")
}
