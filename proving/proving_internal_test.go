package proving

import (
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"nothing", nil, 0},
		{"one", []float64{3}, 3},
		{"an odd number", []float64{9, 1, 4}, 4},
		{"an even number", []float64{8, 2, 4, 100}, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := median(tt.values); got != tt.want {
				t.Errorf("median %v, want %v", got, tt.want)
			}
		})
	}
	values := []float64{3, 1, 2}
	if median(values); values[0] != 3 {
		t.Error("the values were moved")
	}
}

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		value, whole float64
		full         int
	}{{0, 10, 0}, {0.01, 10, 1}, {5, 10, 10}, {10, 10, 20}, {25, 10, 20}, {5, 0, 0}} {
		got := bar(tt.value, tt.whole)
		if strings.Count(got, "█") != tt.full || len([]rune(got)) != barWidth {
			t.Errorf("%v of %v: %s", tt.value, tt.whole, got)
		}
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	err := table(&out, []Result{
		{Name: "fast", Value: 5, Unit: "ms", Aim: 20, Met: true, values: []float64{4, 5, 6.25}},
		{Name: "slow", Value: 120.4, Unit: "ms", Aim: 100},
		{Name: "free", Value: 12.34, Unit: "ms", Met: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{"median", "≤ 20 ms", "MISSED", "12.3 ms"} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d has no %q: %s", i, want, lines[i])
		}
	}
	if !strings.Contains(lines[1], "4 … 6.25") || strings.Contains(lines[3], "≤") {
		t.Errorf("the table is\n%s", out.String())
	}
}

func TestMissed(t *testing.T) {
	results := []Result{{Name: "a", Met: true}, {Name: "b"}}
	if err := missed(results, false); err != nil {
		t.Errorf("without strict: %v", err)
	}
	if err := missed(results, true); err == nil || !strings.HasSuffix(err.Error(), ": b") {
		t.Errorf("strict: %v", err)
	}
	if err := missed(results[:1], true); err != nil {
		t.Errorf("every aim met: %v", err)
	}
}

func TestReadImport(t *testing.T) {
	got, err := readImport("m  10/12\nrow 4: no\n9 new, 2 there already, 1 left out\n")
	if err != nil || got != (imported{9, 2, 1}) {
		t.Errorf("read %+v, %v", got, err)
	}
	if _, err := readImport("nothing"); err == nil {
		t.Error("no counts were read as counts")
	}
}

func TestDigits(t *testing.T) {
	if got := digits("no 539 325-387."); got != "539325387" {
		t.Errorf("got %s", got)
	}
}

func TestAt(t *testing.T) {
	if got := at("topics", int64(7), "accept") + query("org", 3, "state", "a b"); got != "/api/v1/topics/7/accept?org=3&state=a+b" {
		t.Errorf("got %s", got)
	}
}

// sound is a ledger in which the books agree: voter 0 voted twice.
func sound() ledger {
	return ledger{
		accepted: []vote{{0, "yes", "A", false}, {0, "yes", "B", false}, {1, "no", "C", false}},
		mine:     map[int][]ballot{0: {{Choice: "yes", Receipt: "B"}}, 1: {{Choice: "no", Receipt: "C"}}, 2: {}},
		counted:  count{Due: 3, Attended: 3, Cast: 2, Yes: 1, No: 1},
		cast:     2,
	}
}

func TestLedger(t *testing.T) {
	if faults := sound().faults(); len(faults) > 0 {
		t.Errorf("a sound ledger has faults: %v", faults)
	}
	if missed := sound().missedMutants(); len(missed) > 0 {
		t.Errorf("not noticed: %v", missed)
	}
	if faults := sound().faults(); len(faults) > 0 {
		t.Errorf("the mutants spoiled their ledger: %v", faults)
	}
	never := sound()
	never.mine[2] = []ballot{{Choice: "yes", Receipt: "D"}}
	other := sound()
	other.mine[1] = []ballot{{Choice: "yes", Receipt: "C"}}
	unasked := sound()
	delete(unasked.mine, 1)
	for name, l := range map[string]ledger{"never acknowledged": never, "another choice": other, "not asked": unasked} {
		if len(l.faults()) != 1 {
			t.Errorf("%s: %v", name, l.faults())
		}
	}
}

func TestEach(t *testing.T) {
	seen := make([]int, 100)
	err := each(len(seen), 7, func(i int) error {
		seen[i]++
		if i%50 == 49 {
			return ErrAims
		}
		return nil
	})
	for i, n := range seen {
		if n != 1 {
			t.Errorf("%d was done %d times", i, n)
		}
	}
	if err == nil || strings.Count(err.Error(), ErrAims.Error()) != 2 {
		t.Errorf("errors: %v", err)
	}
	if err := each(0, 7, func(int) error { return ErrAims }); err != nil {
		t.Errorf("nothing to do: %v", err)
	}
}
