package rules

import (
	"maps"
	"strconv"
)

// Need is what a pack asks of a poll, told before its end: the code of its sentence
// and what that tells of.
type Need struct {
	Code   string
	Params map[string]any
}

// Needs tells by what [Decide] will judge, as far as that stands while the poll runs:
// how many must still take part, and how many approvals pass: a number where their base
// no longer changes, a share where it grows with everybody who takes part. Of the area
// that takes part nothing is told: it would name whose it is.
func Needs(p Pack, a Ask, t Turnout) Need {
	c := Count{Due: t.Due, Attended: t.Attended}
	if !p.Verdict {
		return Need{Code: "need.opinion"}
	}
	side, _ := judge(p, c)
	n := Need{Code: p.waySentence(a.Method), Params: side.named("")}
	if p.AllMustSign {
		n.Code = "need.signed"
	}
	maps.Copy(n.Params, p.asks())
	n.Params["of"] = p.turnoutSentence(side.MissingTurns)
	return n
}

// Rule tells in one sentence what a pack asks, before there is a poll under it.
func (p Pack) Rule() Need {
	n := Need{Code: "need.rule", Params: p.asks()}
	switch {
	case !p.Verdict:
		n.Code = "need.rule_opinion"
	case p.AllMustSign:
		n.Code = "need.rule_signed"
	case p.ByArea:
		n.Code = "need.rule_area"
	}
	return n
}

// asks are a pack's shares, and who votes, as its sentences name them.
func (p Pack) asks() map[string]any {
	who := "need.who." + string(p.Roll)
	if p.Roll == RollRegister {
		who = "need.who." + string(p.Unit)
	}
	return map[string]any{
		"unit": "need.unit." + string(p.Unit), "base": "need.base." + string(p.Approval.Base), "share": p.Approval.String(),
		"turnout": p.Participation.String(), "who": who, "days": p.NoticeDays,
	}
}

// turnoutSentence is the code of who has to take part.
func (p Pack) turnoutSentence(missing int64) string {
	code := "need.turnout"
	switch {
	case p.Roll == RollPresent:
		return "need.present" // the poll would not have been opened with fewer
	case missing == 0:
		code = "need.reached"
	}
	if p.ByArea {
		code += "_area"
	}
	return code
}

// waySentence is the code of what makes an answer win.
func (p Pack) waySentence(m Method) string {
	switch {
	case m == MethodRank, m == MethodScore:
		return "need." + string(m)
	case p.ByArea:
		return "need." + string(m) + "_area"
	case p.Approval.Base == BaseRoll, p.Approval.Base == BasePresent && p.Roll == RollPresent:
		return "need." + string(m)
	}
	return "need." + string(m) + "_share"
}

// String writes a share as "2/3", and one that must be exceeded as ">1/2".
func (s Share) String() string {
	out := strconv.FormatInt(s.Num, 10) + "/" + strconv.FormatInt(s.Den, 10)
	if s.Strict {
		return ">" + out
	}
	return out
}
