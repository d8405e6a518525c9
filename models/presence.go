package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"yishi/models/rules"
)

// Presence is that somebody is there: for the quorum, never an attendance sheet.
type Presence struct {
	SessionID int64     `json:"session_id" gorm:"primaryKey;autoIncrement:false"`
	PersonID  int64     `json:"person_id" gorm:"primaryKey;autoIncrement:false"`
	How       string    `json:"how"` // "code" or "host"
	HelperID  int64     `json:"-"`
	Consent   string    `json:"-"`
	At        time.Time `json:"at"`
	Point     string    `json:"point" gorm:"-"` // where that is
}

// Attempt counts tries within a minute.
type Attempt struct {
	PersonID int64  `gorm:"primaryKey;autoIncrement:false"`
	What     string `gorm:"primaryKey"`
	Minute   int64  `gorm:"primaryKey;autoIncrement:false"`
	N        int
}

// CodeTries is how many codes a person may try in a minute.
const CodeTries = 10

// SiteCode is what the screen of a session shows.
type SiteCode struct {
	Code  string    `json:"code"`
	Until time.Time `json:"until"`                                                                  // when the next one is shown
	Scene string    `json:"scene"`                                                                  // session and code
	Link  string    `json:"link" doc:"what the QR code holds: WeChat opens the app with the scene"` // the door's
}

// SessionCode returns the code of the moment, for the screen of a session.
func (f *Forum) SessionCode(ctx context.Context, who Actor, id int64) (*SiteCode, error) {
	return see(ctx, f, who, rules.SessionCode, onSession(id), func(t *tx) (*SiteCode, error) {
		var s Session
		if err := t.Where("id = ?", id).Take(&s).Error; err != nil {
			return nil, found(err, "session")
		}
		return t.siteCode(&s)
	})
}

func (t *tx) siteCode(s *Session) (*SiteCode, error) {
	secret, err := t.f.seal.Open(s.Secret)
	if err != nil {
		return nil, err
	}
	slot := rules.Slot(t.now)
	code := rules.SiteCode([]byte(secret), s.PointID, s.ID, slot)
	return &SiteCode{Code: code, Until: time.Unix((slot+1)*int64(rules.CodeSlot/time.Second), 0).UTC(), Scene: rules.SiteScene(s.ID, code)}, nil
}

// CheckIn proves presence with the digits that the session's screen shows. The
// session may be named by its point instead, or by what the QR code on the screen
// says, in the place of the digits. A wrong code counts against CodeTries.
func (f *Forum) CheckIn(ctx context.Context, who Actor, sessionID, pointID int64, code string) (*Presence, error) {
	type checked struct {
		Presence Presence
		Refused  *rules.Refusal
	}
	c, err := do(ctx, f, who, rules.PresenceCheckIn, anywhere("presence"), func(t *tx) (checked, error) {
		if session, digits, ok := rules.ReadSiteScene(code); ok {
			sessionID, code = session, digits
		}
		s, err := t.heldNow(sessionID, pointID)
		if err != nil {
			return checked{}, err
		}
		tries, err := t.countTry("code")
		if err != nil {
			return checked{}, err
		}
		if tries > CodeTries {
			return checked{Refused: rules.Refuse(rules.TooMany, "code.tries")}, nil
		}
		secret, err := f.seal.Open(s.Secret)
		if err != nil {
			return checked{}, err
		}
		digits := rules.Digits(code)
		if r, ok := rules.AsRefusal(rules.CheckSiteCode([]byte(secret), s.PointID, s.ID, digits, t.now)); ok {
			return checked{Refused: r}, nil
		}
		p := Presence{SessionID: s.ID, PersonID: who.PersonID, How: "code", At: t.now}
		err = t.present(&p)
		return checked{Presence: p}, err
	})
	if err != nil {
		return nil, err
	}
	if c.Refused != nil {
		return nil, c.Refused
	}
	return &c.Presence, nil
}

// heldNow finds the session that people may check in to.
func (t *tx) heldNow(sessionID, pointID int64) (*Session, error) {
	var rows []Session
	q := t.Where("state IN ?", []SessionState{SessionPlanned, SessionAnnounced, SessionOpen})
	if sessionID != 0 {
		q = q.Where("id = ?", sessionID)
	} else {
		q = q.Where("point_id = ? AND starts_at <= ?", pointID, t.now.Add(rules.DoorsOpen))
	}
	if err := q.Order("state = 'open' DESC, starts_at DESC").Limit(1).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, rules.Refuse(rules.NotFound, "session.none")
	}
	return &rows[0], rules.CheckDoors(t.now, rows[0].StartsAt)
}

