package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Office is a role that a person holds at an org, from since until it ends.
type Office struct {
	ID        int64
	PersonID  int64
	Role      rules.Role
	OrgID     int64
	Since     time.Time
	Until     *time.Time
	GrantedBy int64
}

// OfficeView is an office as it is shown.
type OfficeView struct {
	ID       int64      `json:"id"`
	PersonID int64      `json:"person_id"`
	Name     string     `json:"name"`
	Role     rules.Role `json:"role"`
	OrgID    int64      `json:"org_id"`
	OrgName  string     `json:"org_name"`
	Since    time.Time  `json:"since"`
	Login    string     `json:"login,omitempty" doc:"at the console; left out where they have none"`
	ResetBy  int64      `json:"reset_by,omitempty" doc:"who asked for new credentials for them within a day: somebody else approves"`
}

// GrantOffice gives a person a role at an org.
func (f *Forum) GrantOffice(ctx context.Context, who Actor, personID int64, role rules.Role, orgID int64) (None, error) {
	return do(ctx, f, who, rules.OfficeGrant, inOrg(orgID), func(t *tx) (None, error) {
		if err := t.Where("id = ?", personID).Take(&Person{}).Error; err != nil {
			return None{}, found(err, "person")
		}
		return None{}, t.grant(personID, role, orgID)
	})
}

// grant checks that this person may hand out the role there and that the two go
// together: nobody who sits on the supervising committee decides what it
// supervises (居委会组织法 art. 36).
func (t *tx) grant(person int64, role rules.Role, orgID int64) error {
	o, err := t.org(orgID)
	if err != nil {
		return err
	}
	if err := rules.CheckGrant(t.standing, role, o.Path); err != nil {
		return err
	}
	var held []Office
	if err := t.Where("person_id = ? AND until IS NULL", person).Find(&held).Error; err != nil {
		return err
	}
	for _, h := range held {
		if h.Role == role && h.OrgID == orgID {
			return rules.Refuse(rules.Conflict, "office.held")
		}
		if h.OrgID == orgID && (h.Role == rules.Supervisor && role == rules.Secretary || h.Role == rules.Secretary && role == rules.Supervisor) {
			return rules.Refuse(rules.Conflict, "office.conflict")
		}
	}
	return t.Create(&Office{PersonID: person, Role: role, OrgID: orgID, Since: t.now, GrantedBy: t.who.PersonID}).Error
}

// EndOffice takes an office back, such as when the neighbour leader changes.
func (f *Forum) EndOffice(ctx context.Context, who Actor, id int64) (None, error) {
	on := place{subject("office", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM offices o JOIN orgs g ON g.id = o.org_id WHERE o.id = ? AND o.until IS NULL", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("office")
		}
		return rules.Object{Path: path}, err
	}}
	return do(ctx, f, who, rules.OfficeEnd, on, func(t *tx) (None, error) {
		var o Office
		if err := t.locked().Where("id = ?", id).Take(&o).Error; err != nil {
			return None{}, found(err, "office")
		}
		at, err := t.org(o.OrgID)
		if err != nil {
			return None{}, err
		}
		if err := rules.CheckGrant(t.standing, o.Role, at.Path); err != nil {
			return None{}, err
		}
		return None{}, t.Model(&Office{}).Where("id = ?", id).Update("until", t.now).Error
	})
}

// Offices returns who holds what at an org and below it.
func (f *Forum) Offices(ctx context.Context, who Actor, orgID int64) ([]OfficeView, error) {
	return see(ctx, f, who, rules.StaffRead, inOrg(orgID), func(t *tx) ([]OfficeView, error) {
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		return t.offices("g.path LIKE ?", o.Path+"%")
	})
}

func (t *tx) officesOf(person int64) ([]OfficeView, error) {
	return t.offices("o.person_id = ?", person)
}

func (t *tx) offices(where string, args ...any) ([]OfficeView, error) {
	rows := []OfficeView{}
	return rows, t.Table("offices o").Joins("JOIN orgs g ON g.id = o.org_id").Joins("JOIN persons p ON p.id = o.person_id").
		Joins("LEFT JOIN staff s ON s.person_id = o.person_id AND s.left_at IS NULL").Where("o.until IS NULL").Where(where, args...).Order("o.id").Limit(1000).
		Select("o.id, o.person_id, p.name, o.role, o.org_id, g.name AS org_name, o.since, s.login, ("+resetSQL+") AS reset_by", t.now.Add(-resetFor)).Scan(&rows).Error
}

func (t *tx) endOffices(person int64) error {
	return t.Model(&Office{}).Where("person_id = ? AND until IS NULL", person).Update("until", t.now).Error
}

// officers returns who holds one of the roles at exactly this org.
func (t *tx) officers(orgID int64, roles ...rules.Role) ([]int64, error) {
	var ids []int64
	return ids, t.Model(&Office{}).Where("org_id = ? AND until IS NULL AND role IN ?", orgID, roles).
		Distinct().Order("person_id").Pluck("person_id", &ids).Error
}

// inHand are the roles that are told what an org has in hand.
var inHand = []rules.Role{rules.Handler, rules.Secretary, rules.Street}
