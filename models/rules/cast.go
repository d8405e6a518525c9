package rules

import "time"

// Sheet is the choice of a unit that has handed in a sheet of paper which is not
// entered yet. It counts for nothing; the entry that follows does.
const Sheet Choice = "sheet"

// PollCounting is the state of a poll that takes no more ballots but for the
// sheets that were registered before it closed.
const PollCounting PollState = "counting"

// CheckBallot reads a ballot, or refuses it.
//
//   - The closing time has not come. (That the poll is open its shards decide.)
//   - It is a mark of the question, as [ReadChoice] reads it.
//   - The voter's unit stands on the frozen roll.
func CheckBallot(closes *time.Time, a Ask, onRoll bool, typed string, now time.Time) (Choice, error) {
	if err := CheckOpen(closes, now); err != nil {
		return "", err
	}
	mark, err := ReadChoice(a, typed)
	switch {
	case err != nil:
		return "", err
	case !onRoll:
		return "", Refuse(Forbidden, "poll.roll")
	}
	return mark, nil
}

// CheckOpen refuses a ballot once the closing time of its poll has come; nil is
// closed by the chair.
func CheckOpen(closes *time.Time, now time.Time) error {
	if closes != nil && !now.Before(*closes) {
		return Refuse(Conflict, "poll.closed")
	}
	return nil
}

// Had is what is known of a ballot that was cast for a unit.
type Had struct {
	Person int64
	Paper  bool // a sheet, a redeemed code, or taken down by others
	Proxy  bool // cast by whom its holder named
	Sheet  bool // registered, not entered
}

// CheckAgain says whether a ballot may take the place of the one that its unit
// has cast.
//
//   - The entry of a sheet follows its registration, and nothing else does.
//   - What was cast on paper is not changed by telephone.
//   - Of several who may speak for a unit, the first does (joint owners); but
//     whoever named a proxy may still speak in person.
//   - The pack must let people vote again until close.
func CheckAgain(p Pack, had, now Had) error {
	switch {
	case had.Sheet && now.Paper && !now.Sheet:
		return nil
	case had.Sheet, had.Paper:
		return Refuse(Conflict, "poll.paper")
	case had.Person != now.Person && !now.Paper && (!had.Proxy || now.Proxy):
		return Refuse(Conflict, "poll.other")
	case !p.Revote:
		return Refuse(Conflict, "poll.twice")
	}
	return nil
}

// CheckBoard says who may read the board of a poll: everybody, unless it shows
// areas, which name homes; then those on its roll and those who watch over polls.
func CheckBoard(p Pack, concerned bool) error {
	if p.ByArea && !concerned {
		return Refuse(Forbidden, "poll.weighted")
	}
	return nil
}
