package proving

import (
	"fmt"
	"maps"
	"slices"
)

// vote is a ballot that the server has acknowledged. Late is one that was sent
// after the closing had returned.
type vote struct {
	voter   int
	choice  string
	receipt string
	late    bool
}

// ledger is what was acknowledged on one poll, beside what the product says of
// it afterwards.
type ledger struct {
	accepted []vote
	mine     map[int][]ballot // what each voter finds
	counted  count            // by the verdict
	cast     int64            // by the poll
}

// faults compares the two books. Whoever voted again is counted once, with what
// they said; here everybody says the same each time.
func (l ledger) faults() []string {
	var out []string
	wrong := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	said, receipts := map[int]string{}, map[int][]string{}
	for _, v := range l.accepted {
		if v.late {
			wrong("a ballot of voter %d was accepted after the closing had returned", v.voter)
		}
		said[v.voter] = v.choice
		receipts[v.voter] = append(receipts[v.voter], v.receipt)
	}
	choices := map[string]int64{}
	for _, c := range said {
		choices[c]++
	}
	want := count{Cast: int64(len(said)), Yes: choices["yes"], No: choices["no"], Abstain: choices["abstain"]}
	got := l.counted
	got.Due, got.Attended = 0, 0
	if got != want {
		wrong("counted %+v, acknowledged %+v", got, want)
	}
	if l.cast != want.Cast {
		wrong("the poll tells %d ballots, acknowledged were %d", l.cast, want.Cast)
	}
	for _, voter := range slices.Sorted(maps.Keys(l.mine)) {
		if words := ownFault(l.mine[voter], said[voter], receipts[voter]); words != "" {
			wrong("voter %d %s", voter, words)
		}
	}
	for _, voter := range slices.Sorted(maps.Keys(said)) {
		if _, ok := l.mine[voter]; !ok {
			wrong("nobody asked for the ballot of voter %d", voter)
		}
	}
	return out
}

// ownFault says what is wrong with the ballots that a voter finds.
func ownFault(found []ballot, said string, receipts []string) string {
	switch {
	case len(receipts) == 0 && len(found) > 0:
		return "finds a ballot that was never acknowledged"
	case len(receipts) == 0:
		return ""
	case len(found) == 0:
		return "has lost the ballot that was acknowledged"
	case len(found) > 1:
		return fmt.Sprintf("has %d ballots", len(found))
	case found[0].Choice != said:
		return fmt.Sprintf("said %s and finds %s", said, found[0].Choice)
	case !slices.Contains(receipts, found[0].Receipt):
		return fmt.Sprintf("finds the receipt %s, which was never told", found[0].Receipt)
	}
	return ""
}

// mutants are ledgers with one book wrong on purpose: a torture that does not
// notice each of them proves nothing.
func (l ledger) mutants() map[string]ledger {
	out := map[string]ledger{}
	change := func(name string, fn func(*ledger)) {
		m := ledger{accepted: slices.Clone(l.accepted), mine: maps.Clone(l.mine), counted: l.counted, cast: l.cast}
		fn(&m)
		out[name] = m
	}
	nobody := len(l.mine) + 1
	change("one acknowledged ballot more", func(m *ledger) {
		m.accepted = append(m.accepted, vote{voter: nobody, choice: "yes", receipt: "MUTANT"})
		m.mine[nobody] = []ballot{}
	})
	change("one counted ballot more", func(m *ledger) { m.counted.Cast, m.counted.Yes = m.counted.Cast+1, m.counted.Yes+1 })
	change("one told ballot more", func(m *ledger) { m.cast++ })
	change("a yes for a no", func(m *ledger) { m.counted.Yes, m.counted.No = m.counted.Yes+1, m.counted.No-1 })
	if len(l.accepted) == 0 {
		return out
	}
	first := l.accepted[0].voter
	change("a ballot after the closing", func(m *ledger) { m.accepted[0].late = true })
	change("a lost ballot", func(m *ledger) { m.mine[first] = nil })
	change("two ballots", func(m *ledger) { m.mine[first] = append(slices.Clone(m.mine[first]), ballot{Choice: "yes"}) })
	change("a receipt that was never told", func(m *ledger) { m.mine[first] = []ballot{{Choice: l.mine[first][0].Choice, Receipt: "MUTANT"}} })
	return out
}

// missedMutants returns the mutants that the comparison does not notice.
func (l ledger) missedMutants() []string {
	var out []string
	for name, m := range l.mutants() {
		if len(m.faults()) == 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
