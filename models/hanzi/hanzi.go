// Package hanzi knows of single Chinese characters how they are written simply
// and how they are read.
package hanzi

import (
	"sync"

	"github.com/longbridgeapp/opencc"
	"github.com/mozillazg/go-pinyin"
)

// The block of unified ideographs, which holds all that people write.
const (
	first = 0x4e00
	last  = 0x9fff
)

// Is reports whether a letter is a Chinese character.
func Is(r rune) bool { return r >= first && r <= last }

// Simple is the simplified form of a character, the letter itself where there is
// none.
func Simple(r rune) rune {
	if to, ok := tables().simple[r]; ok {
		return to
	}
	return r
}

// Sound is the syllable that a character is read as, without its tone, the most
// usual one where there are several. It reports false for a letter that is not
// read so.
func Sound(r rune) (string, bool) {
	s, ok := tables().sound[r]
	return s, ok
}

type table struct {
	simple map[rune]rune
	sound  map[rune]string
}

// tables reads the dictionaries once: asked letter by letter they would be slow.
var tables = sync.OnceValue(func() table {
	t := table{simple: map[rune]rune{}, sound: map[rune]string{}}
	simple, err := opencc.New("t2s")
	if err != nil {
		panic(err) // the dictionary is part of the program
	}
	args := pinyin.NewArgs()
	for r := rune(first); r <= last; r++ {
		if s, err := simple.Convert(string(r)); err == nil {
			if to := []rune(s); len(to) == 1 && to[0] != r {
				t.simple[r] = to[0]
			}
		}
		if read := pinyin.SinglePinyin(r, args); len(read) > 0 {
			t.sound[r] = read[0]
		}
	}
	return t
})
