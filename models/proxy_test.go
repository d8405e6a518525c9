package models_test

import (
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestProxy lets one person vote for three others and not for a fourth; whoever
// named a proxy may still vote in person, and where a ballot came from is counted.
func TestProxy(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		people, poll := agreeing(t, s, 5)
		agent, stranger := people[0], someone(s, 2)
		unit := func(n int) string {
			return must[*models.PollView](t)(s.Poll(ctx, people[n], poll.ID)).Units[0]
		}
		name := func(n int, agent models.Actor) (*models.Proxy, error) {
			return s.NameProxy(ctx, desk, poll.ID, models.NewProxy{Unit: unit(n), PrincipalID: people[n].PersonID, AgentID: agent.PersonID, Consent: "纸质委托书,今天"})
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, agent, poll.ID, "", rules.Yes)) // its seats are known to the instance from now on
		refused(t, "proxy.self")(name(0, agent))
		for n := 1; n <= 3; n++ {
			must[*models.Proxy](t)(name(n, agent))
		}
		refused(t, "proxy.many")(name(4, agent))
		refused(t, "proxy.named")(name(1, stranger))
		refused(t, "proxy.roll")(s.NameProxy(ctx, desk, poll.ID, models.NewProxy{Unit: unit(4), PrincipalID: stranger.PersonID, AgentID: agent.PersonID, Consent: "委托书"}))
		refused(t, "deed.forbidden")(s.NameProxy(ctx, people[4], poll.ID, models.NewProxy{Unit: unit(4), PrincipalID: people[4].PersonID, AgentID: agent.PersonID, Consent: "委托书"}))

		refused(t, "poll.roll")(s.CastBallot(ctx, agent, poll.ID, unit(4), rules.Yes))
		for n := 1; n <= 3; n++ {
			if b := must[*models.Ballot](t)(s.CastBallot(ctx, agent, poll.ID, unit(n), rules.Yes)); b.Door != "proxy" {
				t.Errorf("a proxy's ballot came through %q", b.Door)
			}
		}
		must[*models.Ballot](t)(s.CastBallot(ctx, people[1], poll.ID, "", rules.No))
		refused(t, "poll.other")(s.CastBallot(ctx, agent, poll.ID, unit(1), rules.Yes))
		must[*models.Ballot](t)(forumtest.Bare(t, s.DSN, s.Clock).CastBallot(ctx, agent, poll.ID, unit(2), rules.Abstain))
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		if c := closed.Verdict.Count; c.Cast != 4 || c.Yes != 2 || c.No != 1 || c.Abstain != 1 {
			t.Errorf("counted %+v", c)
		}
		refused(t, "poll.closed")(name(4, stranger))
	})
}
