package models_test

import (
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

const day = 24 * time.Hour

// clockOf is what the page of a topic says is owed, and in how long.
func clockOf(t *testing.T, s *forumtest.Stage, id int64) (string, time.Duration) {
	t.Helper()
	v := must[*models.TopicView](t)(s.Topic(t.Context(), s.City.Secretary(huaiying), id))
	if v.DueAt == nil {
		return "", 0
	}
	return v.DueVerb, v.DueAt.Sub(s.Clock.Now())
}

// owes expects what is owed on a topic, and in how long; 0: at any time.
func owes(t *testing.T, s *forumtest.Stage, id int64, verb string, in time.Duration) {
	t.Helper()
	if got, left := clockOf(t, s, id); got != verb || in != 0 && left != in || left <= 0 {
		t.Errorf("owed is %q in %v, want %q in %v", got, left, verb, in)
	}
}

// TestEveryTurnHasItsClock takes a topic through the turns after which nothing
// used to be owed.
func TestEveryTurnHasItsClock(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, street := s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
		id := raised(t, s, someone(s, 1), "广场舞几点停")
		owes(t, s, id, "triage.reply", 2*day)
		must[*models.Topic](t)(s.AskTopic(ctx, desk, id, "哪个广场?"))
		owes(t, s, id, "topic.answer", 7*day)
		must[*models.Topic](t)(s.AnswerTopic(ctx, someone(s, 1), id, "东边的"))
		owes(t, s, id, "triage.reply", 2*day)
		must[*models.Topic](t)(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
		owes(t, s, id, "session.hold", 0)
		must[*models.Topic](t)(s.StudyTopic(ctx, desk, id, false, ""))
		owes(t, s, id, "topic.study", 0)
		must[*models.Topic](t)(s.StudyTopic(ctx, desk, id, true, ""))
		owes(t, s, id, "session.hold", 0)
		session := planned(t, s, 4*day, id)
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, session, ""))
		owes(t, s, id, "session.open", 4*day)
		s.Clock.Pass(4 * day)
		must[*models.Session](t)(s.OpenSession(ctx, desk, session))
		owes(t, s, id, "session.close", day)
		must[*models.Session](t)(s.AdjournSession(ctx, desk, session, "天黑了"))
		owes(t, s, id, "session.hold", 0)
		must[*models.Session](t)(s.PostponeSession(ctx, desk, session, s.Clock.Now().Add(4*day), "台风", ""))
		owes(t, s, id, "session.open", 4*day)
		s.Clock.Pass(4 * day)
		must[*models.Session](t)(s.OpenSession(ctx, desk, session))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, id, rules.TopicNoConsensus, "两边都不让"))
		must[*models.Session](t)(s.CloseSession(ctx, desk, session))
		owes(t, s, id, "topic.next", 0)
		must[*models.Topic](t)(s.EscalateTopic(ctx, desk, id, "谈不拢"))
		owes(t, s, id, "escalation.decide", 0)
		must[*models.Topic](t)(s.DecideTopic(ctx, street, id, "九点停", &models.Promised{OrgID: s.Org(urban), What: "立牌子", At: s.Clock.Now().Add(30 * day)}))
		owes(t, s, id, "topic.publish", 0)
		must[*models.Topic](t)(s.ReferTopic(ctx, desk, id, rules.OnRefer, "还要业主表决"))
		owes(t, s, id, "statutory.record", 60*day)
		must[*models.Topic](t)(s.ReferTopic(ctx, desk, id, rules.OnPassed, "通过了"))
		must[*models.Publication](t)(s.PublishTopic(ctx, desk, id, "九点停"))
		owes(t, s, id, "publication.days", 15*day)
		s.Clock.Pass(15 * day)
		must[int](t)(s.EndPublications(ctx, 10))
		owes(t, s, id, "order.finish", 15*day)
	})
}

// TestAClockStandsStill puts topics aside and takes them up again: what was left
// of their time is left, and what was done meanwhile is done.
func TestAClockStandsStill(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, handler := s.City.Secretary(huaiying), someone(s, 1), s.City.Officer(rules.Handler, urban)
		aside := func(id int64, days time.Duration) {
			t.Helper()
			must[*models.Topic](t)(s.SuspendTopic(ctx, desk, id, "等图纸", s.Clock.Now().Add(99*day)))
			owes(t, s, id, "topic.review", 99*day)
			s.Clock.Pass(days)
		}
		reply := raised(t, s, me, "装电梯")
		s.Clock.Pass(6 * time.Hour)
		aside(reply, 30*day)
		must[*models.Topic](t)(s.ResumeTopic(ctx, desk, reply))
		owes(t, s, reply, "triage.reply", 42*time.Hour)

		id := raised(t, s, me, "灯坏了")
		must[*models.Topic](t)(s.OrderTopic(ctx, desk, id, s.Org(urban), "换灯", s.Clock.Now().Add(9*day)))
		owes(t, s, id, "order.finish", 9*day)
		order := must[[]models.Order](t)(s.TopicOrders(ctx, desk, id))[0]
		must[*models.Order](t)(s.SignOrder(ctx, handler, order.ID))
		aside(id, day)
		must[*models.Order](t)(s.FinishOrder(ctx, handler, order.ID, "换好了"))
		must[*models.Topic](t)(s.ResumeTopic(ctx, desk, id))
		if got := stateOf(t, s, me, id); got != rules.TopicCompleted {
			t.Fatalf("its order is done, and it is %s", got)
		}
		s.Clock.Pass(2 * day)
		aside(id, 30*day)
		must[*models.Topic](t)(s.ResumeTopic(ctx, desk, id))
		owes(t, s, id, "confirm.remind", 3*day)
		s.Clock.Pass(3 * day)
		must[int](t)(s.RemindConfirmations(ctx, 10))
		if n := told(t, s, me, "notice.confirm_reminder"); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		for range 2 {
			s.Clock.Pass(16 * day)
			must[int](t)(s.RemindConfirmations(ctx, 10))
		}
		owes(t, s, id, "case.write", 7*day)
		s.Clock.Pass(7 * day)
		must[int](t)(s.LapseClocks(ctx, 10))
		if ids := must[[]int64](t)(s.TopicsToArchive(ctx, 0, 10)); len(ids) != 1 || ids[0] != id {
			t.Errorf("to archive are %v", ids)
		}
	})
}
