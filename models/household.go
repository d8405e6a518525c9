package models

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Household is one home of a community as its roll names it. Address and head
// are sealed; Area is in square centimetres.
type Household struct {
	ID      int64
	OrgID   int64
	Number  string
	Address []byte
	Head    []byte
	Area    int64
	Version string
}

// HouseholdRow is a household as it is imported. Org is the code of its
// community or grid.
type HouseholdRow struct {
	Org, Number, Address, Head string
	Area                       int64
}

// HouseholdView is a household as staff see it.
type HouseholdView struct {
	ID      int64  `json:"id"`
	OrgID   int64  `json:"org_id"`
	Number  string `json:"number"`
	Address string `json:"address"`
	Head    string `json:"head"`
}

// ImportHouseholds adds and renews the roll of an org and of those below it. It
// returns how many were added. A row that does not fit refuses the whole import,
// naming the row.
func (f *Forum) ImportHouseholds(ctx context.Context, who Actor, orgID int64, version string, rows []HouseholdRow) (int, error) {
	return do(ctx, f, who, rules.HouseholdImport, inOrg(orgID), func(t *tx) (int, error) {
		top, err := t.org(orgID)
		if err != nil {
			return 0, err
		}
		orgs, added := map[string]*Org{}, 0
		for i, row := range rows {
			isNew, err := t.putHousehold(top, orgs, version, row)
			if err != nil {
				return 0, atRow(err, i+2)
			}
			if isNew {
				added++
			}
		}
		return added, nil
	})
}

func (t *tx) putHousehold(top *Org, orgs map[string]*Org, version string, row HouseholdRow) (bool, error) {
	o := orgs[row.Org]
	if o == nil {
		o = &Org{}
		if err := t.Where("code = ?", row.Org).Take(o).Error; err != nil {
			return false, found(err, "org")
		}
		orgs[row.Org] = o
	}
	if !o.under(top) {
		return false, unknown("org")
	}
	number, err := rules.CheckText("number", row.Number, rules.MaxName)
	if err != nil {
		return false, err
	}
	if row.Area < 0 {
		return false, rules.Refuse(rules.Invalid, "household.area")
	}
	h := Household{OrgID: o.ID, Number: number, Address: t.f.seal.Seal(rules.Clean(row.Address)), Head: t.f.seal.Seal(rules.Clean(row.Head)), Area: row.Area, Version: version}
	var old Household
	err = t.Where("org_id = ? AND number = ?", o.ID, number).Take(&old).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return true, t.Create(&h).Error
	}
	if err != nil {
		return false, err
	}
	return false, t.Model(&Household{}).Where("id = ?", old.ID).
		Updates(set{"address": h.Address, "head": h.Head, "area": h.Area, "version": version}).Error
}

// Households returns a page of the roll of an org and of those below it.
func (f *Forum) Households(ctx context.Context, who Actor, orgID, after int64, size int) (Page[HouseholdView], error) {
	return see(ctx, f, who, rules.HouseholdRead, inOrg(orgID), func(t *tx) (Page[HouseholdView], error) {
		size = pageSize(size)
		var rows []Household
		o, err := t.org(orgID)
		if err != nil {
			return Page[HouseholdView]{}, err
		}
		err = t.Where("id > ? AND org_id IN (?)", after, t.orgsUnder(o)).Order("id").Limit(size + 1).Find(&rows).Error
		if err != nil {
			return Page[HouseholdView]{}, err
		}
		views := make([]HouseholdView, 0, len(rows))
		for _, h := range rows {
			v := HouseholdView{ID: h.ID, OrgID: h.OrgID, Number: h.Number}
			if v.Address, err = f.seal.Open(h.Address); err != nil {
				return Page[HouseholdView]{}, err
			}
			if v.Head, err = f.seal.Open(h.Head); err != nil {
				return Page[HouseholdView]{}, err
			}
			views = append(views, v)
		}
		return paged(views, size, func(v HouseholdView) int64 { return v.ID }), nil
	})
}

// orgsUnder selects the ids of an org and of all below it.
func (t *tx) orgsUnder(o *Org) *gorm.DB {
	return t.Model(&Org{}).Select("id").Where("path LIKE ?", o.Path+"%")
}

// household finds a home by its number at an org or in one of its grids. A
// number that two grids share must be asked for at the grid.
func (t *tx) household(o *Org, number string) (*Household, error) {
	var rows []Household
	err := t.Where("number = ? AND org_id IN (?)", rules.Clean(number), t.orgsUnder(o)).Limit(2).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	switch len(rows) {
	case 0:
		return nil, unknown("household")
	case 1:
		return &rows[0], nil
	}
	return nil, rules.Refuse(rules.Conflict, "household.several")
}
