package models_test

import (
	"slices"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestEraseMe ends what ties a person to the forum, keeps what others count on, and
// meets whoever comes back as a stranger. An office and a key that is still needed
// stand in the way.
func TestEraseMe(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		p := forumtest.NewSecretPoll(t, s, 11, rules.DiscloseKey)
		refused(t, "erase.office")(s.EraseMe(t.Context(), p.Keepers[0]))
		refused(t, "erase.keeper")(s.EraseMe(t.Context(), p.People[0]))

		who := p.People[1]
		who.Door = models.DoorMini
		must[models.None](t)(s.Introduce(t.Context(), who, "某某(示例)", "13900001111"))
		open := must[*models.Raised](t)(s.RaiseTopic(t.Context(), who, models.NewTopic{OrgID: s.Org(huaiying), Text: "楼梯间的灯坏了"})).Topic
		taken := must[*models.Raised](t)(s.RaiseTopic(t.Context(), who, models.NewTopic{OrgID: s.Org(huaiying), Text: "花坛边上常常积水"})).Topic
		must[int](t)(s.TakeUpTopics(t.Context(), 10))
		must[*models.Topic](t)(s.AcceptTopic(t.Context(), p.Keepers[0], taken.ID, models.Acceptance{Item: "3.04", Pack: "CONSULT"}))
		must[*models.Topic](t)(s.AskTopic(t.Context(), p.Keepers[0], open.ID, "哪一盏?"))
		must[*models.Topic](t)(s.AnswerTopic(t.Context(), who, open.ID, "我住 101,就在门口"))
		answer := func() (words string) {
			for _, hop := range must[[]models.Hop](t)(s.Timeline(t.Context(), p.Keepers[0], open.ID)) {
				if hop.Event == rules.OnAnswer {
					words = hop.Words
				}
			}
			return words
		}
		before := must[*models.Copy](t)(s.CopyMe(t.Context(), who))
		if before.Me.Phone == "" || len(before.Me.Capacities) == 0 {
			t.Fatalf("nothing to be erased: %+v", before.Me)
		}
		if !slices.ContainsFunc(before.Traces, func(tr models.Trace) bool { return tr.Kind == "answer" && tr.Words == answer() }) || answer() == "" {
			t.Errorf("what was answered, %q, is not among %+v", answer(), before.Traces)
		}
		pass := must[*models.Pass](t)(s.LoginMini(t.Context(), forumtest.Identify("voter 1")))

		got := must[*models.Erased](t)(s.EraseMe(t.Context(), who))
		if got.Withdrawn != 1 || got.Kept != 1 {
			t.Errorf("%+v", got)
		}
		refused(t, "login.expired")(s.Recognize(t.Context(), pass.Token))
		for id, want := range map[int64]rules.State{open.ID: rules.TopicWithdrawn, taken.ID: rules.TopicAccepted} {
			if v := must[*models.TopicView](t)(s.Topic(t.Context(), p.Keepers[0], id)); v.State != want {
				t.Errorf("the matter %d is %s, want %s", id, v.State, want)
			}
		}
		if answer() != "" {
			t.Errorf("what was answered is still there: %s", answer())
		}
		after := must[*models.Copy](t)(s.CopyMe(t.Context(), who))
		if m := after.Me; m.Person.Name != "" || m.Phone != "" || len(m.Capacities) != 0 {
			t.Errorf("it still tells %+v", m)
		}
		for _, trace := range after.Traces {
			switch trace.Kind {
			case "account", "login", "notice", "wish":
				t.Errorf("there is still %+v", trace)
			}
		}
		if again := must[*models.Pass](t)(s.LoginMini(t.Context(), forumtest.Identify("voter 1"))); again.PersonID == who.PersonID {
			t.Error("whoever comes back is known")
		}
		if n := must[*models.PollView](t)(s.Poll(t.Context(), p.Keepers[0], p.View.ID)).Due; n != 11 {
			t.Errorf("the roll that was frozen has %d", n)
		}
	})
}
