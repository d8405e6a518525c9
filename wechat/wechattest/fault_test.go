package wechattest_test

import (
	"context"
	"errors"
	"testing"

	"yishi/wechat"
	"yishi/wechat/wechattest"
)

const customerPath = "/cgi-bin/message/custom/send"

// TestFaults goes through what may befall a call: whether it took its effect,
// whether the caller hopes for another try, and that one fault is of one call.
func TestFaults(t *testing.T) {
	f, r := newFake(t, bot(t, func(wechat.Event) string { return "好" }))
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := wechat.New(wechat.Config{Official: official, Endpoint: f.URL()}, wechat.NewMemoryTokens(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := f.Follow(r, ""); err != nil {
		t.Fatal(err)
	}
	send := func(ctx context.Context) error {
		m := wechat.Message{AppID: official.ID, OpenID: r.OpenID(official.ID), Code: "x", Title: "好"}
		return c.Send(ctx, m, wechat.ChannelCustomer)
	}
	open, never := make(chan struct{}), make(chan struct{})
	close(open)
	for name, tt := range map[string]struct {
		fault                 wechattest.Fault
		arrives, fails, again bool
	}{
		"nothing":        {wechattest.Fault{}, true, false, false},
		"an errcode":     {wechattest.Fault{Code: 45015}, false, true, false},
		"busy":           {wechattest.Fault{Code: -1}, false, true, true},
		"a gateway":      {wechattest.Fault{Code: 502}, false, true, true},
		"slow":           {wechattest.Fault{Until: open}, true, false, false},
		"hangs":          {wechattest.Fault{Until: never}, true, true, true},
		"dropped":        {wechattest.Fault{Dropped: true}, true, true, true},
		"half an answer": {wechattest.Fault{Cut: true}, true, true, true},
		"slow and no":    {wechattest.Fault{Until: open, Code: 45015}, false, true, false},
	} {
		if _, err := f.Say(r, "x"); err != nil { // five more messages may be sent
			t.Fatal(err)
		}
		before := len(f.Sent(r))
		f.Script(customerPath, tt.fault)
		ctx, cancel := context.WithCancel(t.Context())
		if tt.fault.Until == never {
			f.Watch(func(path string) {
				if path == customerPath { // and not while the token is fetched
					cancel()
				}
			})
		}
		err := send(ctx)
		f.Watch(nil)
		cancel()
		if got := len(f.Sent(r)) > before; got != tt.arrives || (err != nil) != tt.fails || wechat.Retryable(err) != tt.again {
			t.Errorf("%s: arrived %v, %v, again %v", name, got, err, wechat.Retryable(err))
		}
		if tt.fault.Until == never && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if err := send(t.Context()); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}
