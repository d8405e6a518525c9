package models

import (
	"fmt"
	"slices"
	"strconv"

	"yishi/models/rules"
)

// roll returns who may vote on a poll of this session under a rule pack, as it
// stands now. A unit for which nobody is known still has a seat, without a
// person: it counts among those due. Of several who share a home whoever votes
// first speaks for it, unless one of them was named.
func (t *tx) roll(s *Session, pack rules.Pack, stakeholders []string) ([]Seat, error) {
	switch pack.Roll {
	case rules.RollPresent:
		return t.seats(`SELECT CONCAT('p', person_id) AS unit, person_id, 'person' AS capacity FROM presences WHERE session_id = ?`, s.ID)
	case rules.RollMembers:
		if s.AllianceID == 0 {
			return nil, rules.Refuse(rules.Conflict, "poll.alliance")
		}
		return t.seats(`SELECT CONCAT('m', id) AS unit, person_id, 'member' AS capacity FROM members WHERE alliance_id = ? AND state = 'confirmed'`, s.AllianceID)
	case rules.RollStakeholders:
		return t.stakeholders(s, stakeholders)
	case rules.RollRegister:
		o, err := t.scope(s)
		if err != nil {
			return nil, err
		}
		return t.register(o, pack.Unit)
	}
	return nil, fmt.Errorf("rule pack %s: unknown roll %q", pack.Code, pack.Roll)
}

// register returns the voting units of an org and of those below it, as their
// registers stand now.
func (t *tx) register(o *Org, unit rules.UnitKind) ([]Seat, error) {
	under := o.Path + "%"
	switch unit {
	case rules.UnitOwner:
		return t.owners(under)
	case rules.UnitHousehold:
		return t.seats(`SELECT CONCAT('h', h.id) AS unit, COALESCE(c.person_id, 0) AS person_id, 'household' AS capacity FROM households h
			JOIN orgs g ON g.id = h.org_id LEFT JOIN capacities c ON c.household_id = h.id AND c.state = 'confirmed' AND c.ended_at IS NULL
			AND (h.speaker_id = c.person_id OR NOT EXISTS (SELECT 1 FROM capacities s
				WHERE s.household_id = h.id AND s.person_id = h.speaker_id AND s.state = 'confirmed' AND s.ended_at IS NULL))
			WHERE g.path LIKE ?`, under)
	case rules.UnitRepresentative:
		return t.seats(`SELECT CONCAT('r', c.person_id) AS unit, c.person_id, 'representative' AS capacity FROM capacities c
			LEFT JOIN households h ON h.id = c.household_id JOIN orgs g ON g.id = COALESCE(h.org_id, c.org_id) WHERE g.path LIKE ? AND c.kind = 'representative' AND c.state = 'confirmed' AND c.ended_at IS NULL`, under)
	case rules.UnitPerson:
		return t.seats(`SELECT DISTINCT CONCAT('p', c.person_id) AS unit, c.person_id, 'person' AS capacity FROM capacities c
			LEFT JOIN households h ON h.id = c.household_id JOIN orgs g ON g.id = COALESCE(h.org_id, c.org_id) WHERE g.path LIKE ? AND c.state = 'confirmed' AND c.ended_at IS NULL`, under)
	case rules.UnitMember, rules.UnitStakeholder:
	}
	return nil, fmt.Errorf("a register has no units %q", unit)
}

// owners returns the seats of those who own property: one unit for each owner,
// however many flats are theirs, with the area of all of them.
func (t *tx) owners(under string) ([]Seat, error) {
	var homes []Household
	err := t.Joins("JOIN orgs g ON g.id = households.org_id").Where("g.path LIKE ?", under).Order("households.id").Find(&homes).Error
	if err != nil {
		return nil, err
	}
	units, speakers := make([]rules.PropertyUnit, len(homes)), map[int64]int64{}
	for i, h := range homes {
		units[i] = rules.PropertyUnit{ID: h.ID, Owner: h.Owner, Area: h.Area}
		if h.SpeakerID != 0 {
			speakers[h.ID] = h.SpeakerID
		}
	}
	owned, err := rules.Owners(units)
	if err != nil {
		return nil, err
	}
	var held []Capacity
	err = t.Joins("JOIN households h ON h.id = capacities.household_id JOIN orgs g ON g.id = h.org_id").Where("g.path LIKE ? AND capacities.kind = ? AND capacities.state = ? AND ended_at IS NULL",
		under, CapacityOwner, CapacityConfirmed).Order("capacities.id").Find(&held).Error
	return ownerSeats(owned, held, speakers), err
}

