package models_test

import (
	"slices"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// accepted brings a matter to acceptance under a rule pack.
func accepted(t *testing.T, s *forumtest.Stage, text, pack string) int64 {
	t.Helper()
	id := raised(t, s, someone(s, 1), text)
	must[*models.Topic](t)(s.AcceptTopic(t.Context(), s.City.Secretary(huaiying), id, models.Acceptance{Item: "3.02", Pack: pack}))
	return id
}

func planned(t *testing.T, s *forumtest.Stage, in time.Duration, topics ...int64) int64 {
	t.Helper()
	return must[*models.Session](t)(s.CreateSession(t.Context(), s.City.Secretary(huaiying), models.NewSession{
		OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now().Add(in), Due: 4, Topics: topics,
	})).ID
}

// TestSessions takes sessions through notice, postponement, adjournment and
// closing.
func TestSessions(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me := s.City.Secretary(huaiying), someone(s, 1)
		refused(t, "session.agenda")(s.CreateSession(ctx, desk, models.NewSession{OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Title: "空"}))
		fresh := raised(t, s, me, "还没受理的事")
		refused(t, "session.topic")(s.CreateSession(ctx, desk, models.NewSession{OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{fresh}}))
		refused(t, "point.unknown")(s.CreateSession(ctx, desk, models.NewSession{OrgID: s.Org(huaiying), PointID: s.City.Points["wt-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{fresh}}))

		topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
		id := planned(t, s, 24*time.Hour, topic)
		refused(t, "session.unknown")(s.Session(ctx, me, id)) // a plan is the desk's
		refused(t, "session.notice")(s.AnnounceSession(ctx, desk, id, ""))
		refused(t, "session.twice")(s.CreateSession(ctx, desk, models.NewSession{OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{topic}}))
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, "台风前必须定下来"))
		invitation := must[*models.Invitation](t)(s.Invite(ctx, desk, id, s.Org(urban), 0, "责任部门"))
		refused(t, "invitation.twice")(s.Invite(ctx, desk, id, s.Org(urban), 0, "责任部门"))
		must[*models.Invitation](t)(s.ReplyInvitation(ctx, s.City.Officer(rules.Handler, urban), invitation.ID, true, "派两人"))
		refused(t, "invitation.unknown")(s.ReplyInvitation(ctx, me, invitation.ID, true, ""))

		must[*models.Session](t)(s.PostponeSession(ctx, desk, id, s.Clock.Now().AddDate(0, 0, 4), "台风", ""))
		s.Clock.Pass(24 * time.Hour)
		refused(t, "session.early")(s.OpenSession(ctx, desk, id))
		refused(t, "session.doors")(s.CheckIn(ctx, me, id, 0, "123456"))
		s.Clock.Pass(3 * 24 * time.Hour)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		refused(t, "session.quorum")(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: id, TopicID: topic, Question: "挪吗?"}))
		must[*models.Session](t)(s.AdjournSession(ctx, desk, id, "人不够"))
		if got := stateOf(t, s, me, topic); got != rules.TopicAnnounced {
			t.Errorf("after the adjournment the topic is %s", got)
		}
		must[*models.Session](t)(s.PostponeSession(ctx, desk, id, s.Clock.Now().AddDate(0, 0, 4), "台风", ""))
		s.Clock.Pass(4 * 24 * time.Hour)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		refused(t, "session.outcome")(s.CloseSession(ctx, desk, id))
		refused(t, "commitment.agreed")(s.MakeCommitment(ctx, desk, id, topic, s.Org(urban), "挪", s.Clock.Now().AddDate(0, 0, 9)))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, id, topic, rules.TopicAgreed, "挪到拐角"))
		refused(t, "session.commitment")(s.CloseSession(ctx, desk, id))
		must[*models.Order](t)(s.MakeCommitment(ctx, desk, id, topic, s.Org(urban), "挪", s.Clock.Now().AddDate(0, 0, 9)))
		refused(t, "topic.session")(s.PublishTopic(ctx, desk, topic, "结果"))
		must[*models.Session](t)(s.CloseSession(ctx, desk, id))
		refused(t, "session.state")(s.CloseSession(ctx, desk, id))
		v := must[*models.SessionView](t)(s.Session(ctx, me, id))
		if len(v.Outcomes) != 1 || v.Outcomes[0].TopicID != topic || v.Outcomes[0].Words != "挪到拐角" || v.Outcomes[0].Result != rules.TopicAgreed {
			t.Errorf("it came to %+v", v.Outcomes)
		}
		want := models.Commitment{OrderID: 1, TopicID: topic, OrgID: s.Org(urban), Org: s.City.Orgs[urban].Name, What: "挪", PromisedAt: s.Clock.Now().AddDate(0, 0, 9)}
		if len(v.Commitments) != 1 || v.Commitments[0] != want {
			t.Errorf("promised is %+v, want %+v", v.Commitments, want)
		}
	})
}

