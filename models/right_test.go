package models_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestRights counts what an account lets through: by writing, by tapping, by
// consent. A right is spent once, whoever asks beside, and not after its time.
func TestRights(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, id := t.Context(), forumtest.Identify("subscriber")
		there := forumtest.Bare(t, s.DSN, s.Clock)
		who := must[models.Actor](t)(s.RecognizeChat(ctx, id))
		a := models.Account{AppID: id.AppID, OpenID: id.OpenID}
		left := func(by rules.Channel, code string) (n int64) {
			var spent atomic.Int64
			var wait sync.WaitGroup
			for i := range 30 {
				wait.Go(func() {
					ok, err := []*models.Forum{s.Forum, there}[i%2].SpendRight(ctx, a, by, code)
					if err != nil {
						t.Error(err)
					}
					if ok {
						spent.Add(1)
					}
				})
			}
			wait.Wait()
			return spent.Load()
		}
		message := 0
		event := func(wrote bool) {
			t.Helper()
			message++
			d, in, err := s.Hear(ctx, id, string(rune('a'+message)))
			if err != nil {
				t.Fatal(err)
			}
			in.Wrote = wrote
			if err := s.Replied(ctx, who, d, in, "idle"); err != nil {
				t.Fatal(err)
			}
		}
		agree := func(code, answer string, times int) {
			t.Helper()
			for range times {
				must[models.None](t)(s.GiveConsents(ctx, who, id.AppID, []models.Consent{{Code: code, Answer: answer}}))
			}
		}
		for _, step := range []struct {
			what string
			do   func()
			by   rules.Channel
			code string
			want int64
		}{
			{"nothing was given", func() {}, rules.ChannelCustomer, "", 0},
			{"a template message needs nothing", func() {}, rules.ChannelTemplate, "", 30},
			{"a message was written", func() { event(true) }, rules.ChannelCustomer, "", 5},
			{"something was tapped", func() { event(false) }, rules.ChannelCustomer, "", 3},
			{"a tap after a message takes nothing away", func() { event(true); event(false) }, rules.ChannelCustomer, "", 5},
			{"a minute after a tap", func() { event(false); s.Clock.Pass(rules.TappedFor) }, rules.ChannelCustomer, "", 0},
			{"just before two days after a message", func() { event(true); s.Clock.Pass(rules.WroteFor - time.Second) }, rules.ChannelCustomer, "", 5},
			{"two days after a message", func() { event(true); s.Clock.Pass(rules.WroteFor) }, rules.ChannelCustomer, "", 0},
			{"two consents", func() { agree("notice.verdict", "accept", 2) }, rules.ChannelSubscribe, "notice.verdict", 2},
			{"a consent to something else", func() { agree("notice.confirm", "accept", 1) }, rules.ChannelSubscribe, "notice.verdict", 0},
			{"refused", func() { agree("notice.verdict", "reject", 2) }, rules.ChannelSubscribe, "notice.verdict", 0},
			{"shut out after consent", func() { agree("notice.verdict", "accept", 1); agree("notice.verdict", "ban", 1) }, rules.ChannelSubscribe, "notice.verdict", 0},
			{"more consents than are counted", func() { agree("notice.verdict", "accept", rules.MaxRights+3) }, rules.ChannelSubscribe, "notice.verdict", rules.MaxRights},
			{"given back", func() { must[models.None](t)(s.SettleRight(ctx, a, rules.ChannelSubscribe, "notice.verdict", false)) }, rules.ChannelSubscribe, "notice.verdict", 1},
			{"closed by WeChat", func() {
				agree("notice.verdict", "accept", 3)
				must[models.None](t)(s.SettleRight(ctx, a, rules.ChannelSubscribe, "notice.verdict", true))
			}, rules.ChannelSubscribe, "notice.verdict", 0},
			{"three reports of one consent", func() {
				for range 3 {
					must[models.None](t)(s.HearConsents(ctx, a, rules.ChannelSubscribe, "push 1", []models.Consent{{Code: "notice.verdict", Answer: "accept"}}))
				}
			}, rules.ChannelSubscribe, "notice.verdict", 1},
			{"consent at an app where one has no account", func() {
				must[models.None](t)(s.GiveConsents(ctx, who, "another", []models.Consent{{Code: "notice.verdict", Answer: "accept"}}))
			}, rules.ChannelSubscribe, "notice.verdict", 0},
		} {
			step.do()
			if got := left(step.by, step.code); got != step.want {
				t.Errorf("%s: %d may be sent, want %d", step.what, got, step.want)
			}
		}
		agree("notice.verdict", "accept", 2)
		agree("notice.topic_agree", "accept", 1)
		plan := must[[]string](t)(s.ConsentPlan(ctx, who, id.AppID, rules.TapVote, func(string) bool { return true }))
		if len(plan) != 3 || plan[0] != "notice.order_done" || plan[1] != "notice.topic_agree" || plan[2] != "notice.verdict" {
			t.Errorf("one is asked for %v", plan)
		}
	})
}

