package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// CapacityKind is the part in which a person acts in a community.
type CapacityKind string

// The kinds of capacity. Shops act through their alliance, see Member.
const (
	CapacityResident       CapacityKind = "resident"
	CapacityOwner          CapacityKind = "owner"
	CapacityTenant         CapacityKind = "tenant"
	CapacityRider          CapacityKind = "rider"          // gig worker
	CapacityRepresentative CapacityKind = "representative" // 居民代表
)

func (k CapacityKind) known() bool {
	switch k {
	case CapacityResident, CapacityOwner, CapacityTenant, CapacityRider, CapacityRepresentative:
		return true
	}
	return false
}

// CapacityState is where the confirmation of a capacity stands.
type CapacityState string

// The states of a capacity.
const (
	CapacityAsked     CapacityState = "asked"
	CapacityConfirmed CapacityState = "confirmed"
	CapacityRefused   CapacityState = "refused"
)

// Capacity binds a person to a community, and to a household if they live there.
type Capacity struct {
	ID          int64         `json:"id"`
	PersonID    int64         `json:"person_id"`
	OrgID       int64         `json:"org_id"`
	Kind        CapacityKind  `json:"kind"`
	HouseholdID int64         `json:"household_id"`
	State       CapacityState `json:"state"`
	AskedAt     time.Time     `json:"asked_at"`
	DecidedBy   int64         `json:"-"`
	DecidedAt   *time.Time    `json:"decided_at,omitempty"`
	EndedAt     *time.Time    `json:"ended_at,omitempty"`
	Stands      *bool         `json:"-"` // true while asked or confirmed, else nil: its key is for those alone
}

// BindCapacity asks to be known in a community, with the number of one's
// household if one lives there. Somebody of the community confirms it.
func (f *Forum) BindCapacity(ctx context.Context, who Actor, orgID int64, kind CapacityKind, household string) (*Capacity, error) {
	on := place{subject("org", orgID), func(t *tx) (rules.Object, error) {
		_, err := t.org(orgID)
		return rules.Object{Own: true}, err
	}}
	return do(ctx, f, who, rules.CapacityBind, on, func(t *tx) (*Capacity, error) {
		return t.askCapacity(who.PersonID, orgID, kind, household)
	})
}

// askCapacity asks for a person to be known in a community, and tells those who
// confirm it.
func (t *tx) askCapacity(person, orgID int64, kind CapacityKind, household string) (*Capacity, error) {
	o, err := t.org(orgID)
	if err != nil {
		return nil, err
	}
	if o.Kind != OrgCommunity && o.Kind != OrgGrid || !kind.known() {
		return nil, rules.Refuse(rules.Invalid, "capacity.kind")
	}
	home, err := t.community(o)
	if err != nil {
		return nil, err
	}
	c := &Capacity{PersonID: person, OrgID: home.ID, Kind: kind, State: CapacityAsked, AskedAt: t.now}
	if household != "" {
		h, err := t.household(o, household)
		if err != nil {
			return nil, err
		}
		c.HouseholdID = h.ID
	}
	if err := t.bind(c); err != nil {
		return nil, err
	}
	return c, t.notifyOrg(home.ID, "notice.capacity_asked", set{"org": home.Name}, rules.Leader, rules.Secretary)
}

// bind writes a capacity unless the same one stands already.
func (t *tx) bind(c *Capacity) error {
	c.Stands = new(true)
	err := t.Create(c).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Conflict, "capacity.held")
	}
	return err
}

