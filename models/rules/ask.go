package rules

import (
	"slices"
)

// Method is in which way a question is put, and so what a ballot looks like.
type Method string

// The methods.
const (
	MethodYesNo  Method = "yesno"  // yes, no or abstain
	MethodChoose Method = "choose" // up to so many of the options
	MethodRank   Method = "rank"   // the options in order of preference
	MethodScore  Method = "score"  // points for each option
	MethodEach   Method = "each"   // yes, no or abstain on each option
)

// Methods are all of them.
var Methods = []Method{MethodYesNo, MethodChoose, MethodRank, MethodScore, MethodEach}

// Bounds of a question.
const (
	MaxOptions = 9  // so that one digit names an option
	MaxOption  = 60 // characters of an option
	MaxScore   = 10 // points for one option
)

// Ask is the way in which a question is put. Most is how many options a ballot
// may choose, or how many points it may give to one; 0 elsewhere.
type Ask struct {
	Method  Method   `json:"method"`
	Options []string `json:"options" nullable:"false"`
	Most    int      `json:"most"`
}

// CheckAsk cleans a question's options and refuses what cannot be asked.
//
//   - The pack admits the method.
//   - choose, rank and score have 2 to 9 options, each has 1 to 9, yesno none.
//   - No option is empty, too long, or there twice.
//   - At least one and at most all options may be chosen; 1 to 10 points are the
//     most for one option. Elsewhere there is no such bound, and it is left out.
func CheckAsk(p Pack, a Ask) (Ask, error) {
	if !p.admits(a.Method) {
		return Ask{}, Refuse(Invalid, "poll.method", "pack", p.Name, "method", a.Method)
	}
	least, most := a.Method.options()
	if n := len(a.Options); n < least || n > most {
		return Ask{}, Refuse(Invalid, "poll.options", "method", a.Method, "min", least, "max", most)
	}
	options := make([]string, 0, len(a.Options))
	for _, o := range a.Options {
		o, err := CheckText("option", o, MaxOption)
		if err != nil {
			return Ask{}, err
		}
		if slices.Contains(options, o) {
			return Ask{}, Refuse(Invalid, "poll.same", "option", o)
		}
		options = append(options, o)
	}
	a.Options = options
	return a.bounded()
}

// options returns how many options a question by this method has.
func (m Method) options() (least, most int) {
	switch m {
	case MethodYesNo:
		return 0, 0
	case MethodEach:
		return 1, MaxOptions
	case MethodChoose, MethodRank, MethodScore:
	}
	return 2, MaxOptions
}

// bounded checks how much one ballot may say.
func (a Ask) bounded() (Ask, error) {
	top := 0
	switch a.Method {
	case MethodChoose:
		top = len(a.Options)
	case MethodScore:
		top = MaxScore
	case MethodYesNo, MethodRank, MethodEach:
		a.Most = 0
		return a, nil
	}
	if a.Most < 1 || a.Most > top {
		return Ask{}, Refuse(Invalid, "poll.limit", "max", top)
	}
	return a, nil
}
