package models

import (
	"context"
	"slices"
	"time"

	"yishi/models/rules"
)

// Remark is what somebody who sits on the supervising committee has to say about
// a session (居委会组织法 art. 36). It stays with the session and is never changed.
type Remark struct {
	ID        int64     `json:"id"`
	SessionID int64     `json:"-"`
	PersonID  int64     `json:"-"`
	Name      string    `json:"name" gorm:"->;-:migration"`
	Words     string    `json:"words"`
	At        time.Time `json:"at"`
}

// RemarkSession keeps a supervisor's remark on a session that has begun, and
// tells its chair.
func (f *Forum) RemarkSession(ctx context.Context, who Actor, id int64, words string) (*Remark, error) {
	return do(ctx, f, who, rules.SessionRemark, onSession(id), func(t *tx) (*Remark, error) {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		s, err := t.session(id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains([]SessionState{SessionOpen, SessionAdjourned, SessionClosed}, s.State) {
			return nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
		}
		name, err := t.nameOf(who.PersonID)
		if err != nil {
			return nil, err
		}
		r := &Remark{SessionID: id, PersonID: who.PersonID, Name: name, Words: words, At: t.now}
		if err := t.Omit("Name").Create(r).Error; err != nil {
			return nil, err
		}
		if err := t.screen(Screening{OrgID: s.OrgID, Noun: rules.ScreenedRemark, ThingID: r.ID, OfID: s.ID, Words: words}); err != nil {
			return nil, err
		}
		return r, t.notify(s.ChairID, "notice.remarked", set{"title": s.Title, "session": s.ID, "words": words})
	})
}

// remarks returns what supervisors have said about a session: everybody what was
// let stand, its writer and the desk all of it.
func (t *tx) remarks(sessionID int64) ([]Remark, error) {
	rows := []Remark{}
	object, err := onSession(sessionID).find(t)
	if err != nil {
		return nil, err
	}
	q := t.Table("remarks r")
	if !t.may(rules.ScreeningRead, object) {
		q = q.Where("(r.person_id = ? OR r.id IN (?))", t.who.PersonID, t.public(rules.ScreenedRemark))
	}
	return rows, q.Joins("JOIN persons p ON p.id = r.person_id").Where("r.session_id = ?", sessionID).
		Order("r.id").Select("r.*, p.name").Scan(&rows).Error
}
