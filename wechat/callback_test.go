package wechat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"yishi/wechat"
	"yishi/wechat/wechattest"
)

// status delivers a request and returns what came back.
func status(t *testing.T, h http.Handler, r *http.Request) (int, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// spoil changes one query parameter.
func spoil(r *http.Request, name, value string) *http.Request {
	q := r.URL.Query()
	q.Set(name, value)
	r.URL.RawQuery = q.Encode()
	return r
}

// signedBody is a request with any Encrypt element, correctly signed.
func (w *world) signedBody(sealed string) *http.Request {
	return signedAt(unix(w.clock.now()), sealed)
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func signedAt(stamp, sealed string) *http.Request {
	q := url.Values{
		"timestamp": {stamp}, "nonce": {"n"}, "encrypt_type": {"aes"},
		"msg_signature": {wechat.Sign(official.Token, stamp, "n", sealed)},
	}
	body := "<xml><ToUserName>gh_1</ToUserName><Encrypt>" + sealed + "</Encrypt></xml>"
	return httptest.NewRequest(http.MethodPost, "/?"+q.Encode(), strings.NewReader(body))
}

func withBody(r *http.Request, body string) *http.Request {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return r
}

func TestBadCallbacks(t *testing.T) {
	w := newWorld(t)
	good := textPush(w.li.OpenID(official.ID), "hello")
	sealed, err := wechat.Seal(newKey, official.ID, []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := wechat.Seal(newKey, mini.ID, []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	moment := func(d time.Duration) string { return unix(w.clock.now().Add(d)) }
	for _, c := range []struct {
		name string
		req  *http.Request
		want int
	}{
		{"wrong msg_signature", spoil(w.sealedRequest(t, good), "msg_signature", strings.Repeat("0", 40)), 403},
		{"no msg_signature", spoil(w.sealedRequest(t, good), "msg_signature", ""), 403},
		{"other nonce", spoil(w.sealedRequest(t, good), "nonce", "1"), 403},
		{"forged body under a captured URL", withBody(w.sealedRequest(t, good), "<xml><Encrypt>"+sealed+"</Encrypt></xml>"), 403},
		{"stale", signedAt(moment(-5*time.Minute-time.Second), sealed), 403},
		{"from the future", signedAt(moment(5*time.Minute+time.Second), sealed), 403},
		{"timestamp far away", signedAt("9223372036854775807", sealed), 403},
		{"timestamp before time", signedAt("-9223372036854775808", sealed), 403},
		{"no timestamp", signedAt("", sealed), 403},
		{"plaintext in safe mode", withBody(spoil(w.sealedRequest(t, good), "encrypt_type", "raw"), good), 403},
		{"other app inside", w.signedBody(foreign), 403},
		{"truncated base64", w.signedBody(sealed[:len(sealed)-3]), 403},
		{"half a block", w.signedBody("MDEyMzQ1Njc4OWFiY2RlZg=="), 403},
		{"bad padding", w.signedBody(strings.Repeat("A", 128)), 403},
		{"empty Encrypt", w.signedBody(""), 403},
		{"broken XML", withBody(w.sealedRequest(t, good), "<xml><Encrypt>"), 400},
		{"JSON", withBody(w.sealedRequest(t, good), `{"Encrypt":"x"}`), 403},
		{"broken JSON", withBody(w.sealedRequest(t, good), `{"Encrypt":`), 400},
		{"empty body", withBody(w.sealedRequest(t, good), ""), 400},
		{"entities", withBody(w.sealedRequest(t, good), `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>`), 400},
		{"oversized", withBody(w.sealedRequest(t, good), strings.Repeat("x", 64<<10+1)), 413},
		{"PUT", httptest.NewRequest(http.MethodPut, "/", nil), 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, body := status(t, w.client.Callback(w.take), c.req)
			if got != c.want || body != "" {
				t.Errorf("status %d %q, want %d", got, body, c.want)
			}
		})
	}
	if n := len(w.seen()); n != 0 {
		t.Fatalf("%d bad callbacks reached the bot", n)
	}
	for i, skew := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		if got, _ := status(t, w.client.Callback(w.take), signedAt(moment(skew), sealed)); got != 200 || len(w.seen()) != i+1 {
			t.Fatal("the good callback, from which the bad ones were made, was refused")
		}
	}
}

func TestCallbackWithoutKeyIsClosed(t *testing.T) {
	w := newWorld(t)
	c := newClient(t, wechat.Config{Official: wechat.App{ID: official.ID, Secret: "s"}, Endpoint: w.fake.URL()}, w.clock)
	if got, _ := status(t, c.Callback(w.take), w.sealedRequest(t, textPush("o", "x"))); got != 403 {
		t.Fatal(got)
	}
	stamp := unix(w.clock.now())
	q := url.Values{"timestamp": {stamp}, "nonce": {"n"}, "echostr": {"e"}, "signature": {wechat.Sign("", stamp, "n")}}
	if got, _ := status(t, c.Callback(w.take), httptest.NewRequest(http.MethodGet, "/?"+q.Encode(), nil)); got != 403 {
		t.Fatal(got)
	}
}

func TestEcho(t *testing.T) {
	w := newWorld(t)
	ask := func(token, stamp, said string) (int, string) {
		q := url.Values{"timestamp": {stamp}, "nonce": {"n"}, "echostr": {said}, "signature": {wechat.Sign(token, stamp, "n")}}
		return status(t, w.client.Callback(w.take), httptest.NewRequest(http.MethodGet, "/?"+q.Encode(), nil))
	}
	now := unix(w.clock.now())
	if got, said := ask(official.Token, now, "12345"); got != 200 || said != "12345" {
		t.Errorf("echo %d %q", got, said)
	}
	if got, said := ask("other", now, "12345"); got != 403 || said != "" {
		t.Errorf("unsigned echo %d %q", got, said)
	}
	if got, _ := ask(official.Token, "1", "12345"); got != 403 {
		t.Errorf("stale echo %d", got)
	}
	if got, _ := ask(official.Token, now, strings.Repeat("1", 129)); got != 403 {
		t.Errorf("long echo %d", got)
	}
}

func TestAuthenticNonsenseIsAcknowledged(t *testing.T) {
	w := newWorld(t)
	for _, inner := range []string{
		"", "nonsense", "<xml>", "<xml></xml>", "<xml><FromUserName>o</FromUserName></xml>",
		`<?xml version="1.0" encoding="GBK"?>` + textPush("o", "x"),
		"<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><CreateTime>soon</CreateTime></xml>",
		strings.Repeat("<a>", 5000),
	} {
		got, said := status(t, w.client.Callback(w.take), w.sealedRequest(t, inner))
		if got != 200 || said != "success" {
			t.Errorf("%.40q: %d %q", inner, got, said)
		}
	}
	if n := len(w.seen()); n != 0 {
		t.Fatalf("%d events", n)
	}
}

// TestConsentsOfTheChat hears what residents answer to the official account's sheets,
// which is no act in the chat.
func TestConsentsOfTheChat(t *testing.T) {
	w := newWorld(t)
	for _, accepted := range []bool{true, false} {
		w.clock.pass(time.Second)
		if err := w.fake.Consent(w.li, official.ID, "tmpl-biz", accepted); err != nil {
			t.Fatal(err)
		}
		e := w.last(t)
		if want := []wechat.Consent{{Template: "tmpl-biz", Accepted: accepted}}; e.Kind != wechat.KindOther || e.OpenID != w.li.OpenID(official.ID) || e.MsgID == "" || !reflect.DeepEqual(e.Consents, want) {
			t.Errorf("heard %+v, want %+v", e, want)
		}
	}
	if err := w.fake.Withdraw(w.li, official.ID, "tmpl-biz"); err != nil {
		t.Fatal(err)
	}
	if e := w.last(t); len(e.Consents) != 1 || !e.Consents[0].Revoked {
		t.Errorf("heard %+v", e)
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	open := w.li.OpenID(official.ID)
	check := func(name string, want wechat.Event, reply string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(name, err)
		}
		got := w.last(t)
		if want.MediaID == "any" && got.MediaID != "" {
			want.MediaID = got.MediaID
		}
		want.AppID, want.OpenID, want.At = official.ID, open, time.Unix(w.clock.now().Unix(), 0)
		if want.MsgID = got.MsgID; got.MsgID == "" || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if reply != "收到："+got.Text {
			t.Errorf("%s: reply %q", name, reply)
		}
	}
	if _, err := w.fake.Say(w.li, "x"); !errors.Is(err, wechattest.ErrNotFollowing) {
		t.Fatal(err)
	}
	reply, err := w.fake.Scan(w.li, "gate-3")
	check("scan before following", wechat.Event{Kind: wechat.KindSubscribe, Scene: "gate-3"}, reply, err)
	reply, err = w.fake.Scan(w.li, "gate-3")
	check("scan", wechat.Event{Kind: wechat.KindScan, Scene: "gate-3"}, reply, err)
	reply, err = w.fake.Say(w.li, " 路灯\x02坏\u202e了👨‍👩‍👧 ]]> <b>\n")
	check("text", wechat.Event{Kind: wechat.KindText, Text: "路灯坏了👨‍👩‍👧 ]]> <b>"}, reply, err)
	reply, err = w.fake.Click(w.li, "menu.poll")
	check("click", wechat.Event{Kind: wechat.KindClick, Key: "menu.poll"}, reply, err)
	reply, err = w.fake.Locate(w.li, 31.25, -121.5, "人民公园")
	check("location", wechat.Event{Kind: wechat.KindLocation, Lat: 31.25, Lng: -121.5, Text: "人民公园"}, reply, err)
	reply, err = w.fake.SendImage(w.li)
	check("image", wechat.Event{Kind: wechat.KindImage, MediaID: "any"}, reply, err)
	reply, err = w.fake.SendVoice(w.li, "灯坏了。")
	check("voice", wechat.Event{Kind: wechat.KindVoice, MediaID: "any", Text: "灯坏了。"}, reply, err)
	reply, err = w.fake.Unfollow(w.li)
	check("unfollow", wechat.Event{Kind: wechat.KindUnsubscribe}, reply, err)
	reply, err = w.fake.Follow(w.li, "")
	check("follow", wechat.Event{Kind: wechat.KindSubscribe}, reply, err)
}

func TestOddPushesAreOther(t *testing.T) {
	w := newWorld(t)
	for _, rest := range []string{
		"<MsgType>link</MsgType>",
		"<MsgType>event</MsgType><Event>LOCATION</Event><Latitude>31</Latitude><Longitude>121</Longitude>",
		"<MsgType>event</MsgType><Event>VIEW</Event><EventKey>http://x</EventKey>",
		"<MsgType>location</MsgType><Location_X>NaN</Location_X><Location_Y>1</Location_Y>",
		"<MsgType>location</MsgType><Location_X>91</Location_X><Location_Y>1</Location_Y>",
	} {
		inner := "<xml><ToUserName>gh_1</ToUserName><FromUserName>o</FromUserName><CreateTime>7</CreateTime>" + rest + "</xml>"
		if got, _ := status(t, w.client.Callback(w.take), w.sealedRequest(t, inner)); got != 200 {
			t.Fatal(got)
		}
		if e := w.last(t); e.Kind != wechat.KindOther || e.Lat != 0 || e.Key != "" || !strings.HasPrefix(e.MsgID, "e") {
			t.Errorf("%s: %+v", rest, e)
		}
	}
}

func TestTextAndReplyAreCut(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	w.answer = func(wechat.Event) (string, error) { return strings.Repeat("民", 1000), nil }
	reply := must(t)(w.fake.Say(w.li, strings.Repeat("议", 5000)))
	if n := len([]rune(w.last(t).Text)); n != 600 {
		t.Errorf("text of %d characters", n)
	}
	if r := []rune(reply); len(r) != 600 || r[599] != '…' {
		t.Errorf("reply of %d characters", len(r))
	}
}

func TestNoReplyIsSuccess(t *testing.T) {
	w := newWorld(t)
	w.answer = func(wechat.Event) (string, error) { return "", nil }
	got, said := status(t, w.client.Callback(w.take), w.sealedRequest(t, textPush("o", "x")))
	if got != 200 || said != "success" {
		t.Fatal(got, said)
	}
}

func TestFailureIsDeliveredAgain(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	left := 2
	w.answer = func(wechat.Event) (string, error) {
		switch left--; left {
		case 1:
			return "", errors.New("database is busy")
		case 0:
			panic("out of luck")
		}
		return "好的", nil
	}
	if reply := must(t)(w.fake.Say(w.li, "投票")); reply != "好的" {
		t.Fatalf("reply %q", reply)
	}
	seen := w.seen()
	if len(seen) != 3 || !reflect.DeepEqual(seen[0], seen[1]) || !reflect.DeepEqual(seen[1], seen[2]) {
		t.Fatalf("deliveries differ: %+v", seen)
	}
	w.answer = func(wechat.Event) (string, error) { return "", errors.New("database is gone") }
	if _, err := w.fake.Say(w.li, "投票"); !errors.Is(err, wechattest.ErrNoService) || len(w.seen()) != 6 {
		t.Fatal(err, len(w.seen()))
	}
}

func TestPanicIsAFailure(t *testing.T) {
	w := newWorld(t)
	h := w.client.Callback(func(context.Context, wechat.Event) (string, error) { panic("out of luck") })
	if got, said := status(t, h, w.sealedRequest(t, textPush("o", "x"))); got != 500 || said != "" {
		t.Fatal(got, said)
	}
}

func TestRedeliveryHasTheSameID(t *testing.T) {
	w := newWorld(t)
	w.follow(t)
	must(t)(w.fake.Say(w.li, "进度"))
	must(t)(w.fake.Redeliver(w.li))
	must(t)(w.fake.Scan(w.li, "gate"))
	must(t)(w.fake.Redeliver(w.li))
	must(t)(w.fake.Scan(w.li, "yard")) // in the same second
	s := w.seen()
	if s[0].MsgID != s[1].MsgID || s[2].MsgID != s[3].MsgID || s[2].MsgID == s[4].MsgID || s[0].MsgID == s[2].MsgID {
		t.Fatalf("%+v", s)
	}
}

func TestAnswerHasFourSeconds(t *testing.T) {
	w := newWorld(t)
	var left time.Duration
	h := w.client.Callback(func(ctx context.Context, _ wechat.Event) (string, error) {
		end, _ := ctx.Deadline()
		left = time.Until(end)
		return "", nil
	})
	status(t, h, w.sealedRequest(t, textPush("o", "x")))
	if left <= 0 || left > 4*time.Second {
		t.Fatal(left)
	}
}

func TestKeyRotation(t *testing.T) {
	w := newWorld(t, func(cfg *wechat.Config) { cfg.Official.AESKeyOld = oldKey })
	w.follow(t)
	before := official
	before.AESKey = oldKey
	for _, app := range []wechat.App{before, official} {
		w.fake.AddApp(app, w.url)
		if reply := must(t)(w.fake.Say(w.li, "你好")); reply != "收到：你好" {
			t.Fatalf("%q", reply)
		}
	}
}

func FuzzCallback(f *testing.F) {
	now := time.Unix(1795510800, 0)
	c, err := wechat.New(wechat.Config{Official: official}, wechat.NewMemoryTokens(), func() time.Time { return now })
	if err != nil {
		f.Fatal(err)
	}
	h := c.Callback(func(_ context.Context, e wechat.Event) (string, error) {
		if e.OpenID == "" || e.MsgID == "" || len([]rune(e.Text)) > 600 {
			return "", errors.New("not an event")
		}
		return e.Text, nil
	})
	f.Add([]byte(textPush("o1", "hello")), true)
	f.Add([]byte(textPush("o1", "<![CDATA[]]]]><![CDATA[>]]>")), true)
	f.Add([]byte("<xml><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>SCAN</Event><EventKey>7</EventKey></xml>"), true)
	f.Add([]byte("<xml><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>location</MsgType><Location_X>1e999</Location_X></xml>"), true)
	f.Add([]byte("\xff\xfe\x00<xml>"), true)
	f.Add([]byte("AAAA"), false)
	f.Add([]byte("!"), false)
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		sealed := string(data)
		if seal {
			var err error
			if sealed, err = wechat.Seal(newKey, official.ID, data); err != nil {
				t.Fatal(err)
			}
		}
		q := url.Values{"timestamp": {"1795510800"}, "nonce": {"n"}, "msg_signature": {wechat.Sign(official.Token, "1795510800", "n", sealed)}}
		body := "<xml><Encrypt>" + sealed + "</Encrypt></xml>"
		got, _ := status(t, h, httptest.NewRequest(http.MethodPost, "/?"+q.Encode(), strings.NewReader(body)))
		if seal && len(body) <= 64<<10 && got != 200 {
			t.Fatalf("authentic callback answered %d", got)
		}
		if got >= 500 {
			t.Fatalf("answered %d", got)
		}
	})
}
