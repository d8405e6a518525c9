package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Minutes are the record of a session as it stood when that was closed.
type Minutes struct {
	SessionID int64     `json:"-" gorm:"primaryKey;autoIncrement:false"`
	Body      string    `json:"-"`    // a MinutesDocument
	Hash      string    `json:"hash"` // SHA-256 of the body
	At        time.Time `json:"at"`
}

// MinutesText is what was said on a topic, in short, as one version of the
// minutes has it. Versions are only ever added, and the last one counts.
type MinutesText struct {
	SessionID int64     `json:"session_id" gorm:"primaryKey;autoIncrement:false"`
	TopicID   int64     `json:"topic_id" gorm:"primaryKey;autoIncrement:false"`
	Version   int       `json:"version" gorm:"primaryKey;autoIncrement:false"`
	Words     string    `json:"words"`
	PersonID  int64     `json:"-"`
	At        time.Time `json:"at"`
}

// MinutesCorrection is what was found to be wrong in minutes that are sealed. It
// stands beside them and changes nothing in them.
type MinutesCorrection struct {
	ID        int64     `json:"id"`
	SessionID int64     `json:"session_id"`
	TopicID   int64     `json:"topic_id"`
	Words     string    `json:"words"`
	PersonID  int64     `json:"-"`
	At        time.Time `json:"at"`
}

// KeepMinutes writes down what was said on a topic of a session that goes on or was
// adjourned. The version is the one that was read, 0 if there was none: over a
// newer one nothing is written.
func (f *Forum) KeepMinutes(ctx context.Context, who Actor, sessionID, topicID int64, version int, words string) (*MinutesText, error) {
	return do(ctx, f, who, rules.MinutesKeep, onSession(sessionID), func(t *tx) (*MinutesText, error) {
		words, err := rules.CheckText("words", words, rules.MaxBody)
		if err != nil {
			return nil, err
		}
		if err := t.mayMinute(sessionID, topicID, SessionOpen, SessionAdjourned); err != nil {
			return nil, err
		}
		var last int
		err = t.Model(&MinutesText{}).Where("session_id = ? AND topic_id = ?", sessionID, topicID).Select("COALESCE(MAX(version), 0)").Scan(&last).Error
		if err == nil && last != version {
			err = rules.Refuse(rules.Conflict, "minutes.newer", "version", last)
		}
		if err != nil {
			return nil, err
		}
		text := &MinutesText{SessionID: sessionID, TopicID: topicID, Version: version + 1, Words: words, PersonID: who.PersonID, At: t.now}
		err = t.Create(text).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			err = rules.Refuse(rules.Conflict, "minutes.newer", "version", text.Version)
		}
		return text, err
	})
}

// mayMinute holds a session, and refuses a state in which its minutes are not
// written and a topic with which it did not deal.
func (t *tx) mayMinute(sessionID, topicID int64, in ...SessionState) error {
	s, err := t.session(sessionID)
	if err != nil {
		return err
	}
	if !slices.Contains(in, s.State) {
		return rules.Refuse(rules.Conflict, "session.state", "state", s.State)
	}
	topics, err := t.dealtWith(sessionID)
	if err == nil && !slices.ContainsFunc(topics, func(topic Topic) bool { return topic.ID == topicID }) {
		err = unknown("topic")
	}
	return err
}

// CorrectMinutes adds to the minutes of a closed session what was found to be wrong
// in them.
func (f *Forum) CorrectMinutes(ctx context.Context, who Actor, sessionID, topicID int64, words string) (*MinutesCorrection, error) {
	return do(ctx, f, who, rules.MinutesCorrect, onSession(sessionID), func(t *tx) (*MinutesCorrection, error) {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		if err := t.mayMinute(sessionID, topicID, SessionClosed); err != nil {
			return nil, err
		}
		c := &MinutesCorrection{SessionID: sessionID, TopicID: topicID, Words: words, PersonID: who.PersonID, At: t.now}
		return c, t.Create(c).Error
	})
}

// MinutesView is the minutes of a session: the document, which does not change any
// more once it is sealed, and what came afterwards.
type MinutesView struct {
	Document    MinutesDocument     `json:"document"`
	Sealed      *Minutes            `json:"sealed,omitempty" doc:"left out: the session is not closed"`
	Heads       []MinutesHead       `json:"heads" nullable:"false" doc:"of the boards of its polls"`
	Corrections []MinutesCorrection `json:"corrections" nullable:"false"`
	Objections  []MinutesObjection  `json:"objections" nullable:"false"`
	Remarks     []MinutesRemark     `json:"remarks" nullable:"false"`
}

// MinutesHead is the last signed head of a poll's board.
type MinutesHead struct {
	PollID int64  `json:"poll_id"`
	Size   int64  `json:"size"`
	Note   string `json:"note" doc:"its third line is the root"`
}

