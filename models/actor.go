package models

import "yishi/models/rules"

// Door is the way by which somebody came in.
type Door string

// The doors.
const (
	DoorMini    Door = "mini"    // the residents' app
	DoorConsole Door = "console" // the staff console
	DoorChat    Door = "chat"    // the official account
	DoorClock   Door = "clock"
	DoorBooth   Door = "booth"   // secret ballots: nobody is asked who they are
	DoorLink    Door = "link"    // no door: a code that opens one
	DoorScreen  Door = "screen"  // in the room: nobody is asked who stands before it
	DoorCommand Door = "command" // the command line of the server
)

// Actor is who does a deed, and through which door. A request that may come
// twice carries a key and the digest of what it asks.
type Actor struct {
	PersonID int64
	Door     Door
	Renew    bool   // a login of staff whose password somebody else set
	Key      string // at most 128 characters
	Digest   string // at most 64 characters
	Code     string // by chat: the one-time code that some deeds of staff need

	known  bool // read together with a login: what follows is known of the person
	banned bool
}

// Clock is the actor of what happens because time passes.
var Clock = Actor{Door: DoorClock}

// Booth is whoever hands in a secret ballot.
var Booth = Actor{Door: DoorBooth}

// AtScreen is a screen in the room of a session.
var AtScreen = Actor{Door: DoorScreen}

// Operator is whoever holds the command line of the server.
var Operator = Actor{Door: DoorCommand}

// standingOf reads the roles of a person and where they hold, in one query.
func (t *tx) standingOf(who Actor) (rules.Standing, error) {
	switch {
	case who.Door == DoorClock:
		return rules.Standing{Places: []rules.Place{{Role: rules.System}}}, nil
	case who.Door == DoorCommand:
		return rules.Standing{Places: []rules.Place{{Role: rules.City, Path: "/"}}}, nil
	case who.PersonID == 0:
		return rules.Standing{}, nil
	}
	s := rules.Standing{Places: []rules.Place{{Role: rules.Guest}}}
	if who.Renew {
		return s, nil // no office before the password is one's own
	}
	var rows []rules.Place
	err := t.Raw(`SELECT o.role AS role, g.path AS path FROM offices o JOIN orgs g ON g.id = o.org_id
		WHERE o.person_id = @id AND o.until IS NULL
		UNION ALL SELECT CASE WHEN c.state = 'confirmed' THEN 'resident' ELSE 'guest' END, g.path
		FROM capacities c JOIN orgs g ON g.id = c.org_id
		WHERE c.person_id = @id AND c.ended_at IS NULL AND c.state IN ('confirmed', 'asked')
		UNION ALL SELECT 'merchant', g.path FROM members m JOIN alliances a ON a.id = m.alliance_id
		JOIN orgs g ON g.id = a.org_id WHERE m.person_id = @id AND m.state = 'confirmed'
		UNION ALL SELECT 'banned', '' FROM persons p WHERE p.id = @id AND p.banned_at IS NOT NULL`,
		set{"id": who.PersonID}).Scan(&rows).Error
	if err != nil {
		return s, err
	}
	for _, p := range rows {
		if p.Role == "banned" {
			s.Banned = true
			continue
		}
		s.Places = append(s.Places, p)
	}
	return s, nil
}
