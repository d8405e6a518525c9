package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Cosign is a neighbour's word that a matter is theirs too.
type Cosign struct {
	TopicID  int64 `gorm:"primaryKey;autoIncrement:false"`
	PersonID int64 `gorm:"primaryKey;autoIncrement:false"`
	At       time.Time
}

// CosignTopic joins a matter that somebody else raised and that has been
// reviewed. It returns how many have joined.
func (f *Forum) CosignTopic(ctx context.Context, who Actor, topicID int64) (int64, error) {
	return do(ctx, f, who, rules.TopicCosign, onTopic(topicID), func(t *tx) (int64, error) {
		topic, err := t.topic(topicID)
		if err != nil {
			return 0, err
		}
		switch {
		case !topic.reviewed():
			return 0, unknown("topic")
		case topic.State.Ended():
			return 0, rules.Refuse(rules.Conflict, "topic.ended")
		case topic.RaiserID == who.PersonID:
			return 0, rules.Refuse(rules.Conflict, "cosign.own")
		}
		err = t.Create(&Cosign{TopicID: topicID, PersonID: who.PersonID, At: t.now}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return 0, rules.Refuse(rules.Conflict, "cosign.twice")
		}
		if err != nil {
			return 0, err
		}
		var n int64
		return n, t.Model(&Cosign{}).Where("topic_id = ?", topicID).Count(&n).Error
	})
}

// mergeCosigns carries raiser and co-signers of one topic over to another.
func (t *tx) mergeCosigns(from, to *Topic) error {
	var ids []int64
	if err := t.Model(&Cosign{}).Where("topic_id = ?", from.ID).Order("person_id").Pluck("person_id", &ids).Error; err != nil {
		return err
	}
	var there []int64
	if err := t.Model(&Cosign{}).Where("topic_id = ?", to.ID).Pluck("person_id", &there).Error; err != nil {
		return err
	}
	seen := map[int64]bool{0: true, to.RaiserID: true}
	for _, id := range there {
		seen[id] = true
	}
	for _, id := range append(ids, from.RaiserID) {
		if seen[id] {
			continue
		}
		seen[id] = true
		if err := t.Create(&Cosign{TopicID: to.ID, PersonID: id, At: t.now}).Error; err != nil {
			return err
		}
	}
	return nil
}

// cosigners returns who joined a topic, in the order in which they did.
func (t *tx) cosigners(topicID int64) ([]int64, error) {
	var ids []int64
	return ids, t.Model(&Cosign{}).Where("topic_id = ?", topicID).Order("at, person_id").Pluck("person_id", &ids).Error
}
