package main

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// turnout is who took part, voting or not.
type turnout struct{ attended, area int64 }

// line is how many ballots say one thing, and the area behind them.
type line struct {
	choice        string
	ballots, area int64
}

// verdict is what a closing says that came out.
type verdict struct {
	Result string `json:"result"`
	Reason string `json:"reason"`
	side
	Area    *side    `json:"area,omitempty"`
	Options []option `json:"options,omitempty"`
	Winners []int    `json:"winners,omitempty"`
}

// side is a count by heads or by area.
type side struct {
	Count        count `json:"count"`
	NeedAttended int64 `json:"need_attended"`
	NeedYes      int64 `json:"need_yes"`
	ApprovalBase int64 `json:"approval_base"`
	MissingTurns int64 `json:"missing_turnout"`
	MissingYes   int64 `json:"missing_yes"`
	CannotPass   bool  `json:"cannot_pass"`
}

type count struct {
	Due      int64 `json:"due"`
	Attended int64 `json:"attended"`
	Cast     int64 `json:"cast"`
	Yes      int64 `json:"yes"`
	No       int64 `json:"no"`
	Abstain  int64 `json:"abstain"`
}

// option is what came out for one option.
type option struct {
	Option  int     `json:"option"`
	Result  string  `json:"result"`
	Yes     int64   `json:"yes"`
	No      int64   `json:"no"`
	Abstain int64   `json:"abstain"`
	Score   int64   `json:"score"`
	Area    *side   `json:"area,omitempty"`
	Rounds  []int64 `json:"rounds,omitempty"`
}

// The results.
const (
	passed   = "passed"
	partly   = "partly"
	failed   = "failed"
	noQuorum = "no_quorum"
	pending  = "pending"
	opinion  = "opinion"
)

// least is the smallest part of a whole that reaches the share. What is no share
// is reached by nothing.
func (s share) least(whole int64) int64 {
	if !s.holds() {
		return whole + 1
	}
	product, rest := new(big.Int).Mul(big.NewInt(s.Num), big.NewInt(whole)), new(big.Int)
	n, _ := product.DivMod(product, big.NewInt(s.Den), rest)
	if s.Strict || rest.Sign() > 0 {
		return n.Int64() + 1
	}
	return n.Int64()
}

// reached reports whether a part of a whole reaches the share; nothing is
// reached of nothing.
func (s share) reached(part, whole int64) bool { return whole > 0 && part >= s.least(whole) }

// answers counts what ballots say to one question: index 0 yes, 1 no, 2 abstain,
// 3 nothing of these.
type answers struct{ heads, areas [4]int64 }

// ask puts a question to each ballot. It answers with an index of answers.
func ask(lines []line, of func(choice string) int) answers {
	var a answers
	for _, l := range lines {
		a.heads[of(l.choice)] += l.ballots
		a.areas[of(l.choice)] += l.area
	}
	return a
}

func counted(due, attended int64, a [4]int64) count {
	return count{Due: due, Attended: attended, Cast: a[0] + a[1] + a[2] + a[3], Yes: a[0], No: a[1], Abstain: a[2]}
}

// weigh applies the rule to one side.
func (p pack) weigh(c count) (side, string) {
	s := side{Count: c, NeedAttended: p.Participation.least(c.Due)}
	s.ApprovalBase = map[string]int64{"present": c.Attended, "cast": c.Cast, "roll": c.Due}[p.Approval.Base]
	s.NeedYes = p.Approval.least(s.ApprovalBase)
	s.MissingTurns, s.MissingYes = max(0, s.NeedAttended-c.Attended), max(0, s.NeedYes-c.Yes)
	s.CannotPass = c.No+c.Abstain+s.NeedYes > s.ApprovalBase
	switch {
	case !p.Participation.reached(c.Attended, c.Due):
		return s, noQuorum
	case !p.Approval.reached(c.Yes, s.ApprovalBase):
		return s, failed
	}
	return s, passed
}

// decide applies the rule to one question, by heads and where it says so by
// area: too few on either side are too few, and both must approve.
func (d *definition) decide(t turnout, a answers) (heads side, areas *side, result string) {
	heads, result = d.Pack.weigh(counted(d.Due, t.attended, a.heads))
	if !d.Pack.ByArea {
		return heads, nil, result
	}
	byArea, other := d.Pack.weigh(counted(d.Area, t.area, a.areas))
	switch {
	case result == noQuorum || other == noQuorum:
		result = noQuorum
	case result == failed || other == failed:
		result = failed
	}
	return heads, &byArea, result
}

// judge reaches the verdict anew.
func (d *definition) judge(t turnout, lines []line) verdict {
	if d.Pack.AllMustSign && d.Pack.Verdict {
		return d.judgeSigned(t, ask(lines, toYesNo).heads)
	}
	var v verdict
	switch d.Method {
	case yesNo:
		v = d.judgeYesNo(t, lines)
	case choose, each:
		v = d.judgeOptions(t, lines)
	case rank:
		v = d.judgeRank(t, lines)
	case scores:
		v = d.judgeScores(t, lines)
	}
	if !d.Pack.Verdict {
		v.onlyHeard(d.Method)
	}
	return v
}

