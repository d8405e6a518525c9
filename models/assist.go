package models

import (
	"context"
	"time"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// Assist is that a host took down the ballot of somebody who cannot use a
// telephone, on their word.
type Assist struct {
	PollID   int64  `gorm:"primaryKey;autoIncrement:false"`
	Unit     string `gorm:"primaryKey"`
	PersonID int64
	HelperID int64
	Consent  string
	At       time.Time
}

// NewAssist is a ballot as a host takes it down.
type NewAssist struct {
	Unit     string `json:"unit" maxLength:"32"`
	PersonID int64  `json:"person_id" minimum:"1" doc:"whose ballot it is: they hold the unit on the roll and are checked in"`
	Choice   string `json:"choice"`
	Consent  string `json:"consent" doc:"what the person said, and who was there"`
}

// SeatView is who may vote for a unit of a poll, as the desk finds them: by a name,
// the number of a home, or the name of a shop.
type SeatView struct {
	Unit     string `json:"unit"`
	PersonID int64  `json:"person_id,omitempty" doc:"left out where nobody is known for the unit"`
	Name     string `json:"name"`
	At       string `json:"at" doc:"the number of the home, or the shop that they speak for"`
}

// Seats finds on the roll of a poll whose ballot is to be taken down, entered from
// paper, or given to another. It begins with a name as it is written.
func (f *Forum) Seats(ctx context.Context, who Actor, pollID int64, name string) ([]SeatView, error) {
	return see(ctx, f, who, rules.BallotAssist, onPoll(pollID), func(t *tx) ([]SeatView, error) {
		name, err := rules.CheckText("name", name, rules.MaxName)
		if err != nil {
			return nil, err
		}
		rows := []SeatView{}
		q := t.Table("seats s").Joins("LEFT JOIN persons p ON p.id = s.person_id").Where("s.poll_id = ? AND s.capacity <> ?", pollID, ballots.CapacityProxy)
		q = q.Select("s.unit, s.person_id, COALESCE(p.name, '') AS name, COALESCE(" + homeSQL + ", '') AS at")
		like := plainly.Replace(name) + "%"
		return rows, t.Table("(?) AS x", q).Where("x.name LIKE ? ESCAPE '!' OR x.at = ? OR SUBSTR(x.unit, 1, 1) = 'm' AND x.at LIKE ? ESCAPE '!'", like, name, like).
			Order("x.name, x.unit").Limit(MaxPageSize).Scan(&rows).Error
	})
}

// homeSQL is what a seat stands for: a shop, a home, or where the person lives.
const homeSQL = `CASE WHEN SUBSTR(s.unit, 1, 1) = 'm' THEN (SELECT m.name FROM members m WHERE m.id = CAST(SUBSTR(s.unit, 2) AS SIGNED))
	WHEN SUBSTR(s.unit, 1, 1) IN ('h', 'o') THEN (SELECT h.number FROM households h WHERE h.id = CAST(SUBSTR(s.unit, 2) AS SIGNED))
	ELSE (SELECT MIN(h.number) FROM capacities c JOIN households h ON h.id = c.household_id
		WHERE c.person_id = s.person_id AND c.state = 'confirmed' AND c.ended_at IS NULL) END`

// AssistBallot takes down the ballot of somebody who is present and cannot use a
// telephone. It takes the place of no other; they are told of it with the
// receipt, and may change it themselves where the rule pack lets people vote
// again.
func (f *Forum) AssistBallot(ctx context.Context, who Actor, pollID int64, n NewAssist) (*Ballot, error) {
	return do(ctx, f, who, rules.BallotAssist, onPoll(pollID), func(t *tx) (*Ballot, error) {
		consent, err := rules.CheckText("consent", n.Consent, rules.MaxReason/4)
		if err != nil {
			return nil, err
		}
		p, err := t.lockOpenPoll(pollID)
		if err != nil {
			return nil, err
		}
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		mark, err := rules.ReadChoice(d.Ask, n.Choice)
		if err != nil {
			return nil, err
		}
		if err := t.mayAssist(p, n); err != nil {
			return nil, err
		}
		b, err := t.enter(ballots.Entry{Poll: pollID, Unit: n.Unit, Person: n.PersonID, Choice: mark, Way: rules.ByHelper, Request: requestOf(who)})
		if err != nil {
			return nil, err
		}
		row := &Assist{PollID: pollID, Unit: n.Unit, PersonID: n.PersonID, HelperID: who.PersonID, Consent: consent, At: t.now}
		if err := t.Create(row).Error; err != nil {
			return nil, err
		}
		return b, t.tellUnit(p, n.Unit, "notice.assisted", set{"receipt": b.Receipt})
	})
}

func (t *tx) mayAssist(p *Poll, n NewAssist) error {
	var present int64
	if err := t.Model(&Presence{}).Where("session_id = ? AND person_id = ?", p.SessionID, n.PersonID).Count(&present).Error; err != nil {
		return err
	}
	seated, err := t.holdsUnit(p.ID, n.Unit, n.PersonID)
	if err != nil {
		return err
	}
	own, err := t.holdsUnit(p.ID, n.Unit, t.who.PersonID)
	if err != nil {
		return err
	}
	return rules.CheckAssist(t.who.PersonID, n.PersonID, own, seated, present > 0)
}

// holdsUnit reports whether somebody holds a unit on the roll, not as a proxy.
func (t *tx) holdsUnit(poll int64, unit string, person int64) (bool, error) {
	var n int64
	err := t.Model(&Seat{}).Where("poll_id = ? AND unit = ? AND person_id = ? AND person_id <> 0 AND capacity <> ?",
		poll, unit, person, ballots.CapacityProxy).Count(&n).Error
	return n > 0, err
}