// TestNoConsensus is an honest no, another round, and the way to the street.
func TestNoConsensus(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, street, me := s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang), someone(s, 1)
		topic := accepted(t, s, "广场舞几点停", "CONSULT")
		for round := range 2 {
			id := planned(t, s, 4*24*time.Hour, topic)
			must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
			s.Clock.Pass(4 * 24 * time.Hour)
			must[*models.Session](t)(s.OpenSession(ctx, desk, id))
			must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, id, topic, rules.TopicNoConsensus, "两边都不让"))
			must[*models.Session](t)(s.CloseSession(ctx, desk, id))
			if v := must[*models.TopicView](t)(s.Topic(ctx, me, topic)); v.Rounds != round {
				t.Errorf("round %d is counted as %d", round, v.Rounds)
			}
		}
		must[*models.Topic](t)(s.EscalateTopic(ctx, desk, topic, "谈不拢"))
		refused(t, "deed.forbidden")(s.DecideTopic(ctx, desk, topic, "我来定", nil))
		must[*models.Topic](t)(s.ExplainTopic(ctx, street, topic, "按噪声条例执行,不再协商"))
		if got := stateOf(t, s, me, topic); got != rules.TopicClosed {
			t.Errorf("state %s", got)
		}
	})
}

// TestQuickTrack goes from acceptance straight to the meeting where the rules
// let it.
func TestQuickTrack(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		slow := planned(t, s, 0, accepted(t, s, "小区大事", "CONSULT23"))
		refused(t, "topic.quick")(s.OpenSession(ctx, desk, slow))
		must[*models.Session](t)(s.OpenSession(ctx, desk, planned(t, s, 0, accepted(t, s, "楼道小事", "CONSULT"))))
		study := accepted(t, s, "居民会议的事", "RES")
		id := planned(t, s, 20*24*time.Hour, study)
		refused(t, "topic.study")(s.AnnounceSession(ctx, desk, id, ""))
		must[*models.Topic](t)(s.StudyTopic(ctx, desk, study, false, "提交党组织研究"))
		must[*models.Topic](t)(s.StudyTopic(ctx, desk, study, true, "同意"))
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
	})
}

