package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Objection is a neighbour's word against a published result, or against one of
// its orders: what it touches rests until it is answered.
type Objection struct {
	ID            int64      `json:"id"`
	TopicID       int64      `json:"topic_id"`
	PublicationID int64      `json:"-"`
	PersonID      int64      `json:"-"`
	OrderID       int64      `json:"order_id,omitempty"` // 0: the whole result
	Words         string     `json:"words"`
	At            time.Time  `json:"at"`
	DueAt         time.Time  `json:"due_at"` // by when the desk owes its answer
	Answer        string     `json:"answer"`
	Upheld        bool       `json:"upheld"`
	AnsweredAt    *time.Time `json:"answered_at,omitempty"`
}

// ObjectTopic objects to a published result while objections are taken.
func (f *Forum) ObjectTopic(ctx context.Context, who Actor, topicID, orderID int64, words string) (*Objection, error) {
	return do(ctx, f, who, rules.ObjectionRaise, onTopic(topicID), func(t *tx) (*Objection, error) {
		return t.objectTopic(topicID, orderID, words)
	})
}

func (t *tx) objectTopic(topicID int64, orderID int64, words string) (*Objection, error) {
	words, err := rules.CheckText("words", words, rules.MaxReason)
	if err != nil {
		return nil, err
	}
	p, err := t.published(topicID)
	if err != nil {
		return nil, err
	}
	if p.ID == 0 {
		return nil, unknown("publication")
	}
	if !t.now.Before(p.ObjectionsUntil) || p.EndedAt != nil {
		return nil, rules.Refuse(rules.Conflict, "objection.late")
	}
	due, err := t.due("objection.answer", t.now)
	if err != nil {
		return nil, err
	}
	o := &Objection{TopicID: topicID, PublicationID: p.ID, PersonID: t.who.PersonID, OrderID: orderID, Words: words, At: t.now, DueAt: due}
	if err := t.Create(o).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, rules.Refuse(rules.Conflict, "objection.twice")
	} else if err != nil {
		return nil, err
	}
	if err := t.rest(topicID, orderID); err != nil {
		return nil, err
	}
	topic, err := t.topic(topicID)
	if err != nil {
		return nil, err
	}
	if err := t.complete(topic); err != nil {
		return nil, err
	}
	return o, t.notifyOrg(topic.OrgID, "notice.objected", set{"title": topic.Title, "objection": o.ID}, rules.Secretary)
}

// AnswerObjection answers an objection. One that is upheld drops what it touches;
// where nothing of the result is left then, the desk has to find another way.
// Otherwise the orders go on where they rested.
func (f *Forum) AnswerObjection(ctx context.Context, who Actor, id int64, upheld bool, answer string) (*Objection, error) {
	on := place{subject("objection", id), func(t *tx) (rules.Object, error) {
		var o Objection
		if err := t.Where("id = ?", id).Take(&o).Error; err != nil {
			return rules.Object{}, found(err, "objection")
		}
		return onTopic(o.TopicID).find(t)
	}}
	return do(ctx, f, who, rules.ObjectionAnswer, on, func(t *tx) (*Objection, error) {
		return t.answerObjection(id, upheld, answer)
	})
}

func (t *tx) answerObjection(id int64, upheld bool, answer string) (*Objection, error) {
	answer, err := rules.CheckText("answer", answer, rules.MaxReason)
	if err != nil {
		return nil, err
	}
	var o Objection
	if err := t.locked().Where("id = ?", id).Take(&o).Error; err != nil {
		return nil, found(err, "objection")
	}
	if o.AnsweredAt != nil {
		return nil, rules.Refuse(rules.Conflict, "objection.answered")
	}
	o.Answer, o.Upheld, o.AnsweredAt = answer, upheld, &t.now
	err = t.Model(&Objection{}).Where("id = ?", id).Updates(set{"answer": answer, "upheld": upheld, "answered_at": t.now}).Error
	if err != nil {
		return nil, err
	}
	topic, err := t.topic(o.TopicID)
	if err != nil {
		return nil, err
	}
	if err := t.goOn(&o); err != nil {
		return nil, err
	}
	if err := t.complete(topic); err != nil {
		return nil, err
	}
	return &o, t.notify(o.PersonID, "notice.objection_answered", set{"title": topic.Title, "answer": answer, "upheld": upheld})
}

// goOn drops the orders that an upheld objection touches, or lets those go on
// that no objection touches any more.
func (t *tx) goOn(o *Objection) error {
	orders, err := t.undone(o.TopicID)
	if err != nil {
		return err
	}
	for i := range orders {
		if o.OrderID != 0 && o.OrderID != orders[i].ID {
			continue
		}
		if !o.Upheld {
			var waiting int64
			err := t.Model(&Objection{}).Where("topic_id = ? AND order_id IN ? AND answered_at IS NULL", o.TopicID, []int64{0, orders[i].ID}).Count(&waiting).Error
			if err != nil {
				return err
			}
			if waiting > 0 {
				continue
			}
		}
		if err := t.release(&orders[i], o.Upheld); err != nil {
			return err
		}
	}
	return nil
}

// against counts what was said against a publication into the work on it, and
// returns the objection whose answer is owed first; its ID is 0 when none is.
func (t *tx) against(p Publication, w *rules.Work) (Objection, error) {
	var rows []Objection
	if err := t.Where("publication_id = ?", p.ID).Order("due_at, id").Find(&rows).Error; err != nil {
		return Objection{}, err
	}
	var first Objection
	for _, o := range rows {
		switch {
		case o.AnsweredAt == nil:
			w.Waiting++
			if first.ID == 0 {
				first = o
			}
		case o.Upheld && o.OrderID == 0:
			w.Denied = true
		case o.Upheld:
			w.Upheld++
		}
	}
	return first, nil
}

// Objections returns the objections to a topic, for the desk.
func (f *Forum) Objections(ctx context.Context, who Actor, topicID int64) ([]Objection, error) {
	return see(ctx, f, who, rules.ObjectionAnswer, onTopic(topicID), func(t *tx) ([]Objection, error) {
		rows := []Objection{}
		return rows, t.Where("topic_id = ?", topicID).Order("id").Find(&rows).Error
	})
}

// recountObjections counts anew until when objections are to be answered, where
// that is past the end of a calendar.
func (t *tx) recountObjections(before, after rules.Calendar) error {
	var rows []Objection
	err := t.locked().Where("due_at >= ? AND answered_at IS NULL", before.Ends().UTC()).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, o := range rows {
		if err := t.Model(&Objection{}).Where("id = ?", o.ID).Update("due_at", before.Recount(after, o.DueAt)).Error; err != nil {
			return err
		}
	}
	return nil
}
