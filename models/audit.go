package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// AuditLine is one line of the record of deeds: who did what to what, never what
// was written. Residents appear by number alone; named is who acted in an office
// that they held then: at the console, or by a deed that no resident may do.
type AuditLine struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	PersonID int64     `json:"person_id"`
	Name     string    `json:"name,omitempty" doc:"of whoever acted in an office; residents are not named"`
	Door     string    `json:"door"`
	Deed     string    `json:"deed"`
	Subject  string    `json:"subject"`
}

// Audits returns a page of the record of an org and of those below it, newest
// first.
func (f *Forum) Audits(ctx context.Context, who Actor, orgID, before int64, size int) (Page[AuditLine], error) {
	return see(ctx, f, who, rules.AuditRead, inOrg(orgID), func(t *tx) (Page[AuditLine], error) {
		o, err := t.org(orgID)
		if err != nil {
			return Page[AuditLine]{}, err
		}
		size = pageSize(size)
		q := t.Model(&store.Audit{}).Where("path LIKE ?", o.Path+"%").Select("audits.*, ("+actingSQL+") AS name", DoorConsole, rules.OfOffices())
		if before > 0 {
			q = q.Where("id < ?", before)
		}
		var rows []AuditLine
		err = q.Order("id DESC").Limit(size + 1).Scan(&rows).Error
		return paged(rows, size, func(l AuditLine) int64 { return l.ID }), err
	})
}

// actingSQL is the name of whoever did the deed of a line in an office.
const actingSQL = `SELECT p.name FROM persons p WHERE p.id = audits.person_id AND (audits.door = ? OR audits.deed IN ?) AND EXISTS
	(SELECT 1 FROM offices f WHERE f.person_id = p.id AND f.since <= audits.at AND (f.until IS NULL OR f.until >= audits.at))`

// How often the record of deeds is sealed, and how long a line must have stood
// before: a deed that began earlier may still write its own.
const (
	SealEvery = time.Hour
	sealAfter = 10 * time.Minute
)

// AuditSeal signs the hash of the record of deeds up to a line. Each hash is made
// over the one before, so a line that is changed, taken out or put in later is
// told by the seal after it. Whoever rewrites everything is found by who has kept
// a seal outside.
type AuditSeal struct {
	ID    int64     `json:"id"`
	Upto  int64     `json:"upto"`
	Count int64     `json:"count"` // lines of this seal
	Hash  string    `json:"hash"`
	Note  string    `json:"note"`
	At    time.Time `json:"at"`
}

// SealAudits seals the lines that have stood long enough, once an hour, and
// returns how many.
func (f *Forum) SealAudits(ctx context.Context) (int, error) {
	return do(ctx, f, Clock, rules.AuditSeal, anywhere("audit"), func(t *tx) (int, error) {
		var last AuditSeal
		if err := t.Order("upto DESC").Limit(1).Find(&last).Error; err != nil {
			return 0, err
		}
		if t.now.Sub(last.At) < SealEvery {
			return 0, nil
		}
		next := AuditSeal{At: t.now}
		err := t.Model(&store.Audit{}).Where("id > ? AND at <= ?", last.Upto, t.now.Add(-sealAfter)).Select("COALESCE(MAX(id), 0)").Scan(&next.Upto).Error
		if err != nil || next.Upto == 0 {
			return 0, err
		}
		if next.Hash, next.Count, err = t.chain(last, next.Upto); err != nil {
			return 0, err
		}
		if next.Note, err = t.f.signer.Seal(next.Upto, next.Hash); err != nil {
			return 0, err
		}
		err = t.Create(&next).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return 0, nil // another instance was faster
		}
		return int(next.Count), err
	})
}

// chain hashes the lines after a seal up to one, over the seal's own hash.
func (t *tx) chain(last AuditSeal, upto int64) (hash string, n int64, err error) {
	sum := sha256.New()
	sum.Write([]byte(last.Hash))
	var rows []store.Audit
	q := t.Where("id <= ?", upto)
	if last.ID != 0 {
		q = q.Where("id > ?", last.Upto)
	}
	err = q.Order("id").FindInBatches(&rows, 1000, func(*gorm.DB, int) error {
		for _, r := range rows {
			n++
			line, err := json.Marshal([]any{r.ID, r.At.UTC().Unix(), r.PersonID, r.Door, r.Deed, r.Subject, r.Path})
			if err != nil {
				return err
			}
			sum.Write(line)
		}
		return nil
	}).Error
	return hex.EncodeToString(sum.Sum(nil)), n, err
}

// AuditCheck is what came of checking the record of deeds against its seals.
type AuditCheck struct {
	Seals  int      `json:"seals"`
	Lines  int64    `json:"lines"`
	Broken []string `json:"broken" nullable:"false"` // what does not hold
}

// CheckAudits hashes the record of deeds anew and compares it with every seal.
// kept is a seal that somebody has kept outside, "" if none.
func (f *Forum) CheckAudits(ctx context.Context, who Actor, kept string) (*AuditCheck, error) {
	return see(ctx, f, who, rules.AuditCheck, root(), func(t *tx) (*AuditCheck, error) {
		var seals []AuditSeal
		if err := t.Order("upto").Find(&seals).Error; err != nil {
			return nil, err
		}
		c, last := &AuditCheck{Seals: len(seals), Broken: []string{}}, AuditSeal{}
		held := kept == ""
		for _, s := range seals {
			hash, n, err := t.chain(last, s.Upto)
			if err != nil {
				return nil, err
			}
			if c.Lines += n; hash != s.Hash || n != s.Count || !f.signer.Sealed(s.Note, s.Upto, s.Hash) {
				c.Broken = append(c.Broken, fmt.Sprintf("lines %d to %d", last.Upto+1, s.Upto))
			}
			held = held || s.Note == kept
			last = s
		}
		if !held {
			c.Broken = append(c.Broken, "the seal that was kept outside")
		}
		return c, nil
	})
}