// TestQuietAndDigest lets notices wait for the morning and for the digest of the
// day; what is urgent comes at once.
func TestQuietAndDigest(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		at := func(day, hour int) { s.Clock.Set(time.Date(2026, 12, day, hour, 0, 0, 0, rules.Beijing)) }
		at(1, 12)
		claimed := func() (codes []string, also int) {
			t.Helper()
			for _, p := range must[[]models.Parcel](t)(s.ClaimNotices(ctx, 100)) {
				for _, n := range append([]models.Notice{p.Notice}, p.Also...) {
					must[models.None](t)(s.SettleNotice(ctx, n.ID, "template", "", false, time.Time{}))
				}
				if p.PersonID == desk.PersonID {
					codes, also = append(codes, p.Code), also+len(p.Also)
				}
			}
			return codes, also
		}
		claimed() // what the setting left behind
		raise := func() {
			t.Helper()
			must[*models.Raised](t)(s.RaiseTopic(ctx, someone(s, 0), models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"}))
			must[int](t)(s.TakeUpTopics(ctx, 10))
		}
		wish := func(from, to int, digest bool) {
			t.Helper()
			must[*models.Wish](t)(s.WishFor(ctx, desk, models.Wish{Quiet: rules.Quiet{From: from, To: to}, Digest: digest}))
		}
		expect := func(when string, want, along int) {
			t.Helper()
			if codes, also := claimed(); len(codes) != want || also != along {
				t.Errorf("%s the desk is told %v and %d along, want %d and %d", when, codes, also, want, along)
			}
		}
		at(1, 22)
		raise()
		expect("at night", 0, 0)
		at(2, 7)
		expect("before the morning", 0, 0)
		at(2, 8)
		expect("in the morning", 1, 0)
		wish(9, 9, false)
		at(2, 22)
		raise()
		expect("at night, if there are no quiet hours,", 1, 0)
		wish(21, 8, true)
		at(3, 10)
		raise()
		raise()
		expect("before the digest", 0, 0)
		at(3, 18)
		expect("with the digest", 1, 1)
		at(3, 23)
		must[*models.Raised](t)(s.RaiseTopic(ctx, someone(s, 0), models.NewTopic{OrgID: s.Org(huaiying), Text: "煤气漏了,快来人"}))
		must[int](t)(s.TakeUpTopics(ctx, 10))
		codes, _ := claimed()
		if len(codes) == 0 || codes[0] != "notice.alarm" {
			t.Errorf("of danger the desk is told %v at night", codes)
		}
	})
}

// TestNightKeepsNobodyWaiting claims what may be told at night though more than one
// claim takes stands before it for people who sleep.
func TestNightKeepsNobodyWaiting(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, awake := t.Context(), s.City.Secretary(huaiying)
		must[*models.Wish](t)(s.WishFor(ctx, awake, models.Wish{}))
		for _, p := range must[[]models.Parcel](t)(s.ClaimNotices(ctx, 10_000)) { // what the setting left behind
			must[models.None](t)(s.SettleNotice(ctx, p.ID, "template", "", false, time.Time{}))
		}
		s.Clock.Set(time.Date(2026, 12, 1, 22, 0, 0, 0, rules.Beijing))
		for range 3 {
			must[*models.Raised](t)(s.RaiseTopic(ctx, s.City.Residents["陈林下(示例)"], models.NewTopic{OrgID: s.City.Orgs["YD-YS-TX-WT"].ID, Text: "灯坏了"}))
		}
		must[int](t)(s.TakeUpTopics(ctx, 10)) // next door, where everybody sleeps
		s.Clock.Pass(time.Second)
		must[*models.Raised](t)(s.RaiseTopic(ctx, someone(s, 0), models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"}))
		must[int](t)(s.TakeUpTopics(ctx, 10))
		got := must[[]models.Parcel](t)(s.ClaimNotices(ctx, 2))
		if len(got) != 1 || got[0].PersonID != awake.PersonID {
			t.Errorf("at night %+v are claimed", got)
		}
	})
}
