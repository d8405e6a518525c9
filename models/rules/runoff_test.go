package rules_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestDecideRank(t *testing.T) {
	type ballots = map[rules.Choice]int64
	for _, tt := range []struct {
		name    string
		ballots ballots
		result  rules.Result
		reason  string
		winners []int
		rounds  [][]int64
		need    int64
		missing int64
	}{
		{"more than half at once", ballots{"1>2>3": 6, "2": 3, "3>2": 2}, rules.ResultPassed, "verdict.ranked", []int{1}, [][]int64{{6}, {3}, {2}}, 6, 0},
		{"half is not more than half", ballots{"1": 5, "2>1": 3, "3>2": 2}, rules.ResultFailed, "verdict.rank_tie", nil, [][]int64{{5, 5}, {3, 5}, {2}}, 6, 1},
		{"the second preferences decide", ballots{"1": 4, "2": 3, "3>2": 2}, rules.ResultPassed, "verdict.ranked", []int{2}, [][]int64{{4, 4}, {3, 5}, {2}}, 5, 0},
		{"one that likes no other drops out", ballots{"1": 4, "2": 3, "3": 2}, rules.ResultPassed, "verdict.ranked", []int{1}, [][]int64{{4, 4}, {3, 3}, {2}}, 4, 0},
		{"the fewest are eliminated together", ballots{"1": 5, "2>3": 3, "3>2": 3}, rules.ResultPassed, "verdict.ranked", []int{1}, [][]int64{{5, 5}, {3}, {3}}, 3, 0},
		{"a preference for one that is out is passed over", ballots{"1": 4, "2>3>1": 2, "3>2>1": 3}, rules.ResultPassed, "verdict.ranked", []int{3}, [][]int64{{4, 4}, {2}, {3, 5}}, 5, 0},
		{"a tie of all that stand", ballots{"1": 3, "2": 3, "3": 3}, rules.ResultFailed, "verdict.rank_tie", nil, [][]int64{{3}, {3}, {3}}, 5, 2},
		{"abstentions do not count", ballots{"1": 3, "2": 1, "abstain": 5}, rules.ResultPassed, "verdict.ranked", []int{1}, [][]int64{{3}, {1}, {0}}, 3, 0},
		{"abstentions alone", ballots{"abstain": 5}, rules.ResultFailed, "verdict.unranked", nil, [][]int64{{0}, {0}, {0}}, 0, 0},
		{"no ballot", nil, rules.ResultFailed, "verdict.unranked", nil, [][]int64{{0}, {0}, {0}}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := rules.Decide(consult, ask(rules.MethodRank, 3, 0), rules.Turnout{Due: 11, Attended: 11}, histogram(tt.ballots))
			var rounds [][]int64
			for _, o := range v.Options {
				rounds = append(rounds, o.Rounds)
			}
			got := []any{v.Result, v.Reason, v.Winners, rounds, v.NeedYes, v.MissingYes}
			if d := cmp.Diff([]any{tt.result, tt.reason, tt.winners, tt.rounds, tt.need, tt.missing}, got); d != "" {
				t.Error(d)
			}
		})
	}
	few := rules.Decide(consult, ask(rules.MethodRank, 2, 0), rules.Turnout{Due: 11, Attended: 5}, histogram(ballots{"1>2": 5}))
	if few.Result != rules.ResultNoQuorum || few.Reason != "verdict.no_quorum" || few.Winners != nil || few.Options[0].Result != rules.ResultNoQuorum {
		t.Errorf("too few ranked: %+v", few)
	}
	views := rules.Decide(adv, ask(rules.MethodRank, 2, 0), rules.Turnout{Due: 11, Attended: 5}, histogram(ballots{"1>2": 5}))
	if views.Result != rules.ResultOpinion || views.Winners != nil || !slices.Equal(views.Options[0].Rounds, []int64{5}) {
		t.Errorf("views in order: %+v", views)
	}
}

// byHand is the run-off as one would do it with paper on a table: ballots lie in
// piles by their top line, the smallest piles are taken away, their options are
// struck from every ballot, and the ballots are laid out anew.
func byHand(ballots [][]string, standing map[string]bool) string {
	piles := map[string]int{}
	for option := range standing {
		piles[option] = 0
	}
	lying := 0
	for _, b := range ballots {
		if len(b) > 0 {
			piles[b[0]]++
			lying++
		}
	}
	sizes := slices.Sorted(maps.Values(piles))
	smallest, largest := sizes[0], sizes[len(sizes)-1]
	for option, n := range piles {
		if n > lying-n {
			return option
		}
	}
	if smallest == largest {
		return ""
	}
	left := map[string]bool{}
	for option, n := range piles {
		if n != smallest {
			left[option] = true
		}
	}
	struck := make([][]string, len(ballots))
	for i, b := range ballots {
		struck[i] = slices.DeleteFunc(slices.Clone(b), func(option string) bool { return !left[option] })
	}
	return byHand(struck, left)
}

func TestRunoffIsTheOneByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := ask(rules.MethodRank, rapid.IntRange(2, 5).Draw(t, "options"), 0)
		u, marks := anyPoll(t, a)
		if u.Due == 0 {
			return
		}
		standing := map[string]bool{}
		for i := range a.Options {
			standing[strconv.Itoa(i+1)] = true
		}
		var ballots [][]string
		for _, m := range marks {
			if m.Choice != rules.Abstain {
				ballots = append(ballots, strings.Split(string(m.Choice), ">"))
			}
		}
		var want []int
		if n, err := strconv.Atoi(byHand(ballots, standing)); err == nil {
			want = []int{n}
		}
		always := pack(rules.Share{Num: 0, Den: 1}, overHalf, rules.BaseCast)
		if got := rules.Decide(always, a, u, marks).Winners; !slices.Equal(got, want) {
			t.Fatalf("%v wins, by hand %v does: %v", got, want, ballots)
		}
	})
}
