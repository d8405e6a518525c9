package rules

import (
	"strings"

	"yishi/models/typed"
)

// paperLetters are the digits and capitals of a paper code: without 0, 1, I, L
// and O, which are taken for one another. There are 31, a prime, so that the
// check letter notices every slip.
const paperLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// PaperCodeLetters is the length of a paper code, the check letter included.
const PaperCodeLetters = 10

// PaperCodes is how many paper codes there are: 31 to the power of 9, so that of
// a thousand that are out a guess finds one in twenty-six thousand million tries.
const PaperCodes = 26_439_622_160_671

// PaperCode turns a number below PaperCodes into a code in two groups, as it is
// printed. The last letter is a check letter: one misread letter and two that
// changed places are always noticed.
func PaperCode(n uint64) string {
	code := make([]byte, PaperCodeLetters-1, PaperCodeLetters)
	for i := range code {
		code[i] = paperLetters[n%uint64(len(paperLetters))]
		n /= uint64(len(paperLetters))
	}
	return showPaperCode(string(append(code, paperLetters[paperCheck(code)])))
}

func showPaperCode(code string) string {
	return code[:PaperCodeLetters/2] + "-" + code[PaperCodeLetters/2:]
}

// paperCheck weighs each letter by its place.
func paperCheck(code []byte) int {
	sum := 0
	for i, c := range code {
		sum += (i + 1) * strings.IndexByte(paperLetters, c)
	}
	return sum % len(paperLetters)
}

// ReadPaperCode reads a paper code as a person types it (small letters, blanks,
// dashes and full-width forms are fine) and returns it as PaperCode writes it. It
// refuses one that was mistyped.
func ReadPaperCode(s string) (string, error) {
	code, ok := typed.Code(paperLetters, s)
	if !ok || len(code) != PaperCodeLetters || paperLetters[paperCheck([]byte(code[:PaperCodeLetters-1]))] != code[PaperCodeLetters-1] {
		return "", Refuse(Invalid, "paper.code")
	}
	return showPaperCode(code), nil
}

// Paper is what is known of a paper code that somebody hands in.
type Paper struct {
	Found     bool
	Elsewhere bool // it belongs to another poll
	Withdrawn bool
	Spent     bool
}

// CheckPaper says whether a paper code may be redeemed. One that was redeemed
// gets its own answer again, if it says the same; that is seen to elsewhere.
func CheckPaper(p Paper) error {
	switch {
	case !p.Found:
		return Refuse(NotFound, "paper.unknown")
	case p.Elsewhere:
		return Refuse(Conflict, "paper.poll")
	case p.Spent:
		return Refuse(Conflict, "paper.spent")
	case p.Withdrawn:
		return Refuse(Conflict, "paper.withdrawn")
	}
	return nil
}

// CheckAssist says whether a helper may take down the ballot of somebody.
//
//   - One's own, or that of one's own unit, one casts by telephone.
//   - Who is helped holds the unit on the roll, and not as a proxy.
//   - They are there: checked in at the session of the poll.
func CheckAssist(helper, person int64, own, seated, present bool) error {
	switch {
	case helper == person, own:
		return Refuse(Conflict, "assist.self")
	case !seated:
		return Refuse(Conflict, "assist.roll")
	case !present:
		return Refuse(Conflict, "assist.absent")
	}
	return nil
}
