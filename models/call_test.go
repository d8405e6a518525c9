package models_test

import (
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
)

// TestCallStaff lets somebody ask for a person: the desk is told once an hour, and
// whoever is known nowhere is told so.
func TestCallStaff(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, me, desk := t.Context(), someone(s, 0), s.City.Secretary(huaiying)
		told := func(want int) {
			t.Helper()
			n := 0
			for _, notice := range must[models.Page[models.Notice]](t)(s.Notices(ctx, desk, 0, 100)).Items {
				if notice.Code == "notice.called" {
					n++
				}
			}
			if n != want {
				t.Errorf("the desk was told %d times, want %d", n, want)
			}
		}
		if names := must[[]string](t)(s.CallStaff(ctx, me)); len(names) != 1 || names[0] != s.City.Orgs[huaiying].Name {
			t.Errorf("asked were %v", names)
		}
		refused(t, "call.twice")(s.CallStaff(ctx, me))
		told(1)
		s.Clock.Pass(models.CallEvery)
		must[[]string](t)(s.CallStaff(ctx, me))
		told(2)
		stranger := must[models.Actor](t)(s.RecognizeChat(ctx, forumtest.Identify("stranger")))
		refused(t, "call.nowhere")(s.CallStaff(ctx, stranger))
		told(2)
	})
}
