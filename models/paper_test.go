package models_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// unitOf is the unit for which somebody votes.
func unitOf(t *testing.T, s *forumtest.Stage, who models.Actor, poll int64) string {
	t.Helper()
	return must[*models.PollView](t)(s.Poll(t.Context(), who, poll)).Units[0]
}

// codeFor issues a paper code for the unit of somebody.
func codeFor(t *testing.T, s *forumtest.Stage, who models.Actor, poll int64) string {
	t.Helper()
	return must[[]models.IssuedCode](t)(s.IssuePaperCodes(t.Context(), s.City.Secretary(huaiying), poll, []string{unitOf(t, s, who, poll)}))[0].Code
}

// TestPaperCode lets units vote by a code on paper: once, for good, and by no
// other door; each slip has its name.
func TestPaperCode(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk, nobody := t.Context(), s.City.Secretary(huaiying), models.Actor{Door: models.DoorMini}
		people, poll := agreeing(t, s, 5)
		id, unit := poll.ID, func(n int) string { return unitOf(t, s, people[n], poll.ID) }
		must[*models.Ballot](t)(s.CastBallot(ctx, people[0], id, "", rules.Yes)) // the instance knows the roll from now on
		refused(t, "deed.forbidden")(s.IssuePaperCodes(ctx, people[1], id, []string{unit(1)}))
		refused(t, "poll.unknown")(s.IssuePaperCodes(ctx, s.City.Secretary(wangta), id, []string{unit(1)}))
		refused(t, "paper.voted")(s.IssuePaperCodes(ctx, desk, id, []string{unit(1), unit(0)}))
		refused(t, "paper.roll")(s.IssuePaperCodes(ctx, desk, id, []string{unit(1), "p424242"}))
		refused(t, "paper.issued")(s.IssuePaperCodes(ctx, desk, id, []string{unit(1), unit(1)}))
		refused(t, "paper.units")(s.IssuePaperCodes(ctx, desk, id, nil))
		keyed := desk
		keyed.Key, keyed.Digest = "codes", "d"
		codes := must[[]models.IssuedCode](t)(s.IssuePaperCodes(ctx, keyed, id, []string{unit(1), unit(2), unit(3)}))
		if again := must[[]models.IssuedCode](t)(s.IssuePaperCodes(ctx, keyed, id, []string{unit(1), unit(2), unit(3)})); !slices.Equal(again, codes) {
			t.Errorf("a retry got %v after %v", again, codes)
		}
		refused(t, "paper.issued")(s.IssuePaperCodes(ctx, desk, id, []string{unit(2)}))

		redeem := func(code, choice string) (*models.Ballot, error) {
			return s.RedeemPaperCode(ctx, nobody, id, code, choice)
		}
		refused(t, "paper.code")(redeem(map[bool]string{true: "3", false: "2"}[codes[0].Code[0] == '2']+codes[0].Code[1:], "yes"))
		refused(t, "paper.unknown")(redeem(rules.PaperCode(7), "yes"))
		refused(t, "poll.option")(redeem(codes[0].Code, "perhaps"))
		refused(t, "poll.unknown")(s.RedeemPaperCode(ctx, nobody, 424242, codes[0].Code, "yes"))
		cast := must[*models.Ballot](t)(redeem(strings.ToLower(codes[0].Code), "no"))
		again := must[*models.Ballot](t)(redeem(codes[0].Code, "no"))
		if cast.Door != "paper" || cast.Unit != unit(1) || again.Receipt != cast.Receipt || again.Proof != cast.Proof || cast.Proof == "" {
			t.Errorf("redeemed %+v, then %+v", cast, again)
		}
		refused(t, "paper.spent")(redeem(codes[0].Code, "yes"))
		refused(t, "poll.paper")(s.CastBallot(ctx, people[1], id, "", rules.Yes))
		refused(t, "poll.paper")(forumtest.Bare(t, s.DSN, s.Clock).CastBallot(ctx, people[1], id, "", rules.Yes))
		if told(t, s, people[1], "notice.paper") != 1 {
			t.Error("the unit is not told of its ballot")
		}

		refused(t, "paper.spent")(s.WithdrawPaperCode(ctx, desk, id, unit(1), "丢了"))
		refused(t, "paper.unknown")(s.WithdrawPaperCode(ctx, desk, id, unit(4), "丢了"))
		must[*models.PaperCode](t)(s.WithdrawPaperCode(ctx, desk, id, unit(2), "丢了"))
		refused(t, "paper.withdrawn")(redeem(codes[1].Code, "yes"))
		fresh := codeFor(t, s, people[2], id)
		must[*models.Ballot](t)(s.CastBallot(ctx, people[2], id, "", rules.Yes))
		refused(t, "paper.voted")(redeem(fresh, "yes"))

		held := must[[]models.PaperCode](t)(s.PaperCodes(ctx, desk, id))
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, desk, id))
		if c := closed.Verdict.Count; len(held) != 4 || c.Cast != 3 || c.Yes != 2 || c.No != 1 {
			t.Errorf("counted %+v of %d codes", c, len(held))
		}
		if o := closed.Origins; len(o) != 2 || o[1] != (models.Origin{Door: "paper", Ballots: 1}) {
			t.Errorf("the ballots come from %+v", o)
		}
		refused(t, "poll.closed")(redeem(codes[2].Code, "yes"))
		if late := must[*models.Ballot](t)(redeem(codes[0].Code, "no")); late.Receipt != cast.Receipt {
			t.Errorf("after the end the receipt is %q", late.Receipt)
		}
		seal(t, s)
		if r := must[*models.Recount](t)(s.RecountPoll(ctx, desk, id)); len(r.Faults) > 0 {
			t.Errorf("the recount finds %+v", r.Faults)
		}
		topic, session := meeting(t, s, "STAKE")
		other := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "那儿呢?", Stakeholders: []string{unit(3)}}))
		refused(t, "paper.poll")(s.RedeemPaperCode(ctx, nobody, other.ID, codes[2].Code, "yes"))
	})
}

// TestPaperAgainstTelephone lets the telephone and the code of one unit come at
// the same moment, again and again and through two instances: one of them wins,
// and the other is told why not.
func TestPaperAgainstTelephone(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		people, poll := agreeing(t, s, 24)
		twin := forumtest.Bare(t, s.DSN, s.Clock)
		codes, won := make([]string, len(people)), map[string]int{}
		for i, p := range people {
			codes[i] = codeFor(t, s, p, poll.ID)
		}
		for i, p := range people {
			var wg sync.WaitGroup
			var byPhone, byPaper error
			start := make(chan struct{})
			wg.Go(func() {
				<-start
				_, byPhone = s.CastBallot(ctx, p, poll.ID, "", rules.Yes)
			})
			wg.Go(func() {
				<-start
				f := []*models.Forum{s.Forum, twin}[i%2]
				_, byPaper = f.RedeemPaperCode(ctx, models.Actor{Door: models.DoorMini}, poll.ID, codes[i], "no")
			})
			close(start)
			wg.Wait()
			switch {
			case byPhone == nil:
				refused(t, "paper.voted")(nil, byPaper)
				won["phone"]++
			case byPaper == nil:
				refused(t, "poll.paper")(nil, byPhone)
				won["paper"]++
			default:
				t.Fatalf("neither won: %v, %v", byPhone, byPaper)
			}
		}
		t.Logf("won by %v", won)
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, s.City.Secretary(huaiying), poll.ID))
		if c := closed.Verdict.Count; c.Cast != 24 || int(c.Yes) != won["phone"] || int(c.No) != won["paper"] {
			t.Errorf("counted %+v, won by %v", c, won)
		}
	})
}
