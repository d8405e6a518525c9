package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"yishi/models/rules"
	"yishi/models/store"
)

// How long a login stands.
const (
	LoginMiniFor  = 30 * 24 * time.Hour
	LoginStaffFor = 12 * time.Hour
)

// Login is an opaque token, kept hashed, that stands for a person at a door.
type Login struct {
	Token     string `gorm:"primaryKey"` // SHA-256 in hex
	PersonID  int64
	Door      Door
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Pass is what a client gets when it logs in. The token is told once.
type Pass struct {
	Token     string    `json:"token"`
	PersonID  int64     `json:"person_id"`
	ExpiresAt time.Time `json:"expires_at"`
	Renew     bool      `json:"renew"` // staff: the password must be changed first
}

// LoginMini logs in whoever WeChat says is there, as a new person if need be.
func (f *Forum) LoginMini(ctx context.Context, id Identity) (*Pass, error) {
	who := Actor{Door: DoorMini}
	return do(ctx, f, who, rules.LoginMini, anywhere("login"), func(t *tx) (*Pass, error) {
		person, err := t.personOf(id)
		if err != nil {
			return nil, err
		}
		return t.login(person, DoorMini, LoginMiniFor)
	})
}

// How long a link into a page stands unused, and a login that came by it.
const (
	LinkFor      = 10 * time.Minute
	LoginLinkFor = time.Hour
)

// LinkLogin returns a code by which whoever is known here may log in once more, on
// a page. It is told once and works once.
func (f *Forum) LinkLogin(ctx context.Context, who Actor) (string, error) {
	return do(ctx, f, who, rules.LoginLink, oneself(who), func(t *tx) (string, error) {
		return t.link(who.PersonID)
	})
}

func (t *tx) link(person int64) (string, error) {
	code := random(16)
	row := Login{Token: hashedLink(code), PersonID: person, Door: DoorLink, CreatedAt: t.now, ExpiresAt: t.now.Add(LinkFor)}
	return code, t.Create(&row).Error
}

// LoginWeb returns a code as LinkLogin does, for whoever WeChat says is at a web page
// of the official account, as a new person if need be.
func (f *Forum) LoginWeb(ctx context.Context, id Identity) (string, error) {
	return do(ctx, f, Actor{Door: DoorMini}, rules.LoginMini, anywhere("login"), func(t *tx) (string, error) {
		person, err := t.personOf(id)
		if err != nil {
			return "", err
		}
		return t.link(person)
	})
}

// LoginByLink logs in whoever has a code that was not used yet.
func (f *Forum) LoginByLink(ctx context.Context, code string) (*Pass, error) {
	return do(ctx, f, Actor{Door: DoorMini}, rules.LoginMini, anywhere("login"), func(t *tx) (*Pass, error) {
		var link Login
		err := t.locked().Where("token = ? AND door = ? AND expires_at > ?", hashedLink(code), DoorLink, t.now).Limit(1).Find(&link).Error
		if err != nil {
			return nil, err
		}
		if link.PersonID == 0 {
			return nil, rules.Refuse(rules.Unauthenticated, "login.link")
		}
		if err := t.Where("token = ?", link.Token).Delete(&Login{}).Error; err != nil {
			return nil, err
		}
		return t.login(link.PersonID, DoorMini, LoginLinkFor)
	})
}

// hashedLink is how a code is kept: no token that a request could carry has this
// hash.
func hashedLink(code string) string { return hashed("link\n" + code) }

func (t *tx) login(person int64, door Door, lasts time.Duration) (*Pass, error) {
	p := &Pass{Token: random(32), PersonID: person, ExpiresAt: t.now.Add(lasts)}
	row := Login{Token: hashed(p.Token), PersonID: person, Door: door, CreatedAt: t.now, ExpiresAt: p.ExpiresAt}
	return p, t.Create(&row).Error
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Recognize returns who holds a token.
func (f *Forum) Recognize(ctx context.Context, token string) (Actor, error) {
	key := hashed(token)
	l, ok := f.known.logins.GetIfPresent(key)
	if !ok {
		var err error
		if l, err = f.recognized(ctx, key); err != nil {
			return Actor{}, err
		}
		f.known.logins.Set(key, l)
	}
	if !f.Now().Before(l.until) {
		return Actor{}, rules.Refuse(rules.Unauthenticated, "login.expired")
	}
	return l.who, nil
}

// recognized reads a login. One that does not stand is refused and not
// remembered.
func (f *Forum) recognized(ctx context.Context, key string) (login, error) {
	var row struct {
		Login
		Banned bool
	}
	err := f.store.DB(ctx).Table("logins AS l").Select("l.*, p.banned_at IS NOT NULL AS banned").Joins("JOIN persons p ON p.id = l.person_id").
		Where("l.token = ? AND l.expires_at > ?", key, f.Now()).Limit(1).Scan(&row).Error
	if err != nil {
		return login{}, err
	}
	if row.PersonID == 0 {
		return login{}, rules.Refuse(rules.Unauthenticated, "login.expired")
	}
	l := login{Actor{PersonID: row.PersonID, Door: row.Door, known: true, banned: row.Banned}, row.ExpiresAt}
	if row.Door == DoorConsole {
		err = f.store.DB(ctx).Model(&Staff{}).Where("person_id = ?", row.PersonID).Select("renew").Scan(&l.who.Renew).Error
	}
	return l, err
}

// RecognizeChat returns who writes to the official account, as a new person if
// the account has not been seen.
func (f *Forum) RecognizeChat(ctx context.Context, id Identity) (Actor, error) {
	var account Account
	err := f.store.Prepared(ctx).Where("app_id = ? AND open_id = ?", id.AppID, id.OpenID).Limit(1).Find(&account).Error
	if err != nil || account.PersonID != 0 {
		return Actor{PersonID: account.PersonID, Door: DoorChat}, err
	}
	person, err := do(ctx, f, Actor{Door: DoorChat}, rules.LoginMini, anywhere("login"), func(t *tx) (int64, error) {
		return t.personOf(id)
	})
	return Actor{PersonID: person, Door: DoorChat}, err
}

// Logout ends every login of the person at this door.
func (f *Forum) Logout(ctx context.Context, who Actor) (None, error) {
	return do(ctx, f, who, rules.LoginEnd, oneself(who), func(t *tx) (None, error) {
		t.forget()
		return None{}, t.Where("person_id = ? AND door = ?", who.PersonID, who.Door).Delete(&Login{}).Error
	})
}

func (t *tx) dropLogins(person int64) error {
	t.forget()
	return t.Where("person_id = ?", person).Delete(&Login{}).Error
}

// AnswersFor is how long the answer to a request is kept for its retries.
const AnswersFor = 7 * 24 * time.Hour

// SweepLogins forgets what has expired: logins, ties, screens, dialogues and the answers kept
// for retries.
func (f *Forum) SweepLogins(ctx context.Context) (int, error) {
	return do(ctx, f, Clock, rules.ClockLapse, anywhere("login"), func(t *tx) (int, error) {
		dialogues, err := t.sweepDialogues()
		if err != nil {
			return 0, err
		}
		answers, err := store.Forget(t.DB, t.now.Add(-AnswersFor))
		if err != nil {
			return 0, err
		}
		if err := t.sweepTies(); err != nil {
			return 0, err
		}
		if err := t.sweepScreens(); err != nil {
			return 0, err
		}
		logins := t.Where("expires_at <= ?", t.now).Delete(&Login{})
		return dialogues + answers + int(logins.RowsAffected), logins.Error
	})
}
