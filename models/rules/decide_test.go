package rules_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yishi/models/rules"
)

var yesNo = rules.Ask{Method: rules.MethodYesNo}

// ask puts a question on n options.
func ask(m rules.Method, n, most int) rules.Ask {
	a := rules.Ask{Method: m, Most: most}
	for i := range n {
		a.Options = append(a.Options, string(rune('A'+i)))
	}
	return a
}

// said is the histogram of a count of yes, no and abstentions.
func said(yes, no, abstain int64) []rules.Mark {
	return []rules.Mark{{rules.Yes, yes, 0}, {rules.No, no, 0}, {rules.Abstain, abstain, 0}}
}

// decide judges a yes/no question by heads.
func decide(p rules.Pack, c rules.Count) rules.Verdict {
	return rules.Decide(p, yesNo, rules.Turnout{Due: c.Due, Attended: c.Attended}, said(c.Yes, c.No, c.Abstain))
}

func TestDecideYesNo(t *testing.T) {
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
		{"nobody voted", consult, rules.Count{10, 6, 0, 0, 0, 0}, rules.ResultFailed, "verdict.failed", 0, 4, false},
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
			v := decide(tt.pack, tt.count)
			got := []any{v.Result, v.Reason, v.MissingTurns, v.MissingYes, v.CannotPassNow, v.Count}
			want := []any{tt.result, tt.reason, tt.turns, tt.yes, tt.over, tt.count}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecideByArea(t *testing.T) {
	// 9 owners with 9,000 cm² are due; ballots are given as heads and area.
	type side struct{ yes, no, abstain int64 }
	for _, tt := range []struct {
		name           string
		pack           rules.Pack
		attended, area int64
		heads, areas   side
		result         rules.Result
		reason         string
		turns, yes     int64 // still missing by heads
		areaTurns      int64 // and by area
		areaYes        int64
		cannot         bool
	}{
		{"both at two thirds, both more than half", ownGen, 6, 6000, side{4, 2, 0}, side{3001, 2999, 0}, rules.ResultPassed, "verdict.passed_area", 0, 0, 0, 0, false},
		{"a head short", ownGen, 5, 8000, side{5, 0, 0}, side{8000, 0, 0}, rules.ResultNoQuorum, "verdict.no_quorum_area", 1, 0, 0, 0, false},
		{"a square centimetre short", ownGen, 8, 5999, side{8, 0, 0}, side{5999, 0, 0}, rules.ResultNoQuorum, "verdict.no_quorum_area", 0, 0, 1, 0, false},
		{"half of the area is not more than half", ownGen, 6, 6000, side{4, 2, 0}, side{3000, 3000, 0}, rules.ResultFailed, "verdict.failed_area", 0, 0, 0, 1, true},
		{"half of the heads is not more than half", ownGen, 6, 6000, side{3, 3, 0}, side{5000, 1000, 0}, rules.ResultFailed, "verdict.failed_area", 0, 1, 0, 0, true},
		{"an abstention is a ballot on both sides", ownGen, 6, 6000, side{4, 0, 2}, side{3000, 0, 3000}, rules.ResultFailed, "verdict.failed_area", 0, 0, 0, 1, true},
		{"three quarters on both sides, exactly", ownSpe, 8, 8000, side{6, 2, 0}, side{6000, 2000, 0}, rules.ResultPassed, "verdict.passed_area", 0, 0, 0, 0, false},
		{"three quarters, a head short", ownSpe, 8, 8000, side{5, 3, 0}, side{7000, 1000, 0}, rules.ResultFailed, "verdict.failed_area", 0, 1, 0, 0, true},
		{"three quarters, a square centimetre short", ownSpe, 8, 8000, side{6, 2, 0}, side{5999, 2001, 0}, rules.ResultFailed, "verdict.failed_area", 0, 0, 0, 1, true},
		{"nobody came", ownGen, 0, 0, side{}, side{}, rules.ResultNoQuorum, "verdict.no_quorum_area", 6, 1, 6000, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := rules.Decide(tt.pack, yesNo, rules.Turnout{9, tt.attended, 9000, tt.area}, []rules.Mark{
				{rules.Yes, tt.heads.yes, tt.areas.yes}, {rules.No, tt.heads.no, tt.areas.no}, {rules.Abstain, tt.heads.abstain, tt.areas.abstain},
			})
			got := []any{v.Result, v.Reason, v.MissingTurns, v.MissingYes, v.Area.MissingTurns, v.Area.MissingYes, v.Outlook() != ""}
			want := []any{tt.result, tt.reason, tt.turns, tt.yes, tt.areaTurns, tt.areaYes, tt.cannot}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	if v := rules.Decide(consult, yesNo, rules.Turnout{9, 9, 9000, 9000}, said(9, 0, 0)); v.Area != nil {
		t.Errorf("a pack that counts by heads tells of an area: %+v", v.Area)
	}
}

// TestDecideByAreaOfATown holds the arithmetic at the largest areas there are.
func TestDecideByAreaOfATown(t *testing.T) {
	const whole = rules.MaxArea
	due := rules.Turnout{4, 4, whole, whole}
	for yes, want := range map[int64]rules.Result{whole / 4 * 3: rules.ResultPassed, whole/4*3 - 1: rules.ResultFailed} {
		v := rules.Decide(ownSpe, yesNo, due, []rules.Mark{{rules.Yes, 3, yes}, {rules.No, 1, whole - yes}})
		if v.Result != want {
			t.Errorf("%d of %d cm²: %s, want %s", yes, int64(whole), v.Result, want)
		}
	}
}

func TestDecideOptions(t *testing.T) {
	for _, tt := range []struct {
		name     string
		pack     rules.Pack
		ask      rules.Ask
		due, att int64
		marks    map[rules.Choice]int64
		result   rules.Result
		reason   string
		winners  []int
		yes      []int64 // of each option
		missing  int64   // approvals that the nearest option lacks
	}{
		{"one is named by more than half", consult, ask(rules.MethodChoose, 3, 2), 9, 7, map[rules.Choice]int64{"1+2": 3, "2": 1, "3": 3}, rules.ResultPassed, "verdict.chosen", []int{2}, []int64{3, 4, 3}, 0},
		{"two are, the stronger first", consult, ask(rules.MethodChoose, 3, 2), 9, 7, map[rules.Choice]int64{"1+3": 4, "3": 2, "2": 1}, rules.ResultPassed, "verdict.chosen", []int{3, 1}, []int64{4, 1, 6}, 0},
		{"equals by their number", consult, ask(rules.MethodChoose, 3, 3), 9, 7, map[rules.Choice]int64{"2+3": 4, "1": 3}, rules.ResultPassed, "verdict.chosen", []int{2, 3}, []int64{3, 4, 4}, 0},
		{"none is", consult, ask(rules.MethodChoose, 2, 1), 9, 8, map[rules.Choice]int64{"1": 4, "2": 3, "abstain": 1}, rules.ResultFailed, "verdict.unchosen", nil, []int64{4, 3}, 1},
		{"the present who stay silent count", consult, ask(rules.MethodChoose, 2, 1), 9, 9, map[rules.Choice]int64{"1": 4, "2": 1}, rules.ResultFailed, "verdict.unchosen", nil, []int64{4, 1}, 1},
		{"among those cast they do not", door, ask(rules.MethodChoose, 2, 1), 9, 9, map[rules.Choice]int64{"1": 4, "2": 1}, rules.ResultPassed, "verdict.chosen", []int{1}, []int64{4, 1}, 0},
		{"of the whole roll", halfRoll, ask(rules.MethodChoose, 2, 1), 10, 6, map[rules.Choice]int64{"1": 5, "2": 1}, rules.ResultPassed, "verdict.chosen", []int{1}, []int64{5, 1}, 0},
		{"too few chose", consult, ask(rules.MethodChoose, 2, 1), 9, 4, map[rules.Choice]int64{"1": 4}, rules.ResultNoQuorum, "verdict.no_quorum", nil, []int64{4, 0}, 0},
		{"nobody chose", consult, ask(rules.MethodChoose, 2, 1), 9, 5, nil, rules.ResultFailed, "verdict.unchosen", nil, []int64{0, 0}, 3},
		{"every one of them", consult, ask(rules.MethodEach, 2, 0), 5, 5, map[rules.Choice]int64{"y,y": 3, "n,n": 2}, rules.ResultPassed, "verdict.each_passed", []int{1, 2}, []int64{3, 3}, 0},
		{"some of them, in their order", consult, ask(rules.MethodEach, 3, 0), 5, 5, map[rules.Choice]int64{"y,n,y": 3, "n,a,y": 2}, rules.ResultPartly, "verdict.each_partly", []int{1, 3}, []int64{3, 0, 5}, 0},
		{"none of them", consult, ask(rules.MethodEach, 2, 0), 5, 5, map[rules.Choice]int64{"y,n": 2, "n,n": 2, "a,y": 1}, rules.ResultFailed, "verdict.each_failed", nil, []int64{2, 1}, 1},
		{"an abstention on one is a ballot on it", door, ask(rules.MethodEach, 2, 0), 4, 4, map[rules.Choice]int64{"y,y": 2, "a,y": 2}, rules.ResultPartly, "verdict.each_partly", []int{2}, []int64{2, 4}, 0},
		{"one alone", consult, ask(rules.MethodEach, 1, 0), 3, 3, map[rules.Choice]int64{"y": 2, "n": 1}, rules.ResultPassed, "verdict.each_passed", []int{1}, []int64{2}, 0},
		{"too few said anything", consult23, ask(rules.MethodEach, 2, 0), 9, 5, map[rules.Choice]int64{"y,y": 5}, rules.ResultNoQuorum, "verdict.no_quorum", nil, []int64{5, 5}, 0},
		{"views on each", adv, ask(rules.MethodEach, 2, 0), 9, 5, map[rules.Choice]int64{"y,n": 5}, rules.ResultOpinion, "verdict.heard", nil, []int64{5, 0}, 0},
		{"views by choice", adv, ask(rules.MethodChoose, 2, 2), 9, 5, map[rules.Choice]int64{"1+2": 5}, rules.ResultOpinion, "verdict.heard", nil, []int64{5, 5}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := rules.Decide(tt.pack, tt.ask, rules.Turnout{Due: tt.due, Attended: tt.att}, histogram(tt.marks))
			var yes []int64
			for i, o := range v.Options {
				yes = append(yes, o.Yes)
				if won := slices.Contains(v.Winners, i+1); o.Option != i+1 || won != (o.Result == rules.ResultPassed) {
					t.Errorf("option %d: %+v", i+1, o)
				}
			}
			if d := cmp.Diff([]any{tt.result, tt.reason, tt.winners, tt.yes, tt.missing}, []any{v.Result, v.Reason, v.Winners, yes, v.MissingYes}); d != "" {
				t.Error(d)
			}
		})
	}
}

func histogram(ballots map[rules.Choice]int64) []rules.Mark {
	var marks []rules.Mark
	for c, n := range ballots {
		marks = append(marks, rules.Mark{Choice: c, Ballots: n, Area: n * 100})
	}
	return marks
}

// TestDecideEachByArea asks three options of owners: the first passes on both
// sides, the second by heads alone, the third by area alone.
func TestDecideEachByArea(t *testing.T) {
	marks := []rules.Mark{{"y,y,n", 3, 600}, {"y,n,y", 2, 1400}, {"n,a,y", 1, 100}, {"n,y,a", 1, 100}}
	v := rules.Decide(ownGen, ask(rules.MethodEach, 3, 0), rules.Turnout{7, 7, 2200, 2200}, marks)
	if v.Result != rules.ResultPartly || !slices.Equal(v.Winners, []int{1}) || v.Area == nil {
		t.Fatalf("%s, winners %v, area %+v", v.Result, v.Winners, v.Area)
	}
	for i, want := range []struct {
		result         rules.Result
		yes, area      int64
		no, areaAbstai int64
	}{
		{rules.ResultPassed, 5, 2000, 2, 0},
		{rules.ResultFailed, 4, 700, 2, 100},
		{rules.ResultFailed, 3, 1500, 3, 100},
	} {
		o := v.Options[i]
		if o.Result != want.result || o.Yes != want.yes || o.No != want.no || o.Area.Count.Yes != want.area || o.Area.Count.Abstain != want.areaAbstai {
			t.Errorf("option %d: %+v by heads, %+v by area", i+1, o, o.Area)
		}
	}
}

// TestViewsTellOfNoBound asks for views by area: what was said is told, on both
// sides, and nothing that would have been needed.
func TestViewsTellOfNoBound(t *testing.T) {
	views := ownGen
	views.Verdict = false
	v := rules.Decide(views, ask(rules.MethodEach, 1, 0), rules.Turnout{9, 6, 9000, 6000}, []rules.Mark{{"y", 4, 4500}, {"n", 2, 1500}})
	said := rules.Count{9, 6, 6, 4, 2, 0}
	area := rules.Side{Count: rules.Count{9000, 6000, 6000, 4500, 1500, 0}}
	whole, wholeArea := said, area
	whole.Yes, whole.No, wholeArea.Count.Yes, wholeArea.Count.No = 0, 0, 0, 0
	want := rules.Verdict{
		Result: rules.ResultOpinion, Reason: "verdict.heard", Side: rules.Side{Count: whole}, Area: &wholeArea,
		Options: []rules.OptionVerdict{{Option: 1, Result: rules.ResultOpinion, Yes: said.Yes, No: said.No, Area: &area}},
	}
	if d := cmp.Diff(want, v); d != "" {
		t.Error(d)
	}
}

func TestDecideScore(t *testing.T) {
	for _, tt := range []struct {
		name    string
		pack    rules.Pack
		att     int64
		marks   map[rules.Choice]int64
		result  rules.Result
		reason  string
		winners []int
		scores  []int64
	}{
		{"the highest total", consult, 5, map[rules.Choice]int64{"5,3,0": 2, "0,4,1": 3}, rules.ResultPassed, "verdict.scored", []int{2}, []int64{10, 18, 3}},
		{"equal totals win together", consult, 5, map[rules.Choice]int64{"5,0,5": 1, "1,2,1": 1}, rules.ResultPassed, "verdict.scored", []int{1, 3}, []int64{6, 2, 6}},
		{"nought for all is a ballot", consult, 5, map[rules.Choice]int64{"0,0,0": 1}, rules.ResultPassed, "verdict.scored", []int{1, 2, 3}, []int64{0, 0, 0}},
		{"an abstention is none", consult, 5, map[rules.Choice]int64{"abstain": 5}, rules.ResultFailed, "verdict.unscored", nil, []int64{0, 0, 0}},
		{"no ballot", consult, 5, nil, rules.ResultFailed, "verdict.unscored", nil, []int64{0, 0, 0}},
		{"too few", consult, 4, map[rules.Choice]int64{"5,3,0": 4}, rules.ResultNoQuorum, "verdict.no_quorum", nil, []int64{20, 12, 0}},
		{"what is no mark counts for nothing", consult, 5, map[rules.Choice]int64{"5,3": 4, "5,3,6": 1, "yes": 1, "5;3;0": 1}, rules.ResultFailed, "verdict.unscored", nil, []int64{0, 0, 0}},
		{"views", adv, 1, map[rules.Choice]int64{"1,2,3": 1}, rules.ResultOpinion, "verdict.heard", nil, []int64{1, 2, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := rules.Decide(tt.pack, ask(rules.MethodScore, 3, 5), rules.Turnout{Due: 9, Attended: tt.att}, histogram(tt.marks))
			var scores []int64
			for _, o := range v.Options {
				scores = append(scores, o.Score)
			}
			if d := cmp.Diff([]any{tt.result, tt.reason, tt.winners, tt.scores}, []any{v.Result, v.Reason, v.Winners, scores}); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParams(t *testing.T) {
	a := ask(rules.MethodEach, 3, 0)
	v := rules.Decide(ownGen, a, rules.Turnout{9, 6, 9000, 6000}, []rules.Mark{{"y,n,y", 4, 4000}, {"a,a,a", 2, 2000}})
	got := v.Params(a)
	for name, want := range map[string]any{
		"winners": "A、C", "due": int64(9), "attended": int64(6), "cast": int64(6), "abstain": int64(2), "need_attended": int64(6),
		"area_due": int64(9000), "area_abstain": int64(2000), "area_need_yes": int64(3001), "area_missing_turnout": int64(0),
	} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
}
