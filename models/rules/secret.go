package rules

import "time"

// Disclosure is what is shown of a secret poll once two shares have opened it.
// Voters are told before they vote.
type Disclosure string

// The ways to disclose.
const (
	// DiscloseKey shows the key: everybody opens every ballot and counts again.
	// Who kept their own could show it to others.
	DiscloseKey Disclosure = "key"
	// DiscloseList shows the choices under numbers that only their voters know.
	// That the list is what was sealed rests on those who hold the shares.
	DiscloseList Disclosure = "list"
)

// Bounds of the crowd in which a secret ballot hides.
const (
	LeastCrowd = 5
	MostCrowd  = 50
	LeastDue   = 10 // units on the roll of a secret poll
)

// RemindKeepersEvery is how often a keeper is told that a poll waits for their
// share.
const RemindKeepersEvery = 24 * time.Hour

// MaxTurns is how often a unit may vote on a secret poll.
const MaxTurns = 20

// Secrecy is what a secret poll adds to its definition.
type Secrecy struct {
	Disclosure Disclosure `json:"disclosure"`
	Crowd      int        `json:"crowd"`  // ballots reach the record in batches of at least so many
	Tokens     string     `json:"tokens"` // the key by which tokens are checked, base64
	Key        string     `json:"key"`    // the key to which choices are sealed, base64
	Shares     []string   `json:"shares"` // by which the shares of the opening key are checked, base64
}

// CheckSecrecy says whether a poll may be secret.
//
//   - The pack admits it, and counts heads: an area would name its unit.
//   - One way to disclose is chosen, and a crowd of 5 to 50.
//   - At least 10 units are due, and no fewer than the crowd.
func CheckSecrecy(p Pack, d Disclosure, crowd int, due int64) error {
	if err := CheckSecret(p); err != nil {
		return err
	}
	switch {
	case d != DiscloseKey && d != DiscloseList:
		return Refuse(Invalid, "secret.disclosure")
	case crowd < LeastCrowd || crowd > MostCrowd:
		return Refuse(Invalid, "secret.crowd", "least", LeastCrowd, "most", MostCrowd)
	case due < max(LeastDue, int64(crowd)):
		return Refuse(Conflict, "secret.few", "due", due, "least", max(LeastDue, crowd))
	}
	return nil
}

// CheckSecret refuses a secret ballot under a pack that does not admit one. It
// is never admitted by area: the area of a ballot would name its unit.
func CheckSecret(p Pack) error {
	if p.Secret && !p.ByArea {
		return nil
	}
	return Refuse(Conflict, "poll.secret", "pack", p.Name)
}

// Keeper is for whom somebody holds a share of an opening key.
type Keeper string

// The keepers. No two shares are in the hands of one.
const (
	KeeperDesk      Keeper = "desk"      // who runs the poll
	KeeperWatch     Keeper = "watch"     // supervisor, or staff above the community
	KeeperNeighbour Keeper = "neighbour" // lives there and holds no office of staff
)

// KeeperOf says for whom somebody could hold a share at an org, "" for nobody:
// the desk before the watch, and a neighbour only without an office of staff.
func KeeperOf(s Standing, path string) Keeper {
	o, found := Object{Path: path}, map[Keeper]bool{}
	office := false
	for _, p := range s.Places {
		switch p.Role {
		case Secretary:
			office, found[KeeperDesk] = true, found[KeeperDesk] || Down.covers(p.Path, o)
		case Supervisor, Street, District, City:
			office, found[KeeperWatch] = true, found[KeeperWatch] || Down.covers(p.Path, o)
		case Handler:
			office = true
		case Resident, Merchant, Leader:
			found[KeeperNeighbour] = found[KeeperNeighbour] || Line.covers(p.Path, o)
		case Anonymous, Guest, System:
		}
	}
	for _, k := range []Keeper{KeeperDesk, KeeperWatch, KeeperNeighbour} {
		if found[k] && (k != KeeperNeighbour || !office) {
			return k
		}
	}
	return ""
}

// CheckKeepers refuses shares that are not in the hands of all three sides.
func CheckKeepers(keepers []Keeper) error {
	there := map[Keeper]bool{}
	for _, k := range keepers {
		there[k] = true
	}
	if len(keepers) == 3 && there[KeeperDesk] && there[KeeperWatch] && there[KeeperNeighbour] {
		return nil
	}
	return Refuse(Invalid, "secret.keepers")
}

// CheckTurn says whether a token that has cast so many ballots may cast the one
// of this turn.
func CheckTurn(p Pack, cast, turn int) error {
	switch {
	case turn != cast:
		return Refuse(Conflict, "secret.turn", "turn", cast)
	case turn > 0 && !p.Revote:
		return Refuse(Conflict, "poll.twice")
	case turn >= MaxTurns:
		return Refuse(Conflict, "secret.often", "most", MaxTurns)
	}
	return nil
}

// ReadSealed reads the choice that was sealed. It was written by a program, so it
// is the mark itself or the ballot is void.
func ReadSealed(a Ask, choice string) Choice {
	if mark, err := ReadChoice(a, choice); err == nil && string(mark) == choice {
		return mark
	}
	return Void
}

// Why a secret poll is void.
const (
	VoidFew  = "verdict.void_few"
	VoidLost = "verdict.void_lost"
)

// VoidVerdict is that of a secret poll that is never opened: with fewer ballots
// than the crowd that was promised, or without its shares.
func VoidVerdict(t Turnout, cast int64, reason string) Verdict {
	return Verdict{Result: ResultVoid, Reason: reason, Side: Side{Count: Count{Due: t.Due, Attended: t.Attended, Cast: cast}}}
}
