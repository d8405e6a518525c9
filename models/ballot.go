package models

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Ballot is the vote of one unit. The key (poll, unit) is what makes it one.
type Ballot struct {
	PollID   int64        `json:"poll_id" gorm:"primaryKey;autoIncrement:false"`
	Unit     string       `json:"unit" gorm:"primaryKey"`
	PersonID int64        `json:"-"`
	Choice   rules.Choice `json:"choice"`
	Door     Door         `json:"door"`
	Receipt  string       `json:"receipt"`
	At       time.Time    `json:"at"`
}

// Act fixes the capacity in which a person acts on a poll.
type Act struct {
	PollID   int64 `gorm:"primaryKey;autoIncrement:false"`
	PersonID int64 `gorm:"primaryKey;autoIncrement:false"`
	Capacity string
}

// CastBallot casts the ballot of a unit on an open poll. The unit may be left
// out by a person who has one seat. Where the rule pack lets people vote again,
// the last ballot counts.
func (f *Forum) CastBallot(ctx context.Context, who Actor, pollID int64, unit string, choice rules.Choice) (*Ballot, error) {
	return do(ctx, f, who, rules.BallotCast, onPoll(pollID), func(t *tx) (*Ballot, error) {
		var p Poll
		if err := t.Where("id = ?", pollID).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		seat, s, err := t.seat(&p, unit)
		if err != nil {
			return nil, err
		}
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		may := func(s rules.Seat) error {
			return rules.CheckBallot(p.State, p.ClosesAt, d.Pack, d.Ask, s, choice, t.now)
		}
		if err := may(s); err != nil {
			return nil, err
		}
		if err := t.act(seat); err != nil {
			return nil, err
		}
		b := &Ballot{PollID: p.ID, Unit: seat.Unit, PersonID: who.PersonID, Choice: choice, Door: who.Door, Receipt: ballotReceipt(), At: t.now}
		return b, t.cast(b, func() error { s.Voted = true; return may(s) })
	})
}

// seat finds the seat for which somebody votes, and what the rulebook must know
// of it.
func (t *tx) seat(p *Poll, unit string) (Seat, rules.Seat, error) {
	var seats []Seat
	if err := t.Where("poll_id = ? AND person_id = ?", p.ID, t.who.PersonID).Order("unit").Find(&seats).Error; err != nil {
		return Seat{}, rules.Seat{}, err
	}
	if unit != "" {
		seats = slices.DeleteFunc(seats, func(s Seat) bool { return s.Unit != unit })
	}
	if len(seats) == 0 {
		return Seat{}, rules.Seat{}, nil
	}
	if len(seats) > 1 {
		units := make([]string, len(seats))
		for i, s := range seats {
			units[i] = s.Unit
		}
		return Seat{}, rules.Seat{}, rules.Refuse(rules.Invalid, "poll.unit", "units", units)
	}
	seat := seats[0]
	var act Act
	err := t.Where("poll_id = ? AND person_id = ?", p.ID, t.who.PersonID).Limit(1).Find(&act).Error
	return seat, rules.Seat{OnRoll: true, Mixed: act.Capacity != "" && act.Capacity != seat.Capacity}, err
}

func (t *tx) act(s Seat) error {
	act := Act{PollID: s.PollID, PersonID: s.PersonID, Capacity: s.Capacity}
	err := t.Create(&act).Error
	if !errors.Is(err, gorm.ErrDuplicatedKey) {
		return err
	}
	if err := t.Where("poll_id = ? AND person_id = ?", s.PollID, s.PersonID).Take(&act).Error; err != nil {
		return err
	}
	if act.Capacity != s.Capacity {
		return rules.Refuse(rules.Conflict, "poll.capacity")
	}
	return nil
}

// cast writes the ballot and its part of the tally. Whether the unit has voted
// is asked of the key (poll, unit) alone, so that of two at once only one is the
// first; again says whether it may replace its ballot. The part of a closed poll
// cannot be written.
func (t *tx) cast(b *Ballot, again func() error) error {
	added := 1
	err := t.Create(b).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		added = 0
		if err = again(); err == nil {
			err = t.replace(b)
		}
	}
	if err != nil {
		return err
	}
	return t.countIn(b.PollID, b.Unit, added)
}

func (t *tx) replace(b *Ballot) error {
	return t.Model(&Ballot{}).Where("poll_id = ? AND unit = ?", b.PollID, b.Unit).
		Updates(set{"choice": b.Choice, "person_id": b.PersonID, "door": b.Door, "receipt": b.Receipt, "at": b.At}).Error
}

// receiptLetters are letters and digits that nobody mistakes for one another.
const receiptLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

func ballotReceipt() string {
	b := []byte(random(6))
	for i, c := range b {
		b[i] = receiptLetters[int(c)%len(receiptLetters)]
	}
	return string(b)
}
