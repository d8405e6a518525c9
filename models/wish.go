package models

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"yishi/models/rules"
)

// Wish is how a person wants to be told: not in their quiet hours, and one message a
// day if they like. What is urgent comes at once all the same.
type Wish struct {
	PersonID    int64 `gorm:"primaryKey;autoIncrement:false" json:"-"`
	rules.Quiet `gorm:"embedded"`
	Digest      bool `json:"digest" doc:"one message a day, at 18:00"`
}

// due is when a notice may be sent.
func (w Wish) due(n Notice, now time.Time) time.Time {
	if rules.Urgent(n.Code) {
		return now
	}
	due := w.Until(now)
	if digest := rules.DigestAt(n.At); w.Digest && digest.After(due) {
		return digest
	}
	return due
}

// Wishes returns how the person wants to be told.
func (f *Forum) Wishes(ctx context.Context, who Actor) (*Wish, error) {
	return see(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (*Wish, error) {
		all, err := t.wishesOf([]int64{who.PersonID})
		w := all[who.PersonID]
		return &w, err
	})
}

// WishFor sets how the person wants to be told.
func (f *Forum) WishFor(ctx context.Context, who Actor, w Wish) (*Wish, error) {
	return do(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (*Wish, error) {
		w.PersonID = who.PersonID
		return &w, t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&w).Error
	})
}

// wishesOf are the wishes of people, of each of them.
func (t *tx) wishesOf(people []int64) (map[int64]Wish, error) {
	var rows []Wish
	err := t.Where("person_id IN ?", people).Find(&rows).Error
	all := make(map[int64]Wish, len(people))
	for _, p := range people {
		all[p] = Wish{PersonID: p, Quiet: rules.DefaultQuiet}
	}
	for _, w := range rows {
		all[w.PersonID] = w
	}
	return all, err
}

func (t *tx) dropWish(person int64) error {
	return t.Where("person_id = ?", person).Delete(&Wish{}).Error
}
