package rules

import "time"

// CountingFor is how long sheets may be entered after a poll has ended. What no
// two people have read alike by then says nothing.
const CountingFor = 72 * time.Hour

// Entered is what somebody read on a sheet.
type Entered struct {
	Person int64
	Choice Choice
}

// ReadEntry reads what is entered of a sheet: a mark of the question, as
// [ReadChoice] reads it, or [Void].
func ReadEntry(a Ask, typed string) (Choice, error) {
	if typed == string(Void) {
		return Void, nil
	}
	return ReadChoice(a, typed)
}

// CheckEntry says whether somebody may enter a sheet that others have read
// already, maybe: once each, and not that of their own unit.
func CheckEntry(had []Entered, person int64, own bool) error {
	if own {
		return Refuse(Conflict, "sheet.own")
	}
	for _, e := range had {
		if e.Person == person {
			return Refuse(Conflict, "sheet.twice")
		}
	}
	return nil
}

// Agreed is what two different people have read alike, whichever two of those who
// entered the sheet; ok is false as long as there are no two.
func Agreed(entries []Entered) (c Choice, ok bool) {
	for i, a := range entries {
		for _, b := range entries[:i] {
			if a.Choice == b.Choice && a.Person != b.Person {
				return a.Choice, true
			}
		}
	}
	return "", false
}
