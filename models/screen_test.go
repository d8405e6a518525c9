package models_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// paired is the token of a screen that shows a session.
func paired(t *testing.T, s *forumtest.Stage, session int64) string {
	t.Helper()
	asked := must[*models.NewScreen](t)(s.AskScreen(t.Context()))
	must[*models.Screen](t)(s.PairScreen(t.Context(), s.City.Secretary(huaiying), session, asked.Code))
	return asked.Token
}

func shown(t *testing.T, s *forumtest.Stage, token string) *models.ScreenView {
	t.Helper()
	return must[*models.ScreenView](t)(s.ScreenSees(t.Context(), token))
}

// TestPairing lets screens ask for a session: a code works once, ends after ten
// minutes, and is not to be guessed.
func TestPairing(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, next := s.City.Secretary(huaiying), s.City.Secretary(wangta)
		session := planned(t, s, 3*time.Hour, accepted(t, s, "楼道小事", "CONSULT"))
		refused(t, "screen.gone")(s.ScreenSees(ctx, ""))
		refused(t, "screen.gone")(s.ScreenSees(ctx, "made-up"))
		late := must[*models.NewScreen](t)(s.AskScreen(ctx))
		if v := shown(t, s, late.Token); v.State != models.ScreenWaiting || !v.Until.Equal(late.Until) || v.Title != "" {
			t.Errorf("waiting, it shows %+v", v)
		}
		s.Clock.Pass(models.ScreenCodeFor)
		refused(t, "screen.wrong")(s.PairScreen(ctx, desk, session, late.Code))
		refused(t, "screen.gone")(s.ScreenSees(ctx, late.Token))

		one := must[*models.NewScreen](t)(s.AskScreen(ctx))
		if len(one.Code) != 6 || len(one.Token) < 40 {
			t.Errorf("it was told %+v", one)
		}
		refused(t, "session.unknown")(s.PairScreen(ctx, next, session, one.Code))
		refused(t, "deed.forbidden")(s.PairScreen(ctx, someone(s, 1), session, one.Code))
		typed := " " + one.Code[:3] + " " + one.Code[3:]
		screen := must[*models.Screen](t)(s.PairScreen(ctx, desk, session, typed))
		refused(t, "screen.wrong")(s.PairScreen(ctx, desk, session, one.Code))
		if v := shown(t, s, one.Token); v.State != models.ScreenBefore || v.Title != "楼道小事" || v.Point == "" || v.Code != nil || len(v.Agenda) != 1 || v.Agenda[0].Current {
			t.Errorf("before the session it shows %+v", v)
		}
		s.Clock.Pass(2 * time.Hour) // the doors are open
		if v := shown(t, s, one.Token); v.State != models.ScreenBefore || v.Code == nil || v.Code.Code != must[*models.SiteCode](t)(s.SessionCode(ctx, desk, session)).Code {
			t.Errorf("with its doors open it shows %+v", v)
		}
		if rows := must[[]models.Screen](t)(s.Screens(ctx, desk, session)); len(rows) != 1 || rows[0].ID != screen.ID || rows[0].PairedAt == nil {
			t.Errorf("paired are %+v", rows)
		}
		refused(t, "screen.unknown")(s.EndScreen(ctx, next, screen.ID))
		must[models.None](t)(s.EndScreen(ctx, desk, screen.ID))
		refused(t, "screen.gone")(s.ScreenSees(ctx, one.Token))
		leaving := paired(t, s, session)
		must[models.None](t)(s.LeaveScreen(ctx, leaving))
		refused(t, "screen.gone")(s.LeaveScreen(ctx, leaving))

		guess := s.City.Officer(rules.Street, tengxiang)
		two := must[*models.NewScreen](t)(s.AskScreen(ctx))
		for range models.ScreenTries {
			refused(t, "screen.wrong")(s.PairScreen(ctx, guess, session, "12345"))
		}
		refused(t, "screen.tries")(s.PairScreen(ctx, guess, session, two.Code))
		must[*models.Session](t)(s.CancelSession(ctx, desk, session, "下雨"))
		refused(t, "session.state")(s.PairScreen(ctx, desk, session, two.Code))
	})
}

