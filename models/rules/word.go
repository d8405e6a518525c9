package rules

import (
	"slices"
	"strings"
	"unicode"
)

// Word is one entry of the list of words that should not stand in public unread:
// the word itself, or a shape such as "#phone".
type Word struct {
	Word     string       `json:"word"`
	Category WordCategory `json:"category"`
	Action   WordAction   `json:"action"`
	Pinyin   bool         `json:"pinyin,omitempty"` // found by its sound too
}

// WordCategory is what is wrong with a word.
type WordCategory string

// The categories.
const (
	WordThreat  WordCategory = "threat"
	WordSlur    WordCategory = "slur"
	WordAd      WordCategory = "ad"
	WordIllegal WordCategory = "illegal"
	WordPrivate WordCategory = "private"
)

// WordAction is what follows when a word is found.
type WordAction string

// The actions: hold keeps the words from the public until people have decided,
// warn lets them through and shows the desk what was found.
const (
	WordHold WordAction = "hold"
	WordWarn WordAction = "warn"
)

// The shapes: what is found by how it is built.
const (
	ShapePhone    = "#phone"    // a mobile number
	ShapeIdentity = "#identity" // the number of an identity card, by its check digit
)

// Bounds of a list of words, in letters and entries.
const (
	minWord  = 2 // one letter alone would be found everywhere
	MaxWord  = 40
	MaxWords = 20_000
)

// Finding is a word that was found.
type Finding struct {
	Word     string       `json:"word"`
	Category WordCategory `json:"category"`
	Action   WordAction   `json:"action"`
}

// Holds reports whether words with these findings wait for people.
func Holds(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Action == WordHold })
}

// Shape reports whether an entry names a shape.
func (w Word) Shape() bool { return strings.HasPrefix(w.Word, "#") }

// Flaws are what is wrong with an entry by itself.
func (w Word) Flaws() []Flaw {
	var f flaws
	letters := 0
	for _, r := range w.Word {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
	}
	switch {
	case w.Shape():
		if w.Word != ShapePhone && w.Word != ShapeIdentity {
			f.wrong("word", "row.choice")
		}
	case isBlank(w.Word):
		f.wrong("word", "row.empty")
	case letters < minWord:
		f.wrong("word", "row.word")
	case letters > MaxWord || len([]rune(w.Word)) > MaxWord:
		f.wrong("word", "row.long")
	}
	if !slices.Contains([]WordCategory{WordThreat, WordSlur, WordAd, WordIllegal, WordPrivate}, w.Category) {
		f.wrong("category", "row.choice")
	}
	if w.Action != WordHold && w.Action != WordWarn {
		f.wrong("action", "row.choice")
	}
	return f
}
