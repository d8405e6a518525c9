package models

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// Staff is the console login of a person: name, password and one-time codes.
type Staff struct {
	PersonID    int64 `gorm:"primaryKey;autoIncrement:false"`
	Login       string
	Password    string
	Totp        []byte // sealed
	TotpStep    int64  // the last step whose code was used: a code works once
	Failures    int
	LockedUntil *time.Time
	Renew       bool // the password was set by somebody else
	LeftAt      *time.Time
}

// TableName implements gorm's Tabler.
func (Staff) TableName() string { return "staff" }

// Reset is a wish to give a member of staff a new password and code key. One
// person asks, another approves.
type Reset struct {
	ID         int64      `json:"id"`
	PersonID   int64      `json:"person_id"`
	AskedBy    int64      `json:"asked_by"`
	AskedAt    time.Time  `json:"asked_at"`
	Reason     string     `json:"reason"`
	ApprovedBy int64      `json:"approved_by"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
}

// Credentials are told once, to be handed over in person. The password must be
// changed at the first login.
type Credentials struct {
	PersonID int64  `json:"person_id"`
	Login    string `json:"login"`
	Password string `json:"password"`
	TotpURL  string `json:"totp_url"` // otpauth:// for an authenticator
	Secret   string `json:"secret"`   // the same, to be typed
}

// NewStaff is somebody who gets a console login together with an office.
type NewStaff struct {
	Name  string     `json:"name"`
	Login string     `json:"login"`
	Role  rules.Role `json:"role"`
	OrgID int64      `json:"org_id"`
}

// CreateStaff gives a new person a console login and an office.
func (f *Forum) CreateStaff(ctx context.Context, who Actor, n NewStaff) (*Credentials, error) {
	return do(ctx, f, who, rules.StaffCreate, inOrg(n.OrgID), func(t *tx) (*Credentials, error) {
		name, err := rules.CheckText("name", n.Name, rules.MaxName)
		if err != nil {
			return nil, err
		}
		login, err := rules.CheckText("login", n.Login, rules.MaxName)
		if err != nil {
			return nil, err
		}
		person, err := t.createPerson(name)
		if err != nil {
			return nil, err
		}
		c, s, err := t.credentials(person, strings.ToLower(login))
		if err != nil {
			return nil, err
		}
		if err := t.createStaff(s); err != nil {
			return nil, err
		}
		return c, t.grant(person, n.Role, n.OrgID)
	})
}

func (t *tx) createStaff(s *Staff) error {
	err := t.Create(s).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Conflict, "staff.login", "login", s.Login)
	}
	return err
}

func (t *tx) credentials(person int64, login string) (*Credentials, *Staff, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "yishi", AccountName: login, SecretSize: 20})
	if err != nil {
		return nil, nil, err
	}
	c := &Credentials{PersonID: person, Login: login, Password: "Yi-" + random(12), TotpURL: key.URL(), Secret: key.Secret()}
	return c, &Staff{PersonID: person, Login: login, Password: hashPassword(c.Password), Totp: t.f.seal.Seal(c.Secret), Renew: true}, nil
}

// attempt is a login that failed: it is counted although it is refused.
type attempt struct {
	pass    *Pass
	refused error
}

// LoginStaff logs a member of staff in with password and one-time code. After
// rules.LoginTries failures the login is locked for rules.LoginLock. Every kind
// of failure is told in the same words.
func (f *Forum) LoginStaff(ctx context.Context, login, password, code string) (*Pass, error) {
	who := Actor{Door: DoorConsole}
	a, err := do(ctx, f, who, rules.LoginStaff, anywhere("login"), func(t *tx) (attempt, error) {
		return t.loginStaff(login, password, code)
	})
	if err != nil {
		return nil, err
	}
	return a.pass, a.refused
}

func (t *tx) loginStaff(login, password, code string) (attempt, error) {
	var s Staff
	err := t.locked().Where("login = ?", strings.ToLower(rules.Clean(login))).Limit(1).Find(&s).Error
	if err != nil {
		return attempt{}, err
	}
	if s.PersonID == 0 || s.LeftAt != nil {
		hashPassword(password) // so that an unknown name takes as long
		return attempt{refused: rules.Refuse(rules.Unauthenticated, "login.wrong")}, nil
	}
	if s.LockedUntil != nil && t.now.Before(*s.LockedUntil) {
		return attempt{refused: rules.Refuse(rules.TooMany, "login.locked")}, nil
	}
	same, err := samePassword(s.Password, password)
	if err != nil {
		return attempt{}, err
	}
	step, err := t.checkCode(&s, code)
	if err != nil {
		return attempt{}, err
	}
	if step == 0 || !same {
		return attempt{refused: rules.Refuse(rules.Unauthenticated, "login.wrong")}, t.countFailure(&s)
	}
	if err := t.Model(&Staff{}).Where("person_id = ?", s.PersonID).
		Updates(set{"failures": 0, "locked_until": nil, "totp_step": step}).Error; err != nil {
		return attempt{}, err
	}
	pass, err := t.login(s.PersonID, DoorConsole, LoginStaffFor)
	if err != nil {
		return attempt{}, err
	}
	pass.Renew = s.Renew
	return attempt{pass: pass}, nil
}

func (t *tx) countFailure(s *Staff) error {
	change := set{"failures": s.Failures + 1}
	if s.Failures+1 >= rules.LoginTries {
		change["failures"], change["locked_until"] = 0, t.now.Add(rules.LoginLock)
	}
	return t.Model(&Staff{}).Where("person_id = ?", s.PersonID).Updates(change).Error
}

// checkCode returns the step of a one-time code, 0 for one that is wrong or was used.
func (t *tx) checkCode(s *Staff, code string) (int64, error) {
	secret, err := t.f.seal.Open(s.Totp)
	if err != nil {
		return 0, err
	}
	now := t.now.Unix() / 30
	for step := now - 1; step <= now+1; step++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(step*30, 0), totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > s.TotpStep {
			return step, nil
		}
	}
	return 0, nil
}

// RenewPassword replaces one's own password. Every login ends, and this one goes on
// as a new one: the code of the moment is spent, and would not be taken again.
func (f *Forum) RenewPassword(ctx context.Context, who Actor, old, fresh string) (*Pass, error) {
	return do(ctx, f, who, rules.StaffRenew, oneself(who), func(t *tx) (*Pass, error) {
		var s Staff
		if err := t.Where("person_id = ?", who.PersonID).Take(&s).Error; err != nil {
			return nil, found(err, "staff")
		}
		same, err := samePassword(s.Password, old)
		if err != nil {
			return nil, err
		}
		if !same || old == fresh {
			return nil, rules.Refuse(rules.Invalid, "password.old")
		}
		if err := rules.CheckPassword(s.Login, fresh); err != nil {
			return nil, err
		}
		if err := t.Model(&Staff{}).Where("person_id = ?", who.PersonID).
			Updates(set{"password": hashPassword(fresh), "renew": false}).Error; err != nil {
			return nil, err
		}
		if err := t.dropLogins(who.PersonID); err != nil {
			return nil, err
		}
		return t.login(who.PersonID, DoorConsole, LoginStaffFor)
	})
}

// resetFor is how long after it was asked for a reset may be approved.
const resetFor = 24 * time.Hour

// resetSQL is who asked last for the credentials of an officer, if that waits.
const resetSQL = `SELECT r.asked_by FROM resets r WHERE r.person_id = o.person_id AND r.approved_at IS NULL AND r.asked_at > ? ORDER BY r.id DESC LIMIT 1`

// AskReset asks for new credentials for a member of staff.
func (f *Forum) AskReset(ctx context.Context, who Actor, personID int64, reason string) (*Reset, error) {
	return do(ctx, f, who, rules.StaffReset, onStaff(personID), func(t *tx) (*Reset, error) {
		reason, err := rules.CheckText("reason", reason, 200)
		if err != nil {
			return nil, err
		}
		r := &Reset{PersonID: personID, AskedBy: who.PersonID, AskedAt: t.now, Reason: reason}
		return r, t.Create(r).Error
	})
}

// ApproveReset gives a member of staff new credentials: by a second person, who
// is neither the one who asked nor the one concerned, within a day.
func (f *Forum) ApproveReset(ctx context.Context, who Actor, personID int64) (*Credentials, error) {
	return do(ctx, f, who, rules.StaffApprove, onStaff(personID), func(t *tx) (*Credentials, error) {
		var r Reset
		err := t.locked().Where("person_id = ? AND approved_at IS NULL AND asked_at > ?", personID, t.now.Add(-resetFor)).
			Order("id DESC").Take(&r).Error
		if err != nil {
			return nil, found(err, "reset")
		}
		if r.AskedBy == who.PersonID || personID == who.PersonID {
			return nil, rules.Refuse(rules.Forbidden, "reset.second")
		}
		if err := t.Model(&Reset{}).Where("id = ?", r.ID).Updates(set{"approved_by": who.PersonID, "approved_at": t.now}).Error; err != nil {
			return nil, err
		}
		return t.renewCredentials(personID)
	})
}

func (t *tx) renewCredentials(person int64) (*Credentials, error) {
	var s Staff
	if err := t.Where("person_id = ?", person).Take(&s).Error; err != nil {
		return nil, found(err, "staff")
	}
	c, fresh, err := t.credentials(person, s.Login)
	if err != nil {
		return nil, err
	}
	err = t.Model(&Staff{}).Where("person_id = ?", person).Updates(set{
		"password": fresh.Password, "totp": fresh.Totp, "totp_step": 0, "failures": 0, "locked_until": nil, "renew": true,
	}).Error
	if err != nil {
		return nil, err
	}
	return c, t.dropLogins(person)
}

// LeaveStaff ends every office and login of somebody who leaves, at once.
func (f *Forum) LeaveStaff(ctx context.Context, who Actor, personID int64) (None, error) {
	return do(ctx, f, who, rules.StaffReset, onStaff(personID), func(t *tx) (None, error) {
		if err := t.endOffices(personID); err != nil {
			return None{}, err
		}
		if err := t.Model(&Staff{}).Where("person_id = ?", personID).Update("left_at", t.now).Error; err != nil {
			return None{}, err
		}
		return None{}, t.dropLogins(personID)
	})
}

// onStaff is the place of deeds done to a member of staff: the office they hold,
// or held last.
func onStaff(person int64) place {
	return place{subject("staff", person), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw(`SELECT g.path FROM offices o JOIN orgs g ON g.id = o.org_id JOIN staff s ON s.person_id = o.person_id
			WHERE o.person_id = ? ORDER BY o.until IS NULL DESC, o.id DESC LIMIT 1`, person).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("staff")
		}
		return rules.Object{Path: path}, err
	}}
}

// prove counts a wrong code, of a deed by chat that needs one, as a failed login:
// whoever holds the telephone of a member of staff is not yet they. Everything else
// is for the deed itself, which uses the code up; see [tx.useCode]. A retry of what was
// done needs none.
func (f *Forum) prove(ctx context.Context, who Actor, deed rules.Deed) error {
	if who.Door != DoorChat || !rules.Proved[deed] {
		return nil
	}
	if done, err := store.Answered(f.store.DB(ctx), who.PersonID, who.Key); err != nil || done {
		return err
	}
	t := &tx{DB: f.store.DB(ctx), f: f, now: f.Now(), who: who}
	_, refused, err := t.provingStep()
	if err != nil || refused == nil || refused.Code != "staff.code" {
		return err
	}
	_, err = do(ctx, f, who, rules.StaffProve, oneself(who), func(t *tx) (None, error) {
		var s Staff
		if err := t.locked().Where("person_id = ?", who.PersonID).Take(&s).Error; err != nil {
			return None{}, err
		}
		return None{}, t.countFailure(&s)
	})
	return orRefused(refused, err)
}

func orRefused(r *rules.Refusal, err error) error {
	if err == nil && r != nil {
		return r
	}
	return err
}

// provingStep is the step of the code that a member of staff shows by chat, or why
// there is none.
func (t *tx) provingStep() (int64, *rules.Refusal, error) {
	var s Staff
	if err := t.Where("person_id = ? AND left_at IS NULL AND NOT renew", t.who.PersonID).Limit(1).Find(&s).Error; err != nil {
		return 0, nil, err
	}
	switch {
	case s.PersonID == 0:
		return 0, rules.Refuse(rules.Forbidden, "staff.none"), nil
	case s.LockedUntil != nil && t.now.Before(*s.LockedUntil):
		return 0, rules.Refuse(rules.TooMany, "login.locked"), nil
	}
	step, err := t.checkCode(&s, t.who.Code)
	if err == nil && step == 0 {
		return 0, rules.Refuse(rules.Forbidden, "staff.code"), nil
	}
	return step, nil, err
}

// useCode uses up the code of a deed by chat: of two that show the same, one is done.
func (t *tx) useCode(deed rules.Deed) error {
	if t.who.Door != DoorChat || !rules.Proved[deed] {
		return nil
	}
	step, refused, err := t.provingStep()
	if err != nil || refused != nil {
		return orRefused(refused, err)
	}
	r := t.Model(&Staff{}).Where("person_id = ? AND totp_step < ?", t.who.PersonID, step).Updates(set{"totp_step": step, "failures": 0})
	if r.Error == nil && r.RowsAffected == 0 {
		return rules.Refuse(rules.Forbidden, "staff.code")
	}
	return r.Error
}
