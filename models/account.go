package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// Account is a WeChat identity of a person: one person may have several, the
// mini-program's and the official account's, or those of a second telephone.
type Account struct {
	AppID    string `gorm:"primaryKey"`
	OpenID   string `gorm:"primaryKey"`
	PersonID int64
	BoundAt  time.Time
	AskAt    *time.Time // when WeChat is asked for the union id, nil once it has told it
}

// Union is that WeChat knows one person in several apps by one id.
type Union struct {
	UnionID  string `gorm:"primaryKey"`
	PersonID int64
}

// Identity is what WeChat says of who is there. It comes from the wrapper alone,
// never from a request.
type Identity struct{ AppID, OpenID, UnionID string }

// personOf finds the person behind an identity, by itself or by the union id of
// another account, and makes one for a new face. A union id that becomes known
// later joins what it shows to be one person's; see [tx.unite].
func (t *tx) personOf(id Identity) (int64, error) {
	var account Account
	err := t.Where("app_id = ? AND open_id = ?", id.AppID, id.OpenID).Take(&account).Error
	if err == nil {
		return t.unite(account, id.UnionID)
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return 0, err
	}
	account = Account{AppID: id.AppID, OpenID: id.OpenID, BoundAt: t.now}
	if id.UnionID == "" {
		account.AskAt = &t.now
	}
	if account.PersonID, err = t.united(id.UnionID); err != nil {
		return 0, err
	}
	return account.PersonID, orTwice(t.Create(&account).Error)
}

// unite hears the union id of an account that is known already, "" if there is none,
// and returns who the account acts for from then on: where another account has shown
// that union id before, both are one person's, and one record gives to the other if
// it can.
func (t *tx) unite(a Account, unionID string) (int64, error) {
	if unionID == "" {
		return a.PersonID, nil
	}
	if a.AskAt != nil {
		if err := t.askAt(a, nil); err != nil {
			return 0, err
		}
	}
	var union Union
	if err := t.Where("union_id = ?", unionID).Limit(1).Find(&union).Error; err != nil {
		return 0, err
	}
	switch union.PersonID {
	case a.PersonID:
		return a.PersonID, nil
	case 0:
		return a.PersonID, orTwice(t.Create(&Union{UnionID: unionID, PersonID: a.PersonID}).Error)
	}
	return t.joinUnited(a, union.PersonID)
}

// joinUnited joins the record of an account with another of which WeChat says that
// it is the same person's.
func (t *tx) joinUnited(a Account, other int64) (int64, error) {
	giver, keeper, err := t.whoGives(a.PersonID, other)
	switch {
	case err != nil:
		return 0, err
	case giver != 0:
		err = t.give(giver, keeper)
	default:
		err = t.tellTwo(a.PersonID, other)
	}
	if err != nil {
		return 0, err
	}
	// Another may have joined them meanwhile: only the account tells whose it is now.
	return a.PersonID, t.Model(&Account{}).Where("app_id = ? AND open_id = ?", a.AppID, a.OpenID).Select("person_id").Scan(&a.PersonID).Error
}

// How long an account waits until WeChat is asked for its union id again: after a
// question that had no answer, and where WeChat knows of none yet, because the apps
// are not bound to one open platform account.
const (
	AskWait  = time.Hour
	AskAgain = 30 * 24 * time.Hour
)

func (t *tx) askAt(a Account, at *time.Time) error {
	return t.Model(&Account{}).Where("app_id = ? AND open_id = ?", a.AppID, a.OpenID).Update("ask_at", at).Error
}

// ClaimAccounts takes up to n accounts of an app of which WeChat is to be asked who
// they are across apps, so that no other instance asks too. One of which nothing is
// heard is asked again after AskWait.
func (f *Forum) ClaimAccounts(ctx context.Context, app string, n int) ([]Account, error) {
	return do(ctx, f, Clock, rules.AccountAsk, anywhere("account"), func(t *tx) ([]Account, error) {
		var rows []Account
		err := t.locked().Where("app_id = ? AND ask_at <= ?", app, t.now).Order("ask_at").Limit(n).Find(&rows).Error
		later := t.now.Add(AskWait)
		for _, a := range rows {
			err = errors.Join(err, t.askAt(a, &later))
		}
		return rows, err
	})
}

// HearAccount takes what WeChat says of an account that was claimed: its union id,
// "" if it has none.
func (f *Forum) HearAccount(ctx context.Context, id Identity) (None, error) {
	return do(ctx, f, Clock, rules.AccountAsk, anywhere("account"), func(t *tx) (None, error) {
		var a Account
		err := t.Where("app_id = ? AND open_id = ?", id.AppID, id.OpenID).Limit(1).Find(&a).Error
		if err != nil || a.PersonID == 0 {
			return None{}, err
		}
		if id.UnionID == "" {
			again := t.now.Add(AskAgain)
			return None{}, t.askAt(a, &again)
		}
		_, err = t.unite(a, id.UnionID)
		return None{}, err
	})
}