// TestAdjournedHalfway decides one of two topics before the adjournment: its
// order starts, it can be published, and the other waits for the next date.
func TestAdjournedHalfway(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		a, b, c := accepted(t, s, "垃圾桶挪一挪", "CONSULT"), accepted(t, s, "广场舞几点停", "CONSULT"), accepted(t, s, "长椅修一修", "CONSULT")
		id := planned(t, s, 4*24*time.Hour, a, b, c)
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
		s.Clock.Pass(4 * 24 * time.Hour)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, id, a, rules.TopicAgreed, "挪到拐角"))
		refused(t, "topic.state")(s.RecordOutcome(ctx, desk, id, a, rules.TopicNoConsensus, "反悔了"))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, id, c, rules.TopicNoConsensus, "两边都不让"))
		refused(t, "topic.session")(s.SuspendTopic(ctx, desk, a, "先等等", s.Clock.Now().AddDate(0, 1, 0)))
		refused(t, "topic.session")(s.EscalateTopic(ctx, desk, c, "谈不拢"))
		refused(t, "session.commitment")(s.AdjournSession(ctx, desk, id, "天黑了"))
		order := must[*models.Order](t)(s.MakeCommitment(ctx, desk, id, a, s.Org(urban), "挪", s.Clock.Now().AddDate(0, 0, 9)))
		must[*models.Session](t)(s.AdjournSession(ctx, desk, id, "天黑了"))
		must[*models.Order](t)(s.SignOrder(ctx, s.City.Officer(rules.Handler, urban), order.ID))
		must[*models.Publication](t)(s.PublishTopic(ctx, desk, a, "挪到拐角"))

		again := planned(t, s, 9*24*time.Hour, c) // another round, without the others
		must[*models.Session](t)(s.PostponeSession(ctx, desk, id, s.Clock.Now().AddDate(0, 0, 4), "台风", ""))
		s.Clock.Pass(4 * 24 * time.Hour)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		for topic, want := range map[int64]rules.State{a: rules.TopicImplementing, b: rules.TopicMeeting, c: rules.TopicNoConsensus} {
			if got := stateOf(t, s, desk, topic); got != want {
				t.Errorf("when it goes on, topic %d is %s, want %s", topic, got, want)
			}
		}
		refused(t, "topic.unknown")(s.RecordOutcome(ctx, desk, id, c, rules.TopicAgreed, "忽然同意"))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, desk, id, b, rules.TopicNoConsensus, "还是不让"))
		refused(t, "session.decided")(s.AdjournSession(ctx, desk, id, "天又黑了"))
		must[*models.Session](t)(s.CloseSession(ctx, desk, id))
		if v := must[*models.SessionView](t)(s.Session(ctx, models.Actor{}, id)); len(v.Topics) != 3 {
			t.Errorf("its page shows %d topics of three", len(v.Topics))
		}
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, again, ""))
	})
}

// TestFromBelow puts a matter of a community before the street, where it was
// accepted at its level, and before nobody else.
func TestFromBelow(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, street := t.Context(), s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
		must[int](t)(s.ImportOrgs(ctx, models.Operator, []models.OrgRow{
			{Code: "YD-YS-XX", Parent: "YD-YS", Kind: models.OrgStreet, Name: "别的街道(示例)"},
		}))
		for _, o := range must[[]models.Org](t)(s.Orgs(ctx, models.Operator)) {
			s.City.Orgs[o.Code] = o
		}
		session := func(org, point string, topic int64) (*models.Session, error) {
			return s.CreateSession(ctx, street, models.NewSession{OrgID: s.Org(org), PointID: s.City.Points[point].ID, StartsAt: s.Clock.Now().Add(20 * time.Minute), Due: 1, Topics: []int64{topic}})
		}
		accept := func(who models.Actor, level string) int64 {
			t.Helper()
			id := must[*models.Raised](t)(s.RaiseTopicFor(ctx, desk, models.NewTopic{OrgID: s.Org(huaiying), Text: "夜市油烟太大,商户一起装净化器"}, models.Helped{Name: "某某(示例)", Consent: "当面说的"})).Topic.ID
			must[int](t)(s.TakeUpTopics(ctx, 10))
			must[*models.Topic](t)(s.AcceptTopic(ctx, who, id, models.Acceptance{Item: "3.06", Level: level, Pack: "CONSULT"}))
			return id
		}
		refused(t, "topic.unknown")(session(tengxiang, "tx-street", accept(desk, rules.LevelCommunity)))
		above := accept(street, rules.LevelStreet)
		refused(t, "topic.unknown")(session(wangta, "wt-hall", above))
		for _, org := range []string{"YD-YS-XX", "YD-YS"} {
			point := must[*models.Point](t)(s.MakePoint(ctx, models.Operator, models.NewPoint{OrgID: s.Org(org), Name: "别处(示例)", Kind: models.PointFixed, Stops: []models.Stop{{Weekday: 1, Begins: "19:00", Ends: "21:00", Address: "一楼(示例)"}}}))
			refused(t, "topic.unknown")(s.CreateSession(ctx, models.Operator, models.NewSession{OrgID: s.Org(org), PointID: point.ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{above}}))
		}
		m := must[*models.Session](t)(session(tengxiang, "tx-street", above))
		must[*models.Session](t)(s.AnnounceSession(ctx, street, m.ID, "夜市这周就开"))
		must[*models.Session](t)(s.OpenSession(ctx, street, m.ID))
		must[*models.Outcome](t)(s.RecordOutcome(ctx, street, m.ID, above, rules.TopicAgreed, "一起装"))
		must[*models.Order](t)(s.MakeCommitment(ctx, street, m.ID, above, s.Org(urban), "验收", s.Clock.Now().AddDate(0, 0, 20)))
		must[*models.Session](t)(s.CloseSession(ctx, street, m.ID))
		if v := must[*models.TopicView](t)(s.Topic(ctx, desk, above)); v.State != rules.TopicAgreed || v.OrgID != s.Org(huaiying) {
			t.Errorf("the matter is %s at %d", v.State, v.OrgID)
		}
	})
}

