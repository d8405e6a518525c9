package models_test

import (
	"strings"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestPresence proves presence, and lets nobody guess.
func TestPresence(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, leader, me, thief := s.City.Secretary(huaiying), someone(s, 0), someone(s, 1), someone(s, 2)
		id := planned(t, s, 0, accepted(t, s, "楼道小事", "CONSULT"))
		old := must[*models.SiteCode](t)(s.SessionCode(ctx, desk, id)).Code
		s.Clock.Pass(rules.CodeSlot)
		must[*models.Presence](t)(s.CheckIn(ctx, me, id, 0, old)) // one slot of grace
		refused(t, "presence.twice")(s.CheckIn(ctx, me, id, 0, old))
		scanned := must[*models.Presence](t)(s.CheckIn(ctx, someone(s, 3), 0, 0, must[*models.SiteCode](t)(s.SessionCode(ctx, desk, id)).Scene))
		if scanned.SessionID != id || scanned.Point != s.City.Points["hy-hall"].Name {
			t.Errorf("the code of the screen led to %+v", scanned)
		}
		s.Clock.Pass(rules.CodeSlot)
		refused(t, "code.stale")(s.CheckIn(ctx, thief, id, 0, old))
		for range models.CodeTries - 1 {
			refused(t, "code.stale")(s.CheckIn(ctx, thief, id, 0, "000000"))
		}
		now := must[*models.SiteCode](t)(s.SessionCode(ctx, desk, id)).Code
		refused(t, "code.tries")(s.CheckIn(ctx, thief, id, 0, now))
		s.Clock.Pass(time.Minute)
		now = must[*models.SiteCode](t)(s.SessionCode(ctx, desk, id)).Code
		must[*models.Presence](t)(s.CheckIn(ctx, thief, 0, s.City.Points["hy-hall"].ID, " "+now[:3]+" "+now[3:]))
		must[*models.Presence](t)(s.ConfirmPresence(ctx, leader, id, models.Helped{Name: "孙婆婆(示例)", Household: "1-1-201", Consent: "本人到场"}))
		if q := must[*models.Quorum](t)(s.Quorum(ctx, me, id)); q.Present != 4 || q.Due != 4 || q.Need != 3 {
			t.Errorf("quorum %+v", q)
		}
	})
}

// TestWalkIns writes people down who have no phone at hand: each counts once, and
// nobody becomes a resident by being named.
func TestWalkIns(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		id := planned(t, s, 0, accepted(t, s, "楼道小事", "CONSULT"))
		homes := map[string]int64{}
		for _, tt := range []struct {
			name, household, want string
			present               int64 // by now
		}{
			{"甲", "", "", 1},
			{"甲", "", "presence.name", 1},
			{" 甲\u200b", "", "presence.name", 1},
			{"乙", "", "", 2},
			{"丙", "1-1-201", "", 3},
			{"丙", "1-1-201", "presence.twice", 3},
			{"丙", "1-1-202", "", 4},
			{"甲", "1-1-202", "", 5}, // who says where they live is another
			{"丁", "99-9-999", "household.unknown", 5},
			{"", "", "text.empty", 5},
		} {
			p, err := s.ConfirmPresence(ctx, desk, id, models.Helped{Name: tt.name, Household: tt.household, Consent: "本人到场"})
			if tt.want == "" {
				homes[tt.name+tt.household] = must[*models.Presence](t)(p, err).PersonID
			} else {
				refused(t, tt.want)(p, err)
			}
			if q := must[*models.Quorum](t)(s.Quorum(ctx, desk, id)); q.Present != tt.present {
				t.Errorf("after %q at %q %d are present, want %d", tt.name, tt.household, q.Present, tt.present)
			}
		}
		r := must[*models.Raised](t)(s.RaiseTopicFor(ctx, desk, models.NewTopic{OrgID: s.Org(huaiying), Text: "扶手松了"}, models.Helped{Name: "丙", Household: "1-1-201", Consent: "口头同意"}))
		if r.PersonID != homes["丙1-1-201"] {
			t.Errorf("the same name at the same home is %d, want %d", r.PersonID, homes["丙1-1-201"])
		}
		for who, id := range homes {
			me := must[*models.Me](t)(s.Me(ctx, models.Actor{PersonID: id, Door: models.DoorMini}))
			if resident := len(me.Capacities) == 1; resident != strings.Contains(who, "-") || len(me.Capacities) > 1 {
				t.Errorf("%s is known by %+v", who, me.Capacities)
			}
		}
	})
}

