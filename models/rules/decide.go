package rules

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Decide applies a pack to what the ballots say. The verdict depends on the
// histogram alone, never on the order of ballots or lines.
//
//   - A pack without verdict (ADV) only tells what was said.
//   - All must sign (STAKE, yes/no alone): agreed when every unit due said yes;
//     one no ends it.
//   - Otherwise the participation share is asked first: of the units due and,
//     where the pack counts by area (民法典 art. 278), of the area due too.
//   - yesno: the approval share of the pack's base is reached, on both sides.
//     Equal yes and no never make "more than half", and the reason then says so.
//   - choose: an option wins when those who name it reach that share; one is
//     enough to pass.
//   - each: every option is a yes/no question of its own.
//   - rank: an instant run-off (see [runoff]), by heads.
//   - score: the highest total wins, by heads; equal totals win together.
//
// A line that is no mark of the question counts as a ballot that says nothing.
func Decide(p Pack, a Ask, t Turnout, marks []Mark) Verdict {
	lines := a.lines(marks)
	heads, area := Count{Due: t.Due, Attended: t.Attended}, Count{Due: t.DueArea, Attended: t.AttendedArea}
	for _, l := range lines {
		heads.add(l.asked(), l.Ballots)
		area.add(l.asked(), l.Area)
	}
	if p.AllMustSign && p.Verdict && a.Method == MethodYesNo {
		return decideSigned(heads)
	}
	v := Verdict{}
	v.Side, v.Area, v.Result = judgeSides(p, heads, area)
	switch a.Method {
	case MethodYesNo:
		v.decideYesNo()
	case MethodChoose, MethodEach:
		v.decideOptions(p, a, lines, area)
	case MethodRank:
		v.decideOrder(a, lines)
	case MethodScore:
		v.decideScore(a, lines)
	}
	if !p.Verdict {
		return v.heard(a.Method)
	}
	return v
}

// line is a mark that was read.
type line struct {
	Mark
	method Method
	words  []string // nil where it is no mark of the question
}

// lines reads a histogram.
func (a Ask) lines(marks []Mark) []line {
	lines := make([]line, len(marks))
	for i, m := range marks {
		lines[i] = line{Mark: m, method: a.Method}
		if read, err := ReadChoice(a, string(m.Choice)); err == nil && read == m.Choice {
			lines[i].words = strings.FieldsFunc(string(m.Choice), func(r rune) bool { return strings.ContainsRune("+>,", r) })
		}
	}
	return lines
}

// abstains reports whether a line says nothing on anything.
func (l line) abstains() bool {
	if l.method == MethodEach {
		return len(l.words) > 0 && !slices.ContainsFunc(l.words, func(w string) bool { return w != eachAbstain })
	}
	return l.words != nil && l.Choice == Abstain
}

// asked is what a line says to the question as a whole: yes, no or abstain, ""
// where it takes sides on options instead.
func (l line) asked() Choice {
	switch {
	case l.words == nil:
		return ""
	case l.abstains():
		return Abstain
	case l.method == MethodYesNo:
		return l.Choice
	}
	return ""
}

// on is what a line says to one option, from 1: a ballot that chooses others
// says no to it.
func (l line) on(option int) Choice {
	switch {
	case l.words == nil:
		return ""
	case l.abstains():
		return Abstain
	case l.method == MethodEach:
		return map[string]Choice{eachYes: Yes, eachNo: No, eachAbstain: Abstain}[l.words[option-1]]
	case slices.Contains(l.words, strconv.Itoa(option)):
		return Yes
	}
	return No
}

// add counts n ballots, or their area, that say one thing; "" is cast and
// nothing more.
func (c *Count) add(says Choice, n int64) {
	c.Cast += n
	switch says {
	case Yes:
		c.Yes += n
	case No:
		c.No += n
	case Abstain:
		c.Abstain += n
	case Sheet, Void, Withdrawn: // not entered yet; entered, and no choice on it; none any more
	}
}

