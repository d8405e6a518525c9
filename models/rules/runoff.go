package rules

import (
	"slices"
	"strconv"
)

// runoff is an instant run-off over the ballots that rank anything. In each
// round a ballot counts for the option that it likes best among those that still
// stand; one that likes none of them drops out. An option with strictly more
// than half of the ballots that count has won. Otherwise all options with the
// fewest ballots are eliminated together, so that no lot and no order of the
// list decides; where that would eliminate all that stand, nobody wins.
type runoff struct {
	lines  []line
	rounds [][]int64 // of each option, its ballots round by round while it stood
	out    []bool
}

// decideOrder runs the run-off and tells of its last round how many ballots
// still counted and how many would have been enough.
func (v *Verdict) decideOrder(a Ask, lines []line) {
	r := runoff{lines: lines, rounds: make([][]int64, len(a.Options)), out: make([]bool, len(a.Options))}
	winner, held, counting := r.run()
	v.Options = make([]OptionVerdict, len(a.Options))
	for i, rounds := range r.rounds {
		v.Options[i] = OptionVerdict{Option: i + 1, Rounds: rounds}
		if len(rounds) > 0 {
			v.Options[i].Yes = rounds[0]
		}
	}
	switch {
	case winner > 0:
		v.finish([]int{winner}, "verdict.ranked")
	case counting > 0:
		v.finish(nil, "verdict.rank_tie")
	default:
		v.finish(nil, "verdict.unranked")
		return
	}
	v.ApprovalBase, v.NeedYes = counting, counting/2+1
	v.MissingYes = max(0, v.NeedYes-held)
}

// run returns the winner (0: none), the most ballots that an option held in the
// last round, and how many counted in it.
func (r *runoff) run() (winner int, most, counting int64) {
	for {
		held := r.round()
		standing := r.note(held)
		counting = 0
		for _, n := range standing {
			counting += n
		}
		if counting == 0 {
			return 0, 0, 0
		}
		least := slices.Min(standing)
		most = slices.Max(standing)
		switch {
		case 2*most > counting:
			return slices.Index(held, most) + 1, most, counting
		case least == most:
			return 0, most, counting
		}
		for i, n := range held {
			r.out[i] = r.out[i] || n == least
		}
	}
}

// note writes a round down and returns what those hold who stand.
func (r *runoff) note(held []int64) []int64 {
	var standing []int64
	for i, n := range held {
		if !r.out[i] {
			r.rounds[i] = append(r.rounds[i], n)
			standing = append(standing, n)
		}
	}
	return standing
}

// round counts one round. An option that is out holds nothing.
func (r *runoff) round() []int64 {
	held := make([]int64, len(r.out))
	for _, l := range r.lines {
		if !l.speaks() {
			continue
		}
		for _, w := range l.words {
			if n, err := strconv.Atoi(w); err == nil && !r.out[n-1] {
				held[n-1] += l.Ballots
				break
			}
		}
	}
	return held
}
