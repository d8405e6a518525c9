package wechat_test

import (
	"strings"
	"testing"
	"time"

	"yishi/wechat"
)

const (
	textPath  = "/wxa/msg_sec_check"
	imagePath = "/wxa/media_check_async"
)

func TestTextIsJudged(t *testing.T) {
	w := newWorld(t)
	open := w.li.OpenID(mini.ID)
	w.fake.Flag("骗子", wechat.VerdictRisky)
	w.fake.Flag("中介", wechat.VerdictReview)
	check := func(text string) (wechat.Verdict, error) {
		return w.client.CheckText(t.Context(), open, wechat.SceneForum, text)
	}
	_, err := check("路灯坏了")
	if wantCode(t, err, wechat.CodeNoVisit); wechat.Retryable(err) {
		t.Error("only a visit helps")
	}
	w.fake.Visit(w.li, mini.ID)
	hidden := strings.Repeat("路", 2499) + "骗子" // lies across the end of the first piece
	for text, want := range map[string]wechat.Verdict{
		"路灯坏了": wechat.VerdictPass, "物业是骗子": wechat.VerdictRisky, "中介又来了": wechat.VerdictReview,
		"中介是骗子": wechat.VerdictRisky, hidden: wechat.VerdictRisky,
		"中介" + strings.Repeat("路", 5000): wechat.VerdictReview,
	} {
		if got, err := check(text); err != nil || got != want {
			t.Errorf("%.30s: %q %v, want %q", text, got, err, want)
		}
	}
	w.clock.pass(2*time.Hour + time.Second)
	_, err = check("路灯坏了")
	wantCode(t, err, wechat.CodeNoVisit)
	if _, err = w.client.Code2Session(t.Context(), w.fake.LoginCode(w.li, mini.ID)); err != nil {
		t.Fatal(err)
	}
	if got, err := check("路灯坏了"); err != nil || got != wechat.VerdictPass {
		t.Error("a login is a visit:", got, err)
	}
}

func TestNoVerdictIsNoPass(t *testing.T) {
	w := newWorld(t)
	w.fake.Visit(w.li, mini.ID)
	open := w.li.OpenID(mini.ID)
	check := func(text string) (wechat.Verdict, error) {
		return w.client.CheckText(t.Context(), open, wechat.SceneForum, text)
	}
	w.fake.Flag("新词", "banned")
	w.fake.Flag("无", "")
	if got, err := check("新词"); err != nil || got != wechat.VerdictReview {
		t.Error("unknown suggestion:", got, err)
	}
	if got, err := check("无"); err == nil || got != "" || !wechat.Retryable(err) {
		t.Error("no suggestion:", got, err)
	}
	for _, code := range []int{-1, 45009, 502} {
		w.fake.Fail(textPath, code, 1)
		if got, err := check("路灯"); got != "" || !wechat.Retryable(err) {
			t.Error(code, got, err)
		}
	}
	open = w.li.OpenID(official.ID)
	_, err := check("路灯")
	wantCode(t, err, 40003)
	before := w.fake.Calls(textPath)
	for _, bad := range []struct {
		open, text string
		scene      int
	}{{"", "x", 1}, {"o", " \x00", 1}, {"o", "x", 0}, {"o", "x", 5}} {
		if got, err := w.client.CheckText(t.Context(), bad.open, bad.scene, bad.text); err == nil || got != "" {
			t.Errorf("%+v: %q", bad, got)
		}
	}
	if w.fake.Calls(textPath) != before {
		t.Error("a hopeless check left")
	}
}

func TestImageIsTaken(t *testing.T) {
	w := newWorld(t)
	open := w.li.OpenID(mini.ID)
	check := func(url string) (string, error) { return w.client.CheckImage(t.Context(), open, url) }
	_, err := check("https://example.org/a.jpg")
	wantCode(t, err, wechat.CodeNoVisit)
	w.fake.Visit(w.li, mini.ID)
	one, err := check("https://example.org/a.jpg")
	if err != nil || one == "" {
		t.Fatal(err)
	}
	if two, err := check("https://example.org/a.jpg"); err != nil || one == two {
		t.Error("one trace for two pictures", err)
	}
	before := w.fake.Calls(imagePath)
	if trace, err := check("a.jpg"); err == nil || trace != "" || w.fake.Calls(imagePath) != before {
		t.Error(trace)
	}
	w.fake.Fail(imagePath, 45009, 1)
	_, err = check("https://example.org/a.jpg")
	wantCode(t, err, 45009)
}
