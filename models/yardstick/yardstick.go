// Package yardstick stores ballots the way one does without thinking of a crowd:
// a transaction for each, which looks first and then inserts. The product never does; its benches measure themselves against it.
package yardstick

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/store"
)

// Vote is a ballot in the plain way.
type Vote struct {
	ID       int64
	PollID   int64 `gorm:"index:yardstick_votes_who,priority:1"`
	PersonID int64 `gorm:"index:yardstick_votes_who,priority:2"`
	Choice   string
	At       time.Time
}

// TableName implements gorm's Tabler.
func (Vote) TableName() string { return "yardstick_votes" }

// Box holds ballots.
type Box struct {
	store *store.Store
	now   func() time.Time
}

// Open makes the tables.
func Open(dsn string, now func() time.Time) (*Box, error) {
	s, err := store.Open(dsn, now)
	if err != nil {
		return nil, err
	}
	b := &Box{s, now}
	db := s.DB(context.Background())
	if err := db.AutoMigrate(&Vote{}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return b, nil
}

// Close closes the database.
func (b *Box) Close() error { return b.store.Close() }

// Cast stores a ballot, or puts it in the place of the one that is there.
func (b *Box) Cast(ctx context.Context, poll, person int64, choice string) error {
	return b.store.DB(ctx).Transaction(func(tx *gorm.DB) error {
		var had Vote
		err := tx.Where("poll_id = ? AND person_id = ?", poll, person).Limit(1).Find(&had).Error
		if err != nil {
			return err
		}
		if had.ID != 0 {
			return tx.Model(&had).Update("choice", choice).Error
		}
		return tx.Create(&Vote{PollID: poll, PersonID: person, Choice: choice, At: b.now()}).Error
	})
}
