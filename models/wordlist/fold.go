package wordlist

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"yishi/models/hanzi"
)

// letter is a letter or digit of a text as it is compared: what else stood before
// it is only remembered.
type letter struct {
	r    rune
	gap  bool // something stood between it and the letter before
	stop bool // and that ended a clause
}

func (l letter) latin() bool { return l.r < unicode.MaxLatin1 }

// fold returns the letters of a text as a reader would hear them: full-width and
// circled forms, case, traditional characters and look-alikes made one, marks and
// what shows nothing dropped.
func fold(text string) []letter {
	out := make([]letter, 0, len(text)/2)
	gap, stop := false, false
	for _, r := range norm.NFKC.String(text) {
		switch {
		case hanzi.Is(r) || r >= 'a' && r <= 'z': // most of a text: nothing to look up
			out = append(out, letter{plain(r), gap && len(out) > 0, stop && len(out) > 0})
			gap, stop = false, false
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out = append(out, letter{plain(r), gap && len(out) > 0, stop && len(out) > 0})
			gap, stop = false, false
		default:
			gap, stop = true, stop || ends(r)
		}
	}
	return out
}

// ends reports whether a sign ends a clause. Full-width signs have been folded.
func ends(r rune) bool { return strings.ContainsRune("\n.,!?;:\u3001\u3002", r) }

// plain is a letter in the form that is compared.
func plain(r rune) rune {
	r = unicode.ToLower(r)
	if r < unicode.MaxASCII {
		return r
	}
	if as, ok := lookalikes[r]; ok {
		return as
	}
	return hanzi.Simple(r)
}

// lookalikes are letters of other scripts that pass for Latin ones.
var lookalikes = map[rune]rune{
	'\u0430': 'a', '\u0435': 'e', '\u043e': 'o', '\u0440': 'p', '\u0441': 'c', '\u0443': 'y', '\u0445': 'x', '\u0456': 'i', '\u0455': 's', '\u0458': 'j',
	'\u04bb': 'h', '\u0501': 'd', '\u051b': 'q', '\u051d': 'w', '\u0432': 'b', '\u043c': 'm', '\u043d': 'h', '\u0442': 't', '\u043a': 'k',
	'\u03b1': 'a', '\u03b5': 'e', '\u03bf': 'o', '\u03c1': 'p', '\u03bd': 'v', '\u03ba': 'k', '\u03b9': 'i', '\u03c4': 't', '\u03c7': 'x', '\u0131': 'i',
}

// sound is how a letter is read: a syllable, or itself.
func (l letter) sound() string {
	if s, ok := hanzi.Sound(l.r); ok {
		return s
	}
	return string(l.r)
}

func (l letter) spelling() string { return string(l.r) }
