package rules

import "slices"

// Screened is a noun that everybody may read and that residents write.
type Screened string

// What is screened. The words of a topic are read by the desk in any case, before
// it is accepted; the others would stand in public at once.
const (
	ScreenedTopic    Screened = "topic"
	ScreenedPhoto    Screened = "photo"
	ScreenedPetition Screened = "petition"
	ScreenedRemark   Screened = "remark"
)

// AgainstDesk reports whether something may be meant against the desk itself,
// which may let it stand, but only those above may keep it from the public.
func (n Screened) AgainstDesk() bool { return n == ScreenedPetition || n == ScreenedRemark }

// ScreeningState is where a screening stands.
type ScreeningState string

// The states. Only what is clear or passed is public.
const (
	ScreeningWaiting ScreeningState = "waiting" // WeChat is asked
	ScreeningHeld    ScreeningState = "held"    // people decide
	ScreeningClear   ScreeningState = "clear"   // no word was found, and WeChat let it pass
	ScreeningPassed  ScreeningState = "passed"  // by people
	ScreeningRefused ScreeningState = "refused" // by people
)

// ScreeningPublic are the states of what everybody may read.
var ScreeningPublic = []ScreeningState{ScreeningClear, ScreeningPassed}

// Public reports whether everybody may read what was screened.
func (s ScreeningState) Public() bool { return slices.Contains(ScreeningPublic, s) }

// Decided reports whether nothing is to be decided any more.
func (s ScreeningState) Decided() bool { return s != ScreeningWaiting && s != ScreeningHeld }

// CheckScreening refuses a decision of people that may not be made: twice, by the
// desk against what may be meant against it, or without a reason where something
// was found or is kept from the public. above says that a level above decides.
func CheckScreening(s ScreeningState, n Screened, found, yes, above bool, reason string) error {
	switch {
	case s.Decided():
		return Refuse(Conflict, "screening.decided", "state", s)
	case !yes && n.AgainstDesk() && !above:
		return Refuse(Forbidden, "screening.above")
	case reason == "" && (found || !yes):
		return Refuse(Invalid, "text.empty", "field", "reason")
	}
	return nil
}
