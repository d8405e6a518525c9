package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/secret"
)

// Secret is what a secret poll keeps beside its definition.
type Secret struct {
	PollID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Issuer  []byte // sealed: the key that signs tokens, none once the poll is over
	Pool    []byte // sealed: the ballots that wait for their crowd
	Opening string // what opened it: see [opening]
}

// SecretToken is that a unit has had its token. Which one, nobody knows but its
// voter.
type SecretToken struct {
	PollID   int64  `gorm:"primaryKey;autoIncrement:false"`
	Unit     string `gorm:"primaryKey"`
	PersonID int64
	Blinded  string // SHA-256 in hex of what was signed unseen
}

// NewSecrecy asks for a secret poll.
type NewSecrecy struct {
	Disclosure rules.Disclosure `json:"disclosure" doc:"what is shown in the end: the key, or a list of choices"`
	Crowd      int              `json:"crowd" doc:"fewest ballots that reach the record together"`
	Holders    []int64          `json:"holders" minItems:"3" maxItems:"3" doc:"who keeps the shares: one of the desk, one who watches, one neighbour"`
}

// dealt is a secret poll before it is written down.
type dealt struct {
	rules.Secrecy
	issuer  *secret.Issuer
	shares  []string
	holders []int64
}

// deal draws the keys of a secret poll and finds whether those who are to hold
// their shares may.
func (t *tx) deal(o *Org, n NewSecrecy) (*dealt, error) {
	keepers := make([]rules.Keeper, len(n.Holders))
	for i, id := range n.Holders {
		standing, err := t.standingOf(Actor{PersonID: id, Door: DoorConsole})
		if err != nil {
			return nil, err
		}
		if !standing.Banned {
			keepers[i] = rules.KeeperOf(standing, o.Path)
		}
	}
	if err := rules.CheckKeepers(keepers); err != nil {
		return nil, err
	}
	issuer, err := secret.NewIssuer()
	if err != nil {
		return nil, err
	}
	key, err := secret.Deal()
	if err != nil {
		return nil, err
	}
	s := rules.Secrecy{Disclosure: n.Disclosure, Crowd: n.Crowd, Tokens: issuer.Public(), Key: key.Public, Shares: key.Commitments}
	return &dealt{s, issuer, key.Shares, n.Holders}, nil
}

// openSecret freezes a secret poll.
func (t *tx) openSecret(s *Session, d rules.Definition, seats []Seat, n NewSecrecy) (*Poll, error) {
	o, err := t.org(s.OrgID)
	if err != nil {
		return nil, err
	}
	if err := rules.CheckSecrecy(d.Pack, n.Disclosure, n.Crowd, int64(len(unitsOf(seats)))); err != nil {
		return nil, err
	}
	keys, err := t.deal(o, n)
	if err != nil {
		return nil, err
	}
	d.Secret = &keys.Secrecy
	p, err := t.freeze(s, d, seats)
	if err != nil {
		return nil, err
	}
	return p, t.hide(p, keys)
}

// hide writes down what a secret poll keeps.
func (t *tx) hide(p *Poll, d *dealt) error {
	row := Secret{PollID: p.ID, Issuer: t.f.seal.Seal(string(d.issuer.Bytes())), Pool: []byte{}}
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	return t.handOut(p, d)
}

// secretPoll reads and locks a secret poll.
func (t *tx) secretPoll(id int64) (*Poll, rules.Definition, error) {
	var p Poll
	if err := t.locked().Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, rules.Definition{}, found(err, "poll")
	}
	d, err := p.definition()
	if err == nil && d.Secret == nil {
		err = rules.Refuse(rules.Conflict, "poll.named")
	}
	return &p, d, err
}

// Signed is the poll's signature over a token that it has not seen.
type Signed struct {
	Unit   string `json:"unit"`
	Signed string `json:"signed" doc:"base64"`
}