// ownerSeats seats the owners who are known. Joint owners sit together, unless
// they named one of them: whoever else is named for a home does not vote as an owner.
func ownerSeats(owned []rules.Ownership, held []Capacity, speakers map[int64]int64) []Seat {
	at := map[int64][]int64{}
	for _, c := range held {
		at[c.HouseholdID] = append(at[c.HouseholdID], c.PersonID)
	}
	for home, s := range speakers {
		if slices.Contains(at[home], s) {
			at[home] = []int64{s}
		}
	}
	var seats []Seat
	for _, o := range owned {
		persons := []int64{}
		for _, unit := range o.Units {
			persons = append(persons, at[unit]...)
		}
		slices.Sort(persons)
		if persons = slices.Compact(persons); len(persons) == 0 {
			persons = []int64{0} // nobody is known: counts among those due
		}
		for _, person := range persons {
			seats = append(seats, Seat{Unit: o.Key, PersonID: person, Capacity: "owner", Area: o.Area})
		}
	}
	return seats
}

// seats reads seats without doubles: somebody who is resident and owner of one
// home sits there once.
func (t *tx) seats(query string, args ...any) ([]Seat, error) {
	var rows []Seat
	if err := t.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	type key struct {
		unit   string
		person int64
	}
	seen := make(map[key]bool, len(rows))
	out := rows[:0]
	for _, r := range rows {
		if k := (key{r.Unit, r.PersonID}); !seen[k] {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out, nil
}

// stakeholders reads a named list: "p12" persons known in the community, "m4"
// confirmed members of an alliance there.
func (t *tx) stakeholders(s *Session, units []string) ([]Seat, error) {
	if len(units) == 0 || len(units) > 500 {
		return nil, rules.Refuse(rules.Invalid, "poll.stakeholders")
	}
	o, err := t.org(s.OrgID)
	if err != nil {
		return nil, err
	}
	var out []Seat
	for _, unit := range units {
		seat, err := t.stakeholder(o, unit)
		if err != nil {
			return nil, err
		}
		out = append(out, seat)
	}
	return out, nil
}

func (t *tx) stakeholder(o *Org, unit string) (Seat, error) {
	refused := rules.Refuse(rules.Invalid, "poll.stakeholder", "unit", unit)
	if len(unit) < 2 {
		return Seat{}, refused
	}
	id, err := strconv.ParseInt(unit[1:], 10, 64)
	if err != nil {
		return Seat{}, refused
	}
	query := `SELECT CONCAT('p', c.person_id) AS unit, c.person_id, 'person' AS capacity FROM capacities c JOIN orgs g ON g.id = c.org_id
		WHERE c.person_id = ? AND g.path LIKE ? AND c.state = 'confirmed' AND c.ended_at IS NULL`
	if unit[0] == 'm' {
		query = `SELECT CONCAT('m', m.id) AS unit, m.person_id, 'member' AS capacity FROM members m JOIN alliances a ON a.id = m.alliance_id
			JOIN orgs g ON g.id = a.org_id WHERE m.id = ? AND g.path LIKE ? AND m.state = 'confirmed'`
	}
	seats, err := t.seats(query, id, o.Path+"%")
	if err != nil || len(seats) == 0 || unit != seats[0].Unit {
		return Seat{}, firstError(err, refused)
	}
	return seats[0], nil
}

// firstError returns the fault if there is one, else the refusal.
func firstError(fault, refusal error) error {
	if fault != nil {
		return fault
	}
	return refusal
}
