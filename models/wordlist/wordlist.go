// Package wordlist finds the words of a list in what residents write, however
// they are disguised: full-width or circled letters, traditional characters,
// look-alikes, invisible characters and signs between the letters, and, for words
// that are marked so, others that sound the same.
package wordlist

import (
	"strings"

	"github.com/coregx/ahocorasick"

	"yishi/models/rules"
)

// List is a list of words, ready to be looked for. It may be used by many at once.
type List struct {
	words         []rules.Word
	spelt, spoken index
	shapes        []rules.Word
}

// index finds many patterns in one pass; of is the words that each stands for.
type index struct {
	machine *ahocorasick.Automaton
	of      [][]int
}

// minSounds is how many characters must sound like a word where none is written
// in Latin letters: two alone sound like too much else.
const minSounds = 3

// New prepares a list. Entries that hold no letter are never found.
func New(words []rules.Word) (*List, error) {
	l := &List{words: words}
	spelt, spoken := map[string][]int{}, map[string][]int{}
	for i, w := range words {
		if w.Shape() {
			l.shapes = append(l.shapes, w)
			continue
		}
		letters := fold(w.Word)
		if s := joined(letters, letter.spelling); s != "" {
			spelt[s] = append(spelt[s], i)
		}
		if s := joined(letters, letter.sound); s != "" && w.Pinyin {
			spoken[s] = append(spoken[s], i)
		}
	}
	var err error
	if l.spelt, err = newIndex(spelt); err != nil {
		return nil, err
	}
	l.spoken, err = newIndex(spoken)
	return l, err
}

func newIndex(patterns map[string][]int) (index, error) {
	var x index
	if len(patterns) == 0 {
		return x, nil
	}
	b := ahocorasick.NewBuilder()
	for pattern, words := range patterns {
		b.AddPattern([]byte(pattern))
		x.of = append(x.of, words)
	}
	var err error
	x.machine, err = b.Build()
	return x, err
}

func joined(letters []letter, as func(letter) string) string {
	var b strings.Builder
	for _, l := range letters {
		b.WriteString(as(l))
	}
	return b.String()
}

// Words are the entries.
func (l *List) Words() []rules.Word { return l.words }

// Find returns the words of the list that stand in a text, each once, in the
// order of the list.
func (l *List) Find(text string) []rules.Finding {
	letters := fold(text)
	seen := map[int]bool{}
	l.spelt.find(letters, letter.spelling, seen, func(first, past int) bool { return whole(letters, first, past) })
	l.spoken.find(letters, letter.sound, seen, func(first, past int) bool {
		return whole(letters, first, past) && heard(letters[first:past])
	})
	var out []rules.Finding
	for i, w := range l.words {
		if seen[i] {
			out = append(out, rules.Finding{Word: w.Word, Category: w.Category, Action: w.Action})
		}
	}
	for _, w := range l.shapes {
		if shaped(letters, w.Word) {
			out = append(out, rules.Finding{Word: w.Word, Category: w.Category, Action: w.Action})
		}
	}
	return out
}

// find marks the words whose pattern stands in the letters and fits there.
func (x index) find(letters []letter, as func(letter) string, seen map[int]bool, fits func(first, past int) bool) {
	if x.machine == nil {
		return
	}
	var b []byte
	at := make([]int, 0, 4*len(letters)) // which letter a byte begins; -1: none
	for i, l := range letters {
		s := as(l)
		at = append(at, i)
		for range len(s) - 1 {
			at = append(at, -1)
		}
		b = append(b, s...)
	}
	at = append(at, len(letters))
	for _, m := range x.machine.FindAllOverlapping(b) {
		first, past := at[m.Start], at[m.End]
		if first < 0 || past < 0 || !fits(first, past) {
			continue
		}
		for _, w := range x.of[m.PatternID] {
			seen[w] = true
		}
	}
}

// whole reports whether letters are one word to a reader: not a part of a longer
// Latin word or number, and not the end of one clause with the beginning of the
// next, unless every letter is set apart, as nobody does who hides nothing.
func whole(letters []letter, first, past int) bool {
	if first > 0 && runsOn(letters, first) || past < len(letters) && runsOn(letters, past) {
		return false
	}
	gaps, stops, all := 0, 0, past-first-1
	for _, l := range letters[first+1 : past] {
		if l.gap {
			gaps++
		}
		if l.stop {
			stops++
		}
	}
	return stops == 0 || gaps == all && all > 1
}

// runsOn reports whether a letter goes on with a Latin word or number.
func runsOn(letters []letter, i int) bool {
	return letters[i].latin() && letters[i-1].latin() && !letters[i].gap
}

// heard reports whether what sounds like a word was meant as one.
func heard(letters []letter) bool {
	for _, l := range letters {
		if l.latin() {
			return true
		}
	}
	return len(letters) >= minSounds
}
