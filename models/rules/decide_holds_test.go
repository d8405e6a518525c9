package rules_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

// anyPack draws a pack of any numbers, by heads alone or by area too.
func anyPack(t *rapid.T) rules.Pack {
	p := pack(anyShare(t, "participation"), anyShare(t, "approval"),
		rapid.SampledFrom([]rules.Base{rules.BasePresent, rules.BaseCast, rules.BaseRoll}).Draw(t, "base"))
	p.ByArea = rapid.Bool().Draw(t, "by area")
	return p
}

// anyAsk draws a question that can be put.
func anyAsk(t *rapid.T) rules.Ask {
	m := rapid.SampledFrom(methods).Draw(t, "method")
	n := rapid.IntRange(2, rules.MaxOptions).Draw(t, "options")
	switch m {
	case rules.MethodYesNo:
		n = 0
	case rules.MethodChoose:
		return ask(m, n, rapid.IntRange(1, n).Draw(t, "most"))
	case rules.MethodScore:
		return ask(m, n, rapid.IntRange(1, rules.MaxScore).Draw(t, "most"))
	case rules.MethodRank, rules.MethodEach:
	}
	return ask(m, n, 0)
}

// anyMark draws a ballot on a question.
func anyMark(t *rapid.T, a rules.Ask) rules.Choice {
	numbers := make([]string, len(a.Options))
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	words := func(least, most int, of ...string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(of), least, most).Draw(t, "words")
	}
	mixed := func(most int) []string {
		n := rapid.IntRange(1, most).Draw(t, "named")
		return rapid.Permutation(numbers).Draw(t, "order")[:n]
	}
	if a.Method != rules.MethodEach && rapid.IntRange(0, 9).Draw(t, "abstains") == 0 {
		return rules.Abstain
	}
	switch a.Method {
	case rules.MethodYesNo:
		return rapid.SampledFrom(rules.Choices).Draw(t, "choice")
	case rules.MethodChoose:
		return rules.Choice(strings.Join(slices.Sorted(slices.Values(mixed(a.Most))), "+"))
	case rules.MethodRank:
		return rules.Choice(strings.Join(mixed(len(numbers)), ">"))
	case rules.MethodScore:
		points := make([]string, a.Most+1)
		for i := range points {
			points[i] = strconv.Itoa(i)
		}
		return rules.Choice(strings.Join(words(len(numbers), len(numbers), points...), ","))
	case rules.MethodEach:
	}
	return rules.Choice(strings.Join(words(len(numbers), len(numbers), "y", "n", "a"), ","))
}

// anyPoll draws what came of a poll: ballots one by one, each with its area, and
// a turnout that can be.
func anyPoll(t *rapid.T, a rules.Ask) (rules.Turnout, []rules.Mark) {
	ballots := make([]rules.Mark, rapid.IntRange(0, 24).Draw(t, "ballots"))
	var u rules.Turnout
	for i := range ballots {
		ballots[i] = rules.Mark{Choice: anyMark(t, a), Ballots: 1, Area: rapid.Int64Range(1, 5).Draw(t, "area")}
		u.Attended++
		u.AttendedArea += ballots[i].Area
	}
	silent, absent := rapid.Int64Range(0, 6).Draw(t, "silent"), rapid.Int64Range(0, 12).Draw(t, "absent")
	u.Attended, u.AttendedArea = u.Attended+silent, u.AttendedArea+2*silent
	u.Due, u.DueArea = u.Attended+absent, u.AttendedArea+3*absent
	return u, ballots
}

// TestDecideKnowsNoOrder shuffles ballots and merges equal ones: nothing of the
// verdict changes.
func TestDecideKnowsNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a := anyPack(t), anyAsk(t)
		u, ballots := anyPoll(t, a)
		at := map[rules.Choice]int{}
		var merged []rules.Mark
		for _, b := range rapid.Permutation(ballots).Draw(t, "shuffled") {
			i, ok := at[b.Choice]
			if !ok {
				i = len(merged)
				at[b.Choice] = i
				merged = append(merged, rules.Mark{Choice: b.Choice})
			}
			merged[i].Ballots, merged[i].Area = merged[i].Ballots+b.Ballots, merged[i].Area+b.Area
		}
		if d := cmp.Diff(rules.Decide(p, a, u, ballots), rules.Decide(p, a, u, merged)); d != "" {
			t.Fatal(d)
		}
	})
}

