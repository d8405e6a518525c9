package wordlist

import (
	"regexp"
	"strings"

	"yishi/models/rules"
)

// The shapes, over letters with one blank for a gap and a line break for a stop.
var (
	phone    = regexp.MustCompile(`1 ?[3-9](?: ?[0-9]){9}`)
	identity = regexp.MustCompile(`[1-9](?: ?[0-9]){16} ?[0-9x]`)
)

// shaped reports whether something of a shape stands among the letters.
func shaped(letters []letter, shape string) bool {
	var b strings.Builder
	for _, l := range letters {
		switch {
		case l.stop:
			b.WriteByte('\n')
		case l.gap:
			b.WriteByte(' ')
		}
		b.WriteRune(l.r)
	}
	s := b.String()
	if shape == rules.ShapeIdentity {
		return holds(s, identity, func(digits, _ string) bool { return checked(digits) })
	}
	return holds(s, phone, func(_, before string) bool {
		return !strings.ContainsAny(lastOf(before), "0123456789") || strings.HasSuffix(before, "86")
	})
}

// holds reports whether a pattern stands in s, followed by no further digit, and
// what it found is right.
func holds(s string, pattern *regexp.Regexp, right func(found, before string) bool) bool {
	for _, at := range pattern.FindAllStringIndex(s, -1) {
		after := s[at[1]:]
		if after != "" && after[0] >= '0' && after[0] <= '9' {
			continue
		}
		if right(strings.ReplaceAll(s[at[0]:at[1]], " ", ""), s[:at[0]]) {
			return true
		}
	}
	return false
}

func lastOf(s string) string { return s[max(len(s)-1, 0):] }

// checked reports whether the last digit of an identity number is the one that
// the others ask for (GB 11643).
func checked(id string) bool {
	weights := [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(id[i]-'0')
	}
	return id[17] == "10x98765432"[sum%11]
}
