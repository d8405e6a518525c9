package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

// The bounds that the law and the drafts name.
var (
	overHalf  = rules.Share{Num: 1, Den: 2, Strict: true} // 过半
	half      = rules.Share{Num: 1, Den: 2}               // 二分之一以上
	twoThirds = rules.Share{Num: 2, Den: 3}               // 三分之二以上
	quarters3 = rules.Share{Num: 3, Den: 4}
	all       = rules.Share{Num: 1, Den: 1}
)

func pack(participation, approval rules.Share, base rules.Base) rules.Pack {
	return rules.Pack{Verdict: true, Participation: participation, Approval: rules.Approval{Share: approval, Base: base}}
}

var (
	consult   = pack(overHalf, overHalf, rules.BasePresent)
	consult23 = pack(twoThirds, twoThirds, rules.BasePresent)
	door      = pack(twoThirds, overHalf, rules.BaseCast)
	halfRoll  = pack(half, half, rules.BaseRoll)
	stake     = rules.Pack{Verdict: true, AllMustSign: true}
	adv       = rules.Pack{}
)

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		name  string
		share rules.Share
		whole int64
		least int64
	}{
		{"more than half of an even roll", overHalf, 10, 6},
		{"more than half of an odd roll", overHalf, 11, 6},
		{"more than half of one", overHalf, 1, 1},
		{"half of an even roll", half, 10, 5},
		{"half of an odd roll", half, 11, 6},
		{"two thirds, exactly", twoThirds, 9, 6},
		{"two thirds, not quite", twoThirds, 10, 7},
		{"two thirds of one", twoThirds, 1, 1},
		{"two thirds of two", twoThirds, 2, 2},
		{"three quarters, exactly", quarters3, 8, 6},
		{"three quarters, not quite", quarters3, 9, 7},
		{"everyone", all, 7, 7},
		{"no quorum at all", rules.Share{Num: 0, Den: 1}, 7, 0},
		{"areas of a whole town in cm²", twoThirds, 30_000_000_000_000, 20_000_000_000_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.share.Least(tt.whole); got != tt.least {
				t.Errorf("Least(%d) = %d, want %d", tt.whole, got, tt.least)
			}
			if !tt.share.Reached(tt.least, tt.whole) {
				t.Errorf("%d of %d do not reach it", tt.least, tt.whole)
			}
			if tt.least > 0 && tt.share.Reached(tt.least-1, tt.whole) {
				t.Errorf("%d of %d reach it already", tt.least-1, tt.whole)
			}
		})
	}
	for _, s := range []rules.Share{overHalf, half, twoThirds, all, {Num: 0, Den: 1}} {
		if s.Reached(0, 0) {
			t.Errorf("%+v is reached of nothing", s)
		}
	}
}