// TestPairingAtOnce enters one code for two sessions at the same moment: it works
// for one of them.
func TestPairingAtOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		desks := [2]models.Actor{s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)}
		sessions := [2]int64{planned(t, s, time.Hour, accepted(t, s, "楼道小事", "CONSULT")), planned(t, s, time.Hour, accepted(t, s, "长椅修一修", "CONSULT"))}
		for range models.ScreenTries {
			asked := must[*models.NewScreen](t)(s.AskScreen(t.Context()))
			errs := together(t.Context(), func(ctx context.Context, i int) error {
				_, err := s.PairScreen(ctx, desks[i], sessions[i], asked.Code)
				return err
			})
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("both were told %v", errs)
			}
		}
	})
}

// TestWaitingScreens bounds how many screens may wait for their code to be entered.
func TestWaitingScreens(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	for range models.ScreensWait {
		must[*models.NewScreen](t)(s.AskScreen(t.Context()))
	}
	refused(t, "screen.many")(s.AskScreen(t.Context()))
	s.Clock.Pass(models.ScreenCodeFor)
	must[*models.NewScreen](t)(s.AskScreen(t.Context()))
	must[int](t)(s.SweepLogins(t.Context()))
}

// TestScreen follows a session on its screen, from the code by which people check
// in to the verdict, and until twelve hours after.
func TestScreen(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		first, second := accepted(t, s, "垃圾桶挪一挪", "CONSULT"), accepted(t, s, "长椅修一修", "CONSULT")
		session := planned(t, s, 0, first, second)
		must[*models.Session](t)(s.OpenSession(ctx, desk, session))
		token := paired(t, s, session)
		v := shown(t, s, token)
		if v.State != models.ScreenOpen || v.Code == nil || v.Quorum.Present != 0 || v.Quorum.Need != 3 || !v.Agenda[0].Current || v.Agenda[1].Current || len(v.Polls) != 0 {
			t.Errorf("open, it shows %+v", v)
		}
		must[*models.Presence](t)(s.CheckIn(ctx, someone(s, 1), session, 0, v.Code.Code))
		for n := 2; n <= 4; n++ {
			come(t, s, session, n)
		}
		hand := must[*models.Speaker](t)(s.AskFloor(ctx, someone(s, 1), session, second, rules.StanceAgainst)).ID
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, hand, models.Floor{Seconds: 60}))
		v = shown(t, s, token)
		if v.Speaker == nil || v.Speaker.Stance != rules.StanceAgainst || v.Speaker.Part != rules.PartResident || !v.Speaker.Until.Equal(s.Clock.Now().Add(time.Minute)) || !v.Agenda[1].Current {
			t.Errorf("while somebody speaks it shows %+v, %+v", v.Speaker, v.Agenda)
		}
		if len(v.Represented) != 1 || v.Represented[0] != (models.Represented{Part: rules.PartResident, N: 4}) || v.Quorum.Present != 4 {
			t.Errorf("there are %+v, %+v", v.Represented, v.Quorum)
		}
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: first, Question: "挪吗?"}))
		must[*models.Ballot](t)(s.CastBallot(ctx, someone(s, 2), poll.ID, "", rules.Yes))
		v = shown(t, s, token)
		p := v.Polls[0]
		if !v.Agenda[0].Current || p.Question != "挪吗?" || p.Cast != 1 || p.Due != 4 || p.Rule != "need.yesno" || p.Params["need_yes"] != int64(3) || p.Marks != nil || p.Verdict != nil || p.Reason != "" {
			t.Errorf("while a poll is open it shows %+v", p)
		}
		before, after := body(t, v), body(t, shown(t, s, token))
		if before != after {
			t.Errorf("nothing has happened, and it shows\n%s\n%s", before, after)
		}
		for _, n := range []int{1, 3} {
			must[*models.Ballot](t)(s.CastBallot(ctx, someone(s, n), poll.ID, "", rules.Yes))
		}
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		if p := shown(t, s, token).Polls[0]; p.Verdict == nil || p.Verdict.Count.Yes != 3 || p.Reason != "verdict.passed" || p.Sealed {
			t.Errorf("of the verdict it shows %+v", p)
		}
		seal(t, s)
		if p := shown(t, s, token).Polls[0]; !p.Sealed {
			t.Error("the board is sealed, and it shows no checkpoint")
		}
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, first, rules.TopicAgreed, "挪到拐角"))
		must[*models.Order](t)(s.MakeCommitment(ctx, desk, session, first, s.Org(urban), "挪桶", s.Clock.Now().AddDate(0, 0, 9)))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, second, rules.TopicNoConsensus, "两边都不让"))
		must[*models.Session](t)(s.CloseSession(ctx, desk, session))
		s.Clock.Pass(models.ScreenAfter - time.Second)
		if v := shown(t, s, token); v.State != models.ScreenClosed || v.Code != nil || v.Speaker != nil || v.Agenda[0].Result != rules.TopicAgreed || v.Agenda[0].Current {
			t.Errorf("closed, it shows %+v", v)
		}
		s.Clock.Pass(time.Second)
		refused(t, "screen.gone")(s.ScreenSees(ctx, token))
	})
}

