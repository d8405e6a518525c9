package rules

import (
	"maps"
	"strings"
)

// Turnout is who was expected and who took part, by heads and by area in cm².
type Turnout struct {
	Due          int64 `json:"due"`
	Attended     int64 `json:"attended"` // present or voted
	DueArea      int64 `json:"due_area"`
	AttendedArea int64 `json:"attended_area"`
}

// Mark is one line of the histogram of a poll: how many ballots say exactly
// this, and the area in cm² that stands behind them.
type Mark struct {
	Choice  Choice `json:"choice"`
	Ballots int64  `json:"ballots"`
	Area    int64  `json:"area"`
}

// Count is what one side is judged from: voting units, or their area in cm².
// Where a ballot may choose, an option's yes are the ballots that name it and
// its no the ballots that name others alone.
type Count struct {
	Due      int64 `json:"due"`      // expected to take part
	Attended int64 `json:"attended"` // present or voted
	Cast     int64 `json:"cast"`     // ballots cast
	Yes      int64 `json:"yes"`
	No       int64 `json:"no"`
	Abstain  int64 `json:"abstain"`
}

// Result is the outcome of a poll.
type Result string

// The results of a poll.
const (
	ResultPassed   Result = "passed"
	ResultPartly   Result = "partly" // some of the options, asked one by one
	ResultFailed   Result = "failed"
	ResultNoQuorum Result = "no_quorum" // too few took part
	ResultPending  Result = "pending"   // STAKE: signatures are still missing
	ResultOpinion  Result = "opinion"   // ADV: views heard, nothing decided
	ResultVoid     Result = "void"      // secret, and never opened
)

// Side is a count by heads or by area, and what was still missing in it. Where
// several options are judged, the numbers needed are the same for all, and what
// is missing is told of the option that lacks least.
type Side struct {
	Count         Count `json:"count"`
	NeedAttended  int64 `json:"need_attended"`   // that had to take part
	NeedYes       int64 `json:"need_yes"`        // approvals that were needed
	ApprovalBase  int64 `json:"approval_base"`   // counted against this many
	MissingTurns  int64 `json:"missing_turnout"` // still missing for the quorum
	MissingYes    int64 `json:"missing_yes"`     // approvals still missing
	CannotPassNow bool  `json:"cannot_pass"`     // at this turnout no further approval would help
}

// OptionVerdict is what came out for one option.
type OptionVerdict struct {
	Option  int     `json:"option"` // from 1
	Result  Result  `json:"result"`
	Yes     int64   `json:"yes"` // ballots in favour; in a ranking, first preferences
	No      int64   `json:"no"`
	Abstain int64   `json:"abstain"`
	Score   int64   `json:"score"`
	Area    *Side   `json:"area,omitempty"`                    // where each option is counted by area too
	Rounds  []int64 `json:"rounds,omitempty" nullable:"false"` // in a ranking: ballots held in each round, until eliminated
}

// Verdict is a result that explains itself: the code of its sentence and, by
// heads and where the pack asks for it by area, what was still missing.
type Verdict struct {
	Result  Result          `json:"result"`
	Reason  string          `json:"reason"` // locale code
	Side                    // by heads
	Area    *Side           `json:"area,omitempty"`
	Options []OptionVerdict `json:"options,omitempty" nullable:"false"`
	Winners []int           `json:"winners,omitempty" nullable:"false"` // options that won, the strongest first
}

// Outlook is the code of what is said before the end of a vote that can no
// longer pass with those who take part so far, "" as long as it can.
func (v Verdict) Outlook() string {
	if v.CannotPassNow || v.Area != nil && v.Area.CannotPassNow {
		return "verdict.cannot_pass"
	}
	return ""
}

// Params are what the sentence of a verdict may ask for: the counts by their
// names, those of the area with "area_" before them, and the options that won.
func (v Verdict) Params(a Ask) map[string]any {
	params := v.named("")
	if v.Area != nil {
		maps.Copy(params, v.Area.named("area_"))
	}
	var winners []string
	for _, w := range v.Winners {
		if w >= 1 && w <= len(a.Options) {
			winners = append(winners, a.Options[w-1])
		}
	}
	params["winners"] = strings.Join(winners, "、")
	return params
}

func (s Side) named(prefix string) map[string]any {
	c := s.Count
	return map[string]any{
		prefix + "due": c.Due, prefix + "attended": c.Attended, prefix + "cast": c.Cast,
		prefix + "yes": c.Yes, prefix + "no": c.No, prefix + "abstain": c.Abstain,
		prefix + "need_attended": s.NeedAttended, prefix + "need_yes": s.NeedYes, prefix + "approval_base": s.ApprovalBase,
		prefix + "missing_turnout": s.MissingTurns, prefix + "missing_yes": s.MissingYes,
	}
}
