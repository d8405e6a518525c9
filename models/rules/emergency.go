package rules

import "strings"

// Alarm is a group of words that tell of danger to life, and the number to call.
// A word may be of parts with "…" between: they stand in one sentence, in this
// order, whatever is said between.
type Alarm struct {
	Number string
	Words  []string
	Past   []string // words that show it is over or only feared: no alarm
}

// Emergency returns the number to call when a text tells of danger to life now
// (negative list N1). Each sentence is read by itself, so that a fire of last
// year does not silence the one of today. It errs on the side of answering: the
// matter is still taken up.
func Emergency(alarms []Alarm, text string) (number string, ok bool) {
	for sentence := range strings.FieldsFuncSeq(text, endsSentence) {
		for _, a := range alarms {
			if containsAny(sentence, a.Words) && !containsAny(sentence, a.Past) {
				return a.Number, true
			}
		}
	}
	return "", false
}

func endsSentence(r rune) bool { return strings.ContainsRune("\n。！？!?；;", r) }

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if containsParts(s, strings.Split(w, "…")) {
			return true
		}
	}
	return false
}

func containsParts(s string, parts []string) bool {
	for _, part := range parts {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}
