package rules

import (
	"cmp"
	"slices"
)

// Stance is what somebody asks for the floor to say.
type Stance string

// The stances.
const (
	StanceFor     Stance = "for"
	StanceAgainst Stance = "against"
	StanceOther   Stance = "other" // a question, an addition
)

// Stances are all stances, in the order in which they are told.
var Stances = []Stance{StanceFor, StanceAgainst, StanceOther}

// opposite is what a stance alternates with; other alternates with nothing.
var opposite = map[Stance]Stance{StanceFor: StanceAgainst, StanceAgainst: StanceFor}

// Part is for whom somebody is there.
type Part string

// The parts.
const (
	PartResident   Part = "resident"
	PartMerchant   Part = "merchant"
	PartDepartment Part = "department"
	PartVisitor    Part = "visitor" // known by a name at most
)

// How long the floor is given for, and how often to one person on one topic
// without the chair's saying so.
const (
	FloorSeconds = 120
	FloorLeast   = 30
	FloorMost    = 600
	FloorTimes   = 2
)

// CheckFloorSeconds returns for how long the floor is given: 0 is FloorSeconds.
func CheckFloorSeconds(n int) (int, error) {
	if n == 0 {
		return FloorSeconds, nil
	}
	if n < FloorLeast || n > FloorMost {
		return 0, Refuse(Invalid, "speaker.seconds", "min", FloorLeast, "max", FloorMost)
	}
	return n, nil
}

// CheckStance refuses what is no stance.
func CheckStance(s Stance) error {
	if !slices.Contains(Stances, s) {
		return Refuse(Invalid, "speaker.stance")
	}
	return nil
}

// CheckTimes refuses the floor to whoever had it on a topic often enough, unless
// the chair says so.
func CheckTimes(had int, again bool) error {
	if had >= FloorTimes && !again {
		return Refuse(Conflict, "speaker.times", "times", had)
	}
	return nil
}

// Hand is somebody who waits for the floor. Hands were raised in the order of
// their ids.
type Hand struct {
	ID     int64
	Stance Stance
	Times  int // the floor was theirs on this topic
}

// FloorOrder returns the hands on one topic as the chair is advised to take them:
// whoever had the floor less often first, then the first hand; where both sides
// wait, for and against by turns. Last is for what the floor was had last, "" if
// nobody had it. It is advice, the chair may give the floor to anybody who waits.
func FloorOrder(hands []Hand, last Stance) []Hand {
	rest := slices.SortedFunc(slices.Values(hands), func(x, y Hand) int {
		return cmp.Or(cmp.Compare(x.Times, y.Times), cmp.Compare(x.ID, y.ID))
	})
	out := make([]Hand, 0, len(rest))
	for len(rest) > 0 {
		i := nextHand(rest, last)
		out = append(out, rest[i])
		if opposite[rest[i].Stance] != "" {
			last = rest[i].Stance
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return out
}

// nextHand is the first hand, or the first of the other side where that one's had
// the floor last. Only among those who had it as often.
func nextHand(rest []Hand, last Stance) int {
	if rest[0].Stance != last {
		return 0
	}
	other := slices.IndexFunc(rest, func(h Hand) bool {
		return h.Times == rest[0].Times && h.Stance == opposite[last]
	})
	return max(other, 0)
}
