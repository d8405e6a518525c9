package bot

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"yishi/configs/locale"
	"yishi/models/hanzi"
	"yishi/models/rules"
)

// wordKey begins the keys of the words that the bot understands; a list is
// separated by "|".
const wordKey = "bot.word."

// lexicon is the words that the bot understands, by what they mean. The first of
// a meaning is the one that the bot itself tells.
type lexicon map[string][]string

func readLexicon(text locale.Catalog) lexicon {
	l := lexicon{}
	for key, list := range text {
		if name, ok := strings.CutPrefix(key, wordKey); ok {
			l[name] = strings.Split(list, "|")
		}
	}
	return l
}

// fold makes full-width digits and letters plain, capitals small and traditional
// characters simple. It keeps the number of characters.
func fold(s string) string {
	return strings.Map(hanzi.Simple, strings.ToLower(width.Fold.String(s)))
}

// bare is what was typed without the marks around it. What is nothing but marks
// is their first.
func bare(s string) string {
	s = fold(s)
	word := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if word == "" && s != "" {
		return string([]rune(s)[:1])
	}
	return word
}

// is reports whether somebody typed one of the words with this meaning.
func (l lexicon) is(meaning, said string) bool { return slices.Contains(l[meaning], bare(said)) }

// hears reports whether what somebody typed is one of the words with this meaning,
// or sounds like one: the wrong character of the same sound is the slip that input
// by pinyin and by voice makes, and some type the pinyin itself. It is no way to
// read a ballot.
func (l lexicon) hears(meaning, said string) bool {
	return l.is(meaning, said) || slices.ContainsFunc(l[meaning], func(w string) bool { return sounds(w, said) })
}

// leastSound is how many characters a word has that is known by its sound: too many
// short ones sound the same.
const leastSound = 2

// sounds reports whether a word and what was typed are read the same.
func sounds(word, said string) bool {
	heard, syllables := spell(word)
	typed, _ := spell(said)
	return syllables >= leastSound && heard == typed
}

// spell returns how something is read, and of how many characters. Blanks and marks
// are not read.
func spell(s string) (sound string, syllables int) {
	var b strings.Builder
	for _, r := range fold(s) {
		syllable, ok := hanzi.Sound(r)
		switch {
		case ok:
			b.WriteString(syllable)
			syllables++
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String(), syllables
}

// initials are the first letters of the syllables of a word, as people type who
// know its pinyin.
func initials(word string) string {
	var b strings.Builder
	for _, r := range word {
		if syllable, ok := hanzi.Sound(r); ok {
			b.WriteByte(syllable[0])
		}
	}
	return b.String()
}

// number reads a choice from a list.
func (l lexicon) number(said string) (int, bool) {
	s := bare(said)
	for _, w := range l["ordinal"] {
		s = strings.TrimPrefix(s, w)
	}
	for _, w := range l["counter"] {
		s = strings.TrimSuffix(s, w)
	}
	if i := slices.Index(l["number"], s); i >= 0 {
		return i + 1, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// command finds the command in what was typed, and the rest of the words. The
// longest word wins.
func (b *Bot) command(said string) (name, rest string) {
	word, best := bare(said), 0
	typed, plain := []rune(said), fold(said)
	for n, c := range b.commands {
		for _, w := range b.words[n] {
			if w == word {
				return n, ""
			}
			if len(w) > best && c.rest != nil && strings.HasPrefix(plain, w) {
				if after := string(typed[len([]rune(w)):]); c.rest(after) {
					best, name, rest = len(w), n, trimMarks(after)
				}
			}
		}
	}
	if name == "" {
		return b.heard(said)
	}
	return name, rest
}

// heard finds a command by the sound of its words, or by the initials of the one
// that the bot tells, and what follows it.
func (b *Bot) heard(said string) (name, rest string) {
	if n := b.sounding(said); n != "" {
		return n, ""
	}
	end := strings.IndexFunc(said, func(r rune) bool { return !unicode.IsLetter(r) })
	if end <= 0 {
		return "", ""
	}
	n := b.sounding(said[:end])
	if c := b.commands[n]; c.rest != nil && numbered(said[end:]) {
		return n, trimMarks(said[end:])
	}
	return "", ""
}

// sounding is the command whose words sound like what was typed, "" if there is
// none: no two of them sound the same.
func (b *Bot) sounding(said string) string {
	word := bare(said)
	for n := range b.commands {
		if b.words.hears(n, word) || len(word) >= leastSound && initials(b.words[n][0]) == word {
			return n
		}
	}
	return ""
}

func trimMarks(s string) string {
	return strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) })
}

// apart reports whether words follow a command with a blank or mark between.
func apart(after string) bool {
	r := []rune(after)[0]
	return (unicode.IsSpace(r) || unicode.IsPunct(r)) && trimMarks(after) != ""
}

// numbered is apart, or digits that follow at once.
func numbered(after string) bool { return apart(after) || unicode.IsDigit([]rune(after)[0]) }

// closely is apart, or words that follow at once.
func closely(string) bool { return true }

// briefly is apart, or a few words that follow at once: such as a name, but not
// the beginning of a story.
func briefly(after string) bool { return apart(after) || len([]rune(after)) < minStory-2 }

// figures returns the digits of what was typed if it is nothing else but blanks
// and dashes.
func figures(said string) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, bare(said))
	if d := rules.Digits(s); len(d) == len(s) {
		return d
	}
	return ""
}

// cutReceipt splits what follows a command into a receipt number and words. What
// is nothing but digits is a receipt number, right or wrong.
func cutReceipt(s string) (receipt, words string) {
	if d := figures(s); d != "" {
		return d, ""
	}
	typed, n := []rune(s), 0
	for i, r := range []rune(width.Fold.String(s)) {
		switch {
		case r >= '0' && r <= '9':
			n++
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
		default:
			return "", s
		}
		if n == rules.ReceiptDigits {
			return rules.Digits(string(typed[:i+1])), trimMarks(string(typed[i+1:]))
		}
	}
	return "", s
}

// spoken writes a receipt number in groups, as one reads it out.
func spoken(receipt string) string {
	var groups []string
	for chunk := range slices.Chunk([]byte(receipt), 3) {
		groups = append(groups, string(chunk))
	}
	return strings.Join(groups, " ")
}
