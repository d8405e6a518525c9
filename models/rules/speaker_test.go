package rules_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestFloorOrder(t *testing.T) {
	const yes, no, other = rules.StanceFor, rules.StanceAgainst, rules.StanceOther
	for _, tt := range []struct {
		name  string
		hands []rules.Hand
		last  rules.Stance
		want  []int64
	}{
		{"nobody", nil, "", nil},
		{"the first hand first", []rules.Hand{{3, yes, 0}, {1, yes, 0}, {2, yes, 0}}, "", []int64{1, 2, 3}},
		{"by turns", []rules.Hand{{1, yes, 0}, {2, yes, 0}, {3, no, 0}, {4, no, 0}}, "", []int64{1, 3, 2, 4}},
		{"after the one who had it", []rules.Hand{{1, yes, 0}, {2, no, 0}}, yes, []int64{2, 1}},
		{"a question in between changes no turn", []rules.Hand{{1, other, 0}, {2, yes, 0}, {3, no, 0}}, yes, []int64{1, 3, 2}},
		{"who has not spoken first", []rules.Hand{{1, yes, 1}, {2, yes, 0}, {3, yes, 2}}, "", []int64{2, 1, 3}},
		{"no turn for who has spoken", []rules.Hand{{1, no, 1}, {2, yes, 0}, {3, yes, 0}}, "", []int64{2, 3, 1}},
		{"one side alone", []rules.Hand{{1, no, 0}, {2, no, 0}}, no, []int64{1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []int64
			for _, h := range rules.FloorOrder(tt.hands, tt.last) {
				got = append(got, h.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// TestFloorOrderHolds checks what the order promises, on any hands: everybody has
// a place, whoever spoke less often goes first, nobody of one side is overtaken by
// a later hand of it, and one side is never twice running while the other waits.
func TestFloorOrderHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.Permutation([]int64{1, 2, 3, 4, 5, 6, 7, 8, 9}).Draw(t, "ids")
		hands := make([]rules.Hand, rapid.IntRange(0, len(ids)).Draw(t, "n"))
		for i := range hands {
			hands[i] = rules.Hand{ID: ids[i], Stance: rapid.SampledFrom(rules.Stances).Draw(t, "stance"), Times: rapid.IntRange(0, 2).Draw(t, "times")}
		}
		last := rapid.SampledFrom([]rules.Stance{"", rules.StanceFor, rules.StanceAgainst}).Draw(t, "last")
		first, given := last, slices.Clone(hands)
		order := rules.FloorOrder(hands, last)
		if !slices.Equal(given, hands) {
			t.Fatalf("it changed what it was given: %v", hands)
		}
		if len(order) != len(hands) {
			t.Fatalf("%d of %d have a place", len(order), len(hands))
		}
		for i, h := range order {
			if !slices.Contains(hands, h) || slices.Contains(order[:i], h) {
				t.Fatalf("%v is none of them, or twice there", h)
			}
			ahead(t, h, order[i+1:], last)
			if h.Stance != rules.StanceOther {
				last = h.Stance
			}
		}
		slices.Reverse(hands)
		if again := rules.FloorOrder(hands, first); !slices.Equal(again, order) {
			t.Fatalf("%v, and %v the other way round", order, again)
		}
	})
}

// ahead checks one hand against all that come after it.
func ahead(t *rapid.T, h rules.Hand, after []rules.Hand, last rules.Stance) {
	for _, x := range after {
		switch {
		case x.Times < h.Times:
			t.Fatalf("%v goes before %v", h, x)
		case x.Times > h.Times:
		case x.Stance == h.Stance && x.ID < h.ID:
			t.Fatalf("%v overtakes %v", h, x)
		case h.Stance == rules.StanceOther && x.ID < h.ID && x.Stance != last:
			t.Fatalf("%v jumps %v, whose turn it is", h, x)
		case h.Stance == last && h.Stance != rules.StanceOther && x.Stance != rules.StanceOther && x.Stance != h.Stance:
			t.Fatalf("%v again, while %v waits", h, x)
		}
	}
}

func TestFloorBounds(t *testing.T) {
	for _, tt := range []struct {
		seconds, want int
		code          string
	}{{0, 120, ""}, {30, 30, ""}, {600, 600, ""}, {29, 0, "speaker.seconds"}, {601, 0, "speaker.seconds"}, {-1, 0, "speaker.seconds"}} {
		got, err := rules.CheckFloorSeconds(tt.seconds)
		if got != tt.want || codeOf(t, err) != tt.code {
			t.Errorf("%d seconds: %d, %v", tt.seconds, got, err)
		}
	}
	for _, tt := range []struct {
		had   int
		again bool
		code  string
	}{{0, false, ""}, {1, false, ""}, {2, false, "speaker.times"}, {2, true, ""}, {9, true, ""}} {
		if got := codeOf(t, rules.CheckTimes(tt.had, tt.again)); got != tt.code {
			t.Errorf("after %d times, again %v: %q, want %q", tt.had, tt.again, got, tt.code)
		}
	}
	if codeOf(t, rules.CheckStance("maybe")) != "speaker.stance" || rules.CheckStance(rules.StanceOther) != nil {
		t.Error("a stance is not told from what is none")
	}
}
