package store

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Audit is one line of the append-only record of deeds. It says who did what
// to what, never what was written.
type Audit struct {
	ID       int64
	At       time.Time
	PersonID int64
	Door     string
	Deed     string
	Subject  string
	Path     string // the org the subject belongs to
}

// TableName implements gorm's Tabler.
func (Audit) TableName() string { return "audits" }

// Record writes the audit line of a deed.
func Record(tx *gorm.DB, line *Audit) error { return tx.Create(line).Error }

// Once is the remembered answer to a request that carries a key, so that a
// retry gets the same answer and does nothing. The answer is bytes to the store:
// it may hold what must not be read in the database or in a backup.
type Once struct {
	PersonID int64  `gorm:"primaryKey;autoIncrement:false"`
	Key      string `gorm:"primaryKey;column:request"`
	Digest   string
	Answer   []byte
	At       time.Time
}

// TableName implements gorm's Tabler.
func (Once) TableName() string { return "onces" }

// ErrReused tells that a key came back with another request.
var ErrReused = errors.New("store: the key was used for another request")

// ErrTwice tells that another transaction made the same row in the meantime: run
// again, it will be there.
var ErrTwice = errors.New("store: the row is being made by another")

// Claim takes a key for the request under way, before anything else is done, so
// that of two at once one waits for the other. If the key was answered before,
// it fills in the answer and reports true.
func Claim(tx *gorm.DB, once *Once) (bool, error) {
	var row Once
	err := tx.Where("person_id = ? AND request = ?", once.PersonID, once.Key).Take(&row).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		once.Answer = []byte{}
		err = tx.Create(once).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return false, ErrTwice
		}
		return false, err
	case err != nil:
		return false, fmt.Errorf("recall: %w", err)
	case row.Digest != once.Digest:
		return false, ErrReused
	}
	once.Answer = row.Answer
	return true, nil
}

// Answered reports whether a request with this key was answered before.
func Answered(db *gorm.DB, personID int64, key string) (bool, error) {
	var n int64
	err := db.Model(&Once{}).Where("person_id = ? AND request = ?", personID, key).Count(&n).Error
	return n > 0, err
}

// Remember keeps the answer to a claimed key, in the transaction of its deed.
func Remember(tx *gorm.DB, once *Once) error {
	return tx.Model(&Once{}).Where("person_id = ? AND request = ?", once.PersonID, once.Key).
		Update("answer", once.Answer).Error
}

// Forget drops the answers that were kept before a moment, and says how many.
func Forget(tx *gorm.DB, before time.Time) (int, error) {
	r := tx.Where("at < ?", before).Delete(&Once{})
	return int(r.RowsAffected), r.Error
}
