//go:build !race

package torture_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// deed is what somebody asked on one unit of one poll.
type deed struct {
	kind        string // cast, read, close, find
	key, choice string // of a cast
}

// outcome is what came of it. An unknown cast may have been done at any moment
// since, or never.
type outcome struct {
	code           string // ok, twice, closed, unknown
	key            string // found in the database
	choice         string // found
	receipt, proof string
	ballots        int // read or found
}

// seat is what the ballot of a unit is, as far as anybody has been told.
type seat struct {
	key, choice    string
	receipt, proof string // "" until told
	closed         bool
}

// forever is the end of what nobody was answered.
const forever = math.MaxInt64

// oneBallot is the promise: a unit has one ballot, the first that was taken; who
// took it is told the same each time; nothing is taken once the poll is closed.
var oneBallot = porcupine.Model{
	Init: func() any { return seat{} },
	Step: func(state, input, output any) (bool, any) {
		return state.(seat).step(input.(deed), output.(outcome))
	},
}

func (s seat) step(d deed, o outcome) (bool, any) {
	switch d.kind {
	case "cast":
		return s.cast(d, o)
	case "close":
		legal := !s.closed
		s.closed = true
		return legal, s
	}
	if o.ballots == 0 {
		return s.key == "", s
	}
	if d.kind == "find" && o.key != s.key {
		return false, s
	}
	legal := o.ballots == 1 && s.key != "" && o.choice == s.choice && (s.receipt == "" || s.receipt == o.receipt)
	s.receipt = o.receipt
	return legal, s
}

func (s seat) cast(d deed, o outcome) (bool, any) {
	switch o.code {
	case "ok":
		fresh := s.key == "" && !s.closed
		again := s.key == d.key && s.choice == d.choice && (s.receipt == "" || s.receipt == o.receipt) && (s.proof == "" || s.proof == o.proof)
		s.key, s.choice, s.receipt, s.proof = d.key, d.choice, o.receipt, o.proof
		return fresh || again, s
	case "twice":
		return s.key != "" && s.key != d.key, s
	case "closed":
		return s.closed && s.key != d.key, s
	}
	if s.key == "" && !s.closed {
		s.key, s.choice = d.key, d.choice
	}
	return true, s
}

// judge counts the units whose history no order of events explains, and those on
// which the time ran out.
func judge(units map[int][]porcupine.Operation) (illegal []int, undecided int) {
	for unit, ops := range units {
		switch porcupine.CheckOperationsTimeout(oneBallot, ops, 10*time.Second) {
		case porcupine.Illegal:
			illegal = append(illegal, unit)
		case porcupine.Unknown:
			undecided++
		case porcupine.Ok:
		}
	}
	return illegal, undecided
}

// foretold reports whether a history is explained once the reads are left out that
// showed a ballot which nobody was ever told was taken, and which is not there in
// the end. InnoDB shows a commit before its log is on the disk: a server that is
// killed in between forgets what others have seen, and never acknowledged.
func foretold(ops []porcupine.Operation) bool {
	known := map[string]bool{}
	for _, op := range ops {
		if d, o := op.Input.(deed), op.Output.(outcome); d.kind == "find" || d.kind == "cast" && o.code == "ok" {
			known[o.receipt] = true
		}
	}
	var rest []porcupine.Operation
	for _, op := range ops {
		if o := op.Output.(outcome); op.Input.(deed).kind != "read" || o.ballots == 0 || known[o.receipt] {
			rest = append(rest, op)
		}
	}
	illegal, undecided := judge(map[int][]porcupine.Operation{0: rest})
	return len(rest) < len(ops) && len(illegal)+undecided == 0
}