// MinutesObjection is an objection against what came of a topic. What it says is
// for the desk.
type MinutesObjection struct {
	TopicID    int64      `json:"topic_id"`
	At         time.Time  `json:"at"`
	Words      string     `json:"words,omitempty" doc:"for the desk alone"`
	Answer     string     `json:"answer,omitempty" doc:"for the desk alone"`
	Upheld     bool       `json:"upheld"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
}

// MinutesRemark is what was said for the supervising committee.
type MinutesRemark struct {
	Words string    `json:"words"`
	At    time.Time `json:"at"`
}

// Minutes returns the minutes of a session: to staff and supervisors at any time,
// to whoever was present once it is closed. It names nobody.
func (f *Forum) Minutes(ctx context.Context, who Actor, sessionID int64) (*MinutesView, error) {
	return see(ctx, f, who, rules.MinutesRead, onMinutes(sessionID), func(t *tx) (*MinutesView, error) {
		v := &MinutesView{}
		if err := t.minutes(sessionID, v); err != nil {
			return nil, err
		}
		if err := t.afterwards(sessionID, v); err != nil {
			return nil, err
		}
		return v, nil
	})
}

// minutes reads the document as it was sealed, or as it is until then.
func (t *tx) minutes(sessionID int64, v *MinutesView) error {
	var sealed Minutes
	if err := t.Where("session_id = ?", sessionID).Limit(1).Find(&sealed).Error; err != nil {
		return err
	}
	if sealed.SessionID == 0 {
		var s Session
		if err := t.Where("id = ?", sessionID).Take(&s).Error; err != nil {
			return found(err, "session")
		}
		return t.document(&s, &v.Document)
	}
	if hashed(sealed.Body) != sealed.Hash {
		return fmt.Errorf("the minutes of session %d are not what was sealed", sessionID)
	}
	v.Sealed = &sealed
	return json.Unmarshal([]byte(sealed.Body), &v.Document)
}

// sealMinutes keeps the minutes of a session as they are when it is closed.
func (t *tx) sealMinutes(s *Session) error {
	var d MinutesDocument
	if err := t.document(s, &d); err != nil {
		return err
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.Create(&Minutes{SessionID: s.ID, Body: string(body), Hash: hashed(string(body)), At: t.now}).Error
}

// afterwards reads what stands beside the document.
func (t *tx) afterwards(sessionID int64, v *MinutesView) error {
	v.Heads, v.Corrections, v.Objections, v.Remarks = []MinutesHead{}, []MinutesCorrection{}, []MinutesObjection{}, []MinutesRemark{}
	err := t.Raw(`SELECT c.poll_id, c.size, c.note FROM checkpoints c JOIN polls p ON p.id = c.poll_id WHERE p.session_id = ?
		AND c.size = (SELECT MAX(l.size) FROM checkpoints l WHERE l.poll_id = c.poll_id) ORDER BY c.poll_id`, sessionID).Scan(&v.Heads).Error
	if err != nil {
		return err
	}
	if err := t.Where("session_id = ?", sessionID).Order("id").Find(&v.Corrections).Error; err != nil {
		return err
	}
	remarks, err := t.remarks(sessionID)
	if err != nil {
		return err
	}
	for _, r := range remarks {
		v.Remarks = append(v.Remarks, MinutesRemark{r.Words, r.At})
	}
	return t.objected(sessionID, v)
}

// objected reads what was said against the outcomes of a session.
func (t *tx) objected(sessionID int64, v *MinutesView) error {
	err := t.Raw(`SELECT o.topic_id, o.at, o.words, o.answer, o.upheld, o.answered_at FROM objections o
		JOIN outcomes c ON c.topic_id = o.topic_id AND c.session_id = ? WHERE o.at >= c.at ORDER BY o.id`, sessionID).Scan(&v.Objections).Error
	if err != nil {
		return err
	}
	object, err := onSession(sessionID).find(t)
	if err != nil || t.may(rules.ObjectionAnswer, object) {
		return err
	}
	for i := range v.Objections {
		v.Objections[i].Words, v.Objections[i].Answer = "", ""
	}
	return nil
}

// onMinutes is the place of the minutes: who was present has a part in them once
// the session is closed.
func onMinutes(session int64) place {
	return place{subject("session", session), func(t *tx) (rules.Object, error) {
		o, err := onSession(session).find(t)
		if err != nil || t.who.PersonID == 0 {
			return o, err
		}
		var n int64
		err = t.Raw("SELECT COUNT(*) FROM presences p JOIN sessions s ON s.id = p.session_id WHERE p.session_id = ? AND p.person_id = ? AND s.state = ?",
			session, t.who.PersonID, SessionClosed).Scan(&n).Error
		o.Own = n > 0
		return o, err
	}}
}
