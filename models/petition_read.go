package models

import (
	"context"

	"yishi/models/rules"
)

// Petition returns one petition.
func (f *Forum) Petition(ctx context.Context, who Actor, id int64) (*PetitionView, error) {
	return see(ctx, f, who, rules.PetitionRead, onPetition(id), func(t *tx) (*PetitionView, error) {
		var p Petition
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "petition")
		}
		views, err := t.petitionViews([]Petition{p})
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

// Petitions returns the petitions of a community, newest first: everybody those
// that were let stand, the starter and the desk the others too.
func (f *Forum) Petitions(ctx context.Context, who Actor, orgID int64) ([]PetitionView, error) {
	return see(ctx, f, who, rules.PetitionRead, inOrg(orgID), func(t *tx) ([]PetitionView, error) {
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		if o, err = t.community(o); err != nil {
			return nil, err
		}
		var rows []Petition
		q := t.Where("org_id = ?", o.ID)
		object, err := inOrg(o.ID).find(t)
		if err != nil {
			return nil, err
		}
		if !t.may(rules.ScreeningRead, object) {
			q = q.Where("(id IN (?) OR starter_id = ?)", t.public(rules.ScreenedPetition), who.PersonID)
		}
		if err := q.Order("id DESC").Limit(MaxPageSize).Find(&rows).Error; err != nil {
			return nil, err
		}
		return t.petitionViews(rows)
	})
}

// owedMeetings are the petitions at an org and below it that are met and for which
// no meeting has been convened.
func (t *tx) owedMeetings(orgID int64) ([]PetitionView, error) {
	o, err := t.org(orgID)
	if err != nil {
		return nil, err
	}
	var rows []Petition
	err = t.Where("state = ? AND session_id = 0 AND org_id IN (?)", rules.PetitionMet, t.orgsUnder(o)).Order("due_at, id").Limit(MaxPageSize).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	return t.petitionViews(rows)
}

// petitionViews reads each register that is asked for once.
func (t *tx) petitionViews(rows []Petition) ([]PetitionView, error) {
	type key struct {
		org  int64
		unit rules.UnitKind
	}
	registers, views := map[key][]Seat{}, make([]PetitionView, len(rows))
	for i := range rows {
		p := &rows[i]
		k := key{p.OrgID, p.Kind.Unit()}
		if _, read := registers[k]; !read && p.State == rules.PetitionOpen {
			var err error
			if registers[k], err = t.petitioners(p); err != nil {
				return nil, err
			}
		}
		v, err := t.petitionView(p, registers[k])
		if err != nil {
			return nil, err
		}
		views[i] = *v
	}
	return views, nil
}

func onPetition(id int64) place {
	return place{subject("petition", id), func(t *tx) (rules.Object, error) {
		var row struct {
			Path      string
			StarterID int64
		}
		err := t.Raw("SELECT g.path, p.starter_id FROM petitions p JOIN orgs g ON g.id = p.org_id WHERE p.id = ?", id).Scan(&row).Error
		if err != nil {
			return rules.Object{}, err
		}
		object := rules.Object{Path: row.Path}
		public, err := t.isPublic(rules.ScreenedPetition, id)
		mine := row.StarterID == t.who.PersonID && t.who.PersonID != 0
		if err == nil && (row.Path == "" || !public && !mine && !t.may(rules.ScreeningRead, object)) {
			err = unknown("petition")
		}
		return object, err
	}}
}
