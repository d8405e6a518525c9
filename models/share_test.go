package models_test

import (
	"slices"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestRemindKeepers: whoever has not fetched their share, or not given it back, is
// told so once a day and no oftener, and who runs or watches the poll sees who
// that is.
func TestRemindKeepers(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, h := t.Context(), forumtest.NewSecretPoll(t, s, 12, rules.DiscloseKey)
		other := forumtest.Bare(t, s.DSN, s.Clock)
		walk := func(want int) {
			t.Helper()
			n := must[int](t)(s.RemindKeepers(ctx, 10)) + must[int](t)(other.RemindKeepers(ctx, 10))
			if n != want {
				t.Errorf("%d keepers are reminded, want %d", n, want)
			}
		}
		missing := func(of string, want ...models.Actor) {
			t.Helper()
			ids := func(who models.Actor) (ids []int64) {
				for _, k := range must[*models.PollView](t)(s.Poll(ctx, who, h.View.ID)).Secret.Missing {
					if ids = append(ids, k.PersonID); string(k.Share) != of || who == h.Keepers[1] && k.PersonID == who.PersonID && k.Name == "" {
						t.Errorf("missing is %+v", k)
					}
				}
				return ids
			}
			var wanted []int64
			for _, k := range want {
				wanted = append(wanted, k.PersonID)
			}
			for _, who := range h.Keepers[:2] {
				if got := ids(who); !slices.Equal(got, wanted) {
					t.Errorf("missing are %v, want %v", got, wanted)
				}
			}
			for _, who := range []models.Actor{h.People[0], h.People[1], {}, s.City.Secretary(wangta)} {
				if got := ids(who); len(got) > 0 {
					t.Errorf("somebody else is told who is missing: %v", got)
				}
			}
		}
		day := rules.RemindKeepersEvery
		missing("here", h.Keepers...)
		walk(0)
		s.Clock.Pass(day - time.Second)
		walk(0)
		s.Clock.Pass(time.Second)
		walk(3)
		s.Clock.Pass(time.Hour)
		walk(0)
		h.KeepOne(h.Keepers[0])
		missing("here", h.Keepers[1:]...)
		s.Clock.Pass(day)
		walk(2)
		h.KeepOne(h.Keepers[1])
		h.KeepOne(h.Keepers[2])
		missing("here")
		s.Clock.Pass(day)
		walk(0)
		for _, p := range h.People[:6] {
			h.Drop(h.Say(h.Token(p), 0, rules.Yes))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, h.Keepers[0], h.View.ID))
		missing("kept", h.Keepers...)
		walk(0)
		s.Clock.Pass(day)
		walk(3)
		walk(0)
		must[*models.PollView](t)(s.EnterShare(ctx, h.Keepers[1], h.View.ID, h.Shares[1], ""))
		missing("kept", h.Keepers[0], h.Keepers[2])
		s.Clock.Pass(day)
		walk(2)
		must[*models.PollView](t)(s.EnterShare(ctx, h.Keepers[0], h.View.ID, h.Shares[0], ""))
		missing("")
		s.Clock.Pass(day)
		walk(0)
		for i, want := range map[int][2]int{0: {1, 2}, 1: {2, 1}, 2: {2, 2}} {
			if a, b := told(t, s, h.Keepers[i], "notice.share_waits"), told(t, s, h.Keepers[i], "notice.unseal_waits"); a != want[0] || b != want[1] {
				t.Errorf("keeper %d was reminded %d times to fetch and %d times to enter, want %v", i, a, b, want)
			}
		}
	})
}