// judge applies the shares of a pack to the count of one side.
func judge(p Pack, c Count) (Side, Result) {
	s := Side{Count: c, NeedAttended: p.Participation.Least(c.Due), ApprovalBase: c.base(p.Approval.Base)}
	s.NeedYes = p.Approval.Least(s.ApprovalBase)
	s.MissingTurns = max(0, s.NeedAttended-c.Attended)
	s.MissingYes = max(0, s.NeedYes-c.Yes)
	s.CannotPassNow = s.NeedYes > s.ApprovalBase-c.No-c.Abstain
	switch {
	case !p.Participation.Reached(c.Attended, c.Due):
		return s, ResultNoQuorum
	case p.Approval.Reached(c.Yes, s.ApprovalBase):
		return s, ResultPassed
	}
	return s, ResultFailed
}

// judgeSides applies a pack by heads and, where it asks for that, by area: what
// passes has passed on both sides.
func judgeSides(p Pack, heads, area Count) (Side, *Side, Result) {
	byHeads, result := judge(p, heads)
	if !p.ByArea {
		return byHeads, nil, result
	}
	byArea, other := judge(p, area)
	for _, worst := range []Result{ResultNoQuorum, ResultFailed} {
		if result == worst || other == worst {
			return byHeads, &byArea, worst
		}
	}
	return byHeads, &byArea, ResultPassed
}

func (c Count) base(b Base) int64 {
	switch b {
	case BasePresent:
		return c.Attended
	case BaseCast:
		return c.Cast
	case BaseRoll:
		return c.Due
	}
	return c.Due
}

// decideSigned judges an agreement that every unit due must sign.
func decideSigned(c Count) Verdict {
	v := Verdict{Side: Side{
		Count: c, NeedAttended: c.Due, NeedYes: c.Due, ApprovalBase: c.Due,
		MissingTurns: max(0, c.Due-c.Attended), MissingYes: max(0, c.Due-c.Yes), CannotPassNow: c.No+c.Abstain > 0,
	}}
	switch {
	case c.Due > 0 && c.Yes >= c.Due:
		v.Result, v.Reason = ResultPassed, "verdict.signed"
	case v.CannotPassNow:
		v.Result, v.Reason = ResultFailed, "verdict.declined"
	default:
		v.Result, v.Reason = ResultPending, "verdict.unsigned"
	}
	return v
}

// tooFew gives the reason of a poll in which too few took part.
func (v *Verdict) tooFew() bool {
	if v.Result != ResultNoQuorum {
		return false
	}
	v.Reason = "verdict.no_quorum"
	if v.Area != nil {
		v.Reason = "verdict.no_quorum_area"
	}
	return true
}

func (v *Verdict) decideYesNo() {
	passed := v.Result == ResultPassed
	switch {
	case v.tooFew():
	case passed && v.Area == nil:
		v.Reason = "verdict.passed"
	case passed:
		v.Reason = "verdict.passed_area"
	case v.Area != nil:
		v.Reason = "verdict.failed_area"
	case v.Count.Yes == v.Count.No && v.Count.Yes > 0:
		v.Reason = "verdict.tie"
	default:
		v.Reason = "verdict.failed"
	}
}

// decideOptions judges options one by one.
func (v *Verdict) decideOptions(p Pack, a Ask, lines []line, area Count) {
	for i := range a.Options {
		byHeads, byArea := v.Count.blank(), area.blank()
		for _, l := range lines {
			byHeads.add(l.on(i+1), l.Ballots)
			byArea.add(l.on(i+1), l.Area)
		}
		heads, areas, result := judgeSides(p, byHeads, byArea)
		v.Options = append(v.Options, OptionVerdict{Option: i + 1, Result: result, Yes: byHeads.Yes, No: byHeads.No, Abstain: byHeads.Abstain, Area: areas})
		v.nearest(heads, i == 0)
		if areas != nil {
			v.Area.nearest(*areas, i == 0)
		}
		if result == ResultPassed {
			v.Winners = append(v.Winners, i+1)
		}
	}
	if v.tooFew() {
		return
	}
	if a.Method == MethodChoose {
		v.decideChosen()
		return
	}
	switch len(v.Winners) {
	case 0:
		v.Result, v.Reason = ResultFailed, "verdict.each_failed"
	case len(v.Options):
		v.Result, v.Reason = ResultPassed, "verdict.each_passed"
	default:
		v.Result, v.Reason = ResultPartly, "verdict.each_partly"
	}
}

