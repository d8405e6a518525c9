package models_test

import (
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// published brings a topic with one order for each promise to the notice board.
func published(t *testing.T, s *forumtest.Stage, whats ...string) (int64, []int64) {
	t.Helper()
	ctx := t.Context()
	desk := s.City.Secretary(huaiying)
	topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
	id := planned(t, s, 0, topic)
	must[*models.Session](t)(s.OpenSession(ctx, desk, id))
	return topic, agreedOn(t, s, id, topic, whats...)
}

// agreedOn records an agreement in an open session, closes it and publishes.
func agreedOn(t *testing.T, s *forumtest.Stage, session, topic int64, whats ...string) []int64 {
	t.Helper()
	ctx := t.Context()
	desk := s.City.Secretary(huaiying)
	must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, topic, rules.TopicAgreed, "挪"))
	orders := make([]int64, len(whats))
	for i, what := range whats {
		orders[i] = must[*models.Order](t)(s.MakeCommitment(ctx, desk, session, topic, s.Org(urban), what, s.Clock.Now().Add(30*day))).ID
	}
	must[*models.Session](t)(s.CloseSession(ctx, desk, session))
	must[*models.Publication](t)(s.PublishTopic(ctx, desk, topic, "挪"))
	return orders
}

// TestAnObjectionIsNotSolvedBySilence upholds the objection to the only order:
// nothing was done, so nobody is asked whether it is solved, and the desk finds
// another way.
func TestAnObjectionIsNotSolvedBySilence(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me := s.City.Secretary(huaiying), someone(s, 1)
		topic, orders := published(t, s, "挪东边")
		o := must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 2), topic, orders[0], "太近"))
		owes(t, s, topic, "objection.answer", o.DueAt.Sub(s.Clock.Now()))
		must[*models.Objection](t)(s.AnswerObjection(ctx, desk, o.ID, true, "有道理"))
		if got := stateOf(t, s, desk, topic); got != rules.TopicNoConsensus {
			t.Fatalf("with its only order dropped, the topic is %s", got)
		}
		owes(t, s, topic, "topic.next", 0)
		if n := told(t, s, me, "notice.confirm"); n != 0 {
			t.Error("its raiser is asked whether it is solved")
		}
		if n := told(t, s, me, "notice.topic_overturn") + told(t, s, desk, "notice.overturned"); n != 2 {
			t.Errorf("%d of two were told", n)
		}
		if board := must[[]models.Board](t)(s.Publications(ctx, me, s.Org(huaiying))); len(board) != 0 {
			t.Errorf("on the board is %+v", board)
		}
		refused(t, "objection.late")(s.ObjectTopic(ctx, someone(s, 3), topic, 0, "我也反对"))

		again := planned(t, s, 4*day, topic) // another round; its result is another publication
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, again, ""))
		s.Clock.Pass(4 * day)
		must[*models.Session](t)(s.OpenSession(ctx, desk, again))
		orders = agreedOn(t, s, again, topic, "挪西边")
		must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 2), topic, 0, "还是太近"))
		if rows := must[[]models.Objection](t)(s.Objections(ctx, desk, topic)); len(rows) != 2 {
			t.Errorf("%d objections are kept of two", len(rows))
		}
		refused(t, "order.state")(s.SignOrder(ctx, s.City.Officer(rules.Handler, urban), orders[0]))
	})
}

// TestAnObjectionToTheWholeResult lets all orders rest, and nothing is completed
// before it is answered.
func TestAnObjectionToTheWholeResult(t *testing.T) {
	for name, upheld := range map[string]bool{"upheld": true, "denied": false} {
		t.Run(name, func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) { wholeResult(t, s, upheld) })
		})
	}
}

