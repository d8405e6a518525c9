package rules_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestRollHashIsWrittenDown(t *testing.T) {
	sum := sha256.Sum256([]byte("a 5\nb 0\nb1 12\n"))
	if got := rules.RollHash([]rules.RollEntry{{"b1", 12}, {"b", 0}, {"a", 5}}); got != hex.EncodeToString(sum[:]) {
		t.Errorf("got %s", got)
	}
}

func TestRollHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-f0-9]{1,4}`), 1, 12, rapid.ID).Draw(t, "units")
		roll := make([]rules.RollEntry, len(units))
		for i, u := range units {
			roll[i] = rules.RollEntry{Unit: u, Area: rapid.Int64Range(0, 99).Draw(t, "area")}
		}
		shuffled := rapid.Permutation(roll).Draw(t, "shuffled")
		kept := slices.Clone(shuffled)
		if rules.RollHash(roll) != rules.RollHash(shuffled) {
			t.Fatal("the order of the roll changes the hash")
		}
		if !slices.Equal(kept, shuffled) {
			t.Fatal("hashing sorted the caller's roll")
		}
		if rules.RollHash(roll) == rules.RollHash(roll[1:]) {
			t.Fatal("a unit less does not change the hash")
		}
		larger := slices.Clone(roll)
		larger[0].Area++
		if rules.RollHash(roll) == rules.RollHash(larger) {
			t.Fatal("an area does not change the hash")
		}
	})
}

func TestCheckRoll(t *testing.T) {
	type roll = []rules.RollEntry
	for _, tt := range []struct {
		name   string
		roll   roll
		byArea bool
		want   string
		unit   any
	}{
		{"heads", roll{{"a", 0}, {"b", 0}}, false, "", nil},
		{"areas", roll{{"a", 1}, {"b", 2}}, true, "", nil},
		{"nobody", nil, false, "poll.empty", nil},
		{"the same unit twice", roll{{"a", 0}, {"b", 0}, {"a", 0}}, false, "roll.twice", "a"},
		{"the same unit with two areas", roll{{"a", 1}, {"a", 2}}, true, "roll.twice", "a"},
		{"no area", roll{{"a", 1}, {"b", 0}}, true, "roll.area", "b"},
		{"an area less than nothing", roll{{"a", -1}}, true, "roll.area", "a"},
		{"an area where none is to be shown", roll{{"a", 0}, {"b", 7}}, false, "roll.area", "b"},
		{"as large as can be", roll{{"a", rules.MaxArea - 1}, {"b", 1}}, true, "", nil},
		{"larger than can be", roll{{"a", rules.MaxArea}, {"b", 1}}, true, "roll.area", "b"},
		{"so large that the sum would turn over", roll{{"a", 1}, {"b", 1<<63 - 1}}, true, "roll.area", "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := rules.CheckRoll(tt.roll, tt.byArea)
			if got := codeOf(t, err); got != tt.want {
				t.Fatalf("refused with %q, want %q", got, tt.want)
			}
			if r, ok := rules.AsRefusal(err); ok && r.Params["unit"] != tt.unit {
				t.Errorf("the unit is %v, want %v", r.Params["unit"], tt.unit)
			}
		})
	}
}

func TestOwners(t *testing.T) {
	type units = []rules.PropertyUnit
	for _, tt := range []struct {
		name   string
		units  units
		owners []rules.Ownership
		want   string
	}{
		{"none", nil, nil, ""},
		{"one each", units{{7, "wang", 800}, {3, "li", 900}}, []rules.Ownership{{"o3", []int64{3}, 900}, {"o7", []int64{7}, 800}}, ""},
		{"who bought several counts as one", units{{9, "li", 100}, {4, "wang", 200}, {2, "li", 300}}, []rules.Ownership{{"o2", []int64{2, 9}, 400}, {"o4", []int64{4}, 200}}, ""},
		{"the developer's unsold units count as one", units{{1, "", 500}, {2, "li", 100}, {3, "", 500}}, []rules.Ownership{{"o1", []int64{1, 3}, 1000}, {"o2", []int64{2}, 100}}, ""},
		{"a unit twice", units{{1, "li", 100}, {1, "wang", 100}}, nil, "roll.twice"},
		{"a unit without an area", units{{1, "li", 0}}, nil, "roll.area"},
		{"a unit with less than none", units{{1, "li", -5}}, nil, "roll.area"},
		{"as large as can be", units{{1, "li", rules.MaxUnitArea}}, []rules.Ownership{{"o1", []int64{1}, rules.MaxUnitArea}}, ""},
		{"larger than can be", units{{1, "li", rules.MaxUnitArea + 1}}, nil, "roll.area"},
		{"a developer with more than one unit may have", units{{1, "", rules.MaxUnitArea}, {2, "", rules.MaxUnitArea}}, []rules.Ownership{{"o1", []int64{1, 2}, 2 * rules.MaxUnitArea}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rules.Owners(tt.units)
			if code := codeOf(t, err); code != tt.want {
				t.Fatalf("refused with %q, want %q", code, tt.want)
			}
			if d := cmp.Diff(tt.owners, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestOwnersKeepEverything holds the sums: no unit and no area is lost or
// counted twice, no owner has two ballots, and the order of the register does
// not matter.
func TestOwnersKeepEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 200), 1, 40, rapid.ID).Draw(t, "units")
		units, names := make([]rules.PropertyUnit, len(ids)), map[int64]string{}
		var area int64
		for i, id := range ids {
			units[i] = rules.PropertyUnit{ID: id, Owner: rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, "owner"), Area: rapid.Int64Range(1, 9_999).Draw(t, "area")}
			names[id] = units[i].Owner
			area += units[i].Area
		}
		owners, err := rules.Owners(units)
		if err != nil {
			t.Fatal(err)
		}
		shuffled, _ := rules.Owners(rapid.Permutation(units).Draw(t, "shuffled"))
		if d := cmp.Diff(owners, shuffled); d != "" {
			t.Fatal(d)
		}
		var sum int64
		var all []int64
		ballots := map[string]bool{}
		for _, o := range owners {
			sum += o.Area
			all = append(all, o.Units...)
			name := names[o.Units[0]]
			if ballots[name] || !slices.IsSorted(o.Units) {
				t.Fatalf("%q has two ballots, or units without order: %+v", name, owners)
			}
			ballots[name] = true
			for _, u := range o.Units {
				if names[u] != name {
					t.Fatalf("unit %d of %q is with %q", u, names[u], name)
				}
			}
		}
		slices.Sort(ids)
		slices.Sort(all)
		if sum != area || !slices.Equal(ids, all) {
			t.Fatalf("%d of %d cm², units %v of %v", sum, area, all, ids)
		}
	})
}
