package rules

import (
	"slices"
	"unicode"
)

// SimilarAt is the least likeness, out of 1000, at which two matters are shown
// to a person as possibly the same.
const SimilarAt = 300

// Grams returns the sorted, distinct pairs of neighbouring letters of s, blanks
// and punctuation left out. It is what [Alike] compares.
func Grams(s string) []string {
	var letters []rune
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, unicode.ToLower(r))
		}
	}
	if len(letters) < 2 {
		return nil
	}
	grams := make([]string, 0, len(letters)-1)
	for i := range len(letters) - 1 {
		grams = append(grams, string(letters[i:i+2]))
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// Alike returns how alike two sets of grams are, 0 to 1000: the shared share of
// the smaller one, so that a short sentence finds its long twin. Sets of fewer
// than three grams are alike to nothing.
func Alike(a, b []string) int {
	least := min(len(a), len(b))
	if least < 3 {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			shared++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return shared * 1000 / least
}
