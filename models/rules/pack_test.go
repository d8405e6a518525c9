package rules_test

import (
	"testing"

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

var methods = []rules.Method{rules.MethodYesNo, rules.MethodChoose, rules.MethodRank, rules.MethodScore, rules.MethodEach}

func byArea(p rules.Pack) rules.Pack { p.ByArea = true; return p }

func pack(participation, approval rules.Share, base rules.Base) rules.Pack {
	return rules.Pack{Verdict: true, Methods: methods, Participation: participation, Approval: rules.Approval{Share: approval, Base: base}}
}

var (
	consult   = pack(overHalf, overHalf, rules.BasePresent)
	consult23 = pack(twoThirds, twoThirds, rules.BasePresent)
	door      = pack(twoThirds, overHalf, rules.BaseCast)
	halfRoll  = pack(half, half, rules.BaseRoll)
	stake     = rules.Pack{Verdict: true, AllMustSign: true, Methods: methods}
	adv       = rules.Pack{Methods: methods}
	ownGen    = byArea(pack(twoThirds, overHalf, rules.BaseCast))
	ownSpe    = byArea(pack(twoThirds, quarters3, rules.BaseCast))
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
	if got := decide(pack(rules.Share{}, rules.Share{}, rules.BaseCast), rules.Count{Due: 5, Attended: 5, Cast: 5, Yes: 5}); got.Result != rules.ResultNoQuorum {
		t.Errorf("a pack without numbers gives %s", got.Result)
	}
}

// anyShare draws a share of something up to everything.
func anyShare(t *rapid.T, name string) rules.Share {
	den := rapid.Int64Range(1, 12).Draw(t, name+" den")
	return rules.Share{Num: rapid.Int64Range(1, den).Draw(t, name+" num"), Den: den, Strict: rapid.Bool().Draw(t, name+" strict")}
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

func TestEffectiveOn(t *testing.T) {
	for _, tt := range []struct {
		name, from, to, day, want string
	}{
		{"the day before", "2026-01-01", "", "2025-12-31", "pack.not_in_force"},
		{"the first day", "2026-01-01", "", "2026-01-01", ""},
		{"long after, without an end", "2026-01-01", "", "2099-12-31", ""},
		{"the last day", "2021-01-01", "2025-12-31", "2025-12-31", ""},
		{"the day after", "2021-01-01", "2025-12-31", "2026-01-01", "pack.not_in_force"},
		{"one day alone", "2026-05-01", "2026-05-01", "2026-05-01", ""},
		{"no day", "2026-01-01", "", "", "pack.not_in_force"},
		{"a day that is none", "2026-01-01", "", "2026-02-30", "pack.not_in_force"},
		{"a day written otherwise", "2026-01-01", "", "2026-3-1", "pack.not_in_force"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := rules.EffectiveOn(rules.Pack{EffectiveFrom: tt.from, EffectiveTo: tt.to}, tt.day)
			if got := codeOf(t, err); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}
