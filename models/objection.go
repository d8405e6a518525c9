package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Objection is a neighbour's word against a published result, or against one of
// its orders, which then rests until the objection is answered.
type Objection struct {
	ID         int64      `json:"id"`
	TopicID    int64      `json:"topic_id"`
	PersonID   int64      `json:"-"`
	OrderID    int64      `json:"order_id,omitempty"`
	Words      string     `json:"words"`
	At         time.Time  `json:"at"`
	Answer     string     `json:"answer"`
	Upheld     bool       `json:"upheld"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
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
	var p Publication
	if err := t.Where("topic_id = ?", topicID).Take(&p).Error; err != nil {
		return nil, found(err, "publication")
	}
	if !t.now.Before(p.ObjectionsUntil) || p.EndedAt != nil {
		return nil, rules.Refuse(rules.Conflict, "objection.late")
	}
	o := &Objection{TopicID: topicID, PersonID: t.who.PersonID, OrderID: orderID, Words: words, At: t.now}
	if err := t.Create(o).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, rules.Refuse(rules.Conflict, "objection.twice")
	} else if err != nil {
		return nil, err
	}
	if orderID != 0 {
		if err := t.rest(topicID, orderID); err != nil {
			return nil, err
		}
	}
	topic, err := t.topic(topicID)
	if err != nil {
		return nil, err
	}
	return o, t.notifyOrg(topic.OrgID, "notice.objected", set{"title": topic.Title, "objection": o.ID}, rules.Secretary)
}

// AnswerObjection answers an objection. One that is upheld drops the order it
// touches; otherwise the order goes on where it rested.
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
	if o.OrderID != 0 {
		if err := t.goOn(&o, topic); err != nil {
			return nil, err
		}
	}
	return &o, t.notify(o.PersonID, "notice.objection_answered", set{"title": topic.Title, "answer": answer, "upheld": upheld})
}

// goOn lets an order go on, or drops it, once no objection touches it any more.
func (t *tx) goOn(o *Objection, topic *Topic) error {
	var waiting int64
	err := t.Model(&Objection{}).Where("order_id = ? AND answered_at IS NULL", o.OrderID).Count(&waiting).Error
	if err != nil || waiting > 0 && !o.Upheld {
		return err
	}
	if err := t.release(o.OrderID, o.Upheld); err != nil {
		return err
	}
	return t.complete(topic)
}

// Objections returns the objections to a topic, for the desk.
func (f *Forum) Objections(ctx context.Context, who Actor, topicID int64) ([]Objection, error) {
	return see(ctx, f, who, rules.ObjectionAnswer, onTopic(topicID), func(t *tx) ([]Objection, error) {
		rows := []Objection{}
		return rows, t.Where("topic_id = ?", topicID).Order("id").Find(&rows).Error
	})
}
