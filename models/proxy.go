package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// Proxy is who votes for a unit in its holder's stead, on one poll alone. It is
// not taken back: whoever named it may still vote in person, as far as the rule
// pack lets people vote again.
type Proxy struct {
	PollID      int64     `json:"poll_id" gorm:"primaryKey;autoIncrement:false"`
	Unit        string    `json:"unit" gorm:"primaryKey"`
	PrincipalID int64     `json:"principal_id"`
	AgentID     int64     `json:"agent_id"`
	NamedBy     int64     `json:"-"`
	Consent     string    `json:"consent"`
	At          time.Time `json:"at"`
}

// NewProxy is a written authorization as the desk takes it in.
type NewProxy struct {
	Unit        string `json:"unit" maxLength:"32"`
	PrincipalID int64  `json:"principal_id" minimum:"1" doc:"who holds the unit on the roll"`
	AgentID     int64  `json:"agent_id" minimum:"1" doc:"who votes in their stead"`
	Consent     string `json:"consent" doc:"how it was given: the paper and its date"`
}

// NameProxy takes in that somebody lets another vote for their unit on an open
// poll. Nobody votes for more than three others (组织法 art. 19), and both hear
// of it.
func (f *Forum) NameProxy(ctx context.Context, who Actor, pollID int64, n NewProxy) (*Proxy, error) {
	return do(ctx, f, who, rules.ProxyName, onPoll(pollID), func(t *tx) (*Proxy, error) {
		consent, err := rules.CheckText("consent", n.Consent, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		p, seat, err := t.openPollFor(pollID, n)
		if err != nil {
			return nil, err
		}
		var held int64
		if err := t.Model(&Proxy{}).Where("poll_id = ? AND agent_id = ?", pollID, n.AgentID).Count(&held).Error; err != nil {
			return nil, err
		}
		if err := rules.CheckProxy(int(held), n.AgentID, n.PrincipalID); err != nil {
			return nil, err
		}
		row := &Proxy{PollID: pollID, Unit: n.Unit, PrincipalID: n.PrincipalID, AgentID: n.AgentID, NamedBy: who.PersonID, Consent: consent, At: t.now}
		if err := t.Create(row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, rules.Refuse(rules.Conflict, "proxy.named")
		} else if err != nil {
			return nil, err
		}
		if err := t.seatProxy(*seat, n.AgentID); err != nil {
			return nil, err
		}
		params := set{"poll": pollID, "question": p.Question}
		return row, errors.Join(t.notify(n.AgentID, "notice.proxy_agent", params), t.notify(n.PrincipalID, "notice.proxy_principal", params))
	})
}

// openPollFor reads the poll and holds it open meanwhile; the principal must hold
// the unit on its roll, and the agent must be somebody.
func (t *tx) openPollFor(pollID int64, n NewProxy) (*Poll, *Seat, error) {
	p, err := t.lockOpenPoll(pollID)
	if err != nil {
		return nil, nil, err
	}
	var seat Seat
	err = t.Where("poll_id = ? AND unit = ? AND person_id = ? AND capacity <> ?", pollID, n.Unit, n.PrincipalID, ballots.CapacityProxy).Take(&seat).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil, rules.Refuse(rules.Conflict, "proxy.roll")
	}
	if err != nil {
		return nil, nil, err
	}
	var agent Person
	return p, &seat, found(t.Where("id = ?", n.AgentID).Take(&agent).Error, "person")
}
