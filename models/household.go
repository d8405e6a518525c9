package models

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Household is one home of a community as its roll names it, and the property
// unit that it is. Address and head are sealed; Area is in square centimetres.
type Household struct {
	ID        int64
	OrgID     int64
	Number    string
	Address   []byte
	Head      []byte
	Area      int64
	Owner     string // blind index of whose it is; "": the developer's, not sold yet
	SpeakerID int64  // whom those who share it named to vote; 0: whoever votes first
	Version   string
}

// Unsold in the owner column of a roll marks what the developer still holds.
const Unsold = "developer"

// HouseholdRow is a household as it is imported. Org is the code of its
// community or grid. Owner is any name that tells owners apart, the same in each
// row that is theirs; without one the home has an owner of its own.
type HouseholdRow struct {
	Org     string `json:"org" maxLength:"64"`
	Number  string `json:"number" maxLength:"64"`
	Address string `json:"address" maxLength:"191"`
	Head    string `json:"head" maxLength:"64"`
	Owner   string `json:"owner,omitempty" maxLength:"64"`
	Area    int64  `json:"area" doc:"in square centimetres, 0 where it is not known"`
}

// RollDiff is what an import changes in the roll that is there. Missing are homes
// of the last roll that the new one does not name: they stay, and are told.
type RollDiff struct {
	Added   []string `json:"added" nullable:"false"`
	Changed []string `json:"changed" nullable:"false"`
	Same    int      `json:"same"`
	Missing []string `json:"missing" nullable:"false"`
}

// HouseholdView is a household as staff see it.
type HouseholdView struct {
	ID      int64  `json:"id"`
	OrgID   int64  `json:"org_id"`
	Number  string `json:"number"`
	Address string `json:"address"`
	Head    string `json:"head"`
}

// ImportHouseholds adds to and renews the roll of an org and of those below it,
// and returns what that changed. A row that does not fit refuses the whole
// import, naming the row.
func (f *Forum) ImportHouseholds(ctx context.Context, who Actor, orgID int64, version string, rows []HouseholdRow) (*RollDiff, error) {
	return do(ctx, f, who, rules.HouseholdImport, inOrg(orgID), func(t *tx) (*RollDiff, error) {
		l, err := t.renewal(orgID, version, rows)
		if err != nil {
			return nil, err
		}
		if err := t.addHouseholds(l.added); err != nil {
			return nil, err
		}
		for _, h := range l.changed {
			err := t.Model(&Household{}).Where("id = ?", h.ID).
				Updates(set{"address": h.Address, "head": h.Head, "area": h.Area, "owner": h.Owner, "version": version}).Error
			if err != nil {
				return nil, err
			}
		}
		return &l.RollDiff, nil
	})
}

func (t *tx) addHouseholds(homes []Household) error {
	if len(homes) == 0 {
		return nil
	}
	return t.CreateInBatches(homes, 500).Error
}

// PreviewHouseholds tells what an import would change, and changes nothing.
func (f *Forum) PreviewHouseholds(ctx context.Context, who Actor, orgID int64, rows []HouseholdRow) (*RollDiff, error) {
	return see(ctx, f, who, rules.HouseholdImport, inOrg(orgID), func(t *tx) (*RollDiff, error) {
		l, err := t.renewal(orgID, "", rows)
		if err != nil {
			return nil, err
		}
		return &l.RollDiff, nil
	})
}

// renewal is what an import will write.
type renewal struct {
	RollDiff
	added, changed []Household
}

type homeKey struct {
	org    int64
	number string
}

func (t *tx) renewal(orgID int64, version string, rows []HouseholdRow) (*renewal, error) {
	top, err := t.org(orgID)
	if err != nil {
		return nil, err
	}
	orgs, there, err := t.homes(top)
	if err != nil {
		return nil, err
	}
	l, seen := &renewal{RollDiff: RollDiff{Added: []string{}, Changed: []string{}, Missing: []string{}}}, map[homeKey]bool{}
	for i, row := range rows {
		h, err := t.readHousehold(orgs, row)
		key := homeKey{h.OrgID, h.Number}
		if err == nil && seen[key] {
			err = rules.Refuse(rules.Invalid, "roll.twice", "unit", h.Number)
		}
		if err != nil {
			return nil, atRow(err, i+2)
		}
		seen[key], h.Version = true, version
		if err := l.take(t.f.seal, h, there); err != nil {
			return nil, err
		}
	}
	for key, h := range there {
		if !seen[key] {
			l.Missing = append(l.Missing, h.Number)
		}
	}
	slices.Sort(l.Missing)
	return l, nil
}

// take puts a home among those that are new, changed or the same.
func (l *renewal) take(seal sealer, h Household, there map[homeKey]Household) error {
	old, ok := there[homeKey{h.OrgID, h.Number}]
	if !ok {
		l.added, l.Added = append(l.added, h), append(l.Added, h.Number)
		return nil
	}
	h.ID = old.ID
	same := h.Area == old.Area && h.Owner == old.Owner
	for _, pair := range [][2][]byte{{h.Address, old.Address}, {h.Head, old.Head}} {
		now, err := seal.Open(pair[0])
		if err != nil {
			return err
		}
		before, err := seal.Open(pair[1])
		if err != nil {
			return err
		}
		same = same && now == before
	}
	if same {
		l.Same++
		return nil
	}
	l.changed, l.Changed = append(l.changed, h), append(l.Changed, h.Number)
	return nil
}

