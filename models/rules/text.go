package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a person may write, in characters (runes).
const (
	MaxTitle    = 60
	MaxQuestion = 120
	MaxBody     = 8000
	MaxReason   = 1000
	MaxName     = 40
)

// Clean returns s without control and invisible characters, runs of blanks
// folded to one, and no blanks at either end. Line breaks are kept, and what joins
// two pictures to one.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank, line, last := false, false, rune(0)
	for i, r := range s {
		switch {
		case r == joiner && !blank && !line && isPicture(last):
			if next, _ := utf8.DecodeRuneInString(s[i+len(string(joiner)):]); isPicture(next) {
				b.WriteRune(joiner)
			}
		case r == '\n':
			line = true
		case invisible(r):
		case unicode.IsSpace(r):
			blank = true
		default:
			if b.Len() > 0 && line {
				b.WriteByte('\n')
			} else if b.Len() > 0 && blank {
				b.WriteByte(' ')
			}
			blank, line, last = false, false, r
			b.WriteRune(r)
		}
	}
	return b.String()
}

const joiner = '\u200d'

// isPicture reports whether r is a pictograph, or what gives one its look.
func isPicture(r rune) bool {
	return unicode.Is(unicode.So, r) && r != utf8.RuneError || r == '\ufe0f' || r >= 0x1f3fb && r <= 0x1f3ff
}

// invisible reports whether r shows nothing: controls, zero-width characters,
// direction marks, tags and what is no character at all.
func invisible(r rune) bool {
	if r == '\t' || r == '\r' || r == '\v' || r == '\f' {
		return false
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

// isBlank reports whether a reader of s would see nothing: it holds no more
// than marks without a letter to stand on and blanks that pass for letters.
func isBlank(s string) bool {
	for _, r := range Clean(s) {
		if r != 0x2800 && r != joiner && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Me) {
			return false
		}
	}
	return true
}

// CheckText cleans s and refuses what is empty or longer than most characters.
// The refusal names the field.
func CheckText(field, s string, most int) (string, error) {
	if isBlank(s) {
		return "", Refuse(Invalid, "text.empty", "field", field)
	}
	s = Clean(s)
	if n := utf8.RuneCountInString(s); n > most {
		return "", Refuse(Invalid, "text.long", "field", field, "max", most, "has", n)
	}
	return s, nil
}

// CheckOptional is CheckText for a field that may be left empty.
func CheckOptional(field, s string, most int) (string, error) {
	if isBlank(s) {
		return "", nil
	}
	return CheckText(field, s, most)
}

// Headline makes a title out of what somebody typed: the first sentence, on one
// line, cut to MaxTitle characters.
func Headline(s string) string {
	const stops = "\n。！？!?；;"
	s = Clean(s)
	if words := strings.TrimLeft(s, stops+" "); words != "" {
		s = words
		if i := strings.IndexAny(s, stops); i > 0 {
			s = strings.TrimSpace(s[:i])
		}
	}
	s = strings.ReplaceAll(s, "\n", " ")
	if r := []rune(s); len(r) > MaxTitle {
		return string(r[:MaxTitle-1]) + "…"
	}
	return s
}
