package models

import (
	"context"
	"errors"
	"time"

	"yishi/models/rules"
)

// Erased tells what a person leaves behind.
type Erased struct {
	At        time.Time `json:"at"`
	Withdrawn int       `json:"withdrawn" doc:"matters that nobody had taken up yet"`
	Kept      int       `json:"kept" doc:"matters that others deliberate on, without the name"`
}

// EraseMe ends what ties a person to the forum (个人信息保护法, art. 47): name and
// telephone number, accounts, logins, notices, wishes, where they live and trade. What
// they raised and nobody had taken up is withdrawn. What others have joined or counted
// on stays, under a record that names nobody: matters under deliberation, ballots that
// were cast, rolls that were frozen. Whoever comes back is a stranger. Those with an
// office give it up first, and who holds a part of the key of a secret poll waits
// until that is counted.
func (f *Forum) EraseMe(ctx context.Context, who Actor) (*Erased, error) {
	return do(ctx, f, who, rules.PersonErase, oneself(who), func(t *tx) (*Erased, error) {
		if err := t.mayErase(who.PersonID); err != nil {
			return nil, err
		}
		out := &Erased{At: t.now}
		if err := t.withdrawMine(who.PersonID, out); err != nil {
			return nil, err
		}
		accounts, err := t.accountsOf(who.PersonID)
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			if err := errors.Join(t.dropTalk(a), t.dropRights(a)); err != nil {
				return nil, err
			}
		}
		_, err = t.dropAccounts(who.PersonID)
		return out, errors.Join(err, t.dropTies(who.PersonID), t.dropNotices(who.PersonID), t.dropWish(who.PersonID),
			t.endCapacities(who.PersonID), t.leaveAlliances(who.PersonID), t.silenceHouses(who.PersonID), t.dropAnswers(who.PersonID), t.anonymise(who.PersonID))
	})
}

// mayErase refuses those whom others still need.
func (t *tx) mayErase(person int64) error {
	offices, err := t.officesOf(person)
	if err != nil {
		return err
	}
	if len(offices) > 0 {
		return rules.Refuse(rules.Conflict, "erase.office")
	}
	keeps, err := t.keepsOpenKey(person)
	if err == nil && keeps {
		err = rules.Refuse(rules.Conflict, "erase.keeper")
	}
	return err
}
