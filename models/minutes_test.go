package models_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

func minutesOf(t *testing.T, s *forumtest.Stage, who models.Actor, session int64) *models.MinutesView {
	t.Helper()
	return must[*models.MinutesView](t)(s.Minutes(t.Context(), who, session))
}

// TestMinutes keeps the minutes of a session while it goes on, seals them when it
// closes, and lets nothing in them be changed afterwards.
func TestMinutes(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch := s.City.Secretary(huaiying), s.City.Officer(rules.Supervisor, huaiying)
		topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
		session := planned(t, s, 0, topic)
		refused(t, "session.state")(s.KeepMinutes(ctx, desk, session, topic, 0, "还没开始"))
		must[*models.Session](t)(s.OpenSession(ctx, desk, session))
		me := come(t, s, session, 1)
		for n := 2; n <= 4; n++ {
			come(t, s, session, n)
		}
		hand := must[*models.Speaker](t)(s.AskFloor(ctx, me, session, topic, rules.StanceFor)).ID
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, hand, models.Floor{}))
		s.Clock.Pass(40 * time.Second)

		refused(t, "text.empty")(s.KeepMinutes(ctx, desk, session, topic, 0, " "))
		refused(t, "topic.unknown")(s.KeepMinutes(ctx, desk, session, topic+424242, 0, "别的事"))
		refused(t, "deed.forbidden")(s.KeepMinutes(ctx, me, session, topic, 0, "我来记"))
		one := must[*models.MinutesText](t)(s.KeepMinutes(ctx, desk, session, topic, 0, "有人说太远"))
		refused(t, "minutes.newer")(s.KeepMinutes(ctx, desk, session, topic, 0, "另一个人写的"))
		refused(t, "minutes.newer")(s.KeepMinutes(ctx, desk, session, topic, 7, "跳着写的"))
		must[*models.MinutesText](t)(s.KeepMinutes(ctx, desk, session, topic, one.Version, "有人说太远,有人说太近"))

		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "挪吗?"}))
		for n := 1; n <= 3; n++ {
			must[*models.Ballot](t)(s.CastBallot(ctx, someone(s, n), poll.ID, "", rules.Yes))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, topic, rules.TopicAgreed, "挪到拐角"))
		must[*models.Order](t)(s.MakeCommitment(ctx, desk, session, topic, s.Org(urban), "挪桶", s.Clock.Now().AddDate(0, 0, 9)))
		refused(t, "session.unknown")(s.Minutes(ctx, me, session)) // not before it is over
		refused(t, "session.unknown")(s.Minutes(ctx, s.City.Secretary(wangta), session))
		refused(t, "session.state")(s.CorrectMinutes(ctx, desk, session, topic, "早了"))
		if v := minutesOf(t, s, watch, session); v.Sealed != nil || v.Document.Topics[0].Version != 2 {
			t.Errorf("while it goes on: %+v", v)
		}
		must[*models.Session](t)(s.CloseSession(ctx, desk, session))
		sealed := minutesOf(t, s, me, session)
		checkMinutes(t, sealed)
		refused(t, "session.state")(s.KeepMinutes(ctx, desk, session, topic, 2, "改一改"))
		refused(t, "session.unknown")(s.Minutes(ctx, someone(s, 5), session)) // was not there

		must[*models.MinutesCorrection](t)(s.CorrectMinutes(ctx, desk, session, topic, "“太近”应为“太吵”"))
		must[*models.Publication](t)(s.PublishTopic(ctx, desk, topic, "挪到拐角"))
		must[*models.Objection](t)(s.ObjectTopic(ctx, someone(s, 5), topic, 0, "谁也没问过我家"))
		must[*models.Remark](t)(s.RemarkSession(ctx, watch, session, "按程序开的"))
		_, err := s.EndCapacity(ctx, me, must[*models.Me](t)(s.Me(ctx, me)).Capacities[0].ID)
		must[struct{}](t)(struct{}{}, err)
		after := minutesOf(t, s, me, session)
		if d := cmp.Diff(sealed.Document, after.Document); d != "" || *after.Sealed != *sealed.Sealed {
			t.Errorf("what was sealed has changed: %s", d)
		}
		if len(after.Corrections) != 1 || len(after.Objections) != 1 || after.Objections[0].Words != "" || len(after.Remarks) != 0 {
			t.Errorf("a participant reads %+v, %+v, %+v", after.Corrections, after.Objections, after.Remarks)
		}
		if v := minutesOf(t, s, desk, session); len(v.Remarks) != 1 || v.Objections[0].Words == "" {
			t.Errorf("the desk reads %+v, %+v", v.Objections, v.Remarks)
		}
		for _, v := range []*models.MinutesView{sealed, after} {
			body, err := json.Marshal(v)
			must[[]byte](t)(body, err)
			for name := range s.City.Residents {
				if strings.Contains(string(body), strings.TrimSuffix(name, "(示例)")) {
					t.Errorf("the minutes name %s", name)
				}
			}
		}
	})
}

// checkMinutes holds the document to what was done in TestMinutes.
func checkMinutes(t *testing.T, v *models.MinutesView) {
	t.Helper()
	d := v.Document
	if v.Sealed == nil || len(v.Sealed.Hash) != 64 || d.ClosedAt == nil || d.OpenedAt == nil || d.Point == "" || len(d.Topics) != 1 {
		t.Fatalf("%+v", v)
	}
	if d := cmp.Diff([]models.Represented{{Part: rules.PartResident, N: 4}}, d.Represented); d != "" {
		t.Error(d)
	}
	m := d.Topics[0]
	if m.Version != 2 || m.Words != "有人说太远,有人说太近" || m.Outcome == nil || m.Outcome.Words != "挪到拐角" {
		t.Errorf("of the topic: %+v", m)
	}
	if got, want := m.Balance.Stances[rules.StanceFor], (models.Turns{Times: 1, Seconds: 40}); got != want {
		t.Errorf("the floor was had %+v, want %+v", got, want)
	}
	if len(m.Polls) != 1 || m.Polls[0].Verdict == nil || m.Polls[0].Verdict.Result != rules.ResultPassed || m.Polls[0].Verdict.Reason == "" {
		t.Errorf("polls: %+v", m.Polls)
	}
	if len(m.Commitments) != 1 || m.Commitments[0].Org == "" || m.Commitments[0].What != "挪桶" || m.Commitments[0].PromisedAt.IsZero() {
		t.Errorf("commitments: %+v", m.Commitments)
	}
}

// TestMinutesOfTwoHands writes over one version from two desks at the same moment:
// one stands, and the other is told.
func TestMinutesOfTwoHands(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, topic, session := inside(t, s)
		errs := together(ctx, func(ctx context.Context, i int) error {
			_, err := s.KeepMinutes(ctx, desk, session, topic, 0, []string{"甲记的", "乙记的"}[i])
			return err
		})
		stands := 0
		for i, err := range errs {
			if err != nil {
				refused(t, "minutes.newer")(nil, err)
				stands = 1 - i
			}
		}
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both were told %v", errs)
		}
		if got, want := minutesOf(t, s, desk, session).Document.Topics[0].Words, []string{"甲记的", "乙记的"}[stands]; got != want {
			t.Errorf("%q stands, want %q", got, want)
		}
	})
}
