package models_test

import (
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// The communities, the street and a department of the sample city.
const (
	huaiying  = "YD-YS-TX-HY"
	wangta    = "YD-YS-TX-WT"
	tengxiang = "YD-YS-TX"
	urban     = "YD-YS-urban"
)

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// raised raises a matter in our community and brings it to triage.
func raised(t *testing.T, s *forumtest.Stage, who models.Actor, text string) int64 {
	t.Helper()
	r := must[*models.Raised](t)(s.RaiseTopic(t.Context(), who, models.NewTopic{OrgID: s.Org(huaiying), Text: text}))
	must[int](t)(s.TakeUpTopics(t.Context(), 100))
	return r.Topic.ID
}

// TestOneMatterAllTheWay plays a matter from its raising to the casebook.
func TestOneMatterAllTheWay(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		var people []models.Actor
		for _, r := range s.City.Sample.Residents {
			if r.Org == huaiying {
				people = append(people, s.City.Residents[r.Name])
			}
		}
		desk, raiser := s.City.Secretary(huaiying), people[0]
		id := raised(t, s, raiser, "垃圾桶正对着一楼窗户,请挪一挪。味道很大")
		must[*models.Topic](t)(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
		for _, p := range people[1:] {
			must[int64](t)(s.CosignTopic(ctx, p, id))
		}
		session := must[*models.Session](t)(s.CreateSession(ctx, desk, models.NewSession{
			OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now().AddDate(0, 0, 7),
			Due: int64(len(people)), Topics: []int64{id},
		}))
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, session.ID, ""))
		s.Clock.Pass(7 * 24 * time.Hour)
		for _, p := range people {
			code := must[*models.SiteCode](t)(s.SessionCode(ctx, desk, session.ID))
			must[*models.Presence](t)(s.CheckIn(ctx, p, session.ID, 0, code.Code))
		}
		must[*models.Session](t)(s.OpenSession(ctx, desk, session.ID))
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session.ID, TopicID: id, Question: "挪到围墙拐角?"}))
		for _, p := range people {
			must[*models.Ballot](t)(s.CastBallot(ctx, p, poll.ID, "", rules.Yes))
		}
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		if closed.Verdict.Result != rules.ResultPassed || closed.Verdict.Count.Yes != int64(len(people)) {
			t.Fatalf("verdict %+v", closed.Verdict)
		}
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, session.ID, id, rules.TopicAgreed, "挪到围墙拐角"))
		order := must[*models.Order](t)(s.MakeCommitment(ctx, desk, session.ID, id, s.Org(urban), "移位并硬化地面", s.Clock.Now().AddDate(0, 0, 10)))
		must[*models.Session](t)(s.CloseSession(ctx, desk, session.ID))
		must[*models.Publication](t)(s.PublishTopic(ctx, desk, id, "协商结果:垃圾桶挪到围墙拐角"))
		handler := s.City.Officer(rules.Handler, urban)
		must[*models.Order](t)(s.SignOrder(ctx, handler, order.ID))
		must[*models.Order](t)(s.FinishOrder(ctx, handler, order.ID, "已移位"))
		s.Clock.Pass(16 * 24 * time.Hour)
		must[int](t)(s.EndPublications(ctx, 10))
		for _, v := range must[[]models.TopicView](t)(s.MyConfirmations(ctx, raiser)) {
			must[*models.Topic](t)(s.ConfirmTopic(ctx, raiser, v.ID, true, "好了"))
		}
		for range 4 {
			s.Clock.Pass(16 * 24 * time.Hour)
			must[int](t)(s.RemindConfirmations(ctx, 10))
		}
		for _, id := range must[[]int64](t)(s.TopicsToArchive(ctx, 0, 10)) {
			must[*models.Case](t)(s.ArchiveTopic(ctx, models.Clock, id, ""))
		}
		if got := must[*models.TopicView](t)(s.Topic(ctx, models.Actor{}, id)); got.State != rules.TopicArchived {
			hops := must[[]models.Hop](t)(s.Timeline(ctx, models.Actor{}, id))
			t.Fatalf("state %s after %+v", got.State, hops)
		}
		cases := must[models.Page[models.Case]](t)(s.Cases(ctx, models.Actor{}, "", 0, 0))
		if len(cases.Items) != 1 || cases.Items[0].Solved != 1 || cases.Items[0].Silent == 0 || cases.Items[0].Words != "挪到围墙拐角" {
			t.Errorf("casebook %+v", cases.Items)
		}
	})
}
