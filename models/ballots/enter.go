package ballots

import (
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// Entry is a ballot that is taken in for a unit: on paper, or for somebody who
// cannot use a telephone.
type Entry struct {
	Poll    int64
	Unit    string
	Person  int64 // whose it is, 0 where nobody in particular is known
	Choice  rules.Choice
	Way     rules.Way // ByHelper, ByPaper, BySheet, ByEntry, ByReopening or ByWithdrawal
	Request string    // 32 characters; a retry of it gets the same answer
}

// Enter writes a ballot in the transaction of the deed that takes it in, which
// holds the row of the poll. The choice is a mark of the question, or
// [rules.Sheet], [rules.Void] or [rules.Withdrawn].
//
// Between it and those who vote by telephone the key (poll, unit, turn) decides,
// as it does between two instances: whoever comes second finds the other's ballot
// there. It writes the last shard, which alone stays open while sheets are
// entered.
func (e *Engine) Enter(db *gorm.DB, v Entry) (*Ballot, *Proof, error) {
	b, p, err := e.narrow(db, v)
	if err != nil {
		return nil, nil, err
	}
	u := &b.units[0]
	if old := u.asked(v.Request); old != nil && old.Choice == v.Choice {
		receipt, err := e.again(db, b, old)
		return old, b.proof(receipt), err
	} else if old != nil {
		return nil, nil, rules.Refuse(rules.Conflict, "request.reused")
	}
	row, err := p.after(u, u.last(), rules.Had{Person: v.Person, Way: v.Way}, e.Now())
	if err != nil {
		return nil, nil, err
	}
	k := newPacket(b, e.BatchID(), Shards)
	k.add(p, row, u.last())
	if err := k.close(e.Signer); err != nil {
		return nil, nil, err
	}
	return row, b.proof(k.signed[0]), k.enter(db, e.store.SQLite())
}

// enter writes a packet of one.
func (k *packet) enter(db *gorm.DB, embedded bool) error {
	err := k.write(db, embedded)
	_, mixes := errors.AsType[mixing](err)
	switch {
	case mixes:
		return rules.Refuse(rules.Conflict, "poll.capacity")
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return store.ErrTwice
	case err == nil && k.shut:
		return rules.Refuse(rules.Conflict, "poll.closed")
	}
	return err
}

// narrow reads of a poll what one unit is about, past what is held in memory.
func (e *Engine) narrow(db *gorm.DB, v Entry) (*box, *pending, error) {
	var definition string
	if err := db.Table("polls").Where("id = ?", v.Poll).Select("definition").Scan(&definition).Error; err != nil {
		return nil, nil, err
	}
	b := &box{poll: v.Poll, mask: e.Mask(v.Poll)}
	if err := json.Unmarshal([]byte(definition), &b.def); err != nil {
		return nil, nil, fmt.Errorf("poll %d: %w", v.Poll, err)
	}
	hash, err := b.def.Hash()
	if err != nil {
		return nil, nil, err
	}
	if b.hash, err = digest(hash); err != nil {
		return nil, nil, err
	}
	var seats []seatRow
	err = db.Table("seats").Where("poll_id = ? AND (unit = ? OR person_id = ? AND person_id <> 0)", v.Poll, v.Unit, v.Person).Find(&seats).Error
	if err != nil {
		return nil, nil, err
	}
	p := &pending{vote: Vote{Poll: v.Poll, Person: v.Person, Unit: v.Unit, Door: DoorPaper, Request: v.Request}, box: b, choice: v.Choice}
	if v.Way == rules.ByHelper {
		p.vote.Door = DoorAssisted
	}
	if b.squeeze(seats, p); len(b.units) == 0 {
		return nil, nil, rules.Refuse(rules.Conflict, "paper.roll", "unit", v.Unit)
	}
	return b, p, b.recallUnit(db, v.Unit)
}

// squeeze makes the one unit of a narrow box, and finds in which capacity the
// person acts for it.
func (b *box) squeeze(seats []seatRow, p *pending) {
	var own []seat
	for _, s := range seats {
		mine := s.PersonID != 0 && s.PersonID == p.vote.Person
		if mine {
			own = append(own, seat{person: s.PersonID, capacity: s.Capacity})
		}
		if s.Unit != p.vote.Unit {
			continue
		}
		b.units = []unit{{name: s.Unit, area: s.Area, mask: b.mask.hand().unit(s.Unit)}}
		if mine {
			p.capacity = s.Capacity
		}
	}
	p.mixed = mixed(own)
}

// recallUnit reads the ballots of the one unit.
func (b *box) recallUnit(db *gorm.DB, name string) error {
	var rows []Ballot
	if err := db.Where("poll_id = ? AND unit = ?", b.poll, name).Order("turn").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		b.units[0].follow(&rows[i])
	}
	return nil
}
