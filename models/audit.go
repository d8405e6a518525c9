package models

import (
	"context"
	"time"

	"yishi/models/rules"
	"yishi/models/store"
)

// AuditLine is one line of the record of deeds: who did what to what, never what
// was written. Residents appear by number alone.
type AuditLine struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	PersonID int64     `json:"person_id"`
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
		q := t.Model(&store.Audit{}).Where("path LIKE ?", o.Path+"%")
		if before > 0 {
			q = q.Where("id < ?", before)
		}
		var rows []AuditLine
		err = q.Order("id DESC").Limit(size + 1).Scan(&rows).Error
		return paged(rows, size, func(l AuditLine) int64 { return l.ID }), err
	})
}
