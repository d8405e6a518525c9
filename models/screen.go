package models

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"yishi/models/rules"
)

// Screen is a screen that stands in the room of a session and shows what everybody
// there may see. Nobody is logged in at it.
type Screen struct {
	ID        int64      `json:"id"`
	Token     string     `json:"-"` // its hash
	Code      *string    `json:"-"` // its hash under the forum's key; nil once it was used
	SessionID int64      `json:"session_id"`
	AskedAt   time.Time  `json:"asked_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	PairedBy  int64      `json:"-"`
	PairedAt  *time.Time `json:"paired_at,omitempty"`
}

// How long a code waits to be entered, how long a paired screen shows a session
// that is to come or goes on, and how long one that is over; how many codes a
// person may try in an hour, and how many may wait at one time.
const (
	ScreenCodeFor = 10 * time.Minute
	ScreenFor     = 7 * 24 * time.Hour
	ScreenAfter   = 12 * time.Hour
	ScreenTries   = 20
	ScreensWait   = 500
)

const tryScreen = "screen"

// screenCodes is how many codes of six digits there are.
const screenCodes = 1_000_000

// NewScreen is what a screen is told when it asks: the token once, by which it is
// known from then on, and the code that it shows until somebody enters it.
type NewScreen struct {
	ID    int64     `json:"id"`
	Token string    `json:"token"`
	Code  string    `json:"code"` // six digits
	Until time.Time `json:"until"`
}

// AskScreen lets a screen ask which session it belongs to.
func (f *Forum) AskScreen(ctx context.Context) (*NewScreen, error) {
	return do(ctx, f, AtScreen, rules.ScreenAsk, anywhere("screen"), func(t *tx) (*NewScreen, error) {
		var waiting int64
		if err := t.Model(&Screen{}).Where("code IS NOT NULL AND expires_at > ?", t.now).Count(&waiting).Error; err != nil {
			return nil, err
		}
		if waiting >= ScreensWait {
			return nil, rules.Refuse(rules.Busy, "screen.many")
		}
		n, err := rand.Int(rand.Reader, big.NewInt(screenCodes))
		if err != nil {
			return nil, err
		}
		s := &NewScreen{Token: random(32), Code: fmt.Sprintf("%06d", n), Until: t.now.Add(ScreenCodeFor)}
		code := t.hashedScreen(s.Code)
		row := Screen{Token: hashed(s.Token), Code: &code, AskedAt: t.now, ExpiresAt: s.Until}
		err = orTwice(t.Create(&row).Error)
		s.ID = row.ID
		return s, err
	})
}

func (t *tx) hashedScreen(code string) string { return t.f.seal.Index("screen " + rules.Digits(code)) }

// PairScreen lets the screen that shows a code show a session. A code works once;
// a wrong one counts against ScreenTries, and so does a right one.
func (f *Forum) PairScreen(ctx context.Context, who Actor, sessionID int64, code string) (*Screen, error) {
	type paired struct {
		Screen  *Screen
		Refused *rules.Refusal
	}
	p, err := do(ctx, f, who, rules.ScreenPair, onSession(sessionID), func(t *tx) (paired, error) {
		tries, err := t.countHour(tryScreen)
		if err != nil {
			return paired{}, err
		}
		if tries > ScreenTries {
			return paired{}, rules.Refuse(rules.TooMany, "screen.tries")
		}
		s, err := t.pairScreen(sessionID, code)
		if r, ok := rules.AsRefusal(err); ok { // the try is counted
			return paired{Refused: r}, nil
		}
		return paired{Screen: s}, err
	})
	if err == nil && p.Refused != nil {
		err = p.Refused
	}
	return p.Screen, err
}

func (t *tx) pairScreen(sessionID int64, code string) (*Screen, error) {
	s, err := t.session(sessionID)
	if err != nil {
		return nil, err
	}
	if s.over() {
		return nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
	}
	var screen Screen
	if err := t.locked().Where("code = ? AND expires_at > ?", t.hashedScreen(code), t.now).Limit(1).Find(&screen).Error; err != nil {
		return nil, err
	}
	if screen.ID == 0 {
		return nil, rules.Refuse(rules.Invalid, "screen.wrong")
	}
	from := t.now
	if s.StartsAt.After(from) {
		from = s.StartsAt
	}
	screen.Code, screen.SessionID, screen.PairedBy, screen.PairedAt, screen.ExpiresAt = nil, s.ID, t.who.PersonID, &t.now, from.Add(ScreenFor)
	return &screen, t.Model(&Screen{}).Where("id = ?", screen.ID).
		Updates(set{"code": nil, "session_id": s.ID, "paired_by": t.who.PersonID, "paired_at": t.now, "expires_at": screen.ExpiresAt}).Error
}

// Screens returns the screens that show a session.
func (f *Forum) Screens(ctx context.Context, who Actor, sessionID int64) ([]Screen, error) {
	return see(ctx, f, who, rules.ScreenPair, onSession(sessionID), func(t *tx) ([]Screen, error) {
		rows := []Screen{}
		return rows, t.Where("session_id = ? AND expires_at > ?", sessionID, t.now).Order("id").Find(&rows).Error
	})
}

// EndScreen takes a session off a screen.
func (f *Forum) EndScreen(ctx context.Context, who Actor, id int64) (None, error) {
	return do(ctx, f, who, rules.ScreenEnd, onScreen(id), func(t *tx) (None, error) {
		return None{}, t.Where("id = ?", id).Delete(&Screen{}).Error
	})
}

// LeaveScreen lets a screen go: its token is good for nothing any more.
func (f *Forum) LeaveScreen(ctx context.Context, token string) (None, error) {
	return do(ctx, f, AtScreen, rules.ScreenLeave, anywhere("screen"), func(t *tx) (None, error) {
		s, err := t.screenOf(token)
		if err != nil {
			return None{}, err
		}
		return None{}, t.Where("id = ?", s.ID).Delete(&Screen{}).Error
	})
}

// screenOf reads the screen that has a token.
func (t *tx) screenOf(token string) (*Screen, error) {
	var s Screen
	err := t.Where("token = ? AND expires_at > ?", hashed(token), t.now).Limit(1).Find(&s).Error
	if err == nil && s.ID == 0 {
		err = rules.Refuse(rules.Unauthenticated, "screen.gone")
	}
	return &s, err
}

// dimScreens lets the screens of a session that is over show it for a while.
func (t *tx) dimScreens(session int64) error {
	return t.Model(&Screen{}).Where("session_id = ?", session).Update("expires_at", t.now.Add(ScreenAfter)).Error
}

func (t *tx) sweepScreens() error {
	return t.Where("expires_at <= ?", t.now).Delete(&Screen{}).Error
}

func onScreen(id int64) place {
	return place{subject("screen", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM screens x JOIN sessions s ON s.id = x.session_id JOIN orgs g ON g.id = s.org_id WHERE x.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("screen")
		}
		return rules.Object{Path: path}, err
	}}
}
