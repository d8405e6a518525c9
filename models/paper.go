package models

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// PaperCode is a code on the sheet of one unit, for those who have no telephone.
// The code itself is told once and kept only as a keyed hash.
type PaperCode struct {
	ID          int64      `json:"id"`
	PollID      int64      `json:"poll_id"`
	Unit        string     `json:"unit"`
	Hash        string     `json:"-"`
	IssuedBy    int64      `json:"-"`
	IssuedAt    time.Time  `json:"issued_at"`
	WithdrawnBy int64      `json:"-"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
	Reason      string     `json:"reason,omitempty"` // why it was withdrawn
	SpentAt     *time.Time `json:"spent_at,omitempty"`
}

// IssuedCode is a paper code as it is told, once, to be printed.
type IssuedCode struct {
	Unit string `json:"unit"`
	Code string `json:"code"`
}

// IssuedAtOnce is for how many units codes are issued at once.
const IssuedAtOnce = 200

// IssuePaperCodes issues a code for each of the named units of an open poll, all
// or none. A unit that has voted gets none, nor one whose code is still out.
func (f *Forum) IssuePaperCodes(ctx context.Context, who Actor, pollID int64, units []string) ([]IssuedCode, error) {
	return do(ctx, f, who, rules.PaperIssue, onPoll(pollID), func(t *tx) ([]IssuedCode, error) {
		if len(units) == 0 || len(units) > IssuedAtOnce {
			return nil, rules.Refuse(rules.Invalid, "paper.units", "most", IssuedAtOnce)
		}
		if _, err := t.lockOpenPoll(pollID); err != nil {
			return nil, err
		}
		if err := t.mayHaveCodes(pollID, units); err != nil {
			return nil, err
		}
		codes, rows := make([]IssuedCode, len(units)), make([]PaperCode, len(units))
		for i, unit := range units {
			n, err := rand.Int(rand.Reader, big.NewInt(rules.PaperCodes))
			if err != nil {
				return nil, err
			}
			codes[i] = IssuedCode{unit, rules.PaperCode(n.Uint64())}
			rows[i] = PaperCode{PollID: pollID, Unit: unit, Hash: f.paperHash(codes[i].Code), IssuedBy: who.PersonID, IssuedAt: t.now}
		}
		return codes, t.CreateInBatches(rows, 100).Error
	})
}

// paperHash is what is kept of a code.
func (f *Forum) paperHash(code string) string { return f.seal.Index("paper code " + code) }

// mayHaveCodes refuses units to which no code is issued: off the roll, named
// twice, voted already, or with a code that is still out.
func (t *tx) mayHaveCodes(poll int64, units []string) error {
	seen := map[string]bool{}
	for _, u := range units {
		if seen[u] {
			return rules.Refuse(rules.Conflict, "paper.issued", "unit", u)
		}
		seen[u] = true
	}
	var seated, voted, out []string
	for _, read := range []error{
		t.Model(&Seat{}).Where("poll_id = ? AND unit IN ?", poll, units).Distinct().Pluck("unit", &seated).Error,
		ballots.Standing(t.DB, poll).Where("b.unit IN ?", units).Pluck("unit", &voted).Error,
		t.Model(&PaperCode{}).Where("poll_id = ? AND unit IN ? AND withdrawn_at IS NULL", poll, units).Pluck("unit", &out).Error,
	} {
		if read != nil {
			return read
		}
	}
	for _, u := range seated {
		delete(seen, u)
	}
	for u := range seen {
		return rules.Refuse(rules.Conflict, "paper.roll", "unit", u)
	}
	for _, u := range voted {
		return rules.Refuse(rules.Conflict, "paper.voted", "unit", u)
	}
	for _, u := range out {
		return rules.Refuse(rules.Conflict, "paper.issued", "unit", u)
	}
	return nil
}

// WithdrawPaperCode takes back the code of a unit that has not been redeemed, for
// one that was lost or handed to the wrong people. A new one may be issued.
func (f *Forum) WithdrawPaperCode(ctx context.Context, who Actor, pollID int64, unit, reason string) (*PaperCode, error) {
	return do(ctx, f, who, rules.PaperWithdraw, onPoll(pollID), func(t *tx) (*PaperCode, error) {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		if _, err := t.lockOpenPoll(pollID); err != nil {
			return nil, err
		}
		var c PaperCode
		if err := t.locked().Where("poll_id = ? AND unit = ? AND withdrawn_at IS NULL", pollID, unit).Take(&c).Error; err != nil {
			return nil, found(err, "paper")
		}
		if c.SpentAt != nil {
			return nil, rules.Refuse(rules.Conflict, "paper.spent")
		}
		c.WithdrawnBy, c.WithdrawnAt, c.Reason = who.PersonID, &t.now, reason
		return &c, t.Model(&PaperCode{}).Where("id = ?", c.ID).Updates(set{"withdrawn_by": c.WithdrawnBy, "withdrawn_at": c.WithdrawnAt, "reason": reason}).Error
	})
}

// PaperCodes returns what became of the codes of a poll, by unit.
func (f *Forum) PaperCodes(ctx context.Context, who Actor, pollID int64) ([]PaperCode, error) {
	return see(ctx, f, who, rules.PaperRead, onPoll(pollID), func(t *tx) ([]PaperCode, error) {
		rows := []PaperCode{}
		return rows, t.Where("poll_id = ?", pollID).Order("unit, id").Find(&rows).Error
	})
}

// RedeemPaperCode casts the ballot of the unit that a code was issued for. Nobody
// need be logged in: the code speaks for the unit. It is the last word: the unit
// votes by no other door afterwards. A code that comes again with the same choice
// gets the same receipt, whatever has become of the poll.
func (f *Forum) RedeemPaperCode(ctx context.Context, who Actor, pollID int64, typed, choice string) (*Ballot, error) {
	return do(ctx, f, who, rules.PaperRedeem, onPoll(pollID), func(t *tx) (*Ballot, error) {
		code, err := rules.ReadPaperCode(typed)
		if err != nil {
			return nil, err
		}
		p, err := t.lockPoll(pollID)
		if err != nil {
			return nil, err
		}
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		mark, err := rules.ReadChoice(d.Ask, choice)
		if err != nil {
			return nil, err
		}
		var c PaperCode
		if err := t.locked().Where("hash = ?", f.paperHash(code)).Limit(1).Find(&c).Error; err != nil {
			return nil, err
		}
		entry := ballots.Entry{Poll: pollID, Unit: c.Unit, Choice: mark, Way: rules.ByPaper, Request: requestOf(Actor{Key: "paper code " + c.Hash})}
		if c.SpentAt != nil && c.PollID == pollID {
			return t.redeemedBefore(entry)
		}
		return t.redeem(p, &c, entry)
	})
}

// redeemedBefore answers a code that comes again.
func (t *tx) redeemedBefore(entry ballots.Entry) (*Ballot, error) {
	b, err := t.enter(entry)
	if r, ok := rules.AsRefusal(err); ok && r.Code == "request.reused" {
		err = rules.CheckPaper(rules.Paper{Found: true, Spent: true})
	}
	return b, err
}

func (t *tx) redeem(p *Poll, c *PaperCode, entry ballots.Entry) (*Ballot, error) {
	err := rules.CheckPaper(rules.Paper{Found: c.ID != 0, Elsewhere: c.PollID != p.ID, Withdrawn: c.WithdrawnAt != nil})
	if err != nil {
		return nil, err
	}
	if _, err := t.lockOpenPoll(p.ID); err != nil {
		return nil, err
	}
	b, err := t.enter(entry)
	if err != nil {
		return nil, err
	}
	if err := t.Model(&PaperCode{}).Where("id = ?", c.ID).Update("spent_at", t.now).Error; err != nil {
		return nil, err
	}
	return b, t.tellUnit(p, c.Unit, "notice.paper", set{"receipt": b.Receipt})
}

// enter writes a ballot that is taken in, in the transaction of this deed.
func (t *tx) enter(entry ballots.Entry) (*Ballot, error) {
	row, proof, err := t.f.ballots.Enter(t.DB, entry)
	if err != nil {
		return nil, err
	}
	return &Ballot{*row, proof.Definition, proof.Full}, nil
}

// tellUnit tells everybody who may vote for a unit what was taken in for it: what
// was not their doing they notice.
func (t *tx) tellUnit(p *Poll, unit, code string, params set) error {
	var ids []int64
	if err := t.Model(&Seat{}).Where("poll_id = ? AND unit = ?", p.ID, unit).Pluck("person_id", &ids).Error; err != nil {
		return err
	}
	params["poll"], params["question"] = p.ID, p.Question
	return t.notifyAll(ids, code, params)
}
