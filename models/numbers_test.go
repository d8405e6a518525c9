package models_test

import (
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestNumbers counts a meeting that went well, for its own community and those above
// it, in the period in which it was held and in no other.
func TestNumbers(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		m := forumtest.NewMeeting(t, s, 3)
		desk := m.Keepers[0]
		q := must[*models.PollView](t)(s.OpenPoll(t.Context(), desk, models.NewPoll{SessionID: m.Session, TopicID: m.Topic, Question: "楼道堆物清不清？"}))
		for _, who := range m.People {
			must[*models.Ballot](t)(s.CastBallot(t.Context(), who, q.ID, "", rules.Yes))
		}
		must[*models.PollView](t)(s.ClosePoll(t.Context(), desk, q.ID))
		must[*models.Outcome](t)(s.RecordOutcome(t.Context(), desk, m.Session, m.Topic, rules.TopicAgreed, "清。"))
		for _, days := range []int{3, 9} {
			must[*models.Order](t)(s.MakeCommitment(t.Context(), desk, m.Session, m.Topic, s.Org(urban), "清走堆物", s.Clock.Now().Add(time.Duration(days)*24*time.Hour)))
		}
		must[*models.Session](t)(s.CloseSession(t.Context(), desk, m.Session))
		day := s.Clock.Now().In(rules.Beijing).Format(time.DateOnly)
		s.Clock.Pass(5 * 24 * time.Hour)
		next := s.Clock.Now().In(rules.Beijing).Format(time.DateOnly)

		n := must[*models.Numbers](t)(s.Numbers(t.Context(), desk, s.Org(huaiying), day, day))
		if len(n.Items) != 1 || n.Items[0].Item != "3.04" || n.Items[0].Raised != 1 || n.Raised != 1 || n.Items[0].States[rules.TopicAgreed] != 1 {
			t.Errorf("matters: %+v", n.Items)
		}
		if n.Sessions != 1 || n.People != 3 || n.Polls != 1 || n.Outcomes[rules.TopicAgreed] != 1 {
			t.Errorf("meetings: %+v", n)
		}
		if want := (models.OrderNumbers{Issued: 2, Done: 0, Late: 1}); n.Orders != want {
			t.Errorf("orders: %+v, want %+v", n.Orders, want)
		}
		later := must[*models.Numbers](t)(s.Numbers(t.Context(), desk, s.Org(huaiying), next, next))
		if later.Raised+later.Sessions+later.People+later.Polls+later.Orders.Issued+int64(len(later.Outcomes)) != 0 {
			t.Errorf("another day has %+v", later)
		}
		above := must[*models.Numbers](t)(s.Numbers(t.Context(), models.Operator, s.Org(tengxiang), "", ""))
		if above.Raised < 1 || above.Sessions != 1 {
			t.Errorf("above: %+v", above)
		}
		if beside := must[*models.Numbers](t)(s.Numbers(t.Context(), models.Operator, s.Org("YD-YS-TX-WT"), "", "")); beside.Sessions != 0 {
			t.Errorf("beside: %+v", beside)
		}
		refused(t, "period.day")(s.Numbers(t.Context(), desk, s.Org(huaiying), "30/11/2026", ""))
	})
}
