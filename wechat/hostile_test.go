package wechat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"yishi/wechat"
)

// bend changes one character of a text, drops the end, or doubles a piece.
func bend(r *rand.Rand, text string) string {
	b := []byte(text)
	at := r.IntN(len(b))
	switch r.IntN(4) {
	case 0:
		return text[:at]
	case 1:
		return text[:at] + text[at/2:]
	case 2:
		b[at] ^= 1 << r.IntN(7)
	default:
		const letters = "ABCXYZabcxyz0189+/="
		b[at] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

// TestBentCallbacks bends genuine deliveries 10,000 times, in what the signature
// covers; none may get through either door.
func TestBentCallbacks(t *testing.T) {
	o := newOffice(t, true)
	taken := 0
	chat := o.client.Callback(func(context.Context, wechat.Event) (string, error) { taken++; return "", nil })
	push := o.client.MiniCallback(func(context.Context, wechat.Push) error { taken++; return nil })
	r := rand.New(rand.NewPCG(2026, 11))
	bent := 0
	for bent < 10_000 {
		app, door, inner := official.ID, chat, textPush("o1", "投票")
		if bent%2 == 1 {
			app, door, inner = mini.ID, push, `{"CreateTime":1,"Event":"wxa_media_check","trace_id":"t","result":{"suggest":"pass"}}`
		}
		genuine, err := o.fake.Sealed(t.Context(), app, "o1", inner)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(genuine.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, q := string(data), genuine.URL.Query()
		part := []string{"timestamp", "nonce", "msg_signature", "Encrypt"}[r.IntN(4)]
		if part == "Encrypt" {
			sealed := longest(body)
			crooked := bend(r, sealed)
			if strings.TrimSpace(crooked) == sealed {
				continue
			}
			body = strings.Replace(body, sealed, crooked, 1)
		} else {
			crooked := bend(r, q.Get(part))
			if crooked == q.Get(part) {
				continue
			}
			q.Set(part, crooked)
		}
		bent++
		req := httptest.NewRequest(http.MethodPost, "/?"+q.Encode(), strings.NewReader(body))
		if got, said := status(t, door, req); got < 400 || got >= 500 || said != "" || taken != 0 {
			t.Fatalf("%s bent: %d %q: %s", part, got, said, body)
		}
	}
	genuine, err := o.fake.Sealed(t.Context(), official.ID, "o1", textPush("o1", "投票"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := status(t, chat, genuine); got != 200 || taken != 1 {
		t.Fatal("what was bent was no good before", got)
	}
}

// longest is the longest run of base64 in a body: what is sealed.
func longest(body string) string {
	best := ""
	for _, run := range strings.FieldsFunc(body, func(c rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", c)
	}) {
		if len(run) > len(best) {
			best = run
		}
	}
	return best
}

// TestAnotherTokenOpensNothing signs rightly with every secret but the token.
func TestAnotherTokenOpensNothing(t *testing.T) {
	o := newOffice(t, false)
	sealed, err := wechat.Seal(oldKey, mini.ID, []byte(`{"CreateTime":1,"Event":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	stamp := unix(o.clock.now())
	for name, token := range map[string]string{"the other app's": official.Token, "none": "", "the secret": mini.Secret, "the right one": sealedMini.Token} {
		q := url.Values{"timestamp": {stamp}, "nonce": {"n"}, "msg_signature": {wechat.Sign(token, stamp, "n", sealed)}}
		got, _ := status(t, o.handler, httptest.NewRequest(http.MethodPost, "/?"+q.Encode(), strings.NewReader(`{"Encrypt":"`+sealed+`"}`)))
		if (got == 200) != (name == "the right one") {
			t.Errorf("%s: %d", name, got)
		}
	}
}

// TestNoSecretInLogs lets everything go wrong that is logged, and reads the logs.
func TestNoSecretInLogs(t *testing.T) {
	var logs bytes.Buffer
	var mu sync.Mutex
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(locked{&mu, &logs}, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })

	o := newOffice(t, true)
	var tokens []string
	spy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		o.fake.ServeHTTP(rec, r)
		var said struct {
			Token string `json:"access_token"`
		}
		if json.Unmarshal(rec.Body.Bytes(), &said) == nil && said.Token != "" {
			mu.Lock()
			tokens = append(tokens, said.Token)
			mu.Unlock()
		}
		_, _ = w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(spy.Close)
	store := leakyStore{}
	client, err := wechat.New(wechat.Config{Mini: sealedMini, Official: official, Endpoint: spy.URL}, store, o.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	chat := client.Callback(func(_ context.Context, e wechat.Event) (string, error) { panic(e.OpenID + e.Text) })
	push := client.MiniCallback(func(_ context.Context, p wechat.Push) error { return errors.New(p.OpenID) })
	open := o.li.OpenID(official.ID)
	for _, inner := range []string{textPush(open, "我家的电话是13800000001"), "<xml>" + open + "13800000001", "{" + open} {
		for app, door := range map[string]http.Handler{official.ID: chat, mini.ID: push} {
			req, err := o.fake.Sealed(t.Context(), app, open, inner)
			if err != nil {
				t.Fatal(err)
			}
			status(t, door, req)
		}
	}
	var said []string
	for _, code := range []int{40001, 40164, 45009, 502} {
		o.fake.Fail("/cgi-bin/user/info", code, 2)
		_, _, err := client.Follower(t.Context(), open)
		said = append(said, err.Error())
		o.clock.pass(24 * time.Hour)
	}
	mu.Lock()
	all := logs.String() + strings.Join(said, "\n")
	mu.Unlock()
	if !strings.Contains(all, "callback panicked") || !strings.Contains(all, "not understood") || !strings.Contains(all, "token store") || len(tokens) == 0 {
		t.Fatalf("too little went wrong:\n%s", all)
	}
	for _, canary := range append(tokens, open, "13800000001", mini.Secret, official.Secret, official.Token, sealedMini.Token, newKey, oldKey, "canary") {
		if strings.Contains(all, canary) {
			t.Errorf("%q was told:\n%s", canary, all)
		}
	}
}

// leakyStore fails with a secret in its error, as a database might.
type leakyStore struct{}

func (leakyStore) Load(context.Context, string) (wechat.Token, error) {
	return wechat.Token{}, errors.New("canary in a query")
}

func (leakyStore) Keep(_ context.Context, _ string, token wechat.Token) error {
	return errors.New("canary " + token.Value)
}

// locked is a writer for many.
type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// FuzzEnvelope opens what nobody sealed, and what was.
func FuzzEnvelope(f *testing.F) {
	for _, text := range []string{"", "<xml></xml>", strings.Repeat("字", 100)} {
		sealed, err := wechat.Seal(newKey, official.ID, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sealed, official.ID)
	}
	f.Add("AAAA", "")
	f.Fuzz(func(t *testing.T, text, app string) {
		_, _ = wechat.OpenSealed(newKey, app, text)
		sealed, err := wechat.Seal(newKey, app, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := wechat.OpenSealed(newKey, app, sealed); err != nil || string(got) != text {
			t.Fatalf("%q came back as %q, %v", text, got, err)
		}
		if _, err := wechat.OpenSealed(newKey, app+"x", sealed); err == nil {
			t.Fatal("opened for another app")
		}
	})
}

// FuzzPush delivers anything to the mini-program, sealed as WeChat would or not.
func FuzzPush(f *testing.F) {
	now := time.Unix(1795510800, 0)
	c, err := wechat.New(wechat.Config{Mini: sealedMini}, wechat.NewMemoryTokens(), func() time.Time { return now })
	if err != nil {
		f.Fatal(err)
	}
	h := c.MiniCallback(func(_ context.Context, p wechat.Push) error {
		if p.ID == "" || p.Kind == wechat.PushMedia && p.Media.Trace == "" || p.Media.Code != 0 && p.Media.Verdict != "" {
			return errors.New("not a push")
		}
		return nil
	})
	f.Add([]byte(`{"CreateTime":1,"Event":"wxa_media_check","trace_id":"t","errcode":-1008}`), true)
	f.Add([]byte(`{"CreateTime":"1","Event":"subscribe_msg_popup_event","List":[{"TemplateId":"A"}]}`), true)
	f.Add([]byte(`{"CreateTime":1e999,"Event":"subscribe_msg_sent_event","List":{"ErrorCode":null}}`), true)
	f.Add([]byte(`<xml><CreateTime>1</CreateTime><Event>subscribe_msg_change_event</Event><SubscribeMsgChangeEvent><List/></SubscribeMsgChangeEvent></xml>`), true)
	f.Add([]byte(`{"Encrypt":"AAAA"}`), false)
	f.Add([]byte("\xff{\x00"), false)
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		body, sealed := string(data), ""
		if seal {
			var err error
			if sealed, err = wechat.Seal(oldKey, mini.ID, data); err != nil {
				t.Fatal(err)
			}
			body = `{"Encrypt":"` + sealed + `"}`
		}
		q := url.Values{"timestamp": {"1795510800"}, "nonce": {"n"}, "msg_signature": {wechat.Sign(sealedMini.Token, "1795510800", "n", sealed)}}
		got, said := status(t, h, httptest.NewRequest(http.MethodPost, "/?"+q.Encode(), strings.NewReader(body)))
		switch {
		case seal && len(body) <= 64<<10 && (got != 200 || said != "success"):
			t.Fatalf("authentic push answered %d %q", got, said)
		case !seal && got == 200, got >= 500:
			t.Fatalf("answered %d", got)
		}
	})
}
