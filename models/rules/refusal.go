package rules

import (
	"errors"
	"fmt"
)

// Kind is the class of a [Refusal]. Each door translates it: HTTP to a status,
// the bot to a sentence.
type Kind uint8

// The kinds of refusal.
const (
	Invalid         Kind = iota + 1 // what was asked cannot be understood or is out of bounds
	Unauthenticated                 // nobody is logged in
	Forbidden                       // this person may never do this
	NotFound                        // there is no such thing within this person's reach
	Conflict                        // the state of the thing does not allow it now
	TooMany                         // a limit on size or rate
	Busy                            // there is no room at this moment; the same may be asked again
)

// Refusal is a "no" that a resident can read. It changes nothing. Any other
// error is a fault: logged whole, and told only as "something broke".
type Refusal struct {
	Kind   Kind
	Code   string         // key of the sentence in configs/locale, such as "poll.closed"
	Params map[string]any // what fills the sentence's {placeholders}
}

// Refuse returns a refusal. Params are alternating names and values.
func Refuse(kind Kind, code string, params ...any) *Refusal {
	r := &Refusal{Kind: kind, Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if r.Params == nil {
			r.Params = make(map[string]any, len(params)/2)
		}
		r.Params[fmt.Sprint(params[i])] = params[i+1]
	}
	return r
}

// Error names the code only; the sentence is in the locale.
func (r *Refusal) Error() string { return "refused: " + r.Code }

// AsRefusal reports whether err is, or wraps, a refusal.
func AsRefusal(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}
