package models

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"yishi/models/rules"
)

// Tie is a code that shows two accounts to be one person's: it is told at one and
// entered at the other, once.
type Tie struct {
	Hash      string `gorm:"primaryKey"` // under the forum's key
	PersonID  int64
	Door      Door
	ExpiresAt time.Time
	SpentAt   *time.Time
}

// How long a tie holds, and how many a person may try in an hour.
const (
	TieFor   = 10 * time.Minute
	TieTries = 5
)

const tryTie = "tie"

// TieCode is a tie as its maker is told it.
type TieCode struct {
	Code  string    `json:"code"` // rules.TieDigits digits
	Until time.Time `json:"until"`
}

// MakeTie returns a code by which the person's other account, at another app or on
// another telephone, joins this one. The code before it is no good any more.
func (f *Forum) MakeTie(ctx context.Context, who Actor) (*TieCode, error) {
	return do(ctx, f, who, rules.AccountTie, oneself(who), func(t *tx) (*TieCode, error) {
		if err := t.Where("person_id = ? AND spent_at IS NULL", who.PersonID).Delete(&Tie{}).Error; err != nil {
			return nil, err
		}
		n, err := rand.Int(rand.Reader, big.NewInt(rules.Ties))
		if err != nil {
			return nil, err
		}
		code := &TieCode{Code: fmt.Sprintf("%0*d", rules.TieDigits, n), Until: t.now.Add(TieFor)}
		row := Tie{Hash: t.hashedTie(code.Code), PersonID: who.PersonID, Door: who.Door, ExpiresAt: code.Until}
		return code, orTwice(t.Create(&row).Error)
	})
}

func (t *tx) hashedTie(code string) string { return t.f.seal.Index("tie " + rules.Digits(code)) }

// UseTie joins the records of whoever made a code and of whoever enters it. A code
// that is wrong counts against TieTries, and so does one that is right.
func (f *Forum) UseTie(ctx context.Context, who Actor, code string) (*Joined, error) {
	type used struct {
		Joined  *Joined
		Refused *rules.Refusal
	}
	u, err := do(ctx, f, who, rules.AccountJoin, oneself(who), func(t *tx) (used, error) {
		tries, err := t.countHour(tryTie)
		if err != nil {
			return used{}, err
		}
		if tries > TieTries {
			return used{}, rules.Refuse(rules.TooMany, "tie.tries")
		}
		joined, err := t.useTie(code)
		if r, ok := rules.AsRefusal(err); ok { // the try is counted
			return used{Refused: r}, nil
		}
		return used{Joined: joined}, err
	})
	if err == nil && u.Refused != nil {
		err = u.Refused
	}
	return u.Joined, err
}

func (t *tx) useTie(code string) (*Joined, error) {
	var tie Tie
	if err := t.locked().Where("hash = ? AND expires_at > ?", t.hashedTie(code), t.now).Limit(1).Find(&tie).Error; err != nil {
		return nil, err
	}
	mine := tie.PersonID == t.who.PersonID
	switch {
	case tie.PersonID == 0, tie.SpentAt != nil && !mine:
		return nil, rules.Refuse(rules.Invalid, "tie.wrong")
	case tie.SpentAt != nil: // joined already, and asked once more
		return t.joined(0, tie.PersonID)
	case mine:
		return nil, rules.Refuse(rules.Conflict, "tie.own")
	}
	joined, err := t.joinShown(tie.PersonID, func(keeper int64) bool {
		door := t.who.Door
		if keeper == tie.PersonID {
			door = tie.Door
		}
		return door == DoorConsole
	})
	if err != nil {
		return nil, err
	}
	keeper := tie.PersonID
	if !joined.Again {
		keeper = t.who.PersonID
	}
	return joined, t.Model(&Tie{}).Where("hash = ?", tie.Hash).Updates(set{"spent_at": t.now, "person_id": keeper}).Error
}

// passTies hands the ties of a record on with its accounts.
func (t *tx) passTies(from, to int64) error {
	return t.Model(&Tie{}).Where("person_id = ?", from).Update("person_id", to).Error
}

func (t *tx) sweepTies() error {
	return t.Where("expires_at <= ?", t.now).Delete(&Tie{}).Error
}

func (t *tx) dropTies(person int64) error {
	return t.Where("person_id = ?", person).Delete(&Tie{}).Error
}
