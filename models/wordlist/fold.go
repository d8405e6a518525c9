package wordlist

import (
	"strings"
	"sync"
	"unicode"

	"github.com/longbridgeapp/opencc"
	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
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
		case r >= firstHan && r <= lastHan || r >= 'a' && r <= 'z': // most of a text: nothing to look up
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
	if as, ok := tables().plain[r]; ok {
		return as
	}
	return r
}

// lookalikes are letters of other scripts that pass for Latin ones.
var lookalikes = map[rune]rune{
	'\u0430': 'a', '\u0435': 'e', '\u043e': 'o', '\u0440': 'p', '\u0441': 'c', '\u0443': 'y', '\u0445': 'x', '\u0456': 'i', '\u0455': 's', '\u0458': 'j',
	'\u04bb': 'h', '\u0501': 'd', '\u051b': 'q', '\u051d': 'w', '\u0432': 'b', '\u043c': 'm', '\u043d': 'h', '\u0442': 't', '\u043a': 'k',
	'\u03b1': 'a', '\u03b5': 'e', '\u03bf': 'o', '\u03c1': 'p', '\u03bd': 'v', '\u03ba': 'k', '\u03b9': 'i', '\u03c4': 't', '\u03c7': 'x', '\u0131': 'i',
}

// table is what is known of single characters.
type table struct {
	plain map[rune]rune
	sound map[rune]string
}

// The block of unified ideographs, which holds all that people write.
const (
	firstHan = 0x4e00
	lastHan  = 0x9fff
)

// tables reads the dictionaries once: asked letter by letter they would be slow.
var tables = sync.OnceValue(func() table {
	t := table{plain: lookalikes, sound: map[rune]string{}}
	simple, err := opencc.New("t2s")
	if err != nil {
		panic(err) // the dictionary is part of the program
	}
	args := pinyin.NewArgs()
	for r := rune(firstHan); r <= lastHan; r++ {
		if s, err := simple.Convert(string(r)); err == nil {
			if to := []rune(s); len(to) == 1 && to[0] != r {
				t.plain[r] = to[0]
			}
		}
		if read := pinyin.SinglePinyin(r, args); len(read) > 0 {
			t.sound[r] = read[0]
		}
	}
	return t
})

// sound is how a letter is read: a syllable, or itself.
func (l letter) sound() string {
	if s, ok := tables().sound[l.r]; ok {
		return s
	}
	return string(l.r)
}

func (l letter) spelling() string { return string(l.r) }
