package main_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/board"
	"yishi/models/rules"
)

func anyShare(t *rapid.T, name string) rules.Share {
	den := rapid.Int64Range(1, 12).Draw(t, name+" den")
	return rules.Share{Num: rapid.Int64Range(0, den).Draw(t, name+" num"), Den: den, Strict: rapid.Bool().Draw(t, name+" strict")}
}

// anyDefinition draws a question that may be put, under any numbers.
func anyDefinition(t *rapid.T) rules.Definition {
	d := rules.Definition{Topic: 1, Session: 2, Question: "装电梯吗？"}
	d.Method = rapid.SampledFrom([]rules.Method{rules.MethodYesNo, rules.MethodChoose, rules.MethodRank, rules.MethodScore, rules.MethodEach}).Draw(t, "method")
	n := rapid.IntRange(2, rules.MaxOptions).Draw(t, "options")
	p := rules.Pack{
		Code: "CONSULT", Name: "协商意见", Roll: rules.RollPresent, Unit: rules.UnitPerson, Methods: []rules.Method{d.Method},
		Participation: anyShare(t, "participation"),
		Approval:      rules.Approval{Share: anyShare(t, "approval"), Base: rapid.SampledFrom([]rules.Base{rules.BasePresent, rules.BaseCast, rules.BaseRoll}).Draw(t, "base")},
		Verdict:       rapid.IntRange(0, 9).Draw(t, "advice") > 0, Revote: true,
	}
	switch d.Method {
	case rules.MethodYesNo:
		n = 0
		p.ByArea = rapid.Bool().Draw(t, "by area")
		p.AllMustSign = !p.ByArea && rapid.Bool().Draw(t, "all must sign")
	case rules.MethodEach:
		p.ByArea = rapid.Bool().Draw(t, "by area")
	case rules.MethodChoose:
		d.Most = rapid.IntRange(1, n).Draw(t, "most")
	case rules.MethodScore:
		d.Most = rapid.IntRange(1, rules.MaxScore).Draw(t, "most")
	case rules.MethodRank:
	}
	for i := range n {
		d.Options = append(d.Options, fmt.Sprintf("选项%d", i+1))
	}
	d.Pack = p
	return d
}

// anyMark draws a ballot on a question.
func anyMark(t *rapid.T, d rules.Definition) rules.Choice {
	numbers := make([]string, len(d.Options))
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	some := func(most int) []string {
		return rapid.Permutation(numbers).Draw(t, "order")[:rapid.IntRange(1, most).Draw(t, "named")]
	}
	one := func(least, most int, sign string, of ...string) rules.Choice {
		return rules.Choice(strings.Join(rapid.SliceOfN(rapid.SampledFrom(of), least, most).Draw(t, "words"), sign))
	}
	if d.Method != rules.MethodEach && rapid.IntRange(0, 7).Draw(t, "abstains") == 0 {
		return rules.Abstain
	}
	if rapid.IntRange(0, 7).Draw(t, "spoils a sheet") == 0 {
		return rules.Void
	}
	switch d.Method {
	case rules.MethodYesNo:
		return rapid.SampledFrom(rules.Choices).Draw(t, "choice")
	case rules.MethodChoose:
		return rules.Choice(strings.Join(slices.Sorted(slices.Values(some(d.Most))), "+"))
	case rules.MethodRank:
		return rules.Choice(strings.Join(some(len(numbers)), ">"))
	case rules.MethodScore:
		points := make([]string, d.Most+1)
		for i := range points {
			points[i] = strconv.Itoa(i)
		}
		return one(len(numbers), len(numbers), ",", points...)
	case rules.MethodEach:
	}
	return one(len(numbers), len(numbers), ",", "y", "n", "a")
}

// TestAgrees lets the rulebook decide polls of every kind and has the verifier,
// which shares no code with it, come to the same verdict, to the last field.
func TestAgrees(t *testing.T) {
	s := signer(t, 1)
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		d := anyDefinition(rt)
		h := &held{id: 12}
		var entries []rules.RollEntry
		for i := range rapid.IntRange(1, 12).Draw(rt, "roll") {
			e := rules.RollEntry{Unit: unit(i)}
			if d.Pack.ByArea {
				e.Area = rapid.Int64Range(1, 40).Draw(rt, "area")
			}
			entries = append(entries, e)
			h.roll = append(h.roll, entry{e.Unit, e.Area})
			d.Area += e.Area
		}
		d.Due, d.Roll = int64(len(entries))+rapid.Int64Range(0, 3).Draw(rt, "absent"), rules.RollHash(entries)
		u := rules.Turnout{Due: d.Due, DueArea: d.Area}
		marks := map[rules.Choice]rules.Mark{}
		for i, e := range entries {
			does := rapid.IntRange(0, 3).Draw(rt, "does") // stays away, is silent, or votes
			if does == 0 {
				continue
			}
			u.Attended, u.AttendedArea = u.Attended+1, u.AttendedArea+e.Area
			if does == 1 {
				continue
			}
			c := anyMark(rt, d)
			l := board.Leaf{Unit: e.Unit, Choice: string(c), Area: e.Area, Salt: fmt.Sprintf("%032x", i)}
			if c == rules.Void || rapid.IntRange(0, 5).Draw(rt, "on paper") == 0 {
				handed := l
				handed.Choice, l.Turn = string(rules.Sheet), 1
				h.ballots = append(h.ballots, handed)
			}
			h.ballots = append(h.ballots, l)
			m := marks[c]
			marks[c] = rules.Mark{Choice: c, Ballots: m.Ballots + 1, Area: m.Area + e.Area}
		}
		var lines []rules.Mark
		for _, m := range marks {
			lines = append(lines, m)
		}
		v := rules.Decide(d.Pack, d.Ask, u, lines)
		seen[string(d.Method)+" "+string(v.Result)]++
		def, err := d.Bytes()
		if err != nil {
			rt.Fatal(err)
		}
		h.raw = string(def)
		h.closing.Attended, h.closing.AttendedArea = u.Attended, u.AttendedArea
		if h.closing.Verdict, err = json.Marshal(v); err != nil {
			rt.Fatal(err)
		}
		if code, said := run(h.file(t, s, false).save(t), "--key", s.Key()); code != 0 {
			rt.Fatalf("exit %d\n%s\n%s", code, said, h.closing.Verdict)
		}
	})
	t.Log(seen)
}
