package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Petition asks for a meeting of a community. Once enough have signed, the
// meeting has to be convened.
type Petition struct {
	ID        int64               `json:"id"`
	OrgID     int64               `json:"org_id"`
	Kind      rules.PetitionKind  `json:"kind"`
	Purpose   string              `json:"purpose"`
	StarterID int64               `json:"-"`
	State     rules.PetitionState `json:"state"`
	At        time.Time           `json:"at"`
	EndsAt    time.Time           `json:"ends_at" doc:"until when it may be signed"`
	MetAt     *time.Time          `json:"met_at,omitempty"`
	DueAt     *time.Time          `json:"due_at,omitempty" doc:"by when the meeting has to be convened"`
	LapsedAt  *time.Time          `json:"lapsed_at,omitempty" doc:"when that had not been done in time"`
	SessionID int64               `json:"session_id,omitempty"`
	Words     string              `json:"words,omitempty" doc:"what the meeting answered, or why it was taken down"`
	EndedAt   *time.Time          `json:"ended_at,omitempty"`
	Signers   int64               `json:"-"` // once it is met or over: as they stood then
	Due       int64               `json:"-"`
	Stands    *bool               `json:"-"` // true while it is open, else nil: its key is for those alone
}

// PetitionView is a petition as it is read by one person. It names nobody.
type PetitionView struct {
	Petition
	Count  rules.PetitionCount `json:"count" doc:"as it stands; once it is met or over, as it stood then"`
	Held   bool                `json:"held,omitempty" doc:"it is not public yet: people or WeChat have to see it first"`
	Mine   bool                `json:"mine" doc:"whoever asks started it"`
	Signed bool                `json:"signed" doc:"whoever asks has signed it"`
}

// NewPetition is a meeting that somebody asks for.
type NewPetition struct {
	OrgID   int64              `json:"org_id,omitempty" doc:"0: where the person is known"`
	Kind    rules.PetitionKind `json:"kind"`
	Purpose string             `json:"purpose" doc:"what the meeting is to settle, in one sentence"`
}

// StartPetition asks for a meeting in a community on whose register the person
// stands, and signs for whom they may sign. A person has one open petition.
func (f *Forum) StartPetition(ctx context.Context, who Actor, n NewPetition) (*PetitionView, error) {
	return do(ctx, f, who, rules.PetitionStart, atHome(who, &n.OrgID), func(t *tx) (*PetitionView, error) {
		p, r, err := t.newPetition(n)
		if err != nil {
			return nil, err
		}
		if err := t.sign(p, r); err != nil {
			return nil, err
		}
		return t.petitionView(p, r)
	})
}

// newPetition writes down a petition and returns it with its register.
func (t *tx) newPetition(n NewPetition) (*Petition, []Seat, error) {
	o, err := t.org(n.OrgID)
	if err != nil {
		return nil, nil, err
	}
	if o, err = t.community(o); err != nil {
		return nil, nil, err
	}
	purpose, err := rules.CheckText("purpose", n.Purpose, rules.MaxTitle)
	if err != nil {
		return nil, nil, err
	}
	all, err := t.register(o, rules.UnitPerson)
	if err != nil {
		return nil, nil, err
	}
	there := o.Kind == OrgCommunity && len(unitsFor(all, t.who.PersonID)) > 0
	p := &Petition{OrgID: o.ID, Kind: n.Kind, Purpose: purpose, StarterID: t.who.PersonID, State: rules.PetitionOpen, At: t.now, Stands: new(true)}
	register, err := t.petitioners(p)
	if err != nil {
		return nil, nil, err
	}
	if err := rules.CheckPetition(n.Kind, there, len(register)); err != nil {
		return nil, nil, err
	}
	if p.EndsAt, err = t.due("petition.sign", t.now); err != nil {
		return nil, nil, err
	}
	if err := t.Create(p).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, nil, rules.Refuse(rules.Conflict, "petition.one")
	} else if err != nil {
		return nil, nil, err
	}
	return p, register, t.screen(Screening{OrgID: p.OrgID, Noun: rules.ScreenedPetition, ThingID: p.ID, Words: purpose})
}

// screenedPetition opens a petition that may stand in public for signatures: the
// time for them begins. One that may not is taken down.
func (t *tx) screenedPetition(s *Screening) error {
	p, err := t.petition(s.ThingID)
	if err != nil || p.State != rules.PetitionOpen {
		return err // its starter took it back meanwhile
	}
	register, err := t.petitioners(p)
	if err != nil {
		return err
	}
	if !s.State.Public() {
		if err := t.endPetition(p, register, rules.PetitionRemoved, s.Reason); err != nil {
			return err
		}
		return t.tellSigners(p, "notice.petition_removed", set{"reason": s.Reason})
	}
	if p.EndsAt, err = t.due("petition.sign", t.now); err != nil {
		return err
	}
	if err := t.Model(&Petition{}).Where("id = ?", p.ID).Update("ends_at", p.EndsAt).Error; err != nil {
		return err
	}
	if err := t.notify(p.StarterID, "notice.petition_stands", set{"petition": p.ID, "purpose": p.Purpose, "until": p.EndsAt}); err != nil {
		return err
	}
	return t.meet(p, register)
}