// livingAt finds the person of a name in a home, or writes them down as a
// resident there: the same name at the same home is the same person.
func (t *tx) livingAt(home *Household, name string) (int64, error) {
	if err := t.locked().Where("id = ?", home.ID).Take(&Household{}).Error; err != nil { // two helpers may write at once
		return 0, found(err, "household")
	}
	var ids []int64
	err := t.Model(&Capacity{}).Joins("JOIN persons p ON p.id = capacities.person_id").
		Where("capacities.household_id = ? AND capacities.ended_at IS NULL AND capacities.state <> ? AND p.name = ?", home.ID, CapacityRefused, name).
		Order("capacities.id").Limit(1).Pluck("capacities.person_id", &ids).Error
	if err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		return ids[0], nil
	}
	o, err := t.org(home.OrgID)
	if err != nil {
		return 0, err
	}
	if o, err = t.community(o); err != nil {
		return 0, err
	}
	person, err := t.createPerson(name)
	if err != nil {
		return 0, err
	}
	c := &Capacity{
		PersonID: person, OrgID: o.ID, HouseholdID: home.ID, Kind: CapacityResident, State: CapacityConfirmed,
		AskedAt: t.now, DecidedBy: t.who.PersonID, DecidedAt: &t.now,
	}
	return person, t.bind(c)
}

// ConfirmCapacity says whether a person is who they say, against the roll. A
// capacity as representative is the secretary's to confirm.
func (f *Forum) ConfirmCapacity(ctx context.Context, who Actor, id int64, yes bool) (*Capacity, error) {
	return do(ctx, f, who, rules.CapacityConfirm, onCapacity(id), func(t *tx) (*Capacity, error) {
		var c Capacity
		if err := t.locked().Where("id = ? AND ended_at IS NULL", id).Take(&c).Error; err != nil {
			return nil, found(err, "capacity")
		}
		if c.State != CapacityAsked {
			return nil, rules.Refuse(rules.Conflict, "capacity.decided")
		}
		if c.PersonID == who.PersonID {
			return nil, rules.Refuse(rules.Forbidden, "capacity.self")
		}
		c.State, c.DecidedBy, c.DecidedAt, c.Stands = CapacityRefused, who.PersonID, &t.now, nil
		if yes {
			c.State, c.Stands = CapacityConfirmed, new(true)
		}
		o, err := t.org(c.OrgID)
		if err != nil {
			return nil, err
		}
		if c.Kind == CapacityRepresentative && !t.may(rules.CapacityEnd, rules.Object{Path: o.Path}) {
			return nil, rules.Refuse(rules.Forbidden, "capacity.representative")
		}
		err = t.Model(&Capacity{}).Where("id = ?", id).Updates(set{"state": c.State, "decided_by": c.DecidedBy, "decided_at": c.DecidedAt, "stands": c.Stands}).Error
		if err != nil {
			return nil, err
		}
		return &c, t.notify(c.PersonID, "notice.capacity_"+string(c.State), set{"org": o.Name})
	})
}

// EndCapacity ends a capacity: somebody left, or handed over the office of
// representative. For moving house see MoveHouse.
func (f *Forum) EndCapacity(ctx context.Context, who Actor, id int64) (None, error) {
	return do(ctx, f, who, rules.CapacityEnd, onCapacity(id), func(t *tx) (None, error) {
		_, err := t.endCapacity(id)
		return None{}, err
	})
}

func (t *tx) endCapacity(id int64) (*Capacity, error) {
	var c Capacity
	if err := t.locked().Where("id = ? AND ended_at IS NULL", id).Take(&c).Error; err != nil {
		return nil, found(err, "capacity")
	}
	return &c, t.Model(&Capacity{}).Where("id = ?", id).Updates(set{"ended_at": t.now, "stands": nil}).Error
}

// MoveHouse ends a capacity where somebody lived and asks for one where they live
// now, both or neither: nobody is of two homes, or of none, by a slip between. The
// old community is told, the new one confirms.
func (f *Forum) MoveHouse(ctx context.Context, who Actor, id, orgID int64, kind CapacityKind, household string) (*Capacity, error) {
	return do(ctx, f, who, rules.CapacityMove, onCapacity(id), func(t *tx) (*Capacity, error) {
		old, err := t.endCapacity(id)
		if err != nil {
			return nil, err
		}
		left, err := t.org(old.OrgID)
		if err != nil {
			return nil, err
		}
		c, err := t.askCapacity(old.PersonID, orgID, kind, household)
		if err != nil {
			return nil, err
		}
		now, err := t.org(c.OrgID)
		if err != nil {
			return nil, err
		}
		if err := t.notifyOrg(left.ID, "notice.capacity_left", set{"org": left.Name}, rules.Leader, rules.Secretary); err != nil {
			return nil, err
		}
		return c, t.notify(c.PersonID, "notice.capacity_moved", set{"org": left.Name, "to": now.Name})
	})
}

