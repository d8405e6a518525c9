package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

const closingStart = `{"closed_at":`

// isClosing reports whether leaf i is the last and the closing.
func (v *verifier) isClosing(i int) bool {
	return i == len(v.board.Leaves)-1 && i > 0 && strings.HasPrefix(v.board.Leaves[i], closingStart)
}

// closing is the last leaf.
type closing struct {
	At           time.Time       `json:"closed_at"`
	Attended     int64           `json:"attended"`
	AttendedArea int64           `json:"attended_area"`
	Verdict      json.RawMessage `json:"verdict"`
	Secret       *unsealed       `json:"secret"`
}

// says is what a closing says that came out, and why.
func (c closing) says() (result, reason string) {
	var said struct{ Result, Reason string }
	if json.Unmarshal(c.Verdict, &said) != nil {
		return "", ""
	}
	return said.Result, said.Reason
}

// checkClosing counts the ballots again, judges them again, and compares.
func (v *verifier) checkClosing() {
	i := len(v.board.Leaves) - 1
	if !v.isClosing(i) {
		v.fault("closing.missing")
		return
	}
	var c closing
	if err := json.Unmarshal([]byte(v.board.Leaves[i]), &c); err != nil || keyTwice(v.board.Leaves[i]) != "" {
		v.faultAt(i, "closing.form")
		return
	}
	if v.def.ClosesAt != nil && c.At.Before(*v.def.ClosesAt) {
		v.faultAt(i, "closing.time", "at", c.At.Format(time.RFC3339), "want", v.def.ClosesAt.Format(time.RFC3339))
	}
	if (v.def.Secret != nil) != (c.Secret != nil) {
		v.faultAt(i, "closing.form")
		return
	}
	if c.Secret != nil && !v.openSecret(i, c) {
		return
	}
	for _, b := range v.last {
		if b.choice == sheet {
			v.faultAt(i, "closing.sheet", "unit", b.unit)
			return
		}
	}
	lines, voted := v.histogram()
	if c.Attended < voted.attended || c.Attended > int64(len(v.roll)) || c.AttendedArea < voted.area || c.AttendedArea > v.def.Area {
		v.faultAt(i, "closing.attended", "n", c.Attended, "area", square(c.AttendedArea), "voted", voted.attended, "of", v.def.Pack.of())
		return
	}
	if silent := c.Attended - voted.attended; silent > 0 {
		v.hint("closing.silent", "n", silent, "attended", c.Attended, "of", v.def.Pack.of())
	}
	before := v.faults
	want := v.def.judge(turnout{c.Attended, c.AttendedArea}, lines)
	v.compare(i, "verdict", decoded(c.Verdict), encoded(want))
	if v.faults == before {
		v.tellVerdict(want)
	}
}

// tellVerdict tells a verdict that was confirmed, in words.
func (v *verifier) tellVerdict(w verdict) {
	c := w.Count
	v.good("closing.good", "result", sentence("result."+w.Result), "due", c.Due, "attended", c.Attended, "cast", c.Cast, "abstain", c.Abstain)
	if v.def.Method == yesNo {
		v.good("closing.yesno", "yes", c.Yes, "no", c.No)
	}
	if a := w.Area; a != nil {
		v.good("closing.area", "due", square(a.Count.Due), "attended", square(a.Count.Attended), "cast", square(a.Count.Cast),
			"yes", square(a.Count.Yes), "no", square(a.Count.No), "abstain", square(a.Count.Abstain))
	}
	for i, o := range w.Options {
		v.good("closing."+v.def.Method, "n", o.Option, "option", v.def.Options[i], "result", sentence("result."+o.Result),
			"yes", o.Yes, "no", o.No, "abstain", o.Abstain, "score", o.Score, "rounds", o.Rounds)
	}
}

// histogram counts the ballots that count by what they say.
func (v *verifier) histogram() ([]line, turnout) {
	at := map[string]line{}
	var voted turnout
	for _, b := range v.last {
		l := at[b.choice]
		at[b.choice] = line{b.choice, l.ballots + 1, l.area + b.area}
		voted.attended++
		voted.area += b.area
	}
	return slices.Collect(maps.Values(at)), voted
}

// decoded reads JSON as it is, with numbers to the last digit; nil where it is
// none.
func decoded(text []byte) any {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return nil
	}
	return value
}

func encoded(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return decoded(text)
}

// compare tells every place where what stands on the board is not what came out
// here. What is left out is nought.
func (v *verifier) compare(leaf int, place string, there, here any) {
	if isNought(there) && isNought(here) {
		return
	}
	a, isMap := there.(map[string]any)
	b, areMaps := here.(map[string]any)
	if isMap && areMaps {
		names := maps.Clone(a)
		maps.Copy(names, b)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			v.compare(leaf, place+"."+name, a[name], b[name])
		}
		return
	}
	x, isList := there.([]any)
	y, areLists := here.([]any)
	if isList && areLists && len(x) == len(y) {
		for i := range x {
			v.compare(leaf, place+"."+strconv.Itoa(i+1), x[i], y[i])
		}
		return
	}
	if !reflect.DeepEqual(there, here) {
		v.faultAt(leaf, "closing.verdict", "place", place, "there", short(there), "here", short(here))
	}
}

// isNought reports whether a value of JSON says nothing.
func isNought(value any) bool {
	switch x := value.(type) {
	case nil:
		return true
	case json.Number:
		return x == "0"
	case string:
		return x == ""
	case bool:
		return !x
	case []any:
		return len(x) == 0
	}
	return false
}

func short(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}