// TestShareWithoutDenominator guards against a pack whose numbers were left out:
// nothing passes under it.
func TestShareWithoutDenominator(t *testing.T) {
	if (rules.Share{}).Reached(5, 5) {
		t.Error("a share without numbers is reached")
	}
	if got := (rules.Share{}).Least(5); got <= 5 {
		t.Errorf("a share without numbers asks for %d of 5, want more than there are", got)
	}
	if got := rules.Judge(pack(rules.Share{}, rules.Share{}, rules.BaseCast), rules.Count{Due: 5, Attended: 5, Cast: 5, Yes: 5}); got.Result != rules.ResultNoQuorum {
		t.Errorf("a pack without numbers gives %s", got.Result)
	}
}

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name string
		pack rules.Pack
		// due, attended, cast, yes, no, abstain
		count  rules.Count
		result rules.Result
		reason string
		turns  int64 // still missing for the quorum
		yes    int64 // approvals still missing
		over   bool  // no further approval would help
	}{
		{"more than half present and in favour", consult, rules.Count{10, 6, 6, 4, 2, 0}, rules.ResultPassed, "verdict.passed", 0, 0, false},
		{"half present is not more than half", consult, rules.Count{10, 5, 5, 5, 0, 0}, rules.ResultNoQuorum, "verdict.no_quorum", 1, 0, false},
		{"half in favour is not more than half", consult, rules.Count{10, 6, 6, 3, 2, 1}, rules.ResultFailed, "verdict.failed", 0, 1, true},
		{"a tie", consult, rules.Count{10, 10, 10, 5, 5, 0}, rules.ResultFailed, "verdict.tie", 0, 1, true},
		{"the present who stay silent count", consult, rules.Count{10, 10, 5, 5, 0, 0}, rules.ResultFailed, "verdict.failed", 0, 1, false},
		{"one more of them", consult, rules.Count{10, 10, 6, 6, 0, 0}, rules.ResultPassed, "verdict.passed", 0, 0, false},
		{"nobody voted", consult, rules.Count{10, 6, 0, 0, 0, 0}, rules.ResultFailed, "verdict.tie", 0, 4, false},
		{"two thirds and two thirds, exactly", consult23, rules.Count{9, 6, 6, 4, 2, 0}, rules.ResultPassed, "verdict.passed", 0, 0, false},
		{"one short of two thirds present", consult23, rules.Count{9, 5, 5, 5, 0, 0}, rules.ResultNoQuorum, "verdict.no_quorum", 1, 0, false},
		{"one short of two thirds in favour", consult23, rules.Count{9, 6, 6, 3, 2, 1}, rules.ResultFailed, "verdict.failed", 0, 1, true},
		{"no two thirds of ten", consult23, rules.Count{10, 6, 6, 6, 0, 0}, rules.ResultNoQuorum, "verdict.no_quorum", 1, 0, false},
		{"abstentions are ballots", door, rules.Count{12, 8, 8, 4, 0, 4}, rules.ResultFailed, "verdict.failed", 0, 1, true},
		{"most of the ballots", door, rules.Count{12, 8, 8, 5, 0, 3}, rules.ResultPassed, "verdict.passed", 0, 0, false},
		{"half of all, inclusive", halfRoll, rules.Count{10, 5, 5, 5, 0, 0}, rules.ResultPassed, "verdict.passed", 0, 0, false},
		{"one short of half of all", halfRoll, rules.Count{10, 9, 9, 4, 3, 2}, rules.ResultFailed, "verdict.failed", 0, 1, false},
		{"half of all is out of reach", halfRoll, rules.Count{10, 10, 10, 4, 6, 0}, rules.ResultFailed, "verdict.failed", 0, 1, true},
		{"a tie that is enough", halfRoll, rules.Count{10, 10, 10, 5, 5, 0}, rules.ResultPassed, "verdict.passed", 0, 0, false},
		{"an empty roll", consult, rules.Count{}, rules.ResultNoQuorum, "verdict.no_quorum", 1, 1, true},
		{"an empty roll under two thirds", consult23, rules.Count{}, rules.ResultNoQuorum, "verdict.no_quorum", 0, 0, false},
		{"all have signed", stake, rules.Count{3, 3, 3, 3, 0, 0}, rules.ResultPassed, "verdict.signed", 0, 0, false},
		{"one signature is missing", stake, rules.Count{3, 2, 2, 2, 0, 0}, rules.ResultPending, "verdict.unsigned", 1, 1, false},
		{"one declined", stake, rules.Count{3, 3, 3, 2, 1, 0}, rules.ResultFailed, "verdict.declined", 0, 1, true},
		{"one abstained", stake, rules.Count{3, 2, 2, 1, 0, 1}, rules.ResultFailed, "verdict.declined", 1, 2, true},
		{"nobody is named", stake, rules.Count{}, rules.ResultPending, "verdict.unsigned", 0, 0, false},
		{"views only", adv, rules.Count{10, 9, 9, 9, 0, 0}, rules.ResultOpinion, "verdict.opinion", 0, 0, false},
		{"views only, and none came", adv, rules.Count{}, rules.ResultOpinion, "verdict.opinion", 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := rules.Judge(tt.pack, tt.count)
			got := []any{v.Result, v.Reason, v.MissingTurns, v.MissingYes, v.CannotPassNow, v.Count}
			want := []any{tt.result, tt.reason, tt.turns, tt.yes, tt.over, tt.count}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// anyShare draws a share of something up to everything.
func anyShare(t *rapid.T, name string) rules.Share {
	den := rapid.Int64Range(1, 12).Draw(t, name+" den")
	return rules.Share{Num: rapid.Int64Range(1, den).Draw(t, name+" num"), Den: den, Strict: rapid.Bool().Draw(t, name+" strict")}
}

// anyCount draws a count that can be: nobody votes without attending, nobody
// attends without being due.
func anyCount(t *rapid.T) rules.Count {
	c := rules.Count{Due: rapid.Int64Range(0, 60).Draw(t, "due")}
	c.Attended = rapid.Int64Range(0, c.Due).Draw(t, "attended")
	c.Cast = rapid.Int64Range(0, c.Attended).Draw(t, "cast")
	c.Yes = rapid.Int64Range(0, c.Cast).Draw(t, "yes")
	c.No = rapid.Int64Range(0, c.Cast-c.Yes).Draw(t, "no")
	c.Abstain = c.Cast - c.Yes - c.No
	return c
}

func anyPack(t *rapid.T) rules.Pack {
	p := pack(anyShare(t, "participation"), anyShare(t, "approval"),
		rapid.SampledFrom([]rules.Base{rules.BasePresent, rules.BaseCast, rules.BaseRoll}).Draw(t, "base"))
	p.AllMustSign = rapid.Bool().Draw(t, "all must sign")
	return p
}

func TestLeastIsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyShare(t, "share")
		whole := rapid.Int64Range(1, 1_000_000_000).Draw(t, "whole")
		least := s.Least(whole)
		if !s.Reached(least, whole) || least > 0 && s.Reached(least-1, whole) {
			t.Fatalf("%+v: %d is not the least of %d", s, least, whole)
		}
		if least > whole && (!s.Strict || s.Num < s.Den) {
			t.Fatalf("%+v asks for %d of %d", s, least, whole)
		}
	})
}

