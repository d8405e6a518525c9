package models

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"yishi/models/rules"
	"yishi/models/store"
)

// Person is somebody who takes part, whatever the way they come in.
type Person struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	Phone      []byte     `json:"-"` // sealed
	PhoneIndex *string    `json:"-"`
	PhoneAt    *time.Time `json:"-"` // when WeChat verified it
	BannedAt   *time.Time `json:"banned_at,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Person) TableName() string { return "persons" }

func (t *tx) createPerson(name string) (int64, error) {
	person := Person{Name: name, CreatedAt: t.now}
	err := t.Create(&person).Error
	return person.ID, err
}

// Me is what a person may know of themselves.
type Me struct {
	Person     Person        `json:"person"`
	Phone      string        `json:"phone"`
	Twin       bool          `json:"twin" doc:"another record has the same verified number, see joinTwin"`
	Offices    []OfficeView  `json:"offices" nullable:"false"`
	Capacities []Capacity    `json:"capacities" nullable:"false"`
	Members    []Member      `json:"members" nullable:"false"`
	Login      *StaffAccount `json:"login,omitempty"`
}

// StaffAccount is what a member of staff may know of their own login.
type StaffAccount struct {
	Name  string `json:"name"`
	Renew bool   `json:"renew"` // the password must be changed before anything else
}

// Me returns the person's own record.
func (f *Forum) Me(ctx context.Context, who Actor) (*Me, error) {
	return see(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (*Me, error) {
		me := &Me{Capacities: []Capacity{}, Members: []Member{}}
		if err := t.Where("id = ?", who.PersonID).Take(&me.Person).Error; err != nil {
			return nil, found(err, "person")
		}
		var err error
		if me.Phone, err = f.seal.Open(me.Person.Phone); err != nil {
			return nil, err
		}
		twins, err := t.twins(me.Person)
		if err != nil {
			return nil, err
		}
		me.Twin = len(twins) > 0
		if me.Offices, err = t.officesOf(who.PersonID); err != nil {
			return nil, err
		}
		if err := t.Where("person_id = ? AND ended_at IS NULL", who.PersonID).Order("id").Find(&me.Capacities).Error; err != nil {
			return nil, err
		}
		if err := t.Where("person_id = ? AND left_at IS NULL", who.PersonID).Order("id").Find(&me.Members).Error; err != nil {
			return nil, err
		}
		var s Staff
		if err := t.Where("person_id = ?", who.PersonID).Limit(1).Find(&s).Error; err != nil || s.PersonID == 0 {
			return me, err
		}
		me.Login = &StaffAccount{s.Login, s.Renew}
		return me, nil
	})
}

// Introduce sets the name and the telephone number by which a person wants to
// be known. The number is one that WeChat has verified.
func (f *Forum) Introduce(ctx context.Context, who Actor, name, phone string) (None, error) {
	return do(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (None, error) {
		name, err := rules.CheckOptional("name", name, rules.MaxName)
		if err != nil {
			return None{}, err
		}
		change := set{}
		if name != "" {
			change["name"] = name
		}
		if phone != "" {
			change["phone"], change["phone_index"], change["phone_at"] = f.seal.Seal(phone), f.seal.Index(phone), t.now
		}
		if len(change) == 0 {
			return None{}, rules.Refuse(rules.Invalid, "text.empty", "field", "name")
		}
		return None{}, t.Model(&Person{}).Where("id = ?", who.PersonID).Updates(change).Error
	})
}

// inherit leaves the name and the number of a record that gives everything to the
// one that keeps it, where that has none.
func (t *tx) inherit(giver, keeper int64) error {
	var had, has Person
	if err := errors.Join(t.Where("id = ?", giver).Take(&had).Error, t.Where("id = ?", keeper).Take(&has).Error); err != nil {
		return err
	}
	change := set{}
	if has.Name == "" && had.Name != "" {
		change["name"] = had.Name
	}
	if has.PhoneIndex == nil && had.PhoneIndex != nil {
		change["phone"], change["phone_index"], change["phone_at"] = had.Phone, had.PhoneIndex, had.PhoneAt
	}
	if len(change) > 0 {
		if err := t.Model(&Person{}).Where("id = ?", keeper).Updates(change).Error; err != nil {
			return err
		}
	}
	return t.Model(&Person{}).Where("id = ?", giver).Updates(set{"phone": []byte{}, "phone_index": nil, "phone_at": nil}).Error
}

// Answered reports whether this request was answered before: the deed gives the
// same answer again then, whatever else it is handed. Who has to ask others first,
// or to keep something outside, asks this before.
func (f *Forum) Answered(ctx context.Context, who Actor) (bool, error) {
	return see(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (bool, error) {
		if who.Key == "" {
			return false, nil
		}
		return store.Answered(t.DB, who.PersonID, who.Key)
	})
}

// helped finds or makes the person for whom staff or a neighbour leader acts:
// one who is known, or one without a phone, who is written down by name and, if
// told, household. Consent is the record of what the person said. Somebody who
// lives in a home of the roll is known by it from then on; a bare name makes
// nobody a resident, and so adds nobody to a register.
func (t *tx) helped(h Helped, o *Org) (int64, error) {
	if _, err := rules.CheckText("consent", h.Consent, rules.MaxReason/4); err != nil {
		return 0, err
	}
	if h.PersonID != 0 {
		var n int64
		err := t.Model(&Capacity{}).Joins("JOIN orgs ON orgs.id = capacities.org_id").
			Where("capacities.person_id = ? AND capacities.ended_at IS NULL AND orgs.path LIKE ?", h.PersonID, o.Path+"%").Count(&n).Error
		if err == nil && n == 0 {
			err = unknown("person")
		}
		return h.PersonID, err
	}
	name, err := rules.CheckText("name", h.Name, rules.MaxName)
	if err != nil {
		return 0, err
	}
	if h.Household == "" {
		return t.createPerson(name)
	}
	home, err := t.household(o, h.Household)
	if err != nil {
		return 0, err
	}
	return t.livingAt(home, name)
}

// Helped is a person for whom somebody else acts.
type Helped struct {
	PersonID  int64  `json:"person_id,omitempty"`
	Name      string `json:"name,omitempty"`
	Household string `json:"household,omitempty"`
	Consent   string `json:"consent"`
}

// BanPerson shuts a person out of everything that needs a login, or lets them
// in again.
func (f *Forum) BanPerson(ctx context.Context, who Actor, personID int64, banned bool) (None, error) {
	return do(ctx, f, who, rules.PersonBan, onPerson(personID), func(t *tx) (None, error) {
		var at *time.Time
		if banned {
			at = &t.now
		}
		t.forget()
		return None{}, t.Model(&Person{}).Where("id = ?", personID).Update("banned_at", at).Error
	})
}

// onPerson is the place of deeds done to a person: where they live, trade or
// hold office; of several places the first that the asker's own reach.
func onPerson(id int64) place {
	return place{subject("person", id), func(t *tx) (rules.Object, error) {
		paths, err := t.whereabouts(id)
		if err == nil && len(paths) == 0 {
			err = unknown("person")
		}
		if err != nil {
			return rules.Object{}, err
		}
		near := slices.IndexFunc(paths, func(path string) bool {
			return slices.ContainsFunc(t.standing.Places, func(p rules.Place) bool {
				return p.Path != "" && p.Role != rules.Guest && strings.HasPrefix(path, p.Path)
			})
		})
		return rules.Object{Path: paths[max(near, 0)], Own: id == t.who.PersonID && id != 0}, nil
	}}
}

// whereabouts returns the paths of the orgs in which a person lives, trades or
// holds, or held, an office.
func (t *tx) whereabouts(person int64) ([]string, error) {
	var paths []string
	return paths, t.Raw(`SELECT g.path FROM capacities c JOIN orgs g ON g.id = c.org_id WHERE c.person_id = @id AND c.ended_at IS NULL
		UNION ALL SELECT g.path FROM offices o JOIN orgs g ON g.id = o.org_id WHERE o.person_id = @id
		UNION ALL SELECT g.path FROM members m JOIN alliances a ON a.id = m.alliance_id JOIN orgs g ON g.id = a.org_id WHERE m.person_id = @id`,
		set{"id": person}).Scan(&paths).Error
}

func (t *tx) personNames(ids []int64) (map[int64]string, error) {
	var people []Person
	err := t.Select("id", "name").Where("id IN ?", ids).Find(&people).Error
	names := make(map[int64]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
	}
	return names, err
}

// anonymise leaves of a person a record that names nobody.
func (t *tx) anonymise(person int64) error {
	return t.Model(&Person{}).Where("id = ?", person).Updates(set{"name": "", "phone": []byte{}, "phone_index": nil, "phone_at": nil}).Error
}
