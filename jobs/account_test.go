package jobs_test

import (
	"context"
	"errors"
	"testing"

	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/wechat"
)

// TestAsksWhoFollows asks WeChat once who somebody in the chat is, and knows them in
// the mini-program then. What it does not answer is asked again later.
func TestAsksWhoFollows(t *testing.T) {
	text, err := locale.Load("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, asked := t.Context(), 0
		down := errors.New("down")
		clock := jobs.New(s.Forum, text, nil).Asking(jobs.Asks{App: "official", Follower: func(_ context.Context, openID string) (wechat.Identity, bool, error) {
			asked++
			return wechat.Identity{AppID: "official", OpenID: openID, UnionID: forumtest.Identify("asked").UnionID}, true, down
		}})
		tick := func(want int) {
			t.Helper()
			if _, err := clock.Tick(ctx); err != nil {
				t.Fatal(err)
			}
			if asked != want {
				t.Fatalf("asked %d times, want %d", asked, want)
			}
		}
		chat := func() int64 {
			t.Helper()
			who, err := s.RecognizeChat(ctx, models.Identity{AppID: "official", OpenID: "o-chat"})
			if err != nil {
				t.Fatal(err)
			}
			return who.PersonID
		}
		first := chat()
		mini, err := s.LoginMini(ctx, forumtest.Identify("asked"))
		if err != nil {
			t.Fatal(err)
		}
		if first == mini.PersonID {
			t.Fatal("known before WeChat was asked")
		}
		tick(1)
		tick(1)
		s.Clock.Pass(models.AskWait)
		down = nil
		tick(2)
		s.Clock.Pass(models.AskWait)
		tick(2)
		again, err := s.LoginMini(ctx, forumtest.Identify("asked"))
		if err != nil {
			t.Fatal(err)
		}
		if got := chat(); got != again.PersonID || got != first {
			t.Errorf("the chat acts as %d, the mini-program as %d, want %d", got, again.PersonID, first)
		}
	})
}
