// Package typed reads what people copy by hand.
package typed

import "strings"

// Letters are the digits and capitals that are not easily taken for one another:
// there is no 0 and no O, no 1 and no I. A letter stands for five bits.
const Letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Half turns a full-width form into the sign of ASCII that it stands for.
func Half(r rune) rune {
	if r > '！' && r <= '～' {
		return r - ('！' - '!')
	}
	return r
}

// Code reads letters of an alphabet of capitals as a person types them: small
// letters, full-width forms, blanks and dashes are fine. It reports false where
// one is of another alphabet: which was meant cannot be known.
func Code(alphabet, s string) (string, bool) {
	var code strings.Builder
	for _, r := range s {
		r = Half(r)
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if strings.ContainsRune(" \t\r\n\u3000-‐–—", r) {
			continue
		}
		if !strings.ContainsRune(alphabet, r) {
			return "", false
		}
		code.WriteRune(r)
	}
	return code.String(), true
}
