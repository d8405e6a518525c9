package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Case is a topic as the casebook keeps it: what was agreed, how long it took,
// and what those said who were asked, silence shown as silence.
type Case struct {
	TopicID  int64     `json:"topic_id" gorm:"primaryKey;autoIncrement:false"`
	OrgID    int64     `json:"org_id"`
	Item     string    `json:"item"`
	Title    string    `json:"title"`
	Words    string    `json:"words"`
	Days     int       `json:"days"`
	Solved   int       `json:"solved"`
	Silent   int       `json:"silent"`
	Unsolved int       `json:"unsolved"`
	At       time.Time `json:"at"`
}

// ArchiveTopic writes the casebook entry of a confirmed topic and archives it.
// Words are what others can learn from it; without, the agreed text stands.
func (f *Forum) ArchiveTopic(ctx context.Context, who Actor, topicID int64, words string) (*Case, error) {
	return do(ctx, f, who, rules.TopicArchive, onTopic(topicID), func(t *tx) (*Case, error) {
		words, err := rules.CheckOptional("words", words, rules.MaxBody)
		if err != nil {
			return nil, err
		}
		topic, err := t.topic(topicID)
		if err != nil {
			return nil, err
		}
		c := &Case{TopicID: topic.ID, OrgID: topic.OrgID, Item: topic.Item, Title: topic.Title, Words: words, Days: int(t.now.Sub(topic.CreatedAt).Hours() / 24), At: t.now}
		if err := t.move(topic, rules.OnArchive, nil, ""); err != nil {
			return nil, err
		}
		if c.Words == "" {
			var o Outcome
			if err := t.Where("topic_id = ?", topicID).Order("at DESC").Limit(1).Find(&o).Error; err != nil {
				return nil, err
			}
			c.Words = o.Words
		}
		if err := t.answers(c); err != nil {
			return nil, err
		}
		return c, t.Create(c).Error
	})
}

func (t *tx) answers(c *Case) error {
	turn, err := t.turn(c.TopicID)
	if err != nil {
		return err
	}
	var rows []struct {
		Answer rules.Answer
		N      int
	}
	err = t.Model(&Confirmation{}).Where("topic_id = ? AND turn = ?", c.TopicID, turn).Select("answer, COUNT(*) AS n").Group("answer").Scan(&rows).Error
	for _, r := range rows {
		switch r.Answer {
		case rules.AnswerSolved:
			c.Solved = r.N
		case rules.AnswerSilent:
			c.Silent = r.N
		case rules.AnswerUnsolved:
			c.Unsolved = r.N
		case rules.AnswerNone:
		}
	}
	return err
}

// TopicsToArchive returns confirmed topics whose secretary has had long enough to
// write down what others can learn from them.
func (f *Forum) TopicsToArchive(ctx context.Context, after int64, n int) ([]int64, error) {
	return see(ctx, f, Clock, rules.TopicArchive, anywhere("topic"), func(t *tx) ([]int64, error) {
		var ids []int64
		return ids, t.Model(&Topic{}).Where("state = ? AND due_at <= ? AND id > ?", rules.TopicConfirmed, t.now, after).
			Order("id").Limit(n).Pluck("id", &ids).Error
	})
}

// Cases returns a page of the casebook, newest first. It is open to everybody.
func (f *Forum) Cases(ctx context.Context, who Actor, item string, before int64, size int) (Page[Case], error) {
	return see(ctx, f, who, rules.CaseRead, anywhere("case"), func(t *tx) (Page[Case], error) {
		size = pageSize(size)
		q := t.Order("topic_id DESC").Limit(size + 1)
		if item != "" {
			q = q.Where("item = ?", item)
		}
		if before > 0 {
			q = q.Where("topic_id < ?", before)
		}
		var rows []Case
		err := q.Find(&rows).Error
		return paged(rows, size, func(c Case) int64 { return c.TopicID }), err
	})
}
