package models

import (
	"context"
	"errors"
	"math"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// MemberKind is what joins an alliance.
type MemberKind string

// The kinds of member.
const (
	MemberMerchant MemberKind = "merchant"
	MemberUnit     MemberKind = "unit"
)

// MemberState is where a membership stands.
type MemberState string

// The states of a membership.
const (
	MemberAsked     MemberState = "asked"
	MemberConfirmed MemberState = "confirmed"
	MemberRefused   MemberState = "refused"
	MemberLeft      MemberState = "left"
)

// Member is a shop or unit in an alliance, and the person who speaks for it. It
// has one vote. Conflict is what it declares as its own interest.
type Member struct {
	ID         int64       `json:"id"`
	AllianceID int64       `json:"alliance_id"`
	PersonID   int64       `json:"-"`
	Kind       MemberKind  `json:"kind"`
	Name       string      `json:"name"`
	CreditCode *string     `json:"credit_code,omitempty"`
	Lat        float64     `json:"lat"`
	Lng        float64     `json:"lng"`
	Conflict   string      `json:"conflict"`
	State      MemberState `json:"state"`
	AskedAt    time.Time   `json:"asked_at"`
	DecidedBy  int64       `json:"-"`
	DecidedAt  *time.Time  `json:"decided_at,omitempty"`
	LeftAt     *time.Time  `json:"left_at,omitempty"`
}

// NewMember is a shop or unit that wants to join.
type NewMember struct {
	AllianceID int64      `json:"alliance_id"`
	Kind       MemberKind `json:"kind"`
	Name       string     `json:"name"`
	CreditCode string     `json:"credit_code"`
	Lat        float64    `json:"lat"`
	Lng        float64    `json:"lng"`
	Conflict   string     `json:"conflict,omitempty"`
}

// JoinAlliance asks to join an alliance; its community confirms. A credit code
// joins an alliance once.
func (f *Forum) JoinAlliance(ctx context.Context, who Actor, n NewMember) (*Member, error) {
	on := place{subject("alliance", n.AllianceID), func(t *tx) (rules.Object, error) {
		o, err := onAlliance(n.AllianceID).find(t)
		o.Own = true
		return o, err
	}}
	return do(ctx, f, who, rules.MemberJoin, on, func(t *tx) (*Member, error) {
		m, err := newMember(n)
		if err != nil {
			return nil, err
		}
		m.PersonID, m.AskedAt = who.PersonID, t.now
		if err := t.createMember(m); err != nil {
			return nil, err
		}
		var a Alliance
		if err := t.Where("id = ?", n.AllianceID).Take(&a).Error; err != nil {
			return nil, found(err, "alliance")
		}
		return m, t.notifyOrg(a.OrgID, "notice.member_asked", set{"name": m.Name, "alliance": a.Name}, rules.Secretary, rules.Street)
	})
}

func (t *tx) createMember(m *Member) error {
	err := t.Create(m).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Conflict, "member.twice")
	}
	return err
}

func newMember(n NewMember) (*Member, error) {
	name, err := rules.CheckText("name", n.Name, rules.MaxName)
	if err != nil {
		return nil, err
	}
	conflict, err := rules.CheckOptional("conflict", n.Conflict, 200)
	if err != nil {
		return nil, err
	}
	code, err := rules.CheckCreditCode(n.CreditCode)
	if err != nil {
		return nil, err
	}
	if n.Kind != MemberMerchant && n.Kind != MemberUnit {
		return nil, rules.Refuse(rules.Invalid, "member.kind", "kind", n.Kind)
	}
	if !(math.Abs(n.Lat) <= 90 && math.Abs(n.Lng) <= 180) {
		return nil, rules.Refuse(rules.Invalid, "stop.position")
	}
	return &Member{AllianceID: n.AllianceID, Kind: n.Kind, Name: name, CreditCode: &code, Lat: n.Lat, Lng: n.Lng, Conflict: conflict, State: MemberAsked}, nil
}

// ConfirmMember says whether a shop or unit is what it says. A refused one gives
// its credit code free.
func (f *Forum) ConfirmMember(ctx context.Context, who Actor, id int64, yes bool) (*Member, error) {
	return do(ctx, f, who, rules.MemberConfirm, onMember(id), func(t *tx) (*Member, error) {
		m, err := t.member(id)
		if err != nil {
			return nil, err
		}
		if m.State != MemberAsked {
			return nil, rules.Refuse(rules.Conflict, "member.decided")
		}
		change := set{"state": MemberConfirmed, "decided_by": who.PersonID, "decided_at": t.now}
		if !yes {
			change["state"], change["credit_code"] = MemberRefused, nil
		}
		if err := t.setMember(m, change); err != nil {
			return nil, err
		}
		return m, t.notify(m.PersonID, "notice.member_"+string(m.State), set{"name": m.Name})
	})
}

// LeaveAlliance ends a membership.
func (f *Forum) LeaveAlliance(ctx context.Context, who Actor, id int64) (*Member, error) {
	return do(ctx, f, who, rules.MemberLeave, onMember(id), func(t *tx) (*Member, error) {
		m, err := t.member(id)
		if err != nil {
			return nil, err
		}
		if m.State == MemberLeft {
			return nil, rules.Refuse(rules.Conflict, "member.left")
		}
		return m, t.setMember(m, set{"state": MemberLeft, "left_at": t.now, "credit_code": nil})
	})
}

func (t *tx) member(id int64) (*Member, error) {
	var m Member
	return &m, found(t.locked().Where("id = ?", id).Take(&m).Error, "member")
}

func (t *tx) setMember(m *Member, change set) error {
	if err := t.Model(&Member{}).Where("id = ?", m.ID).Updates(change).Error; err != nil {
		return err
	}
	id := m.ID
	*m = Member{}
	return t.Where("id = ?", id).Take(m).Error
}

// Members returns the members of an alliance: the confirmed ones for everybody,
// with those who wait for whoever confirms them.
func (f *Forum) Members(ctx context.Context, who Actor, allianceID int64) ([]Member, error) {
	return see(ctx, f, who, rules.AllianceRead, onAlliance(allianceID), func(t *tx) ([]Member, error) {
		object, err := onAlliance(allianceID).find(t)
		if err != nil {
			return nil, err
		}
		states := []MemberState{MemberConfirmed}
		desk := t.may(rules.MemberConfirm, object)
		if desk {
			states = append(states, MemberAsked)
		}
		rows := []Member{}
		err = t.Where("alliance_id = ? AND state IN ?", allianceID, states).Order("id").Limit(1000).Find(&rows).Error
		for i := range rows {
			if !desk {
				rows[i].CreditCode, rows[i].Conflict = nil, ""
			}
		}
		return rows, err
	})
}

func onMember(id int64) place {
	return place{subject("member", id), func(t *tx) (rules.Object, error) {
		var row struct {
			Path     string
			PersonID int64
		}
		err := t.Raw("SELECT g.path, m.person_id FROM members m JOIN alliances a ON a.id = m.alliance_id JOIN orgs g ON g.id = a.org_id WHERE m.id = ?", id).Scan(&row).Error
		if err == nil && row.Path == "" {
			err = unknown("member")
		}
		return rules.Object{Path: row.Path, Own: row.PersonID == t.who.PersonID}, err
	}}
}

// leaveAlliances has a person leave every alliance.
func (t *tx) leaveAlliances(person int64) error {
	return t.Model(&Member{}).Where("person_id = ? AND left_at IS NULL", person).
		Updates(set{"state": MemberLeft, "left_at": t.now, "credit_code": nil}).Error
}
