package models_test

import (
	"slices"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

func stateOf(t *testing.T, s *forumtest.Stage, who models.Actor, id int64) rules.State {
	t.Helper()
	return must[*models.TopicView](t)(s.Topic(t.Context(), who, id)).State
}

// TestTriage takes topics through every decision of the desk.
func TestTriage(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, street := s.City.Secretary(huaiying), s.City.Officer(rules.Street, tengxiang)
		me, friend, other := someone(s, 1), someone(s, 2), someone(s, 3)

		t.Run("more is asked and answered", func(t *testing.T) {
			id := raised(t, s, me, "灯坏了")
			must[*models.Topic](t)(s.AskTopic(ctx, desk, id, "哪一盏?"))
			refused(t, "topic.state")(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
			must[*models.Topic](t)(s.AnswerTopic(ctx, me, id, "二号楼门口,我住 101"))
			if got := stateOf(t, s, me, id); got != rules.TopicTriage {
				t.Errorf("state %s", got)
			}
			must[*models.Topic](t)(s.EditTopic(ctx, me, id, "", "二号楼门口的灯坏了", ""))
			must[*models.Topic](t)(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
			for who, want := range map[models.Actor]string{{}: "", other: "", me: "二号楼门口,我住 101", desk: "二号楼门口,我住 101"} {
				for _, hop := range must[[]models.Hop](t)(s.Timeline(ctx, who, id)) {
					if hop.Event == rules.OnAnswer && hop.Words != want {
						t.Errorf("the timeline shows the private answer as %q to %+v, want %q", hop.Words, who, want)
					}
				}
			}
			must[*models.Topic](t)(s.WithdrawTopic(ctx, me, id))
			refused(t, "topic.fixed")(s.EditTopic(ctx, me, id, "", "改", ""))
		})

		t.Run("other words are read again", func(t *testing.T) {
			id := accepted(t, s, "灯坏了", "CONSULT")
			session := planned(t, s, 0, id)
			photo := models.Photo{TopicID: id, File: "aa.jpg", Width: 1, Height: 1}
			refused(t, "photo.late")(s.AddPhoto(ctx, me, photo))
			refused(t, "photo.late")(models.None{}, s.MayAddPhoto(ctx, me, id))
			must[*models.Photo](t)(s.AddPhoto(ctx, desk, photo))
			must[*models.Topic](t)(s.EditTopic(ctx, me, id, "灯坏了", "灯坏了", ""))
			if got := stateOf(t, s, friend, id); got != rules.TopicAccepted {
				t.Errorf("the same words are read again: %s", got)
			}
			must[*models.Topic](t)(s.EditTopic(ctx, me, id, "买灯找我", "某某灯饰大减价", ""))
			refused(t, "topic.unknown")(s.Topic(ctx, friend, id))
			if got := stateOf(t, s, me, id); got != rules.TopicTriage {
				t.Errorf("other words are %s", got)
			}
			if n := told(t, s, desk, "notice.topic_edited"); n != 1 {
				t.Errorf("the desk was told %d times", n)
			}
			refused(t, "session.empty")(s.OpenSession(ctx, desk, session))
			photo.File = "bb.jpg"
			must[*models.Photo](t)(s.AddPhoto(ctx, me, photo))
			must[*models.Topic](t)(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
		})

		t.Run("merging keeps who joined", func(t *testing.T) {
			into := raised(t, s, me, "垃圾桶正对着窗户,味道很大")
			refused(t, "topic.unknown")(s.CosignTopic(ctx, friend, into)) // not reviewed yet
			must[*models.Topic](t)(s.AcceptTopic(ctx, desk, into, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
			refused(t, "cosign.own")(s.CosignTopic(ctx, me, into))
			must[int64](t)(s.CosignTopic(ctx, friend, into))
			refused(t, "cosign.twice")(s.CosignTopic(ctx, friend, into))
			alike := must[[]models.Likeness](t)(s.SimilarTopics(ctx, other, 0, "垃圾桶对着窗户味道大"))
			if len(alike) != 1 || alike[0].ID != into {
				t.Errorf("similar are %+v", alike)
			}
			twin := raised(t, s, other, "垃圾桶味道大")
			must[*models.Topic](t)(s.MergeTopic(ctx, desk, twin, into))
			if v := must[*models.TopicView](t)(s.Topic(ctx, me, into)); v.Cosigns != 2 {
				t.Errorf("%d have joined", v.Cosigns)
			}
			third := raised(t, s, friend, "还是垃圾桶")
			refused(t, "topic.merge")(s.MergeTopic(ctx, desk, third, twin))
		})

		t.Run("a refusal can be appealed once", func(t *testing.T) {
			id := raised(t, s, me, "楼上漏水")
			moved := must[*models.Topic](t)(s.RedirectTopic(ctx, desk, id, "N2", "", ""))
			if moved.NCode != "N2" {
				t.Errorf("code %s", moved.NCode)
			}
			if v := must[*models.TopicView](t)(s.TopicByReceipt(ctx, models.Actor{}, moved.Receipt)); v.Title != "" || v.State != rules.TopicRedirected {
				t.Errorf("the receipt shows a stranger %q, %s", v.Title, v.State)
			}
			must[*models.Appeal](t)(s.AppealTopic(ctx, me, id, "整栋楼都漏"))
			refused(t, "appeal.twice")(s.AppealTopic(ctx, me, id, "再来"))
			waiting := must[[]models.AppealView](t)(s.Appeals(ctx, street, s.Org(tengxiang)))
			if len(waiting) != 1 || waiting[0].TopicID != id || waiting[0].Reason != "整栋楼都漏" || waiting[0].Receipt != moved.Receipt || waiting[0].DueAt == nil {
				t.Errorf("the street has before it %+v", waiting)
			}
			if beside := must[[]models.AppealView](t)(s.Appeals(ctx, models.Operator, s.Org(wangta))); len(beside) != 0 {
				t.Errorf("the community beside has before it %+v", beside)
			}
			refused(t, "deed.forbidden")(s.Appeals(ctx, me, s.Org(huaiying)))
			refused(t, "deed.forbidden")(s.RuleAppeal(ctx, desk, id, true, "好"))
			must[*models.Appeal](t)(s.RuleAppeal(ctx, street, id, true, "是公共管道"))
			if waiting := must[[]models.AppealView](t)(s.Appeals(ctx, street, s.Org(tengxiang))); len(waiting) != 0 {
				t.Errorf("ruled, there still waits %+v", waiting)
			}
			if got := stateOf(t, s, me, id); got != rules.TopicTriage {
				t.Errorf("state %s", got)
			}
			must[*models.Topic](t)(s.RedirectTopic(ctx, desk, id, "N2", "", ""))
			refused(t, "appeal.twice")(s.AppealTopic(ctx, me, id, "还是不服"))
		})

		t.Run("put aside and taken up again", func(t *testing.T) {
			id := raised(t, s, me, "装电梯")
			must[*models.Topic](t)(s.SuspendTopic(ctx, desk, id, "等图纸", s.Clock.Now().AddDate(0, 1, 0)))
			refused(t, "topic.unknown")(s.Topic(ctx, friend, id)) // it was not reviewed before
			must[*models.Topic](t)(s.ResumeTopic(ctx, desk, id))
			if got := stateOf(t, s, me, id); got != rules.TopicTriage {
				t.Errorf("state %s", got)
			}
			refused(t, "topic.state")(s.ResumeTopic(ctx, desk, id))
		})

		t.Run("raised for somebody without a phone", func(t *testing.T) {
			leader := someone(s, 0)
			refused(t, "text.empty")(s.RaiseTopicFor(ctx, leader, models.NewTopic{OrgID: s.Org(huaiying), Text: "扶手松了"}, models.Helped{Name: "孙婆婆(示例)"}))
			r := must[*models.Raised](t)(s.RaiseTopicFor(ctx, leader, models.NewTopic{OrgID: s.Org(huaiying), Text: "扶手松了"}, models.Helped{Name: "孙婆婆(示例)", Household: "1-1-201", Consent: "当面口头同意"}))
			must[*models.Topic](t)(s.EditTopic(ctx, leader, r.Topic.ID, "", "三楼扶手松了", "")) // the helper may mend what they wrote
		})

		t.Run("the helper hears and answers for them", func(t *testing.T) {
			leader, handler := someone(s, 0), s.City.Officer(rules.Handler, urban)
			for name, consent := range map[string]string{"李婆婆(示例)": "当面问的", "张大爷(示例)": "电话问的"} {
				r := must[*models.Raised](t)(s.RaiseTopicFor(ctx, leader, models.NewTopic{OrgID: s.Org(huaiying), Text: "台阶缺了一角"}, models.Helped{Name: name, Consent: "当面口头同意"}))
				must[int](t)(s.TakeUpTopics(ctx, 10))
				must[*models.Topic](t)(s.OrderTopic(ctx, desk, r.Topic.ID, s.Org(urban), "补台阶", s.Clock.Now().Add(9*day)))
				orders := must[[]models.Order](t)(s.TopicOrders(ctx, desk, r.Topic.ID))
				must[*models.Order](t)(s.SignOrder(ctx, handler, orders[0].ID))
				refused(t, "confirmation.given")(s.ConfirmTopicFor(ctx, leader, r.Topic.ID, true, "", consent))
				must[*models.Order](t)(s.FinishOrder(ctx, handler, orders[0].ID, "补好了"))
				refused(t, "confirmation.unknown")(s.ConfirmTopicFor(ctx, friend, r.Topic.ID, true, "", consent))
				refused(t, "text.empty")(s.ConfirmTopicFor(ctx, leader, r.Topic.ID, true, "", ""))
				must[*models.Topic](t)(s.ConfirmTopicFor(ctx, leader, r.Topic.ID, true, "补好了", consent))
				if got := stateOf(t, s, leader, r.Topic.ID); got != rules.TopicConfirmed {
					t.Errorf("state %s", got)
				}
			}
			if n := told(t, s, leader, "notice.topic_order") + told(t, s, leader, "notice.confirm_for"); n != 4 {
				t.Errorf("the helper heard %d times of four", n)
			}
			member := must[*models.Me](t)(s.Me(ctx, me)).Person.ID // who has an account, and answers in person
			r := must[*models.Raised](t)(s.RaiseTopicFor(ctx, leader, models.NewTopic{OrgID: s.Org(huaiying), Text: "信箱坏了"}, models.Helped{PersonID: member, Consent: "当面口头同意"}))
			refused(t, "confirmation.self")(s.ConfirmTopicFor(ctx, leader, r.Topic.ID, true, "", "他说好"))
		})

		t.Run("danger to life", func(t *testing.T) {
			calm := raised(t, s, other, "楼道灯不亮")
			before := told(t, s, desk, "notice.alarm")
			r := must[*models.Raised](t)(s.RaiseTopic(ctx, me, models.NewTopic{Text: "三号楼着火了"}))
			if r.Call != "119" || r.Topic.Alarm != "119" {
				t.Errorf("the number to call is %q, kept is %q", r.Call, r.Topic.Alarm)
			}
			must[int](t)(s.TakeUpTopics(ctx, 10))
			owes(t, s, r.Topic.ID, "emergency.follow", time.Hour)
			var order []int64
			for w := (models.Wanted{OrgID: s.Org(huaiying), States: []rules.State{rules.TopicTriage}, Size: 1}); ; {
				page := must[models.Page[models.TopicView]](t)(s.Queue(ctx, desk, w))
				for _, v := range page.Items {
					order = append(order, v.ID)
				}
				if w.After = page.Next; w.After == 0 {
					break
				}
			}
			if order[0] != r.Topic.ID || !slices.IsSorted(order[1:]) || !slices.Contains(order, calm) || slices.Contains(order[1:], r.Topic.ID) {
				t.Errorf("the queue is %v, the alarm %d", order, r.Topic.ID)
			}
			must[*models.Topic](t)(s.EditTopic(ctx, other, calm, "", "楼道里着火了", ""))
			owes(t, s, calm, "emergency.follow", time.Hour)
			if n := told(t, s, desk, "notice.alarm") - before; n != 2 {
				t.Errorf("the desk was told %d times of two", n)
			}
		})
	})
}

// TestNothingIsDoneUntilTheySaySo follows an order that was done badly.
func TestNothingIsDoneUntilTheySaySo(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, me, handler := s.City.Secretary(huaiying), someone(s, 1), s.City.Officer(rules.Handler, urban)
		id := raised(t, s, me, "路灯灭了三盏")
		must[*models.Topic](t)(s.OrderTopic(ctx, desk, id, s.Org(urban), "换灯", s.Clock.Now().AddDate(0, 0, 3)))
		do := func() {
			t.Helper()
			orders := must[[]models.Order](t)(s.TopicOrders(ctx, me, id))
			must[*models.Order](t)(s.SignOrder(ctx, handler, orders[0].ID))
			must[*models.Order](t)(s.FinishOrder(ctx, handler, orders[0].ID, "换了"))
		}
		do()
		refused(t, "confirmation.unknown")(s.ConfirmTopic(ctx, someone(s, 2), id, true, ""))
		must[*models.Topic](t)(s.ConfirmTopic(ctx, me, id, false, "还有一盏不亮"))
		if v := must[*models.TopicView](t)(s.Topic(ctx, me, id)); v.State != rules.TopicImplementing || v.Reopened != 1 {
			t.Fatalf("after the first no: %s, reopened %d", v.State, v.Reopened)
		}
		do()
		escalated := must[*models.Topic](t)(s.ConfirmTopic(ctx, me, id, false, "又灭了"))
		if escalated.State != rules.TopicEscalated || escalated.HolderID != s.Org(tengxiang) {
			t.Fatalf("after the second no: %s at %d", escalated.State, escalated.HolderID)
		}
		order := &models.Promised{OrgID: s.Org(urban), What: "换整条线路", At: s.Clock.Now().AddDate(0, 0, 9)}
		must[*models.Topic](t)(s.DecideTopic(ctx, s.City.Officer(rules.Street, tengxiang), id, "重新布线", order))
		must[*models.Publication](t)(s.PublishTopic(ctx, desk, id, "街道决定重新布线"))
		orders := must[[]models.Order](t)(s.TopicOrders(ctx, me, id))
		last := orders[len(orders)-1]
		must[*models.Order](t)(s.SignOrder(ctx, handler, last.ID))
		must[*models.Order](t)(s.FinishOrder(ctx, handler, last.ID, "布好了"))
		if got := stateOf(t, s, me, id); got != rules.TopicImplementing {
			t.Errorf("completed while the result is on the board: %s", got)
		}
		s.Clock.Pass(15 * 24 * time.Hour)
		must[int](t)(s.EndPublications(ctx, 10))
		must[*models.Topic](t)(s.ConfirmTopic(ctx, me, id, true, "亮了"))
		if got := stateOf(t, s, me, id); got != rules.TopicConfirmed {
			t.Errorf("state %s", got)
		}
	})
}

// TestClocksLapse finds what was left lying, once, and tells those concerned.
func TestClocksLapse(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		me, desk := someone(s, 1), s.City.Secretary(huaiying)
		id := raised(t, s, me, "灯坏了")
		if n := must[int](t)(s.LapseClocks(ctx, 10)); n != 0 {
			t.Errorf("%d lapsed at once", n)
		}
		s.Clock.Pass(3 * 24 * time.Hour)
		if n := must[int](t)(s.LapseClocks(ctx, 10)); n != 1 {
			t.Errorf("%d lapsed after three days", n)
		}
		if n := must[int](t)(s.LapseClocks(ctx, 10)); n != 0 {
			t.Errorf("%d lapsed again", n)
		}
		for name, who := range map[string]models.Actor{"raiser": me, "desk": desk, "street": s.City.Officer(rules.Street, tengxiang)} {
			notices := must[models.Page[models.Notice]](t)(s.Notices(ctx, who, 0, 0))
			if !slices.ContainsFunc(notices.Items, func(n models.Notice) bool {
				return n.Code == "notice.topic_lapsed" || n.Code == "notice.lapsed" || n.Code == "notice.lapsed_above"
			}) {
				t.Errorf("the %s was not told", name)
			}
		}
		page := must[models.Page[models.TopicView]](t)(s.Queue(ctx, desk, models.Wanted{OrgID: s.Org(huaiying), Lapsed: true}))
		if len(page.Items) != 1 || page.Items[0].ID != id {
			t.Errorf("lapsed on the desk: %+v", page.Items)
		}
	})
}