// TestOffTheAgenda puts topics aside that stand on an agenda: the others are not
// held up, and those who were told to come are told not to.
func TestOffTheAgenda(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, friend := s.City.Secretary(huaiying), someone(s, 1), someone(s, 2)
		later := s.Clock.Now().AddDate(0, 1, 0)
		a, b, c := accepted(t, s, "垃圾桶挪一挪", "CONSULT"), accepted(t, s, "广场舞几点停", "CONSULT"), accepted(t, s, "长椅修一修", "CONSULT")
		must[int64](t)(s.CosignTopic(ctx, friend, b))
		id := planned(t, s, 4*24*time.Hour, a, b, c)
		must[*models.Topic](t)(s.SuspendTopic(ctx, desk, a, "等图纸", later))
		must[*models.Topic](t)(s.WithdrawTopic(ctx, me, c))
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
		if n := told(t, s, friend, "notice.topic_announce"); n != 1 {
			t.Errorf("told %d times of the session", n)
		}
		must[*models.Topic](t)(s.SuspendTopic(ctx, desk, b, "当事人住院", later))
		if n := told(t, s, friend, "notice.topic_call_off"); n != 1 {
			t.Errorf("told %d times that it is off", n)
		}
		refused(t, "session.empty")(s.PostponeSession(ctx, desk, id, later, "台风", ""))
		for _, topic := range []int64{a, b} {
			must[*models.Topic](t)(s.ResumeTopic(ctx, desk, topic))
			if got := stateOf(t, s, desk, topic); got != rules.TopicAccepted {
				t.Errorf("resumed as %s", got)
			}
		}
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, planned(t, s, 4*24*time.Hour, a, b), ""))
	})
}

// TestCancelSession gives sessions up: their topics wait for another one, and
// everybody who was told of them is told why.
func TestCancelSession(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, handler := s.City.Secretary(huaiying), someone(s, 1), s.City.Officer(rules.Handler, urban)
		topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
		plan := planned(t, s, 4*24*time.Hour, topic)
		refused(t, "text.empty")(s.CancelSession(ctx, desk, plan, " "))
		must[*models.Session](t)(s.CancelSession(ctx, desk, plan, "场地不行"))
		refused(t, "session.unknown")(s.Session(ctx, me, plan)) // nobody was told of it
		if n := told(t, s, me, "notice.topic_call_off"); n != 0 {
			t.Errorf("told %d times that a plan is off", n)
		}
		id := planned(t, s, 4*24*time.Hour, topic)
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
		must[*models.Invitation](t)(s.Invite(ctx, desk, id, s.Org(urban), 0, "责任部门"))
		must[*models.Session](t)(s.CancelSession(ctx, desk, id, "台风"))
		if v := must[*models.SessionView](t)(s.Session(ctx, me, id)); v.State != models.SessionCancelled || v.Reason != "台风" {
			t.Errorf("its page says %s, %q", v.State, v.Reason)
		}
		if got := stateOf(t, s, me, topic); got != rules.TopicAccepted {
			t.Errorf("its topic is %s", got)
		}
		if n := told(t, s, me, "notice.topic_call_off") + told(t, s, handler, "notice.session_cancelled"); n != 2 {
			t.Errorf("%d of two were told", n)
		}
		for _, deed := range []func() (*models.Session, error){
			func() (*models.Session, error) { return s.CancelSession(ctx, desk, id, "再取消") },
			func() (*models.Session, error) { return s.AnnounceSession(ctx, desk, id, "") },
			func() (*models.Session, error) { return s.OpenSession(ctx, desk, id) },
		} {
			refused(t, "session.state")(deed())
		}
		refused(t, "session.state")(s.Invite(ctx, desk, id, s.Org(tengxiang), 0, "列席"))
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, planned(t, s, 4*24*time.Hour, topic), ""))
	})
}

