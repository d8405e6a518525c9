package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/secret"
)

// SecretShare is a part of the key of a secret poll. The forum keeps it until its
// holder has it, and again what is entered until there are two: in between, when
// there are ballots, nobody but the holders can open one.
type SecretShare struct {
	PollID    int64 `gorm:"primaryKey;autoIncrement:false"`
	Number    int   `gorm:"primaryKey;autoIncrement:false"`
	HolderID  int64
	Share     []byte // sealed
	Taken     bool
	Entered   []byte // sealed
	EnteredBy int64
	AskedAt   time.Time // when its holder was last told that it waits for them
}

// ShareState is where a share is.
type ShareState string

// The ways of a share.
const (
	ShareHere    ShareState = "here"    // its holder has still to fetch it
	ShareKept    ShareState = "kept"    // its holder has it, and nobody else
	ShareEntered ShareState = "entered" // given back to open the poll
)

func (s *SecretShare) state() ShareState {
	switch {
	case s.EnteredBy != 0:
		return ShareEntered
	case s.Taken:
		return ShareKept
	}
	return ShareHere
}

// handOut keeps the shares for their holders, and asks those to fetch them.
func (t *tx) handOut(p *Poll, d *dealt) error {
	shares := make([]SecretShare, len(d.shares))
	for i, s := range d.shares {
		shares[i] = SecretShare{PollID: p.ID, Number: i + 1, HolderID: d.holders[i], Share: t.f.seal.Seal(s), Entered: []byte{}, AskedAt: t.now}
	}
	if err := t.Create(shares).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Invalid, "secret.keepers")
	} else if err != nil {
		return err
	}
	return t.notifyAll(d.holders, "notice.share", set{"poll": p.ID, "question": p.Question})
}

// askBack asks the holders of a poll that is over for their shares.
func (t *tx) askBack(p *Poll) error {
	if err := t.Model(&SecretShare{}).Where("poll_id = ?", p.ID).Update("asked_at", t.now).Error; err != nil {
		return err
	}
	var holders []int64
	if err := t.Model(&SecretShare{}).Where("poll_id = ?", p.ID).Pluck("holder_id", &holders).Error; err != nil {
		return err
	}
	return t.notifyAll(holders, "notice.unseal", set{"poll": p.ID, "question": p.Question})
}

// RemindKeepers tells holders once a day that a poll waits for their share: to be
// fetched, before ballots are taken, or to be given back once it is over; up to n
// of them. It returns how many it told.
func (f *Forum) RemindKeepers(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.ShareRemind, anywhere("poll"), func(t *tx) (int, error) {
		in := func(s rules.PollState) *gorm.DB { return t.Model(&Poll{}).Select("id").Where("state = ?", s) }
		var rows []SecretShare
		err := t.locked().Select("poll_id", "number", "holder_id").Where("asked_at <= ?", t.now.Add(-rules.RemindKeepersEvery)).
			Where("taken = ? AND poll_id IN (?) OR entered_by = 0 AND poll_id IN (?)", false, in(rules.PollOpen), in(rules.PollCounting)).
			Order("poll_id, number").Limit(n).Find(&rows).Error
		if err != nil {
			return 0, err
		}
		for _, s := range rows {
			if err := t.remindKeeper(s); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	})
}

func (t *tx) remindKeeper(s SecretShare) error {
	var p Poll
	if err := t.Select("id", "question", "state").Where("id = ?", s.PollID).Take(&p).Error; err != nil {
		return err
	}
	if err := t.Model(&SecretShare{}).Where("poll_id = ? AND number = ?", s.PollID, s.Number).Update("asked_at", t.now).Error; err != nil {
		return err
	}
	params := set{"poll": p.ID, "question": p.Question}
	if p.State == rules.PollCounting {
		return t.notify(s.HolderID, "notice.unseal_waits", params)
	}
	return t.notify(s.HolderID, "notice.share_waits", params)
}

// KeyShare is a part of the key, as its holder writes it down.
type KeyShare struct {
	Number int    `json:"number"`
	Share  string `json:"share"`
}

// ShareOf returns the holder's share of a secret poll, as often as they ask until
// they have shown that they wrote it down.
func (f *Forum) ShareOf(ctx context.Context, who Actor, id int64) (*KeyShare, error) {
	return see(ctx, f, who, rules.ShareHold, onPoll(id), func(t *tx) (*KeyShare, error) {
		s, err := t.shareOf(id)
		if err != nil {
			return nil, err
		}
		if s.Taken {
			return nil, rules.Refuse(rules.Conflict, "share.taken")
		}
		text, err := f.seal.Open(s.Share)
		return &KeyShare{s.Number, text}, err
	})
}

func (t *tx) shareOf(id int64) (*SecretShare, error) {
	var s SecretShare
	err := t.Where("poll_id = ? AND holder_id = ?", id, t.who.PersonID).Take(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, rules.Refuse(rules.Forbidden, "share.none")
	}
	return &s, err
}

// KeepShare is the holder showing that the share is written down, by typing it.
// From then on the forum has it no more. Ballots are taken once all three are
// kept.
func (f *Forum) KeepShare(ctx context.Context, who Actor, id int64, typed string) (None, error) {
	return do(ctx, f, who, rules.ShareHold, onPoll(id), func(t *tx) (None, error) {
		s, err := t.shareOf(id)
		if err != nil {
			return None{}, err
		}
		share, err := t.readShare(id, typed)
		if err != nil {
			return None{}, err
		}
		if share.Number != s.Number {
			return None{}, rules.Refuse(rules.Invalid, "share.wrong")
		}
		return None{}, t.Model(&SecretShare{}).Where("poll_id = ? AND number = ?", id, s.Number).Updates(set{"share": []byte{}, "taken": true}).Error
	})
}

// readShare checks a share against what the definition says of it.
func (t *tx) readShare(id int64, typed string) (*secret.Share, error) {
	_, d, err := t.secretPoll(id)
	if err != nil {
		return nil, err
	}
	share, err := secret.ReadShare(d.Secret.Shares, typed)
	if errors.Is(err, secret.ErrShare) {
		return nil, rules.Refuse(rules.Invalid, "share.wrong")
	}
	return share, err
}

// enterShare keeps a share that was given back until there are two.
func (t *tx) enterShare(s *SecretShare, typed string) error {
	s.Entered, s.EnteredBy = t.f.seal.Seal(typed), t.who.PersonID
	change := set{"entered": s.Entered, "entered_by": s.EnteredBy}
	return t.Model(&SecretShare{}).Where("poll_id = ? AND number = ?", s.PollID, s.Number).Updates(change).Error
}

// forgetShares leaves of the shares of a poll that is over only who held them.
func (t *tx) forgetShares(poll int64) error {
	return t.Model(&SecretShare{}).Where("poll_id = ?", poll).Updates(set{"share": []byte{}, "entered": []byte{}}).Error
}

// keepsOpenKey reports whether a person holds a part of the key of a poll that is not
// counted yet.
func (t *tx) keepsOpenKey(person int64) (bool, error) {
	var n int64
	err := t.Model(&SecretShare{}).Where("holder_id = ? AND poll_id IN (?)", person,
		t.Model(&Poll{}).Select("id").Where("state IN ?", []rules.PollState{rules.PollOpen, rules.PollCounting})).Count(&n).Error
	return n > 0, err
}