// TestOneBallotModel gives the model histories of which it is known whether they
// keep the promise.
func TestOneBallotModel(t *testing.T) {
	type op = porcupine.Operation
	cast := func(call, back int64, key, choice, code, proof string) op {
		receipt := proof
		return op{Call: call, Return: back, Input: deed{"cast", key, choice}, Output: outcome{code: code, receipt: receipt, proof: proof}}
	}
	found := func(call int64, n int, key, choice, receipt string) op {
		return op{Call: call, Return: call + 1, Input: deed{kind: "find"}, Output: outcome{ballots: n, key: key, choice: choice, receipt: receipt}}
	}
	read := func(call int64, n int, choice, receipt string) op {
		return op{Call: call, Return: call + 1, Input: deed{kind: "read"}, Output: outcome{ballots: n, choice: choice, receipt: receipt}}
	}
	closing := func(call, back int64) op {
		return op{Call: call, Return: back, Input: deed{kind: "close"}, Output: outcome{}}
	}
	for _, tt := range []struct {
		name string
		want bool
		ops  []op
	}{
		{"a ballot", true, []op{cast(1, 2, "k", "yes", "ok", "R"), found(9, 1, "k", "yes", "R")}},
		{"a lost ballot", false, []op{cast(1, 2, "k", "yes", "ok", "R"), found(9, 0, "", "", "")}},
		{"a ballot not read", false, []op{cast(1, 2, "k", "yes", "ok", "R"), read(3, 0, "", ""), found(9, 1, "k", "yes", "R")}},
		{"a changed ballot", false, []op{cast(1, 2, "k", "yes", "ok", "R"), found(9, 1, "k", "no", "R")}},
		{"another receipt", false, []op{cast(1, 2, "k", "yes", "ok", "R"), read(3, 1, "yes", "S")}},
		{"a retry told otherwise", false, []op{cast(1, 2, "k", "yes", "ok", "R"), cast(3, 4, "k", "yes", "ok", "S")}},
		{"a retry", true, []op{cast(1, 2, "k", "yes", "ok", "R"), cast(3, 4, "k", "yes", "ok", "R"), found(9, 1, "k", "yes", "R")}},
		{"two ballots", false, []op{cast(1, 2, "k", "yes", "ok", "R"), cast(1, 2, "l", "no", "ok", "S")}},
		{"two rows", false, []op{cast(1, 2, "k", "yes", "ok", "R"), found(9, 2, "k", "yes", "R")}},
		{"a rival", true, []op{cast(1, 5, "k", "yes", "ok", "R"), cast(2, 3, "l", "no", "twice", ""), found(9, 1, "k", "yes", "R")}},
		{"twice before anybody", false, []op{cast(1, 2, "l", "no", "twice", ""), cast(3, 5, "k", "yes", "ok", "R")}},
		{"refused and yet there", false, []op{cast(1, 2, "k", "yes", "ok", "R"), cast(3, 4, "l", "no", "twice", ""), found(9, 1, "l", "no", "R")}},
		{"unknown, not there", true, []op{cast(1, forever, "k", "yes", "unknown", ""), found(9, 0, "", "", "")}},
		{"unknown, there", true, []op{cast(1, forever, "k", "yes", "unknown", ""), read(5, 0, "", ""), found(9, 1, "k", "yes", "R")}},
		{"unknown, there before it was sent", false, []op{read(1, 1, "yes", "R"), cast(3, forever, "k", "yes", "unknown", "")}},
		{"read, then gone", false, []op{cast(1, forever, "k", "yes", "unknown", ""), read(5, 1, "yes", "R"), found(9, 0, "", "", "")}},
		{"after the close", false, []op{closing(1, 2), cast(3, 4, "k", "yes", "ok", "R")}},
		{"while it closes", true, []op{closing(1, 4), cast(2, 3, "k", "yes", "ok", "R")}},
		{"closed before the close", false, []op{cast(1, 2, "k", "yes", "closed", ""), closing(3, 4)}},
		{"a retry after the close", true, []op{cast(1, 2, "k", "yes", "ok", "R"), closing(3, 4), cast(5, 6, "k", "yes", "ok", "R")}},
		{"a retry told that it is late", false, []op{cast(1, 2, "k", "yes", "ok", "R"), closing(3, 4), cast(5, 6, "k", "yes", "closed", "")}},
		{"late", true, []op{closing(1, 2), cast(3, 4, "k", "yes", "closed", ""), found(9, 0, "", "", "")}},
		{"nobody cast it", false, []op{found(9, 1, "k", "yes", "R")}},
	} {
		illegal, undecided := judge(map[int][]op{0: tt.ops})
		if got := len(illegal) == 0; got != tt.want || undecided > 0 {
			t.Errorf("%s: kept is %v, want %v, %d undecided", tt.name, got, tt.want, undecided)
		}
	}
	for _, tt := range []struct {
		name string
		want bool
		ops  []op
	}{
		{"seen, then forgotten", true, []op{cast(1, forever, "k", "yes", "unknown", ""), read(5, 1, "yes", "R"), found(9, 0, "", "", "")}},
		{"seen, then forgotten for a rival", true, []op{cast(1, 8, "k", "yes", "twice", ""), read(2, 1, "yes", "R"), cast(3, 7, "l", "no", "ok", "S"), found(9, 1, "l", "no", "S")}},
		{"told, then forgotten", false, []op{cast(1, 2, "k", "yes", "ok", "R"), read(5, 1, "yes", "R"), found(9, 0, "", "", "")}},
		{"two ballots", false, []op{cast(1, 2, "k", "yes", "ok", "R"), read(3, 1, "no", "S"), cast(1, 2, "l", "no", "ok", "S")}},
		{"not read", false, []op{cast(1, 2, "k", "yes", "ok", "R"), read(3, 0, "", ""), found(9, 1, "k", "yes", "R")}},
	} {
		if got := foretold(tt.ops); got != tt.want {
			t.Errorf("%s: foretold is %v", tt.name, got)
		}
	}
}

func (d deed) String() string { return fmt.Sprintf("%s %s %s", d.kind, d.key, d.choice) }