// blank is a count of the same people of whom nobody has voted yet.
func (c Count) blank() Count { return Count{Due: c.Due, Attended: c.Attended} }

// nearest keeps of several options judged on one side what the one lacks that
// lacks least.
func (s *Side) nearest(option Side, first bool) {
	if first || option.MissingYes < s.MissingYes {
		s.MissingYes = option.MissingYes
	}
	s.CannotPassNow = option.CannotPassNow && (first || s.CannotPassNow)
}

func (v *Verdict) decideChosen() {
	slices.SortStableFunc(v.Winners, func(x, y int) int { return cmp.Compare(v.Options[y-1].Yes, v.Options[x-1].Yes) })
	v.Result, v.Reason = ResultPassed, "verdict.chosen"
	if len(v.Winners) == 0 {
		v.Result, v.Reason = ResultFailed, "verdict.unchosen"
	}
}

// decideScore adds up the points of each option. A ballot that gives nought to
// all has spoken; one that abstains has not.
func (v *Verdict) decideScore(a Ask, lines []line) {
	v.Options = make([]OptionVerdict, len(a.Options))
	lines = slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return !l.speaks() })
	best := int64(0)
	for i := range v.Options {
		o := &v.Options[i]
		o.Option = i + 1
		for _, l := range lines {
			points, _ := whole(l.words[i])
			o.Score += int64(points) * l.Ballots
		}
		best = max(best, o.Score)
	}
	if len(lines) == 0 {
		v.finish(nil, "verdict.unscored")
		return
	}
	var won []int
	for _, o := range v.Options {
		if o.Score == best {
			won = append(won, o.Option)
		}
	}
	v.finish(won, "verdict.scored")
}

// speaks reports whether a line holds ballots that take sides.
func (l line) speaks() bool { return l.Ballots > 0 && l.words != nil && !l.abstains() }

// finish ends a question that asks the pack for its quorum alone.
func (v *Verdict) finish(won []int, reason string) {
	v.Side = v.turnout()
	if v.Area != nil {
		area := v.Area.turnout()
		v.Area = &area
	}
	other := ResultNoQuorum
	if !v.tooFew() {
		other = ResultFailed
		v.Result, v.Reason, v.Winners = ResultFailed, reason, won
	}
	if len(v.Winners) > 0 {
		v.Result = ResultPassed
	}
	for i := range v.Options {
		o := &v.Options[i]
		if o.Result = other; slices.Contains(v.Winners, o.Option) {
			o.Result = ResultPassed
		}
	}
}

// turnout is what a side says about who took part.
func (s Side) turnout() Side {
	return Side{Count: s.Count, NeedAttended: s.NeedAttended, MissingTurns: s.MissingTurns}
}

// heard leaves of a verdict only what was said, where the pack gives none.
func (v Verdict) heard(m Method) Verdict {
	said := Verdict{Result: ResultOpinion, Reason: "verdict.heard", Side: Side{Count: v.Count}, Options: v.Options}
	if m == MethodYesNo {
		said.Reason = "verdict.opinion"
	}
	if v.Area != nil {
		said.Area = &Side{Count: v.Area.Count}
	}
	for i := range said.Options {
		o := &said.Options[i]
		o.Result = ResultOpinion
		if o.Area != nil {
			o.Area = &Side{Count: o.Area.Count}
		}
	}
	return said
}