// TestWhoHosts lets those confirm who is there who may open the session, and a
// neighbour leader; nobody of a community below the host.
func TestWhoHosts(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		street := s.City.Officer(rules.Street, tengxiang)
		host := func(desk models.Actor, org string) int64 {
			t.Helper()
			shop := s.City.Shops[s.City.Sample.Shops[0].Name]
			id := must[*models.Raised](t)(s.RaiseTopic(ctx, shop, models.NewTopic{OrgID: s.Org(org), Text: "门前小事"})).Topic.ID
			must[int](t)(s.TakeUpTopics(ctx, 10))
			must[*models.Topic](t)(s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.02", Pack: "CONSULT"}))
			return must[*models.Session](t)(s.CreateSession(ctx, desk, models.NewSession{
				OrgID: s.Org(org), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 4, Topics: []int64{id},
			})).ID
		}
		ours, above := host(s.City.Secretary(huaiying), huaiying), host(street, tengxiang)
		for _, tt := range []struct {
			name        string
			who         models.Actor
			ours, above string
		}{
			{"street", street, "", ""},
			{"district", s.City.Officer(rules.District, "YD-YS"), "", ""},
			{"city", s.City.Officer(rules.City, "YD"), "", ""},
			{"secretary", s.City.Secretary(huaiying), "", "session.unknown"},
			{"leader", someone(s, 0), "", "session.unknown"},
			{"secretary next door", s.City.Secretary(wangta), "session.unknown", "session.unknown"},
			{"resident", someone(s, 1), "deed.forbidden", "deed.forbidden"},
			{"department", s.City.Officer(rules.Handler, urban), "deed.forbidden", "deed.forbidden"},
		} {
			for id, want := range map[int64]string{ours: tt.ours, above: tt.above} {
				_, err := s.ConfirmPresence(ctx, tt.who, id, models.Helped{Name: "来者 " + tt.name, Consent: "本人到场"})
				if r, _ := rules.AsRefusal(err); err != nil && r == nil || r != nil && r.Code != want || r == nil && want != "" {
					t.Errorf("%s at session %d: %v, want %q", tt.name, id, err, want)
				}
			}
		}
	})
}

// TestTurnout counts who took part: whoever is there or has voted, each unit once,
// a proxy's too. Who came once the poll was open is on no roll of those present.
func TestTurnout(t *testing.T) {
	for _, tt := range []struct {
		pack string
		want int64
	}{{"CONSULT", 3}, {"DOOR", 4}} {
		t.Run(tt.pack, func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
				ctx, desk := t.Context(), s.City.Secretary(huaiying)
				topic, session := meeting(t, s, tt.pack)
				come := func(n int) {
					code := must[*models.SiteCode](t)(s.SessionCode(ctx, desk, session))
					must[*models.Presence](t)(s.CheckIn(ctx, someone(s, n), session, 0, code.Code))
				}
				for n := range 3 {
					come(n)
				}
				poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?"}))
				come(3)
				mine := must[*models.PollView](t)(s.Poll(ctx, someone(s, 0), poll.ID)).Units[0]
				must[*models.Proxy](t)(s.NameProxy(ctx, desk, poll.ID, models.NewProxy{
					Unit: mine, PrincipalID: someone(s, 0).PersonID, AgentID: someone(s, 1).PersonID, Consent: "纸质委托书,今天",
				}))
				must[*models.Ballot](t)(s.CastBallot(ctx, someone(s, 1), poll.ID, mine, rules.Yes))
				must[*models.Ballot](t)(s.CastBallot(ctx, someone(s, 2), poll.ID, "", rules.No))
				_, told := must[*models.PollView](t)(s.Poll(ctx, someone(s, 2), poll.ID)).Need()
				closed := must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
				v := closed.Verdict
				if v.Count.Attended != tt.want || v.Count.Cast != 2 {
					t.Errorf("%+v, want %d who took part", v.Count, tt.want)
				}
				for name, want := range map[string]int64{"attended": tt.want, "need_attended": v.NeedAttended, "missing_turnout": v.MissingTurns, "need_yes": v.NeedYes} {
					if told[name] != want {
						t.Errorf("%s was told as %v before the end, and is %d", name, told[name], want)
					}
				}
				if code, _ := closed.Need(); code != "" {
					t.Errorf("a poll that is over still asks for something: %s", code)
				}
			})
		})
	}
}
