package main

import (
	"slices"
	"strconv"
	"strings"
)

// checkRoll compares the roll with its hash in the definition, entry by entry
// with what a roll must be, and as a whole with what the definition says of it.
func (v *verifier) checkRoll() {
	v.roll = make(map[string]int64, len(v.board.Roll))
	var area int64
	before := v.faults
	for i, e := range v.board.Roll {
		v.checkEntry(i, e)
		v.roll[e.Unit] = e.Area
		area += min(max(e.Area, 0), mostArea) // so that nothing overflows
		if area > mostArea {
			v.fault("roll.area_sum", "area", area, "want", mostArea)
			return
		}
	}
	if v.def == nil {
		return
	}
	hashed := rollHash(v.board.Roll)
	if hashed != v.def.Roll {
		v.fault("roll.hash", "hash", hashed, "want", v.def.Roll)
	}
	if area != v.def.Area {
		v.fault("roll.area_sum", "area", area, "want", v.def.Area)
	}
	if n := int64(len(v.roll)); n != v.def.Due && (v.def.Pack.Roll != "present" || n > v.def.Due || n == 0) {
		v.fault("roll.due", "n", n, "due", v.def.Due, "of", v.def.Pack.of())
	}
	if v.faults > before {
		return
	}
	v.good("roll.good", "n", len(v.roll), "of", v.def.Pack.of(), "hash", hashed)
	if v.def.Pack.ByArea {
		v.good("roll.area_good", "area", square(area))
	}
	if absent := v.def.Due - int64(len(v.roll)); absent > 0 {
		v.hint("roll.present", "due", v.def.Due, "absent", absent, "of", v.def.Pack.of())
	}
}

func (v *verifier) checkEntry(i int, e entry) {
	if !isHex(e.Unit, 32) {
		v.fault("roll.unit", "n", i+1, "unit", e.Unit)
	}
	if _, there := v.roll[e.Unit]; there {
		v.fault("roll.twice", "n", i+1, "unit", e.Unit)
	} else if i > 0 && e.Unit < v.board.Roll[i-1].Unit {
		v.fault("roll.order", "n", i+1, "unit", e.Unit)
	}
	if byArea := v.def != nil && v.def.Pack.ByArea; e.Area < 0 || e.Area > mostArea || v.def != nil && byArea != (e.Area > 0) {
		v.fault("roll.area", "n", i+1, "unit", e.Unit, "area", e.Area)
	}
}

// rollHash is the SHA-256 over the lines "unit area", sorted.
func rollHash(roll []entry) string {
	sorted := slices.Clone(roll)
	slices.SortFunc(sorted, func(a, b entry) int {
		if c := strings.Compare(a.Unit, b.Unit); c != 0 {
			return c
		}
		return int(min(max(a.Area-b.Area, -1), 1))
	})
	var b strings.Builder
	for _, e := range sorted {
		b.WriteString(e.Unit + " " + strconv.FormatInt(e.Area, 10) + "\n")
	}
	return sumHex(b.String())
}

// isHex reports whether a text is so many small hex digits.
func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}

// square writes an area in cm² as m².
func square(area int64) string {
	s := strconv.FormatInt(area/10_000, 10)
	if rest := area % 10_000; rest != 0 {
		s += strings.TrimRight("."+strconv.FormatInt(10_000+rest, 10)[1:], "0")
	}
	return s
}
