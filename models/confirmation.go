package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Confirmation asks one of those who raised a matter whether it is solved. Turn
// counts how often they have been asked, from 1.
type Confirmation struct {
	TopicID    int64        `json:"topic_id" gorm:"primaryKey;autoIncrement:false"`
	Turn       int          `json:"turn" gorm:"primaryKey;autoIncrement:false"`
	PersonID   int64        `json:"-" gorm:"primaryKey;autoIncrement:false"`
	Answer     rules.Answer `json:"answer"`
	Words      string       `json:"words"`
	HelperID   int64        `json:"-"` // who answered for a raiser without a phone
	Consent    string       `json:"-"`
	AskedAt    time.Time    `json:"asked_at"`
	Reminders  int          `json:"reminders"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
}

// How many co-signers are asked besides the raiser, and how often people are
// reminded before their silence counts as silence.
const (
	ConfirmSample    = 5
	ConfirmReminders = 2
)

// ask asks the raiser and a sample of co-signers.
func (t *tx) ask(topic *Topic) error {
	ids, err := t.cosigners(topic.ID)
	if err != nil {
		return err
	}
	turn, err := t.turn(topic.ID)
	if err != nil {
		return err
	}
	ids = rules.Sample(ids, ConfirmSample)
	if topic.RaiserID != 0 {
		ids = append([]int64{topic.RaiserID}, ids...)
	}
	for _, id := range ids {
		row := Confirmation{TopicID: topic.ID, Turn: turn + 1, PersonID: id, AskedAt: t.now}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		if err := t.notify(id, "notice.confirm", set{"receipt": topic.Receipt, "title": topic.Title, "topic": topic.ID}); err != nil {
			return err
		}
	}
	if err := t.askHelper(topic); err != nil {
		return err
	}
	return t.weigh(topic)
}

// askHelper asks whoever wrote a topic down for somebody without a phone to ask
// them whether it is solved.
func (t *tx) askHelper(topic *Topic) error {
	return t.notify(topic.HelperID, "notice.confirm_for", set{"receipt": topic.Receipt, "title": topic.Title, "topic": topic.ID})
}

// ConfirmTopicFor is the answer of a raiser without a phone, given by whoever
// wrote the matter down for them, with their consent on record.
func (f *Forum) ConfirmTopicFor(ctx context.Context, who Actor, topicID int64, solved bool, words, consent string) (*Topic, error) {
	on := place{subject("topic", topicID), func(t *tx) (rules.Object, error) {
		var n int64
		err := t.Model(&Topic{}).Where("id = ? AND helper_id = ?", topicID, who.PersonID).Count(&n).Error
		if err == nil && n == 0 {
			err = unknown("confirmation")
		}
		return rules.Object{Own: n > 0}, err
	}}
	return do(ctx, f, who, rules.ConfirmationFor, on, func(t *tx) (*Topic, error) {
		consent, err := rules.CheckText("consent", consent, rules.MaxReason/4)
		if err != nil {
			return nil, err
		}
		topic, err := t.topic(topicID)
		if err != nil {
			return nil, err
		}
		var accounts int64
		if err := t.Model(&Account{}).Where("person_id = ?", topic.RaiserID).Count(&accounts).Error; err != nil {
			return nil, err
		}
		if accounts > 0 {
			return nil, rules.Refuse(rules.Conflict, "confirmation.self")
		}
		return t.confirmed(topic, Confirmation{PersonID: topic.RaiserID, Words: words, HelperID: who.PersonID, Consent: consent}, solved)
	})
}

// ConfirmTopic is the answer of somebody who was asked. One "unsolved" reopens
// the matter, once.
func (f *Forum) ConfirmTopic(ctx context.Context, who Actor, topicID int64, solved bool, words string) (*Topic, error) {
	on := place{subject("topic", topicID), func(t *tx) (rules.Object, error) {
		var n int64
		err := t.Model(&Confirmation{}).Where("topic_id = ? AND person_id = ?", topicID, who.PersonID).Count(&n).Error
		if err == nil && n == 0 {
			err = unknown("confirmation")
		}
		return rules.Object{Own: n > 0}, err
	}}
	return do(ctx, f, who, rules.ConfirmationGive, on, func(t *tx) (*Topic, error) {
		topic, err := t.topic(topicID)
		if err != nil {
			return nil, err
		}
		return t.confirmed(topic, Confirmation{PersonID: who.PersonID, Words: words}, solved)
	})
}

// confirmed takes the answer of one who was asked, and draws what follows.
func (t *tx) confirmed(topic *Topic, c Confirmation, solved bool) (*Topic, error) {
	words, err := rules.CheckOptional("words", c.Words, rules.MaxReason)
	if err != nil {
		return nil, err
	}
	answer := rules.AnswerUnsolved
	if solved {
		answer = rules.AnswerSolved
	}
	turn, err := t.turn(topic.ID)
	if err != nil {
		return nil, err
	}
	r := t.Model(&Confirmation{}).Where("topic_id = ? AND turn = ? AND person_id = ? AND answered_at IS NULL", topic.ID, turn, c.PersonID).
		Updates(set{"answer": answer, "words": words, "helper_id": c.HelperID, "consent": c.Consent, "answered_at": t.now})
	if r.Error != nil {
		return nil, r.Error
	}
	if r.RowsAffected == 0 || topic.State != rules.TopicCompleted {
		return nil, rules.Refuse(rules.Conflict, "confirmation.given")
	}
	return topic, t.weigh(topic)
}

// weigh draws what follows from the answers so far.
func (t *tx) weigh(topic *Topic) error {
	turn, err := t.turn(topic.ID)
	if err != nil {
		return err
	}
	var answers []rules.Answer
	err = t.Model(&Confirmation{}).Where("topic_id = ? AND turn = ?", topic.ID, turn).Order("person_id").Pluck("answer", &answers).Error
	if err != nil {
		return err
	}
	event, ok := rules.Weigh(answers, topic.Reopened)
	if len(answers) == 0 { // an imported matter: nobody can be asked
		event, ok = rules.OnConfirm, true
	}
	if !ok {
		return nil
	}
	return t.conclude(topic, event)
}

// conclude does what the answers come to.
func (t *tx) conclude(topic *Topic, event rules.Event) error {
	if event == rules.OnEscalate {
		return t.escalate(topic, "")
	}
	if event == rules.OnReopen {
		return t.reopen(topic)
	}
	if err := t.move(topic, event, nil, ""); err != nil {
		return err
	}
	return t.tell(topic, "notice.topic_confirm", nil)
}

// reopen has the orders of a topic done again. Where there were none, the desk
// has to find another way.
func (t *tx) reopen(topic *Topic) error {
	if err := t.move(topic, rules.OnReopen, set{"reopened": topic.Reopened + 1}, ""); err != nil {
		return err
	}
	if err := t.tell(topic, "notice.topic_reopen", nil); err != nil {
		return err
	}
	n, err := t.reissue(topic)
	if err != nil {
		return err
	}
	if n == 0 {
		return t.overturn(topic, &Publication{})
	}
	return t.complete(topic)
}

// turn is how often those who raised a topic have been asked.
func (t *tx) turn(topicID int64) (int, error) {
	var turn int
	return turn, t.Model(&Confirmation{}).Where("topic_id = ?", topicID).Select("COALESCE(MAX(turn), 0)").Scan(&turn).Error
}

// RemindConfirmations reminds those who have not answered, and counts as silent
// whoever stays silent long enough after the last reminder; up to n topics. It
// returns how many it dealt with.
func (f *Forum) RemindConfirmations(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.ConfirmationRound, anywhere("confirmation"), func(t *tx) (int, error) {
		var topics []Topic
		err := t.locked().Where("state = ? AND due_at <= ?", rules.TopicCompleted, t.now).Order("due_at").Limit(n).Find(&topics).Error
		if err != nil {
			return 0, err
		}
		for i := range topics {
			if err := t.remind(&topics[i]); err != nil {
				return 0, err
			}
		}
		return len(topics), nil
	})
}

func (t *tx) remind(topic *Topic) error {
	turn, err := t.turn(topic.ID)
	if err != nil {
		return err
	}
	var rows []Confirmation
	err = t.Where("topic_id = ? AND turn = ? AND answered_at IS NULL", topic.ID, turn).Order("person_id").Find(&rows).Error
	if err != nil {
		return err
	}
	reminded := 0
	for _, row := range rows {
		if err := t.remindOne(topic, &row); err != nil {
			return err
		}
		if row.AnsweredAt == nil {
			reminded = max(reminded, row.Reminders)
		}
	}
	if reminded == 0 {
		return t.weigh(topic)
	}
	verb := "confirm.remind"
	if reminded >= ConfirmReminders {
		verb = "confirm.silence"
	}
	at, verb, err := t.clock(verb)
	if err != nil {
		return err
	}
	return t.hold(topic, topic.HolderID, at, verb)
}

// remindOne reminds one who has not answered, or counts them as silent.
func (t *tx) remindOne(topic *Topic, row *Confirmation) error {
	mine := t.Model(&Confirmation{}).Where("topic_id = ? AND turn = ? AND person_id = ?", row.TopicID, row.Turn, row.PersonID)
	if row.Reminders >= ConfirmReminders {
		row.Answer, row.AnsweredAt = rules.AnswerSilent, &t.now
		return mine.Updates(set{"answer": row.Answer, "answered_at": row.AnsweredAt}).Error
	}
	row.Reminders++
	if err := mine.Update("reminders", row.Reminders).Error; err != nil {
		return err
	}
	if err := t.notify(row.PersonID, "notice.confirm_reminder", set{"receipt": topic.Receipt, "title": topic.Title, "topic": topic.ID}); err != nil {
		return err
	}
	if row.PersonID != topic.RaiserID {
		return nil
	}
	return t.askHelper(topic)
}

// MyConfirmations returns what the person is being asked.
func (f *Forum) MyConfirmations(ctx context.Context, who Actor) ([]TopicView, error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) ([]TopicView, error) {
		var topics []Topic
		err := t.Where("state = ? AND id IN (?)", rules.TopicCompleted,
			t.Model(&Confirmation{}).Select("topic_id").Where("person_id = ? AND answered_at IS NULL", who.PersonID)).Order("id").Find(&topics).Error
		if err != nil {
			return nil, err
		}
		return t.view(topics)
	})
}

// HelpedConfirmations returns what those for whom the person wrote a matter down
// are being asked, and cannot answer themselves: they have no account.
func (f *Forum) HelpedConfirmations(ctx context.Context, who Actor) ([]TopicView, error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) ([]TopicView, error) {
		var topics []Topic
		asked := t.Model(&Confirmation{}).Select("1").Where("confirmations.topic_id = topics.id AND confirmations.person_id = topics.raiser_id AND answered_at IS NULL")
		reached := t.Model(&Account{}).Select("1").Where("accounts.person_id = topics.raiser_id")
		err := t.Where("helper_id = ? AND state = ? AND EXISTS (?) AND NOT EXISTS (?)", who.PersonID, rules.TopicCompleted, asked, reached).Order("id").Find(&topics).Error
		if err != nil {
			return nil, err
		}
		return t.view(topics)
	})
}
