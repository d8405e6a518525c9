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
	Part      string     `json:"part"`  // in which part they are asked
	Reply     string     `json:"reply"` // "", "yes", "no"
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