// SignToken signs the blinded token of a unit, once: a retry gets the same, and
// another token is refused. That a unit has its token is known by name; what it
// does with it is not.
func (f *Forum) SignToken(ctx context.Context, who Actor, id int64, unit, blinded string) (*Signed, error) {
	signed, err := f.signBlind(ctx, who, id, unit, blinded)
	if err != nil {
		return nil, err
	}
	return do(ctx, f, who, rules.SecretToken, onPoll(id), func(t *tx) (*Signed, error) {
		var p Poll
		if err := t.locked().Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		seat, err := t.seatFor(&p, unit)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(blinded))
		row := SecretToken{PollID: id, Unit: seat.Unit, PersonID: who.PersonID, Blinded: hex.EncodeToString(sum[:])}
		err = t.Create(&row).Error
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			return &Signed{seat.Unit, signed}, err
		}
		var had SecretToken
		if err := t.Where("poll_id = ? AND unit = ?", id, seat.Unit).Take(&had).Error; err != nil {
			return nil, err
		}
		if had.Blinded != row.Blinded || had.PersonID != who.PersonID {
			return nil, rules.Refuse(rules.Conflict, "secret.token_given")
		}
		return &Signed{seat.Unit, signed}, nil
	})
}

// signBlind signs before the transaction: it takes four milliseconds, and nobody
// is to wait for that. Only who may have a token gets so far.
func (f *Forum) signBlind(ctx context.Context, who Actor, id int64, unit, blinded string) (string, error) {
	return see(ctx, f, who, rules.SecretToken, onPoll(id), func(t *tx) (string, error) {
		if len(blinded) != secret.BlindedLetters {
			return "", rules.Refuse(rules.Invalid, "secret.blinded")
		}
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return "", found(err, "poll")
		}
		if _, err := t.seatFor(&p, unit); err != nil {
			return "", err
		}
		var row Secret
		if err := t.Select("issuer").Where("poll_id = ?", id).Take(&row).Error; err != nil {
			return "", err
		}
		der, err := f.seal.Open(row.Issuer)
		if err != nil {
			return "", err
		}
		issuer, err := secret.ReadIssuer([]byte(der))
		if err != nil {
			return "", err
		}
		signed, err := issuer.Sign(blinded)
		if err != nil {
			return "", rules.Refuse(rules.Invalid, "secret.blinded")
		}
		return signed, nil
	})
}

// seatFor finds the seat for which somebody takes a token on an open secret poll.
func (t *tx) seatFor(p *Poll, unit string) (*Seat, error) {
	d, err := p.definition()
	if err != nil {
		return nil, err
	}
	if d.Secret == nil {
		return nil, rules.Refuse(rules.Conflict, "poll.named")
	}
	if p.State != rules.PollOpen {
		return nil, rules.Refuse(rules.Conflict, "poll.closed")
	}
	if err := rules.CheckOpen(p.ClosesAt, t.now); err != nil {
		return nil, err
	}
	var seats []Seat
	q := t.Where("poll_id = ? AND person_id = ?", p.ID, t.who.PersonID)
	if unit != "" {
		q = q.Where("unit = ?", unit)
	}
	if err := q.Order("unit").Find(&seats).Error; err != nil {
		return nil, err
	}
	switch len(seats) {
	case 0:
		return nil, rules.Refuse(rules.Forbidden, "poll.roll")
	case 1:
		return &seats[0], nil
	}
	units := make([]string, len(seats))
	for i, s := range seats {
		units[i] = s.Unit
	}
	return nil, rules.Refuse(rules.Invalid, "poll.unit", "units", units)
}

// pool reads and locks the ballots of a poll that wait.
func (t *tx) pool(poll int64) ([]secret.Ballot, error) {
	var row Secret
	if err := t.locked().Select("poll_id", "pool").Where("poll_id = ?", poll).Take(&row).Error; err != nil {
		return nil, err
	}
	body, err := t.f.seal.Open(row.Pool)
	if err != nil || body == "" {
		return nil, err
	}
	return decode[[]secret.Ballot](body)
}

// setPool writes them, as one.
func (t *tx) setPool(poll int64, pool []secret.Ballot) error {
	body := ""
	if len(pool) > 0 {
		b, err := json.Marshal(pool)
		if err != nil {
			return err
		}
		body = string(b)
	}
	return t.Model(&Secret{}).Where("poll_id = ?", poll).Update("pool", t.f.seal.Seal(body)).Error
}

// forgetKeys leaves of a secret poll only what opened it.
func (t *tx) forgetKeys(poll int64, o opening) error {
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return errors.Join(
		t.Model(&Secret{}).Where("poll_id = ?", poll).Updates(set{"issuer": []byte{}, "opening": string(body)}).Error,
		t.forgetShares(poll),
	)
}
