package wechat_test

import (
	"errors"
	"testing"
	"time"

	"yishi/wechat"
)

// TestLimitsPass asks no more before a limit is over, and then at once.
func TestLimitsPass(t *testing.T) {
	const point, mini1 = "/cgi-bin/qrcode/create", "/wxa/getwxacodeunlimit"
	for name, c := range map[string]struct {
		path string
		code int
		at   time.Time
		want time.Time
	}{
		"a day, in the evening of UTC": {point, 45009, time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC)},
		"a day, in the morning of UTC": {point, 45009, time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)},
		"the last of a year":           {point, 45009, time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC), time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)},
		"a minute":                     {point, 45011, time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC), time.Date(2026, 11, 24, 1, 3, 0, 0, time.UTC)},
		"a minute called a day":        {mini1, 45009, time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC), time.Date(2026, 11, 24, 1, 3, 0, 0, time.UTC)},
	} {
		w := newWorld(t)
		w.clock.pass(c.at.Sub(w.clock.now()))
		ask := func() error {
			if c.path == mini1 {
				_, err := w.client.MiniCode(t.Context(), "a", "")
				return err
			}
			_, err := w.client.PointTicket(t.Context(), "a")
			return err
		}
		w.fake.Fail(c.path, c.code, 1)
		for _, step := range []time.Duration{0, c.want.Sub(c.at) - time.Millisecond} {
			w.clock.pass(step)
			err := ask()
			if wantCode(t, err, c.code); !wechat.RetryAt(err).Equal(c.want) || !wechat.Retryable(err) {
				t.Errorf("%s: %v, again at %v, want %v", name, err, wechat.RetryAt(err), c.want)
			}
		}
		if n := w.fake.Calls(c.path); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
		w.clock.pass(time.Millisecond)
		if err := ask(); err != nil {
			t.Errorf("%s: not over: %v", name, err)
		}
	}
}

// TestLimitsAreApart keeps one call's limit from the others, and other failures
// from being limits.
func TestLimitsAreApart(t *testing.T) {
	w := newWorld(t)
	w.fake.Fail("/cgi-bin/qrcode/create", 45009, 1)
	_, err := w.client.PointTicket(t.Context(), "a")
	wantCode(t, err, 45009)
	if _, err = w.client.PassingTicket(t.Context(), "a", time.Hour); err != nil {
		t.Error(err)
	}
	if _, err = w.client.MiniCode(t.Context(), "a", ""); err != nil {
		t.Error(err)
	}
	w.fake.Fail("/wxa/getwxacodeunlimit", -1, 1)
	_, err = w.client.MiniCode(t.Context(), "a", "")
	if wantCode(t, err, -1); !wechat.RetryAt(err).IsZero() || !wechat.RetryAt(errors.New("x")).IsZero() {
		t.Error("no limit, yet a moment")
	}
	if _, err = w.client.MiniCode(t.Context(), "a", ""); err != nil {
		t.Error(err)
	}
}

// TestWhoMustAct tells apart what passes, what a resident caused, and what waits
// for an operator.
func TestWhoMustAct(t *testing.T) {
	for code, c := range map[int]struct {
		operator bool
		advice   string
	}{
		40164: {true, "operator.whitelist"}, 48001: {true, "operator.unauthorized"}, 40013: {true, "operator.appid"}, 40125: {true, "operator.secret"},
		45009: {false, "operator.quota"}, -1: {false, "operator.busy"}, 43101: {false, "operator.unknown"}, 502: {false, "operator.line"},
	} {
		w := newWorld(t)
		w.fake.Fail(tokenPath, code, 1)
		_, err := w.client.PointTicket(t.Context(), "p")
		if wechat.NeedsOperator(err) != c.operator || wechat.Advice(err) != c.advice {
			t.Errorf("%v: %t, %s", err, wechat.NeedsOperator(err), wechat.Advice(err))
		}
	}
}
