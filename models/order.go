package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// OrderState is where an order stands.
type OrderState string

// The states of an order. It is drafted in a session and starts when that closes.
const (
	OrderDraft     OrderState = "draft"
	OrderIssued    OrderState = "issued"
	OrderSigned    OrderState = "signed"
	OrderDone      OrderState = "done"
	OrderSuspended OrderState = "suspended" // an objection touches it
	OrderDropped   OrderState = "dropped"   // an objection was upheld
)

// Order is a commitment as a task: who does what by when.
type Order struct {
	ID          int64      `json:"id"`
	TopicID     int64      `json:"topic_id"`
	SessionID   int64      `json:"session_id,omitempty"`
	OrgID       int64      `json:"org_id"`
	What        string     `json:"what"`
	State       OrderState `json:"state"`
	BeforeState OrderState `json:"-"`
	PromisedAt  time.Time  `json:"promised_at"` // by when it is to be done
	DueAt       *time.Time `json:"due_at,omitempty"`
	DueVerb     string     `json:"due_verb,omitempty"`
	LapsedAt    *time.Time `json:"lapsed_at,omitempty"`
	SignerID    int64      `json:"-"`
	Report      string     `json:"report"`
	CreatedAt   time.Time  `json:"created_at"`
	IssuedAt    *time.Time `json:"issued_at,omitempty"`
	SignedAt    *time.Time `json:"signed_at,omitempty"`
	DoneAt      *time.Time `json:"done_at,omitempty"`
}

// MakeCommitment writes down in an open session who does what by when.
func (f *Forum) MakeCommitment(ctx context.Context, who Actor, sessionID, topicID, orgID int64, what string, promised time.Time) (*Order, error) {
	return do(ctx, f, who, rules.CommitmentMake, onSession(sessionID), func(t *tx) (*Order, error) {
		_, topic, err := t.underDiscussion(sessionID, topicID)
		if err != nil {
			return nil, err
		}
		if topic.State != rules.TopicAgreed && topic.State != rules.TopicPartlyAgreed {
			return nil, rules.Refuse(rules.Conflict, "commitment.agreed")
		}
		if err := t.canHold(topic, orgID); err != nil {
			return nil, err
		}
		return t.draftOrder(topic, sessionID, orgID, what, promised)
	})
}

func (t *tx) draftOrder(topic *Topic, sessionID, orgID int64, what string, promised time.Time) (*Order, error) {
	what, err := rules.CheckText("what", what, 200)
	if err != nil {
		return nil, err
	}
	if !promised.After(t.now) {
		return nil, rules.Refuse(rules.Invalid, "order.promised")
	}
	o := &Order{TopicID: topic.ID, SessionID: sessionID, OrgID: orgID, What: what, State: OrderDraft, PromisedAt: promised.UTC().Truncate(time.Second), CreatedAt: t.now}
	return o, t.Create(o).Error
}

func (t *tx) drafts(sessionID, topicID int64) ([]Order, error) {
	var rows []Order
	return rows, t.Where("session_id = ? AND topic_id = ? AND state = ?", sessionID, topicID, OrderDraft).Order("id").Find(&rows).Error
}

// issue starts an order: its org is told and has to sign.
func (t *tx) issue(o *Order, topic *Topic) error {
	at, verb, err := t.clock("order.sign")
	if err != nil {
		return err
	}
	o.State, o.IssuedAt = OrderIssued, &t.now
	if err := t.setOrder(o, set{"state": OrderIssued, "issued_at": t.now, "due_at": at, "due_verb": verb}); err != nil {
		return err
	}
	return t.notifyOrg(o.OrgID, "notice.order_issued", set{"order": o.ID, "what": o.What, "title": topic.Title, "promised_at": o.PromisedAt}, inHand...)
}

func (t *tx) setOrder(o *Order, change set) error {
	change["lapsed_at"] = nil
	if err := t.Model(&Order{}).Where("id = ?", o.ID).Updates(change).Error; err != nil {
		return err
	}
	id := o.ID
	*o = Order{}
	return t.Where("id = ?", id).Take(o).Error
}