// homes returns the orgs at and below one, by code, and their homes.
func (t *tx) homes(top *Org) (map[string]*Org, map[homeKey]Household, error) {
	var orgs []Org
	if err := t.Where("path LIKE ?", top.Path+"%").Find(&orgs).Error; err != nil {
		return nil, nil, err
	}
	byCode := make(map[string]*Org, len(orgs))
	for i := range orgs {
		byCode[orgs[i].Code] = &orgs[i]
	}
	var rows []Household
	if err := t.Where("org_id IN (?)", t.orgsUnder(top)).Find(&rows).Error; err != nil {
		return nil, nil, err
	}
	there := make(map[homeKey]Household, len(rows))
	for _, h := range rows {
		there[homeKey{h.OrgID, h.Number}] = h
	}
	return byCode, there, nil
}

func (t *tx) readHousehold(orgs map[string]*Org, row HouseholdRow) (Household, error) {
	o := orgs[row.Org]
	if o == nil {
		return Household{}, unknown("org")
	}
	number, err := rules.CheckText("number", row.Number, rules.MaxName)
	if err != nil {
		return Household{}, err
	}
	if row.Area < 0 || row.Area > rules.MaxUnitArea {
		return Household{}, rules.Refuse(rules.Invalid, "roll.area", "unit", number)
	}
	h := Household{OrgID: o.ID, Number: number, Address: t.f.seal.Seal(rules.Clean(row.Address)), Head: t.f.seal.Seal(rules.Clean(row.Head)), Area: row.Area}
	switch owner := rules.Clean(row.Owner); owner {
	case Unsold:
	case "":
		h.Owner = t.f.seal.Index("home " + row.Org + " " + number)
	default:
		h.Owner = t.f.seal.Index("owner " + owner)
	}
	return h, nil
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

// HomeView is a home as those see it who share it: whom they may name to vote for it.
type HomeView struct {
	ID        int64      `json:"id"`
	OrgID     int64      `json:"org_id"`
	Number    string     `json:"number"`
	SpeakerID int64      `json:"speaker_id" doc:"who votes for the home; 0: whoever votes first"`
	People    []HomeMate `json:"people" nullable:"false" doc:"who is confirmed there, the asker among them"`
}

// HomeMate is somebody who shares a home.
type HomeMate struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// MyHomes returns the homes in which the asker is confirmed.
func (f *Forum) MyHomes(ctx context.Context, who Actor) ([]HomeView, error) {
	return see(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) ([]HomeView, error) {
		var rows []Household
		err := t.Where("id IN (?)", t.confirmedAt().Where("person_id = ?", who.PersonID).Select("household_id")).Order("id").Find(&rows).Error
		if err != nil {
			return nil, err
		}
		homes := make([]HomeView, 0, len(rows))
		for _, h := range rows {
			v := HomeView{ID: h.ID, OrgID: h.OrgID, Number: h.Number, People: []HomeMate{}}
			err := t.Model(&Person{}).Where("id IN (?)", t.confirmedAt().Where("household_id = ?", h.ID).Select("person_id")).Order("id").Find(&v.People).Error
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(v.People, func(p HomeMate) bool { return p.ID == h.SpeakerID }) {
				v.SpeakerID = h.SpeakerID // one who has left speaks for nobody
			}
			homes = append(homes, v)
		}
		return homes, nil
	})
}

func (t *tx) confirmedAt() *gorm.DB {
	return t.Model(&Capacity{}).Where("state = ? AND ended_at IS NULL", CapacityConfirmed)
}

// NameSpeaker notes whom those who share a home have named to vote for it, so
// that not simply the first does; 0 takes the name back. It holds for polls that
// are opened from now on. Any of them names another, for nobody takes the others'
// voice alone; whoever does not live there tells how those who do have said so.
func (f *Forum) NameSpeaker(ctx context.Context, who Actor, id, person int64, consent string) (None, error) {
	return do(ctx, f, who, rules.HouseholdSpeaker, onHousehold(id), func(t *tx) (None, error) {
		var there []int64
		if err := t.confirmedAt().Where("household_id = ?", id).Distinct().Pluck("person_id", &there).Error; err != nil {
			return None{}, err
		}
		if err := checkSpeaker(there, who.PersonID, person, consent); err != nil {
			return None{}, err
		}
		if err := t.Model(&Household{}).Where("id = ?", id).Update("speaker_id", person).Error; err != nil {
			return None{}, err
		}
		return None{}, t.notifyAll(there, "notice.speaker", set{"household": id})
	})
}

// checkSpeaker refuses whom the namer may not name for a home.
func checkSpeaker(there []int64, namer, person int64, consent string) error {
	switch {
	case person != 0 && person == namer:
		return rules.Refuse(rules.Conflict, "household.self")
	case person != 0 && !slices.Contains(there, person):
		return rules.Refuse(rules.Conflict, "household.stranger")
	case slices.Contains(there, namer):
		return nil
	}
	_, err := rules.CheckText("consent", consent, rules.MaxReason)
	return err
}

func onHousehold(id int64) place {
	return place{subject("household", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM households h JOIN orgs g ON g.id = h.org_id WHERE h.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("household")
		}
		if err != nil {
			return rules.Object{}, err
		}
		var own int64
		err = t.confirmedAt().Where("household_id = ? AND person_id = ?", id, t.who.PersonID).Count(&own).Error
		return rules.Object{Path: path, Own: own > 0}, err
	}}
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

// silenceHouses takes from a person the word for every home that named them.
func (t *tx) silenceHouses(person int64) error {
	return t.Model(&Household{}).Where("speaker_id = ?", person).Update("speaker_id", 0).Error
}
