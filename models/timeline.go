package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Hop is one turn in a topic's life: what happened, who holds it since, and
// until when. The timeline is public; Words are the plain words of staff. What the
// raiser answered them is for the two alone.
type Hop struct {
	ID        int64       `json:"id"`
	TopicID   int64       `json:"-"`
	At        time.Time   `json:"at"`
	Event     rules.Event `json:"event"`
	FromState rules.State `json:"from"`
	ToState   rules.State `json:"to"`
	HolderID  int64       `json:"holder_id"`
	DueAt     *time.Time  `json:"due_at,omitempty"`
	Words     string      `json:"words"`
	Holder    string      `json:"holder" gorm:"->;-:migration"`
}

func (t *tx) hop(h Hop) error {
	h.At = t.now
	return t.Omit("Holder").Create(&h).Error
}

// Timeline returns every turn of a topic, oldest first, with who held it and
// until when.
func (f *Forum) Timeline(ctx context.Context, who Actor, topicID int64) ([]Hop, error) {
	return see(ctx, f, who, rules.TopicRead, onTopic(topicID), func(t *tx) ([]Hop, error) {
		if _, err := t.visible(topicID); err != nil {
			return nil, err
		}
		near, err := t.near(topicID)
		if err != nil {
			return nil, err
		}
		rows := []Hop{}
		err = t.Table("hops h").Joins("LEFT JOIN orgs g ON g.id = h.holder_id").Where("h.topic_id = ?", topicID).
			Order("h.id").Select("h.*, g.name AS holder").Scan(&rows).Error
		for i := range rows {
			if rows[i].Event == rules.OnAnswer && !near {
				rows[i].Words = ""
			}
		}
		return rows, err
	})
}

// dropAnswers forgets what somebody answered the desk.
func (t *tx) dropAnswers(person int64) error {
	raised := t.Model(&Topic{}).Select("id").Where("raiser_id = ?", person)
	return t.Model(&Hop{}).Where("event = ? AND topic_id IN (?)", rules.OnAnswer, raised).Update("words", "").Error
}

// hops writes many turns at once.
func (t *tx) hops(rows []Hop) error {
	return t.Omit("Holder").CreateInBatches(rows, 200).Error
}
