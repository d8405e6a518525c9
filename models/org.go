package models

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// OrgKind is the level of an org.
type OrgKind string

// The kinds of org. Departments hang below the district or city that they serve.
const (
	OrgCity       OrgKind = "city"
	OrgDistrict   OrgKind = "district"
	OrgStreet     OrgKind = "street"
	OrgCommunity  OrgKind = "community"
	OrgGrid       OrgKind = "grid"
	OrgDepartment OrgKind = "department"
)

// above is the kind that each kind hangs below. A department may hang anywhere.
var above = map[OrgKind]OrgKind{OrgDistrict: OrgCity, OrgStreet: OrgDistrict, OrgCommunity: OrgStreet, OrgGrid: OrgCommunity}

// Org is a node of the tree city → district → street → community → grid. Path
// is the ids from the root, such as "/1/4/9/"; roles held at a node reach all
// whose path begins with its own.
type Org struct {
	ID       int64   `json:"id"`
	Code     string  `json:"code"`
	ParentID int64   `json:"parent_id"`
	Kind     OrgKind `json:"kind"`
	Name     string  `json:"name"`
	Path     string  `json:"-"`
}

// OrgRow is an org as it is imported. Parent is the code of the org above, ""
// for the root.
type OrgRow struct {
	Code, Parent, Name string
	Kind               OrgKind
}

// ImportOrgs adds and renames orgs, parents before children; nothing is
// removed. It returns how many were added. A row that does not fit refuses the
// whole import, naming the row.
func (f *Forum) ImportOrgs(ctx context.Context, who Actor, rows []OrgRow) (int, error) {
	return do(ctx, f, who, rules.OrgImport, root(), func(t *tx) (int, error) {
		added := 0
		for i, row := range rows {
			isNew, err := t.putOrg(row)
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

func (t *tx) putOrg(row OrgRow) (bool, error) {
	name, err := rules.CheckText("name", row.Name, rules.MaxName)
	if err != nil {
		return false, err
	}
	var parent Org
	if row.Parent != "" {
		if err := t.Where("code = ?", row.Parent).Take(&parent).Error; err != nil {
			return false, found(err, "org")
		}
	}
	if above[row.Kind] != parent.Kind && row.Kind != OrgDepartment || row.Code == "" {
		return false, rules.Refuse(rules.Invalid, "org.kind", "kind", row.Kind, "parent", parent.Kind)
	}
	var org Org
	err = t.Where("code = ?", row.Code).Take(&org).Error
	switch {
	case err == nil && org.ParentID != parent.ID:
		return false, rules.Refuse(rules.Conflict, "org.moved", "code", row.Code)
	case err == nil:
		return false, t.Model(&Org{}).Where("id = ?", org.ID).Update("name", name).Error
	case !errors.Is(err, gorm.ErrRecordNotFound):
		return false, err
	}
	org = Org{Code: row.Code, ParentID: parent.ID, Kind: row.Kind, Name: name, Path: row.Code}
	if err := t.Create(&org).Error; err != nil {
		return false, err
	}
	path := parent.Path
	if path == "" {
		path = "/"
	}
	return true, t.Model(&Org{}).Where("id = ?", org.ID).Update("path", fmt.Sprintf("%s%d/", path, org.ID)).Error
}

// atRow adds the row of the file to a refusal.
func atRow(err error, row int) error {
	if r, ok := rules.AsRefusal(err); ok {
		params := []any{"row", row}
		for k, v := range r.Params {
			params = append(params, k, v)
		}
		return rules.Refuse(r.Kind, r.Code, params...)
	}
	return fmt.Errorf("row %d: %w", row, err)
}

// Orgs returns the tree, parents before children.
func (f *Forum) Orgs(ctx context.Context, who Actor) ([]Org, error) {
	return see(ctx, f, who, rules.OrgRead, anywhere("org"), func(t *tx) ([]Org, error) {
		orgs := []Org{}
		return orgs, t.Order("path").Find(&orgs).Error
	})
}

func (t *tx) org(id int64) (*Org, error) {
	var o Org
	return &o, found(t.Where("id = ?", id).Take(&o).Error, "org")
}

// under reports whether one org is another or lies below it.
func (o *Org) under(other *Org) bool { return strings.HasPrefix(o.Path, other.Path) }

// above returns the nearest org of a kind at or above this one.
func (t *tx) orgAbove(o *Org, kind OrgKind) (*Org, error) {
	for o.Kind != kind {
		if o.ParentID == 0 {
			return nil, unknown("org")
		}
		var err error
		if o, err = t.org(o.ParentID); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// community returns the community that an org lies in; the org itself when it
// is above all communities.
func (t *tx) community(o *Org) (*Org, error) {
	if o.Kind != OrgGrid {
		return o, nil
	}
	return t.orgAbove(o, OrgCommunity)
}

// atHome is the place of deeds done in an org, or, where none is named, where the
// person is known; that is then named.
func atHome(who Actor, org *int64) place {
	return place{subject("org", *org), func(t *tx) (rules.Object, error) {
		if *org == 0 {
			home, err := t.homeOf(who.PersonID)
			if err != nil {
				return rules.Object{}, err
			}
			*org = home
		}
		return inOrg(*org).find(t)
	}}
}

// inOrg is the place of deeds done to an org or in it.
func inOrg(id int64) place {
	return place{subject("org", id), func(t *tx) (rules.Object, error) {
		o, err := t.org(id)
		if err != nil {
			return rules.Object{}, err
		}
		return rules.Object{Path: o.Path}, nil
	}}
}

// root is the place of deeds done to the whole deployment.
func root() place {
	return place{"org/root", func(t *tx) (rules.Object, error) {
		var o Org
		err := t.Where("parent_id = 0").Order("id").Limit(1).Find(&o).Error
		if o.Path == "" {
			o.Path = "/"
		}
		return rules.Object{Path: o.Path}, err
	}}
}