// TestPostponed tells everybody why a session has another date, those too who
// had declined the first one. The timeline keeps every reason.
func TestPostponed(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, handler := s.City.Secretary(huaiying), someone(s, 1), s.City.Officer(rules.Handler, urban)
		topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
		id := planned(t, s, day, topic)
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, "水管等不了"))
		invitation := must[*models.Invitation](t)(s.Invite(ctx, desk, id, s.Org(urban), 0, "责任部门"))
		must[*models.Invitation](t)(s.ReplyInvitation(ctx, handler, invitation.ID, false, "那天有检查"))
		refused(t, "text.empty")(s.PostponeSession(ctx, desk, id, s.Clock.Now().Add(4*day), "", ""))
		must[*models.Session](t)(s.PostponeSession(ctx, desk, id, s.Clock.Now().Add(4*day), "停电", ""))
		for name, who := range map[string]models.Actor{"raiser": me, "who declined": handler} {
			if n := told(t, s, who, "notice.topic_postpone"); n != 1 {
				t.Errorf("the %s was told %d times", name, n)
			}
		}
		if notices := must[models.Page[models.Notice]](t)(s.Notices(ctx, me, 0, 1)); notices.Items[0].Data["reason"] != "停电" {
			t.Errorf("the reason is not told: %+v", notices.Items[0])
		}
		var said []string
		for _, hop := range must[[]models.Hop](t)(s.Timeline(ctx, models.Actor{}, topic)) {
			if hop.Event == rules.OnAnnounce || hop.Event == rules.OnPostpone {
				said = append(said, hop.Words)
			}
		}
		if want := []string{"水管等不了", "停电"}; !slices.Equal(said, want) {
			t.Errorf("the timeline says %q, want %q", said, want)
		}
	})
}

// TestInvitations shows the desk who replied, everybody else only which orgs
// did, and those who are asked to what.
func TestInvitations(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, handler := s.City.Secretary(huaiying), someone(s, 2), s.City.Officer(rules.Handler, urban)
		id := planned(t, s, 4*day, accepted(t, s, "垃圾桶挪一挪", "CONSULT"))
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
		person := must[*models.Invitation](t)(s.Invite(ctx, desk, id, 0, me.PersonID, "利益相关方"))
		must[*models.Invitation](t)(s.Invite(ctx, desk, id, s.Org(urban), 0, "责任部门"))
		must[*models.Invitation](t)(s.ReplyInvitation(ctx, me, person.ID, false, "住院了"))
		type seen struct{ name, reply, words string }
		look := func(who models.Actor) (out []seen) {
			for _, i := range must[*models.SessionView](t)(s.Session(ctx, who, id)).Invitations {
				out = append(out, seen{i.Name, i.Reply, i.Words})
			}
			return out
		}
		name := must[*models.Me](t)(s.Me(ctx, me)).Person.Name
		org := seen{s.City.Orgs[urban].Name, "", ""}
		if got, want := look(desk), []seen{{name, "no", "住院了"}, org}; !slices.Equal(got, want) {
			t.Errorf("the desk sees %v, want %v", got, want)
		}
		if got, want := look(someone(s, 3)), []seen{{"", "no", ""}, org}; !slices.Equal(got, want) {
			t.Errorf("a neighbour sees %v, want %v", got, want)
		}
		for who, want := range map[models.Actor]int{me: 1, handler: 1, someone(s, 3): 0} {
			if got := must[[]models.MyInvitation](t)(s.MyInvitations(ctx, who)); len(got) != want || want == 1 && (got[0].Point == "" || got[0].Title == "" || got[0].StartsAt.IsZero()) {
				t.Errorf("asked to %+v, want %d", got, want)
			}
		}
		must[*models.Session](t)(s.CancelSession(ctx, desk, id, "台风"))
		if got := must[[]models.MyInvitation](t)(s.MyInvitations(ctx, me)); len(got) != 0 {
			t.Errorf("still asked to %+v", got)
		}
	})
}

