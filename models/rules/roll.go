package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Bounds of areas, in cm².
const (
	MaxUnitArea = 100_000_000         // of one property unit: 10,000 m²
	MaxArea     = 100_000_000_000_000 // of a whole roll: 10,000 km²
)

// RollEntry is one voting unit on the roll of a poll: as it stands on the board,
// under a pseudonym, with the area in cm² that it votes for, 0 where ballots
// have no weight.
type RollEntry struct {
	Unit string `json:"unit"`
	Area int64  `json:"area"`
}

// RollHash is the hex SHA-256 over the lines "unit area\n" of a roll, sorted by
// unit. It does not depend on the order of the entries.
func RollHash(entries []RollEntry) string {
	lines := make([]string, len(entries))
	for i, e := range slices.SortedFunc(slices.Values(entries), byUnit) {
		lines[i] = e.Unit + " " + strconv.FormatInt(e.Area, 10) + "\n"
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// byUnit sorts by unit, and entries of the same unit by area.
func byUnit(a, b RollEntry) int {
	return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Area, b.Area))
}

// CheckRoll refuses a roll that is empty or holds a unit twice. By area every
// unit has one, and all together stay within [MaxArea]; otherwise none is
// written down, since the roll is shown to everybody.
func CheckRoll(entries []RollEntry, byArea bool) error {
	if len(entries) == 0 {
		return Refuse(Conflict, "poll.empty")
	}
	seen, sum := make(map[string]bool, len(entries)), int64(0)
	for _, e := range entries {
		if seen[e.Unit] {
			return Refuse(Invalid, "roll.twice", "unit", e.Unit)
		}
		seen[e.Unit] = true
		if e.Area < 0 || e.Area > MaxArea-sum || byArea != (e.Area > 0) {
			return Refuse(Invalid, "roll.area", "unit", e.Unit)
		}
		sum += e.Area
	}
	return nil
}

// PropertyUnit is a flat or shop with its owner. Owner is a blind key of the
// person, "" for a unit that its developer has not sold or handed over.
type PropertyUnit struct {
	ID    int64
	Owner string
	Area  int64 // cm²
}

// Ownership is all that one owner has in the scope of a vote: one head, one
// ballot, the sum of the areas.
type Ownership struct {
	Key   string // "o" and the smallest of the units
	Units []int64
	Area  int64
}

// Owners turns property units into voting units (建筑物区分所有权司法解释
// art. 8–9): the area is that of every unit, the heads are counted by owner, so
// that who bought several counts as one, and so does the developer with all that
// is not sold. Sorted by the smallest unit.
func Owners(units []PropertyUnit) ([]Ownership, error) {
	at := map[string]int{}
	seen := make(map[int64]bool, len(units))
	var owners []Ownership
	for _, u := range slices.SortedFunc(slices.Values(units), func(a, b PropertyUnit) int { return cmp.Compare(a.ID, b.ID) }) {
		unit := strconv.FormatInt(u.ID, 10)
		switch {
		case seen[u.ID]:
			return nil, Refuse(Invalid, "roll.twice", "unit", unit)
		case u.Area <= 0 || u.Area > MaxUnitArea:
			return nil, Refuse(Invalid, "roll.area", "unit", unit)
		}
		seen[u.ID] = true
		i, known := at[u.Owner]
		if !known {
			i = len(owners)
			at[u.Owner] = i
			owners = append(owners, Ownership{Key: "o" + unit})
		}
		owners[i].Units = append(owners[i].Units, u.ID)
		owners[i].Area += u.Area
	}
	return owners, nil
}