func wholeResult(t *testing.T, s *forumtest.Stage, upheld bool) {
	t.Helper()
	ctx := t.Context()
	desk, handler := s.City.Secretary(huaiying), s.City.Officer(rules.Handler, urban)
	topic, orders := published(t, s, "挪东边", "挪西边")
	must[*models.Order](t)(s.SignOrder(ctx, handler, orders[0]))
	must[*models.Order](t)(s.FinishOrder(ctx, handler, orders[0], "挪好了"))
	must[*models.Order](t)(s.SignOrder(ctx, handler, orders[1]))
	one := must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 3), topic, orders[1], "太远"))
	whole := must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 2), topic, 0, "就不该挪"))
	must[*models.Objection](t)(s.AnswerObjection(ctx, desk, one.ID, false, "不远"))
	refused(t, "order.state")(s.FinishOrder(ctx, handler, orders[1], "挪好了")) // it rests for the other's sake
	s.Clock.Pass(16 * day)
	must[int](t)(s.EndPublications(ctx, 10))
	if n := must[int](t)(s.LapseClocks(ctx, 10)); n != 1 {
		t.Errorf("%d clocks have lapsed, not that of the answer", n)
	}
	must[*models.Objection](t)(s.AnswerObjection(ctx, desk, whole.ID, upheld, "想好了"))
	if upheld {
		if got := stateOf(t, s, desk, topic); got != rules.TopicNoConsensus {
			t.Errorf("the topic is %s", got)
		}
		return
	}
	must[*models.Order](t)(s.FinishOrder(ctx, handler, orders[1], "挪好了"))
	if got := stateOf(t, s, desk, topic); got != rules.TopicCompleted {
		t.Errorf("the topic is %s", got)
	}
}

// TestObjections lets an order rest until an objection to it is answered.
func TestObjections(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, handler := s.City.Secretary(huaiying), s.City.Officer(rules.Handler, urban)
		topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
		id := planned(t, s, 0, topic)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, id, topic, rules.TopicAgreed, "挪"))
		a := must[*models.Order](t)(s.MakeCommitment(ctx, desk, id, topic, s.Org(urban), "挪东边", s.Clock.Now().AddDate(0, 0, 9)))
		b := must[*models.Order](t)(s.MakeCommitment(ctx, desk, id, topic, s.Org(urban), "挪西边", s.Clock.Now().AddDate(0, 0, 9)))
		refused(t, "order.state")(s.SignOrder(ctx, handler, a.ID)) // a draft
		must[*models.Session](t)(s.CloseSession(ctx, desk, id))
		refused(t, "publication.unknown")(s.ObjectTopic(ctx, someone(s, 2), topic, a.ID, "太近"))
		must[*models.Publication](t)(s.PublishTopic(ctx, desk, topic, "挪"))
		first := must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 2), topic, a.ID, "太近"))
		second := must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 3), topic, b.ID, "太远"))
		refused(t, "objection.twice")(s.ObjectTopic(ctx, someone(s, 2), topic, a.ID, "还是太近"))
		refused(t, "order.state")(s.SignOrder(ctx, handler, a.ID))
		must[*models.Objection](t)(s.AnswerObjection(ctx, desk, first.ID, false, "离窗十二米"))
		must[*models.Objection](t)(s.AnswerObjection(ctx, desk, second.ID, true, "有道理,不挪西边"))
		refused(t, "objection.answered")(s.AnswerObjection(ctx, desk, second.ID, true, "有道理"))
		must[*models.Order](t)(s.SignOrder(ctx, handler, a.ID))
		refused(t, "order.state")(s.SignOrder(ctx, handler, b.ID))
		must[*models.Order](t)(s.FinishOrder(ctx, handler, a.ID, "挪好了"))
		s.Clock.Pass(8 * 24 * time.Hour)
		refused(t, "objection.late")(s.ObjectTopic(ctx, someone(s, 1), topic, 0, "晚了"))
		must[int](t)(s.EndPublications(ctx, 10))
		if got := stateOf(t, s, desk, topic); got != rules.TopicImplementing {
			t.Errorf("taken down after 8 days: %s", got)
		}
		s.Clock.Pass(7 * 24 * time.Hour)
		must[int](t)(s.EndPublications(ctx, 10))
		if got := stateOf(t, s, desk, topic); got != rules.TopicCompleted {
			t.Errorf("state %s", got)
		}
	})
}
