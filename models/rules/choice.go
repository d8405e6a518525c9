package rules

import (
	"slices"
	"strconv"
	"strings"

	"yishi/models/typed"
)

// Choice is what a ballot says, in one canonical form for each method, its
// mark: "yes"; "1+3" for a choice of options; "2>1>3" for an order; "5,3,0" for
// points; "y,n,a" for a yes, a no and an abstention on three options.
type Choice string

// What a ballot may say to a yes/no question. Abstain is also the mark of a
// ballot that chooses, ranks or scores nothing.
const (
	Yes     Choice = "yes"
	No      Choice = "no"
	Abstain Choice = "abstain"
)

// Choices are the options of a yes/no poll, in the order in which they are put.
var Choices = []Choice{Yes, No, Abstain}

const (
	eachYes     = "y"
	eachNo      = "n"
	eachAbstain = "a"
)

// maxTyped is how much a person may send as a ballot, in bytes.
const maxTyped = 200

// ReadChoice reads what a person sends as a ballot into its mark. Full-width
// letters and digits, capitals, and any of the usual signs and blanks between
// numbers will do. What is not certain is refused with the rule that it broke,
// never guessed: a wrong ballot is worse than a question asked twice.
func ReadChoice(a Ask, s string) (Choice, error) {
	if len(s) > maxTyped {
		return "", Refuse(Invalid, "poll.long")
	}
	words := slots(s)
	alone := Choice(strings.Join(words, " "))
	switch {
	case a.Method == MethodYesNo && slices.Contains(Choices, alone):
		return alone, nil
	case a.Method == MethodYesNo, len(a.Options) == 0:
		return "", Refuse(Invalid, "poll.option")
	case alone == Abstain:
		return a.abstention(), nil
	}
	switch a.Method {
	case MethodChoose:
		return a.readChosen(words)
	case MethodRank:
		return a.readRanking(words)
	case MethodScore:
		return a.readScores(words)
	case MethodEach:
		return a.readEach(words)
	case MethodYesNo:
	}
	return "", Refuse(Invalid, "poll.option")
}

// abstention is the mark of a ballot that says nothing on any option.
func (a Ask) abstention() Choice {
	if a.Method != MethodEach {
		return Abstain
	}
	return mark(slices.Repeat([]string{eachAbstain}, len(a.Options)), ",")
}

// slots cuts what was typed into words. A sign between two words always parts
// them, so that what was left out between two signs is seen as a gap; blanks
// part words too, but never make a gap.
func slots(s string) []string {
	s = strings.Map(func(r rune) rune {
		r = typed.Half(r)
		if strings.ContainsRune(",+>;、，；＋＞﹐﹑､→", r) {
			return ','
		}
		return r
	}, Clean(s))
	var words []string
	for part := range strings.SplitSeq(strings.ToLower(s), ",") {
		if fields := strings.Fields(part); len(fields) > 0 {
			words = append(words, fields...)
		} else {
			words = append(words, "")
		}
	}
	return words
}

// mark writes words with a sign between them.
func mark(words []string, sign string) Choice { return Choice(strings.Join(words, sign)) }

// option reads the number of an option, from 1.
func (a Ask) option(word string) (int, bool) {
	n, ok := whole(word)
	return n, ok && n >= 1 && n <= len(a.Options)
}

// whole reads a number of one or two digits and nothing else.
func whole(word string) (int, bool) {
	if len(word) == 0 || len(word) > 2 || strings.Trim(word, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(word)
	return n, err == nil
}

// readChosen reads numbers of options. One that is named twice is chosen once.
func (a Ask) readChosen(words []string) (Choice, error) {
	var chosen []string
	for _, w := range words {
		n, ok := a.option(w)
		if !ok {
			return "", Refuse(Invalid, "poll.option")
		}
		chosen = append(chosen, strconv.Itoa(n))
	}
	slices.Sort(chosen) // one digit each
	chosen = slices.Compact(chosen)
	if len(chosen) > a.Most {
		return "", Refuse(Invalid, "poll.most", "most", a.Most)
	}
	return mark(chosen, "+"), nil
}

// readRanking reads numbers of options, the best first; the rest may be left
// out.
func (a Ask) readRanking(words []string) (Choice, error) {
	var order []string
	for _, w := range words {
		n, ok := a.option(w)
		if !ok || slices.Contains(order, strconv.Itoa(n)) {
			return "", Refuse(Invalid, "poll.rank", "n", len(a.Options))
		}
		order = append(order, strconv.Itoa(n))
	}
	return mark(order, ">"), nil
}

func (a Ask) readScores(words []string) (Choice, error) {
	refused := Refuse(Invalid, "poll.score", "n", len(a.Options), "most", a.Most)
	if len(words) != len(a.Options) {
		return "", refused
	}
	scores := make([]string, len(words))
	for i, w := range words {
		n, ok := whole(w)
		if !ok || n > a.Most {
			return "", refused
		}
		scores[i] = strconv.Itoa(n)
	}
	return mark(scores, ","), nil
}

func (a Ask) readEach(words []string) (Choice, error) {
	if len(words) != len(a.Options) {
		return "", Refuse(Invalid, "poll.each", "n", len(a.Options))
	}
	says := make([]string, len(words))
	for i, w := range words {
		switch w {
		case eachYes, string(Yes):
			says[i] = eachYes
		case eachNo, string(No):
			says[i] = eachNo
		case eachAbstain, string(Abstain):
			says[i] = eachAbstain
		default:
			return "", Refuse(Invalid, "poll.each", "n", len(a.Options))
		}
	}
	return mark(says, ","), nil
}
