package main

import (
	"crypto/rsa"
	"strconv"
	"strings"
)

// vote is a ballot of which unit, turn and choice were read.
type vote struct {
	unit   string
	turn   int64
	choice string
	area   int64
	sealed string // of a secret ballot, which says nothing before it is opened
}

// scanner reads a text that has one form, letter by letter.
type scanner struct {
	rest string
	bad  bool
}

// skip passes what must come next.
func (s *scanner) skip(text string) {
	rest, ok := strings.CutPrefix(s.rest, text)
	s.rest, s.bad = rest, s.bad || !ok
}

// until reads up to a quotation mark, which no text of a ballot holds.
func (s *scanner) until() string {
	text, _, _ := strings.Cut(s.rest, `"`)
	s.rest = s.rest[len(text):]
	return text
}

// number reads a whole number, 0 or more, as one writes it.
func (s *scanner) number() int64 {
	digits := s.rest[:len(s.rest)-len(strings.TrimLeft(s.rest, "0123456789"))]
	s.rest = s.rest[len(digits):]
	n, err := strconv.ParseInt(digits, 10, 64)
	s.bad = s.bad || err != nil || digits != strconv.FormatInt(n, 10)
	return n
}

// readVote reads a ballot's leaf, whose one form leaves no letter free.
func readVote(leaf string) (vote, bool) {
	s := scanner{rest: leaf}
	var b vote
	s.skip(`{"unit":"`)
	b.unit = s.until()
	s.skip(`","turn":`)
	b.turn = s.number()
	s.skip(`,"choice":"`)
	b.choice = s.until()
	s.skip(`","area":`)
	b.area = s.number()
	s.skip(`,"salt":"`)
	salt := s.until()
	s.skip(`"}`)
	return b, !s.bad && s.rest == "" && isHex(b.unit, 32) && isHex(salt, 32)
}

// What stands for the choice of a unit that handed in a sheet of paper: that it
// did, that two people found no choice on it, and that the sheet was taken back
// before anybody entered it, so that the unit has not voted.
const (
	sheet     = "sheet"
	void      = "void"
	withdrawn = "withdrawn"
)

// again stands for a sheet that was registered again to be corrected.
const again = "again"

// checkBallots checks every leaf between the definition and the closing.
func (v *verifier) checkBallots() {
	v.last = map[string]vote{}
	turns := map[string]int64{}
	v.papers = map[string]string{}
	before, cast := v.faults, 0
	var issuer *rsa.PublicKey
	if v.def.Secret != nil {
		issuer, _ = v.def.Secret.issuer() // the definition was checked
	}
	for i, leaf := range v.board.Leaves {
		switch {
		case i == 0 || v.isClosing(i):
			continue
		case strings.HasPrefix(leaf, closingStart):
			v.faultAt(i, "closing.early", "after", len(v.board.Leaves)-1-i)
			continue
		}
		cast++
		check := v.checkNamed
		if issuer != nil {
			check = func(i int, leaf string, turns map[string]int64) (vote, bool) {
				return v.checkSecret(i, issuer, leaf, turns)
			}
		}
		b, ok := check(i, leaf, turns)
		switch {
		case ok && b.choice == withdrawn:
			delete(v.last, b.unit)
		case ok:
			v.last[b.unit] = b
		}
	}
	if v.faults == before {
		v.good("ballots.good", "n", cast, "units", len(v.last), "of", v.def.Pack.of())
	}
}

// checkNamed checks one ballot and returns it if it can be counted.
func (v *verifier) checkNamed(i int, leaf string, turns map[string]int64) (vote, bool) {
	b, ok := readVote(leaf)
	if !ok {
		v.faultAt(i, "ballot.form", "leaf_text", leaf)
		return b, false
	}
	ok = v.checkVote(i, b, turns[b.unit], v.papers[b.unit])
	turns[b.unit]++
	v.papers[b.unit] = follow(v.papers[b.unit], b.choice)
	return b, ok
}

// checkVote checks a ballot that was read and returns whether it can be counted.
// paper is the last leaf of a unit that votes by a sheet, "" of others.
func (v *verifier) checkVote(i int, b vote, turn int64, paper string) bool {
	before := v.faults
	area, there := v.roll[b.unit]
	if !there {
		v.faultAt(i, "ballot.unit", "unit", b.unit)
	} else if area != b.area {
		v.faultAt(i, "ballot.area", "area", square(b.area), "want", square(area))
	}
	if b.turn != turn {
		v.faultAt(i, "ballot.turn", "turn", b.turn, "want", turn)
	} else if turn > 0 && paper == "" && b.choice != sheet && b.choice != withdrawn && !v.def.Pack.Revote {
		v.faultAt(i, "ballot.revote", "unit", b.unit)
	}
	if !inTurn(b.choice, turn, paper) {
		v.faultAt(i, "ballot.sheet", "unit", b.unit)
	}
	if b.choice != sheet && b.choice != void && b.choice != withdrawn && !v.def.isMark(b.choice) {
		v.faultAt(i, "ballot.choice", "choice", b.choice)
	}
	return v.faults == before
}

// inTurn reports whether a leaf may follow those of its unit. A sheet is handed in
// by a unit that has not voted. Once that is on the board the unit votes by it
// alone: an entry follows, and before another entry the sheet is registered again.
// Only one that was never entered is taken back; then all is as before.
func inTurn(choice string, turn int64, paper string) bool {
	waits := paper == sheet || paper == again
	switch {
	case choice == sheet:
		return turn == 0 || paper != "" && !waits
	case choice == withdrawn:
		return paper == sheet
	case paper == "" || paper == withdrawn:
		return choice != void
	}
	return waits
}

// follow is what a unit's paper is after another leaf.
func follow(paper, choice string) string {
	switch {
	case choice == sheet && paper != "" && paper != withdrawn:
		return again
	case choice == sheet || paper == sheet || paper == again:
		return choice
	case paper == withdrawn:
		return ""
	}
	return paper
}

// isMark reports whether a choice is one that a ballot of this question can
// hold, written in its one way.
func (d *definition) isMark(choice string) bool {
	if len(choice) > 64 {
		return false
	}
	if choice == "abstain" {
		return d.Method != each // there one abstains on each option
	}
	n := len(d.Options)
	switch d.Method {
	case yesNo:
		return choice == "yes" || choice == "no"
	case choose:
		named, ok := numbers(choice, "+", 1, n)
		return ok && len(named) <= d.Most && ascending(named)
	case rank:
		named, ok := numbers(choice, ">", 1, n)
		return ok && distinct(named)
	case scores:
		points, ok := numbers(choice, ",", 0, d.Most)
		return ok && len(points) == n
	case each:
		says := strings.Split(choice, ",")
		for _, s := range says {
			if s != "y" && s != "n" && s != "a" {
				return false
			}
		}
		return len(says) == n
	}
	return false
}

// numbers reads whole numbers within bounds between signs.
func numbers(s, sign string, least, most int) ([]int, bool) {
	var all []int
	for word := range strings.SplitSeq(s, sign) {
		n, err := strconv.Atoi(word)
		if err != nil || word != strconv.Itoa(n) || n < least || n > most {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}

func ascending(numbers []int) bool {
	for i := 1; i < len(numbers); i++ {
		if numbers[i] <= numbers[i-1] {
			return false
		}
	}
	return true
}

func distinct(numbers []int) bool {
	seen := map[int]bool{}
	for _, n := range numbers {
		if seen[n] {
			return false
		}
		seen[n] = true
	}
	return true
}