// SignOrder takes an order in hand.
func (f *Forum) SignOrder(ctx context.Context, who Actor, id int64) (*Order, error) {
	return do(ctx, f, who, rules.OrderSign, onOrder(id), func(t *tx) (*Order, error) {
		o, topic, err := t.order(id, OrderIssued)
		if err != nil {
			return nil, err
		}
		change := set{"state": OrderSigned, "signer_id": who.PersonID, "signed_at": t.now, "due_at": o.PromisedAt, "due_verb": "order.finish"}
		if err := t.setOrder(o, change); err != nil {
			return nil, err
		}
		return o, t.tellOrder(o, topic, "notice.order_signed")
	})
}

// FinishOrder reports an order done. When it was the last of its topic, those
// who raised the matter are asked.
func (f *Forum) FinishOrder(ctx context.Context, who Actor, id int64, report string) (*Order, error) {
	return do(ctx, f, who, rules.OrderDone, onOrder(id), func(t *tx) (*Order, error) {
		report, err := rules.CheckText("report", report, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		o, topic, err := t.order(id, OrderSigned)
		if err != nil {
			return nil, err
		}
		change := set{"state": OrderDone, "report": report, "done_at": t.now, "due_at": nil, "due_verb": ""}
		if err := t.setOrder(o, change); err != nil {
			return nil, err
		}
		if err := t.tellOrder(o, topic, "notice.order_done"); err != nil {
			return nil, err
		}
		return o, t.complete(topic)
	})
}

func (t *tx) tellOrder(o *Order, topic *Topic, code string) error {
	org, err := t.org(o.OrgID)
	if err != nil {
		return err
	}
	return t.tell(topic, code, set{"what": o.What, "org": org.Name, "promised_at": o.PromisedAt, "report": o.Report})
}

// order reads an order in the wanted state, and its topic.
func (t *tx) order(id int64, state OrderState) (*Order, *Topic, error) {
	var o Order
	if err := t.locked().Where("id = ?", id).Take(&o).Error; err != nil {
		return nil, nil, found(err, "order")
	}
	if o.State != state {
		return nil, nil, rules.Refuse(rules.Conflict, "order.state", "state", o.State)
	}
	topic, err := t.topic(o.TopicID)
	return &o, topic, err
}

// undone are the orders of a topic on which something is still to be done.
func (t *tx) undone(topicID int64) ([]Order, error) {
	var rows []Order
	return rows, t.locked().Where("topic_id = ? AND state NOT IN ?", topicID, []OrderState{OrderDone, OrderDropped}).Order("promised_at, id").Find(&rows).Error
}

// ordered counts the orders of a topic into the work on it, and returns the one
// that is to be done last; its ID is 0 when none is.
func (t *tx) ordered(topicID int64, w *rules.Work) (Order, error) {
	var rows []Order
	if err := t.Where("topic_id = ? AND state <> ?", topicID, OrderDropped).Order("promised_at, id").Find(&rows).Error; err != nil {
		return Order{}, err
	}
	var last Order
	for _, o := range rows {
		if o.State == OrderDone {
			w.Done++
			continue
		}
		w.Left++
		last = o
	}
	return last, nil
}

// reissue starts the orders of a reopened topic again, and returns how many.
func (t *tx) reissue(topic *Topic) (int, error) {
	var rows []Order
	if err := t.Where("topic_id = ? AND state = ?", topic.ID, OrderDone).Order("id").Find(&rows).Error; err != nil {
		return 0, err
	}
	promised, err := t.due("order.finish", t.now)
	if err != nil {
		return 0, err
	}
	for i := range rows {
		if err := t.setOrder(&rows[i], set{"promised_at": promised, "done_at": nil, "signed_at": nil}); err != nil {
			return 0, err
		}
		if err := t.issue(&rows[i], topic); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// Orders returns a page of the orders that an org and those below it have in
// hand or gave.
func (f *Forum) Orders(ctx context.Context, who Actor, orgID int64, states []OrderState, after int64, size int) (Page[Order], error) {
	on := place{subject("org", orgID), func(t *tx) (rules.Object, error) {
		o, err := t.org(orgID)
		if err != nil {
			return rules.Object{}, err
		}
		return rules.Object{Path: o.Path, Holder: o.Path}, nil
	}}
	return see(ctx, f, who, rules.OrderRead, on, func(t *tx) (Page[Order], error) {
		o, err := t.org(orgID)
		if err != nil {
			return Page[Order]{}, err
		}
		size = pageSize(size)
		q := t.Where("id > ? AND (org_id IN (?) OR topic_id IN (?))", after, t.orgsUnder(o),
			t.Model(&Topic{}).Select("id").Where("org_id IN (?)", t.orgsUnder(o)))
		if len(states) > 0 {
			q = q.Where("state IN ?", states)
		}
		var rows []Order
		err = q.Order("id").Limit(size + 1).Find(&rows).Error
		return paged(rows, size, func(o Order) int64 { return o.ID }), err
	})
}

// TopicOrders returns the commitments of a topic: public, as its timeline is.
func (f *Forum) TopicOrders(ctx context.Context, who Actor, topicID int64) ([]Order, error) {
	return see(ctx, f, who, rules.TopicRead, onTopic(topicID), func(t *tx) ([]Order, error) {
		if _, err := t.visible(topicID); err != nil {
			return nil, err
		}
		rows := []Order{}
		return rows, t.Where("topic_id = ?", topicID).Order("id").Find(&rows).Error
	})
}

// onOrder is the place of deeds done to an order: the org that gave it, and the
// one that has it in hand.
func onOrder(id int64) place {
	return place{subject("order", id), func(t *tx) (rules.Object, error) {
		var row struct{ Path, Holder string }
		err := t.Raw(`SELECT g.path, h.path AS holder FROM orders o JOIN topics x ON x.id = o.topic_id
			JOIN orgs g ON g.id = x.org_id JOIN orgs h ON h.id = o.org_id WHERE o.id = ?`, id).Scan(&row).Error
		if err == nil && row.Path == "" {
			err = unknown("order")
		}
		return rules.Object{Path: row.Path, Holder: row.Holder}, err
	}}
}

// rest suspends what an objection touches: one order of a topic, or with 0 all of
// them. One that is done, or rests already, stays as it is.
func (t *tx) rest(topicID, orderID int64) error {
	q := t.locked().Where("topic_id = ?", topicID)
	if orderID != 0 {
		q = q.Where("id = ?", orderID)
	}
	var rows []Order
	if err := q.Order("id").Find(&rows).Error; err != nil {
		return err
	}
	if orderID != 0 && len(rows) == 0 {
		return unknown("order")
	}
	for i := range rows {
		if rows[i].State != OrderIssued && rows[i].State != OrderSigned {
			continue
		}
		if err := t.setOrder(&rows[i], set{"state": OrderSuspended, "before_state": rows[i].State}); err != nil {
			return err
		}
	}
	return nil
}

// release lets a resting order go on where it rested, or drops it.
func (t *tx) release(o *Order, drop bool) error {
	if o.State != OrderSuspended {
		return nil
	}
	if drop {
		return t.setOrder(o, set{"state": OrderDropped, "due_at": nil, "due_verb": ""})
	}
	return t.setOrder(o, set{"state": o.BeforeState})
}

// lapseOrders marks orders whose clock has run out.
func (t *tx) lapseOrders(n int) (int, error) {
	var rows []Order
	err := t.locked().Where("due_at <= ? AND lapsed_at IS NULL AND state IN ?", t.now, []OrderState{OrderIssued, OrderSigned}).
		Order("due_at").Limit(n).Find(&rows).Error
	if err != nil {
		return 0, err
	}
	for _, o := range rows {
		if err := t.Model(&Order{}).Where("id = ?", o.ID).Update("lapsed_at", t.now).Error; err != nil {
			return 0, err
		}
		topic, err := t.topic(o.TopicID)
		if err != nil {
			return 0, err
		}
		if err := t.tellLapse(topic, o.OrgID, o.DueVerb, o.What); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