// TestJudgeIsMonotonic gives one unit's voice to the proposal, in each way that
// there is: what had passed still passes.
func TestJudgeIsMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c := anyPack(t), anyCount(t)
		if rules.Judge(p, c).Result != rules.ResultPassed {
			return
		}
		for _, more := range []rules.Count{
			{c.Due, c.Attended, c.Cast, c.Yes + 1, c.No - 1, c.Abstain},             // one changes no to yes
			{c.Due, c.Attended, c.Cast, c.Yes + 1, c.No, c.Abstain - 1},             // one no longer abstains
			{c.Due, c.Attended, c.Cast + 1, c.Yes + 1, c.No, c.Abstain},             // one who was silent says yes
			{c.Due, c.Attended + 1, c.Cast + 1, c.Yes + 1, c.No, c.Abstain},         // one more comes and says yes
			{c.Due + 1, c.Attended + 1, c.Cast + 1, c.Yes + 1, c.No, c.Abstain},     // one more is due, comes and says yes
			{c.Due, c.Attended, c.Cast - 1, c.Yes, c.No - 1, c.Abstain},             // one takes a no back
			{c.Due - 1, c.Attended - 1, c.Cast - 1, c.Yes, c.No - 1, c.Abstain + 0}, // one who said no was never due
		} {
			if more.No < 0 || more.Abstain < 0 || more.Cast > more.Attended || more.Attended > more.Due {
				continue
			}
			if p.AllMustSign && more.Due != c.Due {
				continue
			}
			if p.Participation.Reached(more.Attended, more.Due) && rules.Judge(p, more).Result != rules.ResultPassed {
				t.Fatalf("%+v passed under %+v, %+v does not", c, p, more)
			}
		}
	})
}

// TestJudgeAgreesWithItself holds the result against the numbers that explain it.
func TestJudgeAgreesWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c := anyPack(t), anyCount(t)
		v := rules.Judge(p, c)
		passed := v.Result == rules.ResultPassed
		if c.Due > 0 && v.ApprovalBase > 0 && passed != (v.MissingTurns == 0 && v.MissingYes == 0) {
			t.Fatalf("%s with %d to come and %d yes missing: %+v", v.Result, v.MissingTurns, v.MissingYes, v)
		}
		if passed && v.CannotPassNow {
			t.Fatalf("it passed although it could not: %+v", v)
		}
		if (v.Result == rules.ResultPending) && !p.AllMustSign {
			t.Fatalf("pending without signatures: %+v", v)
		}
	})
}
