package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Appeal is the one appeal against a redirected topic. The street decides.
type Appeal struct {
	TopicID   int64      `json:"topic_id" gorm:"primaryKey;autoIncrement:false"`
	PersonID  int64      `json:"-"`
	Reason    string     `json:"reason"`
	At        time.Time  `json:"at"`
	DecidedBy int64      `json:"-"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	Upheld    bool       `json:"upheld"`
	Answer    string     `json:"answer"`
}

// AppealTopic appeals against the redirection of one's own topic, once.
func (f *Forum) AppealTopic(ctx context.Context, who Actor, topicID int64, reason string) (*Appeal, error) {
	return do(ctx, f, who, rules.TopicAppeal, onTopic(topicID), func(t *tx) (*Appeal, error) {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		topic, err := t.topic(topicID)
		if err != nil {
			return nil, err
		}
		if topic.State != rules.TopicRedirected {
			return nil, rules.Refuse(rules.Conflict, "appeal.state")
		}
		a := &Appeal{TopicID: topicID, PersonID: who.PersonID, Reason: reason, At: t.now}
		if err := t.Create(a).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, rules.Refuse(rules.Conflict, "appeal.twice")
		} else if err != nil {
			return nil, err
		}
		return a, t.askStreet(topic)
	})
}

// askStreet puts an appealed topic into the street's hand, with its clock.
func (t *tx) askStreet(topic *Topic) error {
	street, err := t.streetOf(topic)
	if err != nil {
		return err
	}
	at, verb, err := t.clock("appeal.decide")
	if err != nil {
		return err
	}
	if err := t.hold(topic, street, at, verb); err != nil {
		return err
	}
	return t.notifyOrg(street, "notice.appealed", set{"receipt": topic.Receipt, "title": topic.Title}, rules.Street)
}

// RuleAppeal is the street's ruling: the topic goes back to triage, or stays
// redirected for good.
func (f *Forum) RuleAppeal(ctx context.Context, who Actor, topicID int64, upheld bool, answer string) (*Appeal, error) {
	return do(ctx, f, who, rules.TopicRule, onTopic(topicID), func(t *tx) (*Appeal, error) {
		return t.ruleAppeal(topicID, upheld, answer)
	})
}

func (t *tx) ruleAppeal(topicID int64, upheld bool, answer string) (*Appeal, error) {
	answer, err := rules.CheckText("answer", answer, rules.MaxReason)
	if err != nil {
		return nil, err
	}
	topic, err := t.topic(topicID)
	if err != nil {
		return nil, err
	}
	var a Appeal
	if err := t.locked().Where("topic_id = ?", topicID).Take(&a).Error; err != nil {
		return nil, found(err, "appeal")
	}
	if a.DecidedAt != nil {
		return nil, rules.Refuse(rules.Conflict, "appeal.decided")
	}
	a.DecidedBy, a.DecidedAt, a.Upheld, a.Answer = t.who.PersonID, &t.now, upheld, answer
	err = t.Model(&Appeal{}).Where("topic_id = ?", topicID).
		Updates(set{"decided_by": a.DecidedBy, "decided_at": a.DecidedAt, "upheld": upheld, "answer": answer}).Error
	if err != nil {
		return nil, err
	}
	if !upheld {
		if err := t.hold(topic, topic.OrgID, nil, ""); err != nil {
			return nil, err
		}
		return &a, t.tell(topic, "notice.appeal_denied", set{"answer": answer})
	}
	if err := t.move(topic, rules.OnAppealUpheld, set{"holder_id": topic.OrgID, "n_code": ""}, answer); err != nil {
		return nil, err
	}
	return &a, t.tell(topic, "notice.appeal_upheld", set{"answer": answer})
}

// AppealView is an appeal that waits for the street's ruling, with what it is against.
type AppealView struct {
	Appeal
	Title   string     `json:"title"`
	Receipt string     `json:"receipt"`
	DueAt   *time.Time `json:"due_at,omitempty"`
}

// Appeals returns the appeals that wait for a ruling at an org and below it, the most
// urgent first.
func (f *Forum) Appeals(ctx context.Context, who Actor, orgID int64) ([]AppealView, error) {
	return see(ctx, f, who, rules.TopicQueue, inOrg(orgID), func(t *tx) ([]AppealView, error) {
		rows := []AppealView{}
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		return rows, t.Table("appeals a").Joins("JOIN topics x ON x.id = a.topic_id").
			Where("a.decided_at IS NULL AND x.org_id IN (?)", t.orgsUnder(o)).
			Order("x.due_at, a.topic_id").Limit(MaxPageSize).Select("a.*, x.title, x.receipt, x.due_at").Scan(&rows).Error
	})
}
