package rules

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Shelved is a place on a shelf: what stands there, and the words that people use
// for it.
type Shelved struct {
	Code, Text string
	Words      []string
}

// Shelf is the places among which that of a text is sought, such as the items of the
// catalogue.
type Shelf struct {
	places []Shelved
	grams  [][]string
	rarity map[string]float64 // of each pair of letters, among the places
}

// NewShelf takes in the places.
func NewShelf(places []Shelved) *Shelf {
	s := &Shelf{places: places, grams: make([][]string, len(places)), rarity: map[string]float64{}}
	in := map[string]int{}
	for i, p := range places {
		s.grams[i] = Grams(p.Text)
		for _, g := range s.grams[i] {
			in[g]++
		}
	}
	for g, n := range in {
		s.rarity[g] = math.Log(float64(1+len(places)) / float64(n))
	}
	return s
}

// wordWeight is how much a word counts beside a pair of letters that only one place
// has; in a title it counts twice, as everything does there.
const wordWeight = 1.0

// Suggest returns the codes of the n places that a text fits best, the best first.
// Places with which it shares nothing are not suggested.
func (s *Shelf) Suggest(title, body string, n int) []string {
	type scored struct {
		code  string
		score float64
	}
	var all []scored
	for i, p := range s.places {
		if score := 2*s.fit(i, title) + s.fit(i, body); score > 0 {
			all = append(all, scored{p.Code, score})
		}
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.code, b.code)) })
	codes := make([]string, 0, n)
	for _, p := range all[:min(n, len(all))] {
		codes = append(codes, p.code)
	}
	return codes
}

// fit is how well a text fits a place: the rare pairs of letters that it shares, and
// the words that it has, of which a longer one says more.
func (s *Shelf) fit(place int, text string) float64 {
	grams, score := Grams(text), 0.0
	for _, g := range s.grams[place] {
		if _, has := slices.BinarySearch(grams, g); has {
			score += s.rarity[g]
		}
	}
	score /= math.Sqrt(float64(len(s.grams[place]) + 1))
	for _, w := range s.places[place].Words {
		if strings.Contains(text, w) {
			score += wordWeight * math.Sqrt(float64(len([]rune(w))))
		}
	}
	return score
}
