package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a person may write, in characters (runes).
const (
	MaxTitle  = 60
	MaxBody   = 5000
	MaxReason = 1000
	MaxName   = 40
)

// Clean returns s without control and invisible characters, runs of blanks
// folded to one, and no blanks at either end. Line breaks are kept.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank, line := false, false
	for _, r := range s {
		switch {
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
			blank, line = false, false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// invisible reports whether r shows nothing: controls, zero-width characters,
// direction marks, tags and what is no character at all.
func invisible(r rune) bool {
	if r == '\t' || r == '\r' || r == '\v' || r == '\f' {
		return false
	}
	return r == utf8.RuneError || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
		unicode.Is(unicode.Co, r) || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0
}

// CheckText cleans s and refuses what is empty or longer than max characters.
// The refusal names the field.
func CheckText(field, s string, most int) (string, error) {
	s = Clean(s)
	if s == "" {
		return "", Refuse(Invalid, "text.empty", "field", field)
	}
	if n := utf8.RuneCountInString(s); n > most {
		return "", Refuse(Invalid, "text.long", "field", field, "max", most, "has", n)
	}
	return s, nil
}

// CheckOptional is CheckText for a field that may be left empty.
func CheckOptional(field, s string, most int) (string, error) {
	if Clean(s) == "" {
		return "", nil
	}
	return CheckText(field, s, most)
}

// Headline makes a title out of what somebody typed: the first sentence, cut to
// MaxTitle characters.
func Headline(s string) string {
	s = Clean(s)
	if i := strings.IndexAny(s, "\n。！？!?；;"); i > 0 {
		s = s[:i]
	}
	if r := []rune(s); len(r) > MaxTitle {
		return string(r[:MaxTitle-1]) + "…"
	}
	return s
}