// united finds the person behind a union id, or makes one.
func (t *tx) united(unionID string) (int64, error) {
	if unionID == "" {
		return t.createPerson("")
	}
	union := Union{UnionID: unionID}
	err := t.Where("union_id = ?", unionID).Limit(1).Find(&union).Error
	if err != nil || union.PersonID != 0 {
		return union.PersonID, err
	}
	if union.PersonID, err = t.createPerson(""); err != nil {
		return 0, err
	}
	return union.PersonID, orTwice(t.Create(&union).Error)
}

// orTwice has the deed run again when another made the row meanwhile, which is
// found then.
func orTwice(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return store.ErrTwice
	}
	return err
}

// MoveAccount gives the WeChat accounts of one record to another record of the
// same person: after a lost telephone, or when a second account made a second
// record. The record that gives keeps its history and loses its logins; it must
// be bound nowhere, or nowhere beyond the reach of who moves it, lest the desk of
// one community act as the residents of another. Both are told.
func (f *Forum) MoveAccount(ctx context.Context, who Actor, from, to int64) (None, error) {
	return do(ctx, f, who, rules.AccountMove, onPerson(to), func(t *tx) (None, error) {
		if err := t.mayGive(from, to); err != nil {
			return None{}, err
		}
		if err := t.mayEquip(to); err != nil {
			return None{}, err
		}
		moved, err := t.moveAccounts(from, to)
		if err == nil && moved == 0 {
			err = unknown("account")
		}
		if err != nil {
			return None{}, err
		}
		return None{}, t.notifyAll([]int64{from, to}, "notice.account_moved", set{})
	})
}

// moveAccounts gives the accounts of one record to another, and returns how many
// that were. The record that gives loses its logins.
func (t *tx) moveAccounts(from, to int64) (int64, error) {
	r := t.Model(&Account{}).Where("person_id = ?", from).Update("person_id", to)
	if r.Error != nil || r.RowsAffected == 0 {
		return 0, r.Error
	}
	if err := t.Model(&Union{}).Where("person_id = ?", from).Update("person_id", to).Error; err != nil {
		return 0, err
	}
	return r.RowsAffected, errors.Join(t.passTies(from, to), t.dropLogins(from))
}

// mayGive refuses to take the accounts of somebody who holds an office, and
// answers for somebody out of reach as for nobody.
func (t *tx) mayGive(from, to int64) error {
	paths, err := t.whereabouts(from)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if !t.may(rules.AccountMove, rules.Object{Path: path}) {
			return unknown("account")
		}
	}
	offices, err := t.officesOf(from)
	if err != nil {
		return err
	}
	if len(offices) > 0 || from == to {
		return rules.Refuse(rules.Conflict, "account.office")
	}
	return nil
}

// mayEquip refuses to change by what accounts somebody acts who holds an office
// that one could not have given.
func (t *tx) mayEquip(person int64) error {
	offices, err := t.officesOf(person)
	if err != nil {
		return err
	}
	for _, office := range offices {
		o, err := t.org(office.OrgID)
		if err != nil {
			return err
		}
		if err := rules.CheckGrant(t.standing, office.Role, o.Path); err != nil {
			return err
		}
	}
	return nil
}

// DropAccounts takes every WeChat account from a person whose account was lost or
// stolen and ends their logins: whoever has it is a stranger from then on. The person's next account is brought back by MoveAccount.
func (f *Forum) DropAccounts(ctx context.Context, who Actor, person int64) (None, error) {
	return do(ctx, f, who, rules.AccountDrop, onPerson(person), func(t *tx) (None, error) {
		if err := t.mayEquip(person); err != nil {
			return None{}, err
		}
		dropped, err := t.dropAccounts(person)
		if err == nil && dropped == 0 {
			err = unknown("account")
		}
		if err != nil {
			return None{}, err
		}
		return None{}, t.notify(person, "notice.account_dropped", set{})
	})
}

// dropAccounts takes the accounts and logins of a person away, and returns how many
// accounts there were.
func (t *tx) dropAccounts(person int64) (int64, error) {
	accounts := t.Where("person_id = ?", person).Delete(&Account{})
	unions := t.Where("person_id = ?", person).Delete(&Union{})
	return accounts.RowsAffected, errors.Join(accounts.Error, unions.Error, t.dropLogins(person))
}

// accountsOf are the accounts by which a person comes in.
func (t *tx) accountsOf(person int64) ([]Account, error) {
	var rows []Account
	return rows, t.Where("person_id = ?", person).Find(&rows).Error
}