func (t *tx) countTry(what string) (int, error) {
	row := Attempt{PersonID: t.who.PersonID, What: what, Minute: t.now.Unix() / 60, N: 1}
	err := t.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "person_id"}, {Name: "what"}, {Name: "minute"}},
		DoUpdates: clause.Assignments(set{"n": gorm.Expr("n + 1")}),
	}).Create(&row).Error
	if err != nil {
		return 0, err
	}
	return row.N, t.Where("person_id = ? AND what = ? AND minute = ?", row.PersonID, what, row.Minute).Take(&row).Error
}

// countHour counts a try and returns how many there were within an hour. It comes
// before anything is compared: of many at the same moment each waits for the count
// of the one before.
func (t *tx) countHour(what string) (int, error) {
	if _, err := t.countTry(what); err != nil {
		return 0, err
	}
	var tries int
	return tries, t.Model(&Attempt{}).Where("person_id = ? AND what = ? AND minute > ?", t.who.PersonID, what, t.now.Add(-time.Hour).Unix()/60).
		Select("SUM(n)").Scan(&tries).Error
}

func (t *tx) present(p *Presence) error {
	err := t.Create(p).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Conflict, "presence.twice")
	}
	if err != nil {
		return err
	}
	return t.Raw("SELECT p.name FROM points p JOIN sessions s ON s.point_id = p.id WHERE s.id = ?", p.SessionID).Scan(&p.Point).Error
}

// ConfirmPresence is the host's word that somebody is there who has no phone at
// hand: a neighbour, or a walk-in who is written down by name.
func (f *Forum) ConfirmPresence(ctx context.Context, who Actor, sessionID int64, h Helped) (*Presence, error) {
	return do(ctx, f, who, rules.PresenceConfirm, onSession(sessionID), func(t *tx) (*Presence, error) {
		s, err := t.heldNow(sessionID, 0)
		if err != nil {
			return nil, err
		}
		o, err := t.org(s.OrgID)
		if err != nil {
			return nil, err
		}
		if err := t.notNamedTwice(s, h); err != nil {
			return nil, err
		}
		person, err := t.helped(h, o)
		if err != nil {
			return nil, err
		}
		p := &Presence{SessionID: s.ID, PersonID: person, How: "host", HelperID: who.PersonID, Consent: rules.Clean(h.Consent), At: t.now}
		return p, t.present(p)
	})
}

// notNamedTwice refuses a walk-in whose bare name was written down already: the
// quorum counts people, and a household tells two of one name apart.
func (t *tx) notNamedTwice(s *Session, h Helped) error {
	name := rules.Clean(h.Name)
	if h.PersonID != 0 || h.Household != "" || name == "" {
		return nil
	}
	if _, err := t.session(s.ID); err != nil { // locked: two hosts may write at once
		return err
	}
	var n int64
	err := t.Model(&Presence{}).Joins("JOIN persons p ON p.id = presences.person_id").
		Where("presences.session_id = ? AND presences.how = 'host' AND p.name = ?", s.ID, name).Count(&n).Error
	if err == nil && n > 0 {
		err = rules.Refuse(rules.Conflict, "presence.name", "name", name)
	}
	return err
}

// Quorum is who is there against who is expected.
type Quorum struct {
	Present int64 `json:"present"`
	Due     int64 `json:"due"`
	Need    int64 `json:"need"` // by the strictest pack of the agenda; 0 when none asks
}

// Quorum returns the live quorum of a session.
func (f *Forum) Quorum(ctx context.Context, who Actor, id int64) (*Quorum, error) {
	return see(ctx, f, who, rules.SessionRead, onSession(id), func(t *tx) (*Quorum, error) {
		var s Session
		if err := t.Where("id = ?", id).Take(&s).Error; err != nil {
			return nil, found(err, "session")
		}
		return t.quorum(&s)
	})
}

func (t *tx) quorum(s *Session) (*Quorum, error) {
	q := &Quorum{Due: s.Due}
	if err := t.Model(&Presence{}).Where("session_id = ?", s.ID).Count(&q.Present).Error; err != nil {
		return nil, err
	}
	topics, err := t.agenda(s.ID)
	if err != nil {
		return nil, err
	}
	for _, topic := range topics {
		pack, err := t.pack(topic.Pack)
		if err != nil {
			return nil, err
		}
		if pack.Verdict && !pack.AllMustSign {
			q.Need = max(q.Need, pack.Participation.Least(q.Due))
		}
	}
	return q, nil
}