// TestTheSoonestComesFirst pages through sessions that were planned in another
// order than they are held in.
func TestTheSoonestComesFirst(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		desk := s.City.Secretary(huaiying)
		far := planned(t, s, 9*day, accepted(t, s, "垃圾桶挪一挪", "CONSULT"))
		near := planned(t, s, 2*day, accepted(t, s, "广场舞几点停", "CONSULT"))
		twin := planned(t, s, 9*day, accepted(t, s, "长椅修一修", "CONSULT"))
		planned(t, s, -day, accepted(t, s, "台阶补一补", "CONSULT")) // over by then
		var got []int64
		for after := int64(0); ; {
			page := must[models.Page[models.Session]](t)(s.Sessions(t.Context(), desk, s.Org(huaiying), s.Clock.Now(), after, 1))
			for _, x := range page.Items {
				got = append(got, x.ID)
			}
			if after = page.Next; after == 0 {
				break
			}
		}
		if want := []int64{near, far, twin}; !slices.Equal(got, want) {
			t.Errorf("sessions %v, want %v", got, want)
		}
	})
}

// TestSupervision tells the supervisor of a session, shows who it is, and keeps
// what they have to say.
func TestSupervision(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, watch := s.City.Secretary(huaiying), s.City.Officer(rules.Supervisor, huaiying)
		topic := accepted(t, s, "垃圾桶挪一挪", "CONSULT")
		id := must[*models.Session](t)(s.CreateSession(ctx, desk, models.NewSession{
			OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now().Add(4 * day), Due: 4, Topics: []int64{topic}, SupervisorID: watch.PersonID,
		})).ID
		must[*models.Session](t)(s.AnnounceSession(ctx, desk, id, ""))
		if n := told(t, s, watch, "notice.supervise") + told(t, s, watch, "notice.topic_announce"); n != 2 {
			t.Errorf("the supervisor got %d of two notices", n)
		}
		refused(t, "session.state")(s.RemarkSession(ctx, watch, id, "还没开始"))
		s.Clock.Pass(4 * day)
		must[*models.Session](t)(s.OpenSession(ctx, desk, id))
		r := must[*models.Remark](t)(s.RemarkSession(ctx, watch, id, "按程序开的"))
		pass(t, s, rules.ScreenedRemark, r.ID)
		refused(t, "text.empty")(s.RemarkSession(ctx, watch, id, " "))
		refused(t, "deed.forbidden")(s.RemarkSession(ctx, desk, id, "我自己也监督"))
		v := must[*models.SessionView](t)(s.Session(ctx, models.Actor{}, id))
		if len(v.Remarks) != 1 || v.Remarks[0].Words != "按程序开的" || v.Remarks[0].Name != v.Supervisor || v.Supervisor == "" {
			t.Errorf("supervised by %q, who says %+v", v.Supervisor, v.Remarks)
		}
		if n := told(t, s, desk, "notice.remarked"); n != 1 {
			t.Errorf("the chair was told %d times", n)
		}
	})
}

// told counts the notices of a kind that somebody got.
func told(t *testing.T, s *forumtest.Stage, who models.Actor, code string) int {
	t.Helper()
	n := 0
	for _, notice := range must[models.Page[models.Notice]](t)(s.Notices(t.Context(), who, 0, models.MaxPageSize)).Items {
		if notice.Code == code {
			n++
		}
	}
	return n
}