// CapacityView is a capacity as those see it who confirm it.
type CapacityView struct {
	Capacity
	Name   string `json:"name"`
	Number string `json:"number"` // of the household
}

// AskedCapacities returns the capacities of an org that wait to be confirmed.
func (f *Forum) AskedCapacities(ctx context.Context, who Actor, orgID int64) ([]CapacityView, error) {
	return see(ctx, f, who, rules.CapacityConfirm, inOrg(orgID), func(t *tx) ([]CapacityView, error) {
		rows := []CapacityView{}
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		return rows, t.Table("capacities c").Joins("JOIN persons p ON p.id = c.person_id").Joins("LEFT JOIN households h ON h.id = c.household_id").
			Where("c.org_id IN (?) AND c.state = ? AND c.ended_at IS NULL", t.orgsUnder(o), CapacityAsked).
			Order("c.id").Limit(MaxPageSize).Select("c.*, p.name, h.number").Scan(&rows).Error
	})
}

// NamedCapacities finds those who are known in an org by the beginning of their name
// or by the number of their home, so that a move or an end can be written down.
func (f *Forum) NamedCapacities(ctx context.Context, who Actor, orgID int64, name string) ([]CapacityView, error) {
	return see(ctx, f, who, rules.HouseholdRead, inOrg(orgID), func(t *tx) ([]CapacityView, error) {
		rows := []CapacityView{}
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		if name, err = rules.CheckText("name", name, rules.MaxName); err != nil {
			return nil, err
		}
		return rows, t.Table("capacities c").Joins("JOIN persons p ON p.id = c.person_id").Joins("LEFT JOIN households h ON h.id = c.household_id").
			Where("c.org_id IN (?) AND c.state = ? AND c.ended_at IS NULL", t.orgsUnder(o), CapacityConfirmed).
			Where("p.name LIKE ? ESCAPE '!' OR h.number = ?", plainly.Replace(name)+"%", name).
			Order("c.id").Limit(MaxPageSize).Select("c.*, p.name, h.number").Scan(&rows).Error
	})
}

func onCapacity(id int64) place {
	return place{subject("capacity", id), func(t *tx) (rules.Object, error) {
		var row struct {
			Path     string
			PersonID int64
		}
		err := t.Raw("SELECT g.path, c.person_id FROM capacities c JOIN orgs g ON g.id = c.org_id WHERE c.id = ?", id).Scan(&row).Error
		if err == nil && row.Path == "" {
			err = unknown("capacity")
		}
		return rules.Object{Path: row.Path, Own: row.PersonID == t.who.PersonID}, err
	}}
}

// homeOf returns the community in which a person is known, if it is one.
func (t *tx) homeOf(person int64) (int64, error) {
	var ids []int64
	err := t.Model(&Capacity{}).Where("person_id = ? AND ended_at IS NULL AND state <> ?", person, CapacityRefused).
		Distinct().Limit(2).Pluck("org_id", &ids).Error
	if err != nil {
		return 0, err
	}
	if len(ids) == 1 {
		return ids[0], nil
	}
	return 0, rules.Refuse(rules.Invalid, "org.which")
}

// endCapacities ends everything that a person lives or trades as.
func (t *tx) endCapacities(person int64) error {
	return t.Model(&Capacity{}).Where("person_id = ? AND ended_at IS NULL", person).Updates(set{"ended_at": t.now, "stands": nil}).Error
}