// petitioners is the register of which those who sign a petition are a part; that
// of a kind that there is not is empty.
func (t *tx) petitioners(p *Petition) ([]Seat, error) {
	if p.Kind.Unit() == "" {
		return nil, nil
	}
	o, err := t.org(p.OrgID)
	if err != nil {
		return nil, err
	}
	return t.register(o, p.Kind.Unit())
}

// meet notes that a petition is met, if it is and everybody may read it: the
// desk's time to convene the meeting begins, and all who signed are told.
func (t *tx) meet(p *Petition, register []Seat) error {
	c, err := t.petitionCount(p, register)
	if err != nil || !c.Met {
		return err
	}
	if public, err := t.isPublic(rules.ScreenedPetition, p.ID); err != nil || !public {
		return err
	}
	due, err := t.due("petition.convene", t.now)
	if err != nil {
		return err
	}
	p.State, p.MetAt, p.DueAt, p.Signers, p.Due, p.Stands = rules.PetitionMet, &t.now, &due, c.Signers, c.Due, nil
	change := set{"state": p.State, "met_at": t.now, "due_at": due, "signers": c.Signers, "due": c.Due, "stands": nil}
	if err := t.Model(&Petition{}).Where("id = ?", p.ID).Updates(change).Error; err != nil {
		return err
	}
	params := set{"petition": p.ID, "purpose": p.Purpose, "kind": p.Kind, "signers": c.Signers, "due": c.Due, "until": due}
	if err := t.notifyOrg(p.OrgID, "notice.petition_owed", params, rules.Secretary); err != nil {
		return err
	}
	return t.tellSigners(p, "notice.petition_met", params)
}

func (t *tx) petitionView(p *Petition, register []Seat) (*PetitionView, error) {
	c, err := t.petitionCount(p, register)
	if err != nil {
		return nil, err
	}
	public, err := t.isPublic(rules.ScreenedPetition, p.ID)
	if err != nil {
		return nil, err
	}
	v := &PetitionView{Petition: *p, Count: c, Held: !public && p.State == rules.PetitionOpen}
	if p.State == rules.PetitionRemoved {
		v.Purpose = "" // it must not stand in public
	}
	if t.who.PersonID == 0 {
		return v, nil
	}
	var mine int64
	err = t.Model(&Signature{}).Where("petition_id = ? AND person_id = ?", p.ID, t.who.PersonID).Count(&mine).Error
	v.Mine, v.Signed = p.StarterID == t.who.PersonID, mine > 0
	return v, err
}

// petition reads and locks a petition.
func (t *tx) petition(id int64) (*Petition, error) {
	var p Petition
	return &p, found(t.locked().Where("id = ?", id).Take(&p).Error, "petition")
}

// endPetition ends a petition that has not had its meeting.
func (t *tx) endPetition(p *Petition, register []Seat, state rules.PetitionState, words string) error {
	c, err := t.petitionCount(p, register)
	if err != nil {
		return err
	}
	p.State, p.Signers, p.Due, p.Words, p.EndedAt, p.Stands = state, c.Signers, c.Due, words, &t.now, nil
	return t.Model(&Petition{}).Where("id = ?", p.ID).
		Updates(set{"state": state, "signers": c.Signers, "due": c.Due, "words": words, "ended_at": t.now, "stands": nil}).Error
}

// EndPetitions ends petitions that too few have signed in time, up to n, and
// tells those who did. It returns how many.
func (f *Forum) EndPetitions(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.PetitionEnd, anywhere("petition"), func(t *tx) (int, error) {
		var rows []Petition
		err := t.locked().Where("state = ? AND ends_at <= ? AND id IN (?)", rules.PetitionOpen, t.now, t.public(rules.ScreenedPetition)).Order("ends_at, id").Limit(n).Find(&rows).Error
		if err != nil {
			return 0, err
		}
		for i := range rows {
			if err := t.lapsePetition(&rows[i]); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	})
}

// lapsePetition ends a petition whose time is over, unless the register has
// become so small that it is met.
func (t *tx) lapsePetition(p *Petition) error {
	register, err := t.petitioners(p)
	if err != nil {
		return err
	}
	if err := t.meet(p, register); err != nil || p.State == rules.PetitionMet {
		return err
	}
	if err := t.endPetition(p, register, rules.PetitionLapsed, ""); err != nil {
		return err
	}
	return t.tellSigners(p, "notice.petition_lapsed", set{"signers": p.Signers, "need": rules.Petition(p.Kind, p.Signers, p.Due).Need})
}

