package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Invitation asks an org or a person to a session. A resident unit that is asked
// sends a representative (居委会组织法 art. 46).
type Invitation struct {
	ID        int64      `json:"id"`
	SessionID int64      `json:"session_id"`
	OrgID     int64      `json:"org_id,omitempty"`
	PersonID  int64      `json:"-"`
	Name      string     `json:"name,omitempty" gorm:"-"` // of the org; of a person for the desk alone
	Part      string     `json:"part"`                    // in which part they are asked
	Reply     string     `json:"reply"`                   // "", "yes", "no"
	Words     string     `json:"words"`
	RepliedAt *time.Time `json:"replied_at,omitempty"`
}

// Invite asks an org or a person to a session that is not over.
func (f *Forum) Invite(ctx context.Context, who Actor, sessionID, orgID, personID int64, part string) (*Invitation, error) {
	return do(ctx, f, who, rules.SessionInvite, onSession(sessionID), func(t *tx) (*Invitation, error) {
		s, err := t.session(sessionID)
		if err != nil {
			return nil, err
		}
		if s.over() {
			return nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
		}
		if part, err = rules.CheckText("part", part, 30); err != nil {
			return nil, err
		}
		if (orgID == 0) == (personID == 0) {
			return nil, rules.Refuse(rules.Invalid, "invitation.who")
		}
		i := &Invitation{SessionID: sessionID, OrgID: orgID, PersonID: personID, Part: part}
		if err := t.invite(i); err != nil {
			return nil, err
		}
		ids, err := t.invitees(*i)
		if err != nil {
			return nil, err
		}
		return i, t.notifyAll(ids, "notice.invited", set{"title": s.Title, "session": s.ID, "starts_at": s.StartsAt, "part": part, "invitation": i.ID})
	})
}

func (t *tx) invite(i *Invitation) error {
	if i.OrgID != 0 {
		if _, err := t.org(i.OrgID); err != nil {
			return err
		}
	} else if err := t.Where("id = ?", i.PersonID).Take(&Person{}).Error; err != nil {
		return found(err, "person")
	}
	err := t.Create(i).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Conflict, "invitation.twice")
	}
	return err
}

// invitees returns the persons behind an invitation.
func (t *tx) invitees(i Invitation) ([]int64, error) {
	if i.PersonID != 0 {
		return []int64{i.PersonID}, nil
	}
	return t.officers(i.OrgID, inHand...)
}

// invited returns the persons who are asked to a session. Who declined is among
// them: another date may suit.
func (t *tx) invited(sessionID int64) ([]int64, error) {
	var rows []Invitation
	if err := t.Where("session_id = ?", sessionID).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	var all []int64
	for _, i := range rows {
		ids, err := t.invitees(i)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}

// invitations reads who is asked to a session and what they replied. Who the
// persons among them are, and why they come or not, the desk alone may know.
func (t *tx) invitations(s *Session) ([]Invitation, error) {
	rows := []Invitation{}
	if err := t.Where("session_id = ?", s.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	object, err := onSession(s.ID).find(t)
	if err != nil {
		return nil, err
	}
	orgs, persons, err := t.namesOf(rows)
	if err != nil {
		return nil, err
	}
	desk := t.may(rules.SessionInvite, object)
	for i := range rows {
		switch {
		case rows[i].OrgID != 0:
			rows[i].Name = orgs[rows[i].OrgID]
		case desk:
			rows[i].Name = persons[rows[i].PersonID]
		default:
			rows[i].Words = ""
		}
	}
	return rows, nil
}

func (t *tx) namesOf(rows []Invitation) (orgs, persons map[int64]string, err error) {
	var orgIDs, ids []int64
	for _, i := range rows {
		orgIDs, ids = append(orgIDs, i.OrgID), append(ids, i.PersonID)
	}
	if orgs, err = t.orgNames(orgIDs); err != nil {
		return nil, nil, err
	}
	persons, err = t.personNames(ids)
	return orgs, persons, err
}

// MyInvitation is an invitation as it is read by whom it is for.
type MyInvitation struct {
	Invitation
	Title    string       `json:"title"`
	Point    string       `json:"point"`
	State    SessionState `json:"state"`
	StartsAt time.Time    `json:"starts_at"`
}

// MyInvitations returns to which sessions that are not over the person is asked:
// by name, or as one who is in charge where an org is asked. The next comes first.
func (f *Forum) MyInvitations(ctx context.Context, who Actor) ([]MyInvitation, error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) ([]MyInvitation, error) {
		rows := []MyInvitation{}
		mine := t.Model(&Office{}).Select("org_id").Where("person_id = ? AND until IS NULL AND role IN ?", who.PersonID, inHand)
		return rows, t.Table("invitations i").Joins("JOIN sessions s ON s.id = i.session_id").Joins("JOIN points p ON p.id = s.point_id").
			Where("(i.person_id = ? OR i.org_id IN (?)) AND s.state NOT IN ?", who.PersonID, mine, sessionsOver).
			Order("s.starts_at, i.id").Limit(MaxPageSize).Select("i.*, s.title, s.state, s.starts_at, p.name AS point").Scan(&rows).Error
	})
}

// ReplyInvitation answers an invitation; a later answer replaces the earlier.
func (f *Forum) ReplyInvitation(ctx context.Context, who Actor, id int64, yes bool, words string) (*Invitation, error) {
	on := place{subject("invitation", id), func(t *tx) (rules.Object, error) {
		var row struct {
			Path, Holder string
			PersonID     int64
		}
		err := t.Raw(`SELECT g.path, COALESCE(h.path, '') AS holder, i.person_id FROM invitations i JOIN sessions s ON s.id = i.session_id
			JOIN orgs g ON g.id = s.org_id LEFT JOIN orgs h ON h.id = i.org_id WHERE i.id = ?`, id).Scan(&row).Error
		if err == nil && row.Path == "" {
			err = unknown("invitation")
		}
		return rules.Object{Path: row.Path, Holder: row.Holder, Own: row.PersonID != 0 && row.PersonID == who.PersonID}, err
	}}
	return do(ctx, f, who, rules.SessionReply, on, func(t *tx) (*Invitation, error) {
		words, err := rules.CheckOptional("words", words, 200)
		if err != nil {
			return nil, err
		}
		var i Invitation
		if err := t.locked().Where("id = ?", id).Take(&i).Error; err != nil {
			return nil, found(err, "invitation")
		}
		s, err := t.session(i.SessionID)
		if err != nil {
			return nil, err
		}
		if s.over() {
			return nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
		}
		i.Reply, i.Words, i.RepliedAt = "no", words, &t.now
		if yes {
			i.Reply = "yes"
		}
		err = t.Model(&Invitation{}).Where("id = ?", id).Updates(set{"reply": i.Reply, "words": words, "replied_at": t.now}).Error
		return &i, err
	})
}
