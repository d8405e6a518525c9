package main

import "strings"

// judgeScores adds up the points. The rule is asked for its quorum alone; equal
// totals win together.
func (d *definition) judgeScores(t turnout, lines []line) verdict {
	v := verdict{Options: make([]option, len(d.Options))}
	spoken := false
	for _, l := range lines {
		points, _ := numbers(l.choice, ",", 0, d.Most)
		spoken = spoken || points != nil
		for i, n := range points {
			v.Options[i].Score += int64(n) * l.ballots
		}
	}
	top := int64(0)
	for _, o := range v.Options {
		top = max(top, o.Score)
	}
	for i, o := range v.Options {
		if spoken && o.Score == top {
			v.Winners = append(v.Winners, i+1)
		}
	}
	v.name(spoken, "verdict.scored", "verdict.unscored")
	d.byQuorum(&v, t, lines)
	return v
}

// runoff is an instant run-off in progress. A ballot is a string of digits, the
// best first, from which those of eliminated options are struck.
type runoff struct {
	papers              map[string]int64
	standing            string
	held                [10]int64
	total, most, fewest int64 // of the last round
}

// judgeRank runs the run-off: more than half of the ballots that still say
// anything win it; else all with the fewest go, unless that would be all.
func (d *definition) judgeRank(t turnout, lines []line) verdict {
	v := verdict{Options: make([]option, len(d.Options))}
	r := runoff{papers: map[string]int64{}, standing: "123456789"[:len(d.Options)]}
	for _, l := range lines {
		if l.choice != "abstain" && l.choice != void {
			r.papers[strings.ReplaceAll(l.choice, ">", "")] += l.ballots
		}
	}
	r.count(v.Options)
	for r.total >= 2*r.most && r.fewest < r.most {
		r.strike()
		r.count(v.Options)
	}
	for i := range v.Options {
		v.Options[i].Yes = v.Options[i].Rounds[0]
		if 2*r.held[i+1] > r.total {
			v.Winners = []int{i + 1}
		}
	}
	no := "verdict.rank_tie"
	if r.total == 0 {
		no = "verdict.unranked"
	}
	v.name(v.Winners != nil, "verdict.ranked", no)
	d.byQuorum(&v, t, lines)
	if r.total > 0 {
		v.ApprovalBase, v.NeedYes = r.total, r.total/2+1
		v.MissingYes = max(0, v.NeedYes-r.most)
	}
	return v
}

// count counts a round and notes what each option holds that stands.
func (r *runoff) count(options []option) {
	r.total, r.most, r.held = 0, 0, [10]int64{}
	for paper, n := range r.papers {
		if paper != "" {
			r.held[paper[0]-'0'] += n
			r.total += n
		}
	}
	r.fewest = r.total
	for _, o := range r.standing {
		n := r.held[o-'0']
		r.most, r.fewest = max(r.most, n), min(r.fewest, n)
		options[o-'1'].Rounds = append(options[o-'1'].Rounds, n)
	}
}

// strike takes the options with the fewest ballots from all papers. Papers that
// then say the same are one.
func (r *runoff) strike() {
	out := func(o rune) rune {
		if r.held[o-'0'] == r.fewest {
			return -1
		}
		return o
	}
	left := map[string]int64{}
	for paper, n := range r.papers {
		left[strings.Map(out, paper)] += n
	}
	r.papers, r.standing = left, strings.Map(out, r.standing)
}

// byQuorum lets a verdict stand that has its winners, unless too few took part.
func (d *definition) byQuorum(v *verdict, t turnout, lines []line) {
	heads, _, result := d.decide(t, ask(lines, toAll))
	v.side = side{Count: heads.Count, NeedAttended: heads.NeedAttended, MissingTurns: heads.MissingTurns}
	if result == noQuorum {
		v.tooFew()
		v.Winners = nil
	}
	for i := range v.Options {
		v.Options[i].Option = i + 1
		if v.Options[i].Result = failed; result == noQuorum {
			v.Options[i].Result = noQuorum
		}
	}
	for _, w := range v.Winners {
		v.Options[w-1].Result = passed
	}
}