// RemovePetition takes down a petition that is not met, with a reason that all who
// signed are told: for what must not stand in public.
func (f *Forum) RemovePetition(ctx context.Context, who Actor, id int64, reason string) (*PetitionView, error) {
	return do(ctx, f, who, rules.PetitionRemove, onPetition(id), func(t *tx) (*PetitionView, error) {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		p, register, err := t.openPetition(id)
		if err != nil {
			return nil, err
		}
		if err := t.endPetition(p, register, rules.PetitionRemoved, reason); err != nil {
			return nil, err
		}
		if err := t.tellSigners(p, "notice.petition_removed", set{"reason": reason}); err != nil {
			return nil, err
		}
		return t.petitionView(p, register)
	})
}

// ConvenePetition names the session that is convened because of a petition that
// is met. Those who signed are told when it is.
func (f *Forum) ConvenePetition(ctx context.Context, who Actor, id, sessionID int64) (*PetitionView, error) {
	return do(ctx, f, who, rules.PetitionConvene, onPetition(id), func(t *tx) (*PetitionView, error) {
		p, err := t.metPetition(id)
		if err != nil {
			return nil, err
		}
		var s Session
		if err := t.Where("id = ? AND org_id = ?", sessionID, p.OrgID).Take(&s).Error; err != nil {
			return nil, found(err, "session")
		}
		if s.State != SessionAnnounced && s.State != SessionOpen {
			return nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
		}
		if err := t.setMeeting(p, sessionID); err != nil {
			return nil, err
		}
		if err := t.tellSigners(p, "notice.petition_convened", set{"session": s.ID, "title": s.Title, "starts_at": s.StartsAt}); err != nil {
			return nil, err
		}
		return t.petitionView(p, nil)
	})
}

func (t *tx) setMeeting(p *Petition, sessionID int64) error {
	p.SessionID = sessionID
	return t.Model(&Petition{}).Where("id = ?", p.ID).Update("session_id", sessionID).Error
}

// unconvene lets petitions wait for another meeting than one that is cancelled.
// Their time runs as if there had been none.
func (t *tx) unconvene(sessionID int64) error {
	return t.Model(&Petition{}).Where("session_id = ? AND state = ?", sessionID, rules.PetitionMet).Update("session_id", 0).Error
}

// AnswerPetition records what the meeting answered that was convened because of a
// petition. Whoever started it is told, and so are all who signed.
func (f *Forum) AnswerPetition(ctx context.Context, who Actor, id int64, words string) (*PetitionView, error) {
	return do(ctx, f, who, rules.PetitionAnswer, onPetition(id), func(t *tx) (*PetitionView, error) {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		p, err := t.metPetition(id)
		if err != nil {
			return nil, err
		}
		var s Session
		if err := t.Where("id = ? AND opened_at IS NOT NULL", p.SessionID).Limit(1).Find(&s).Error; err != nil {
			return nil, err
		}
		if s.ID == 0 {
			return nil, rules.Refuse(rules.Conflict, "petition.meeting")
		}
		p.State, p.Words, p.EndedAt = rules.PetitionAnswered, words, &t.now
		if err := t.Model(&Petition{}).Where("id = ?", id).Updates(set{"state": p.State, "words": words, "ended_at": t.now}).Error; err != nil {
			return nil, err
		}
		if err := t.tellSigners(p, "notice.petition_answered", set{"words": words}); err != nil {
			return nil, err
		}
		return t.petitionView(p, nil)
	})
}

// lapsePetitions marks petitions whose meeting was not convened in time, and tells
// the desk, the street and those who signed.
func (t *tx) lapsePetitions(n int) (int, error) {
	var rows []Petition
	err := t.locked().Where("state = ? AND session_id = 0 AND due_at <= ? AND lapsed_at IS NULL", rules.PetitionMet, t.now).Order("due_at, id").Limit(n).Find(&rows).Error
	if err != nil {
		return 0, err
	}
	for i := range rows {
		p := &rows[i]
		if err := t.Model(&Petition{}).Where("id = ?", p.ID).Update("lapsed_at", t.now).Error; err != nil {
			return 0, err
		}
		o, err := t.org(p.OrgID)
		if err != nil {
			return 0, err
		}
		params := set{"petition": p.ID, "purpose": p.Purpose, "org": o.Name}
		if err := t.notifyOrg(o.ID, "notice.petition_overdue", params, rules.Secretary); err != nil {
			return 0, err
		}
		if err := t.notifyOrg(o.ParentID, "notice.petition_overdue", params, rules.Street, rules.District, rules.City); err != nil {
			return 0, err
		}
		if err := t.tellSigners(p, "notice.petition_late", set{}); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// metPetition holds a petition that waits for its meeting or for the answer.
func (t *tx) metPetition(id int64) (*Petition, error) {
	p, err := t.petition(id)
	if err != nil {
		return nil, err
	}
	return p, rules.CheckPetitionMet(p.State)
}

// openPetition holds a petition that may be signed, with its register.
func (t *tx) openPetition(id int64) (*Petition, []Seat, error) {
	p, err := t.petition(id)
	if err != nil {
		return nil, nil, err
	}
	if err := rules.CheckPetitionOpen(p.State, p.EndsAt, t.now); err != nil {
		return nil, nil, err
	}
	register, err := t.petitioners(p)
	return p, register, err
}
