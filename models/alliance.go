package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Alliance is the street alliance of an org: shops, units and residents who
// settle together what concerns their street.
type Alliance struct {
	ID        int64     `json:"id"`
	OrgID     int64     `json:"org_id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// FoundAlliance founds an alliance.
func (f *Forum) FoundAlliance(ctx context.Context, who Actor, orgID int64, name string) (*Alliance, error) {
	return do(ctx, f, who, rules.AllianceFound, inOrg(orgID), func(t *tx) (*Alliance, error) {
		name, err := rules.CheckText("name", name, rules.MaxName)
		if err != nil {
			return nil, err
		}
		a := &Alliance{OrgID: orgID, Name: name, CreatedAt: t.now}
		err = t.Create(a).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, rules.Refuse(rules.Conflict, "alliance.name")
		}
		return a, err
	})
}

// Alliances returns the alliances of an org and of those below it.
func (f *Forum) Alliances(ctx context.Context, who Actor, orgID int64) ([]Alliance, error) {
	return see(ctx, f, who, rules.AllianceRead, inOrg(orgID), func(t *tx) ([]Alliance, error) {
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		rows := []Alliance{}
		return rows, t.Where("org_id IN (?)", t.orgsUnder(o)).Order("id").Limit(MaxPageSize).Find(&rows).Error
	})
}

// onAlliance is the place of deeds done in an alliance.
func onAlliance(id int64) place {
	return place{subject("alliance", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM alliances a JOIN orgs g ON g.id = a.org_id WHERE a.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("alliance")
		}
		return rules.Object{Path: path}, err
	}}
}