func body(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestScreenNamesNobody puts names, numbers and addresses wherever a session has
// any, and looks for them on its screen at every turn.
func TestScreenNamesNobody(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, watch := s.City.Secretary(huaiying), someone(s, 1), s.City.Officer(rules.Supervisor, huaiying)
		const canary, phone = "金丝雀", "13912345678"
		canaries := []string{canary, phone}
		for name := range s.City.Residents {
			canaries = append(canaries, strings.TrimSuffix(name, "(示例)"))
		}
		must[models.None](t)(s.Introduce(ctx, me, canary+"甲", phone))
		must[*models.RollDiff](t)(s.ImportHouseholds(ctx, desk, s.Org(huaiying), "canary", []models.HouseholdRow{{Org: huaiying, Number: "7-7-707", Address: canary + "路7号", Head: canary + "乙", Area: 900_000}}))
		topic := accepted(t, s, "垃圾桶挪一挪", "DOOR")
		session := must[*models.Session](t)(s.CreateSession(ctx, desk, models.NewSession{
			OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 2, Topics: []int64{topic}, SupervisorID: watch.PersonID,
		})).ID
		must[*models.Invitation](t)(s.Invite(ctx, desk, session, 0, me.PersonID, canary))
		token := paired(t, s, session)
		look := func(when string) {
			t.Helper()
			told := body(t, shown(t, s, token))
			for _, c := range canaries {
				if strings.Contains(told, c) {
					t.Errorf("%s the screen tells %s: %s", when, c, told)
				}
			}
		}
		look("before")
		must[*models.Session](t)(s.OpenSession(ctx, desk, session))
		come(t, s, session, 1)
		must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, session, models.Helped{Name: canary + "丙", Household: "7-7-707", Consent: canary + "," + phone}))
		must[*models.Presence](t)(s.ConfirmPresence(ctx, desk, session, models.Helped{Name: canary + "丁", Consent: canary}))
		look("with people there")
		hand := must[*models.Speaker](t)(s.NoteSpeaker(ctx, desk, session, models.NewSpeaker{TopicID: topic, Name: canary + "丙", Stance: rules.StanceFor})).ID
		must[*models.Speaker](t)(s.GiveFloor(ctx, desk, hand, models.Floor{}))
		look("while somebody speaks")
		must[*models.MinutesText](t)(s.KeepMinutes(ctx, desk, session, topic, 0, canary+"丙说"+phone))
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "挪吗?"}))
		mine := must[*models.PollView](t)(s.Poll(ctx, me, poll.ID)).Units
		if len(mine) == 0 {
			t.Fatal("nobody can vote here")
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, me, poll.ID, mine[0], rules.Yes))
		canaries = append(canaries, fmt.Sprintf("%q", mine[0]))
		look("while a poll is open")
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		must[*models.Remark](t)(s.RemarkSession(ctx, watch, session, canary+"在场"))
		look("after the poll")
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session, topic, rules.TopicNoConsensus, canary+"不同意"))
		must[*models.Session](t)(s.CloseSession(ctx, desk, session))
		look("after the session")
	})
}
