package rules

import "time"

// What stands in the place of a choice for a unit that has handed in a sheet of
// paper. Nobody can choose these.
const (
	Sheet     Choice = "sheet"     // handed in, not entered yet: counts for nothing, the entry that follows does
	Void      Choice = "void"      // 废票: two people found no choice on it; cast, and counted for nothing
	Withdrawn Choice = "withdrawn" // the sheet was taken back: the unit has not voted
)

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

// Way is how a ballot comes to be cast.
type Way uint8

// The ways. Of what has been cast on paper it does not matter whether by code or
// by sheet, unless the sheet is still to be entered.
const (
	ByVoter      Way = iota // who holds the seat, by telephone
	ByProxy                 // whom its holder named
	ByHelper                // a host, for somebody present who said so
	ByPaper                 // a paper code; what a sheet that has been entered says
	BySheet                 // a sheet is handed in
	ByEntry                 // two people enter the sheet
	ByReopening             // the sheet is to be entered again
	ByWithdrawal            // the sheet is taken back before anybody entered it
)

// Had is what is known of a ballot that was cast for a unit, or is to be.
type Had struct {
	Person int64
	Way    Way
}

// CheckAgain says whether a ballot may take the place of the one that its unit
// has cast.
//
//   - Paper and helpers take nobody's place: what a unit has cast stands.
//   - The entry of a sheet follows its registration, and another registration
//     follows an entry that is to be corrected.
//   - Only a sheet that waits is taken back; then the unit is as free as before.
//   - What was cast on paper is not changed by telephone.
//   - Of several who may speak for a unit, the first does (joint owners); but
//     whoever named a proxy may still speak in person, and so may whoever was
//     helped.
//   - The pack must let people vote again until close.
func CheckAgain(p Pack, had, now Had) error {
	switch now.Way {
	case ByEntry:
		if had.Way == BySheet {
			return nil
		}
		return Refuse(Conflict, "sheet.entered")
	case ByReopening:
		if had.Way == ByPaper {
			return nil
		}
		return Refuse(Conflict, "sheet.waiting")
	case ByWithdrawal:
		if had.Way == BySheet {
			return nil
		}
		return Refuse(Conflict, "sheet.entered")
	case ByHelper, ByPaper, BySheet, ByVoter, ByProxy:
	}
	switch {
	case had.Way == ByWithdrawal:
		return nil
	case now.Way != ByVoter && now.Way != ByProxy:
		return Refuse(Conflict, "paper.voted")
	}
	switch {
	case had.Way == ByPaper, had.Way == BySheet:
		return Refuse(Conflict, "poll.paper")
	case had.Person != now.Person && (had.Way != ByProxy || now.Way == ByProxy):
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