// toYesNo is what a ballot answers to a yes/no question.
func toYesNo(choice string) int {
	if choice == void {
		return 3
	}
	return slices.Index([]string{"yes", "no", "abstain"}, choice)
}

// toAll is what a ballot answers to several options as a whole: it abstains or
// does not.
func toAll(choice string) int {
	if strings.Trim(choice, "a,") == "" || choice == "abstain" {
		return 2
	}
	return 3
}

func (d *definition) judgeSigned(t turnout, a [4]int64) verdict {
	c := counted(d.Due, t.attended, a)
	v := verdict{Result: pending, Reason: "verdict.unsigned", side: side{
		Count: c, NeedAttended: c.Due, NeedYes: c.Due, ApprovalBase: c.Due,
		MissingTurns: max(0, c.Due-c.Attended), MissingYes: max(0, c.Due-c.Yes), CannotPass: c.No > 0 || c.Abstain > 0,
	}}
	if v.CannotPass {
		v.Result, v.Reason = failed, "verdict.declined"
	}
	if v.MissingYes == 0 {
		v.Result, v.Reason = passed, "verdict.signed"
	}
	return v
}

func (d *definition) judgeYesNo(t turnout, lines []line) verdict {
	var v verdict
	v.side, v.Area, v.Result = d.decide(t, ask(lines, toYesNo))
	v.Reason = "verdict." + v.Result
	if v.Area != nil {
		v.Reason += "_area"
	} else if v.Result == failed && v.Count.Yes == v.Count.No && v.Count.Yes > 0 {
		v.Reason = "verdict.tie"
	}
	return v
}

// judgeOptions judges each option as a question of its own. What the whole still
// lacks is what the option lacks that is nearest.
func (d *definition) judgeOptions(t turnout, lines []line) verdict {
	var v verdict
	var heads, areas []side
	v.side, v.Area, v.Result = d.decide(t, ask(lines, toAll))
	for n := 1; n <= len(d.Options); n++ {
		a := ask(lines, func(choice string) int { return d.toOption(choice, n) })
		byHeads, byArea, result := d.decide(t, a)
		v.Options = append(v.Options, option{Option: n, Result: result, Yes: a.heads[0], No: a.heads[1], Abstain: a.heads[2], Area: byArea})
		heads = append(heads, byHeads)
		if byArea != nil {
			areas = append(areas, *byArea)
		}
		if result == passed {
			v.Winners = append(v.Winners, n)
		}
	}
	v.nearest(heads)
	if v.Area != nil {
		v.Area.nearest(areas)
	}
	switch {
	case v.Result == noQuorum:
		v.tooFew()
	case d.Method == choose:
		v.name(len(v.Winners) > 0, "verdict.chosen", "verdict.unchosen")
		slices.SortStableFunc(v.Winners, func(x, y int) int { return cmp.Compare(v.Options[y-1].Yes, v.Options[x-1].Yes) })
	case len(v.Winners) > 0 && len(v.Winners) < len(v.Options):
		v.Result, v.Reason = partly, "verdict.each_partly"
	default:
		v.name(len(v.Winners) > 0, "verdict.each_passed", "verdict.each_failed")
	}
	return v
}

// toOption is what a ballot answers to one option.
func (d *definition) toOption(choice string, n int) int {
	switch {
	case choice == void:
		return 3
	case choice == "abstain":
		return 2
	case d.Method == each:
		return strings.IndexByte("yna", choice[2*(n-1)])
	case strings.Contains(choice, strconv.Itoa(n)): // one digit each
		return 0
	}
	return 1
}

func (s *side) nearest(options []side) {
	s.MissingYes, s.CannotPass = options[0].MissingYes, true
	for _, o := range options {
		s.MissingYes = min(s.MissingYes, o.MissingYes)
		s.CannotPass = s.CannotPass && o.CannotPass
	}
}

func (v *verdict) tooFew() {
	v.Result, v.Reason = noQuorum, "verdict.no_quorum"
	if v.Area != nil {
		v.Reason = "verdict.no_quorum_area"
	}
}

func (v *verdict) name(won bool, yes, no string) {
	if v.Result, v.Reason = failed, no; won {
		v.Result, v.Reason = passed, yes
	}
}

// onlyHeard takes the judgement from a verdict under a rule that gives none.
func (v *verdict) onlyHeard(method string) {
	v.Result, v.Reason, v.Winners = opinion, "verdict.heard", nil
	if method == yesNo {
		v.Reason = "verdict.opinion"
	}
	v.side = side{Count: v.Count}
	if v.Area != nil {
		v.Area = &side{Count: v.Area.Count}
	}
	for i := range v.Options {
		o := &v.Options[i]
		if o.Result = opinion; o.Area != nil {
			o.Area = &side{Count: o.Area.Count}
		}
	}
}