// TestDecideIsMonotonic gives one unit's voice to the proposal, in each way that
// there is: what had passed still passes.
func TestDecideIsMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPack(t)
		u, ballots := anyPoll(t, yesNo)
		if rules.Decide(p, yesNo, u, ballots).Result != rules.ResultPassed {
			return
		}
		yes := func(area int64) rules.Mark { return rules.Mark{Choice: rules.Yes, Ballots: 1, Area: area} }
		still := func(what string, u rules.Turnout, ballots []rules.Mark) {
			if got := rules.Decide(p, yesNo, u, ballots).Result; got != rules.ResultPassed {
				t.Fatalf("it passed, and is %s once %s", got, what)
			}
		}
		if i := slices.IndexFunc(ballots, func(m rules.Mark) bool { return m.Choice != rules.Yes }); i >= 0 {
			turned := slices.Clone(ballots)
			turned[i] = yes(turned[i].Area)
			still("one more says yes instead", u, turned)
		}
		if i := slices.IndexFunc(ballots, func(m rules.Mark) bool { return m.Choice == rules.No }); i >= 0 {
			still("one takes a no back", u, slices.Delete(slices.Clone(ballots), i, i+1))
		}
		if cast := int64(len(ballots)); u.Attended > cast {
			still("one who was silent says yes", u, append(slices.Clone(ballots), yes(2)))
		}
		if u.Due > u.Attended {
			still("one more comes and says yes", rules.Turnout{u.Due, u.Attended + 1, u.DueArea, u.AttendedArea + 3}, append(slices.Clone(ballots), yes(3)))
		}
		still("one more is due, comes and says yes", rules.Turnout{u.Due + 1, u.Attended + 1, u.DueArea + 4, u.AttendedArea + 4}, append(slices.Clone(ballots), yes(4)))
	})
}

// TestDecideOptionsAreMonotonic lets one more come who is for an option that had
// won: it wins still.
func TestDecideOptionsAreMonotonic(t *testing.T) {
	for _, m := range []rules.Method{rules.MethodChoose, rules.MethodEach} {
		rapid.Check(t, func(t *rapid.T) {
			p, a := anyPack(t), ask(m, 3, 3)
			u, ballots := anyPoll(t, a)
			won := rules.Decide(p, a, u, ballots).Winners
			if len(won) == 0 {
				return
			}
			says := rules.Choice(strconv.Itoa(won[0]))
			if m == rules.MethodEach {
				each := []string{"n", "n", "n"}
				each[won[0]-1] = "y"
				says = rules.Choice(strings.Join(each, ","))
			}
			u.Due, u.Attended, u.DueArea, u.AttendedArea = u.Due+1, u.Attended+1, u.DueArea+3, u.AttendedArea+3
			if now := rules.Decide(p, a, u, append(ballots, rules.Mark{Choice: says, Ballots: 1, Area: 3})).Winners; !slices.Contains(now, won[0]) {
				t.Fatalf("%v won; with one more %q %v do", won, says, now)
			}
		})
	}
}

// TestMoreTurnoutNeverLosesTheQuorum lets one more come, who says nothing.
func TestMoreTurnoutNeverLosesTheQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a := anyPack(t), anyAsk(t)
		u, ballots := anyPoll(t, a)
		if u.Due == u.Attended || rules.Decide(p, a, u, ballots).Result == rules.ResultNoQuorum {
			return
		}
		u.Attended, u.AttendedArea = u.Attended+1, u.AttendedArea+3
		if rules.Decide(p, a, u, ballots).Result == rules.ResultNoQuorum {
			t.Fatalf("%+v has no quorum, with one less it had", u)
		}
	})
}

// TestDecideAgreesWithItself holds the result against the numbers that explain
// it, on each side.
func TestDecideAgreesWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a := anyPack(t), anyAsk(t)
		u, ballots := anyPoll(t, a)
		v := rules.Decide(p, a, u, ballots)
		sides := []rules.Side{v.Side}
		if v.Area != nil {
			sides = append(sides, *v.Area)
		}
		quorum, enough := true, true
		for _, s := range sides {
			quorum = quorum && s.Count.Due > 0 && s.MissingTurns == 0
			enough = enough && s.ApprovalBase > 0 && s.MissingYes == 0
			if c := s.Count; a.Method == rules.MethodYesNo && c.Yes+c.No+c.Abstain != c.Cast {
				t.Fatalf("ballots were lost: %+v", c)
			}
		}
		passed := v.Result == rules.ResultPassed
		if (v.Result == rules.ResultNoQuorum) == quorum {
			t.Fatalf("%s: %+v", v.Result, sides)
		}
		if a.Method == rules.MethodYesNo && passed != (quorum && enough) {
			t.Fatalf("%s: %+v", v.Result, sides)
		}
		if passed && v.Outlook() != "" {
			t.Fatalf("it passed although it could not: %+v", sides)
		}
		if won := len(v.Winners) > 0; a.Method != rules.MethodYesNo && won != (passed || v.Result == rules.ResultPartly) {
			t.Fatalf("%s, and %v won", v.Result, v.Winners)
		}
	})
}

// TestDecideTakesAnything gives lines that are no marks: they are ballots that
// say nothing, and nothing breaks.
func TestDecideTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a := anyPack(t), anyAsk(t)
		a.Method = rapid.SampledFrom(append(slices.Clone(methods), "", "lot")).Draw(t, "any method")
		says := rules.Choice(rapid.OneOf(anyText(), rapid.StringMatching(`[0-9yna,>+]{0,8}`)).Draw(t, "says"))
		v := rules.Decide(p, a, rules.Turnout{9, 9, 9, 9}, []rules.Mark{{says, 9, 9}})
		if v.Count.Cast != 9 {
			t.Fatalf("9 ballots were cast, not %d", v.Count.Cast)
		}
		if read, err := rules.ReadChoice(a, string(says)); (err != nil || read != says) && len(v.Options) > 0 {
			for _, o := range v.Options {
				if o.Yes+o.No+o.Abstain+o.Score != 0 {
					t.Fatalf("%q says something: %+v", says, o)
				}
			}
		}
	})
}
