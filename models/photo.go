package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// MaxPhotos is how many photos a topic takes.
const MaxPhotos = 9

// Photo is a picture of a topic. File names it in the photo store.
type Photo struct {
	ID       int64     `json:"id"`
	TopicID  int64     `json:"topic_id"`
	PersonID int64     `json:"-"`
	File     string    `json:"-"`
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	At       time.Time `json:"at"`
}

// AddPhoto records a picture that the photo store has taken in.
func (f *Forum) AddPhoto(ctx context.Context, who Actor, p Photo) (*Photo, error) {
	return do(ctx, f, who, rules.TopicPhoto, onTopic(p.TopicID), func(t *tx) (*Photo, error) {
		if p.File == "" {
			return nil, rules.Refuse(rules.Invalid, "photo.broken")
		}
		topic, err := t.topic(p.TopicID)
		if err != nil {
			return nil, err
		}
		if err := t.takesPhoto(topic); err != nil {
			return nil, err
		}
		p.ID, p.PersonID, p.At = 0, who.PersonID, t.now
		return &p, t.keepPhoto(&p, topic)
	})
}

// keepPhoto writes a picture of a topic down and screens it, unless the desk puts
// it up.
func (t *tx) keepPhoto(p *Photo, topic *Topic) error {
	if err := t.Create(p).Error; err != nil {
		return err
	}
	return t.screenPhoto(p, topic)
}

// screenPhoto screens a picture that somebody else than the desk puts up.
func (t *tx) screenPhoto(p *Photo, topic *Topic) error {
	object, err := onTopic(topic.ID).find(t)
	if err != nil {
		return err
	}
	s := Screening{OrgID: topic.OrgID, Noun: rules.ScreenedPhoto, ThingID: p.ID, OfID: topic.ID}
	if t.may(rules.ScreeningDecide, object) {
		return t.vouch(s)
	}
	return t.screen(s)
}

// takesPhoto refuses a picture for which a topic has no room, and one that
// everybody would see without the desk having seen it: once a topic has been
// reviewed, only the desk adds pictures.
func (t *tx) takesPhoto(topic *Topic) error {
	if topic.State.Ended() {
		return rules.Refuse(rules.Conflict, "topic.ended")
	}
	if topic.reviewed() {
		object, err := onTopic(topic.ID).find(t)
		if err != nil {
			return err
		}
		if !t.may(rules.TopicAccept, object) {
			return rules.Refuse(rules.Conflict, "photo.late")
		}
	}
	var n, awaited int64
	if err := t.Model(&Photo{}).Where("topic_id = ?", topic.ID).Count(&n).Error; err != nil {
		return err
	}
	if err := t.Model(&AwaitedPhoto{}).Where("topic_id = ?", topic.ID).Count(&awaited).Error; err != nil {
		return err
	}
	if n+awaited >= MaxPhotos {
		return rules.Refuse(rules.Conflict, "photo.many", "max", MaxPhotos)
	}
	return nil
}

// MayAddPhoto refuses before a picture is taken in what AddPhoto would refuse.
func (f *Forum) MayAddPhoto(ctx context.Context, who Actor, topicID int64) error {
	_, err := see(ctx, f, who, rules.TopicPhoto, onTopic(topicID), func(t *tx) (None, error) {
		var topic Topic
		if err := t.Where("id = ?", topicID).Take(&topic).Error; err != nil {
			return None{}, found(err, "topic")
		}
		return None{}, t.takesPhoto(&topic)
	})
	return err
}

// Photos returns the pictures of a topic that the person may read: everybody those
// that were let stand, whoever raised the topic and the desk all of them.
func (f *Forum) Photos(ctx context.Context, who Actor, topicID int64) ([]Photo, error) {
	return see(ctx, f, who, rules.TopicRead, onTopic(topicID), func(t *tx) ([]Photo, error) {
		if _, err := t.visible(topicID); err != nil {
			return nil, err
		}
		object, err := onTopic(topicID).find(t)
		if err != nil {
			return nil, err
		}
		q, rows := t.Where("topic_id = ?", topicID), []Photo{}
		if !object.Own && !t.may(rules.ScreeningRead, object) {
			q = q.Where("id IN (?)", t.public(rules.ScreenedPhoto))
		}
		return rows, q.Order("id").Find(&rows).Error
	})
}

// countPhotos counts the pictures of topics: for everybody those that were let
// stand, for staff and for whoever added them the others too.
func (t *tx) countPhotos(topics []int64) (map[int64]int64, error) {
	if rules.MayEver(t.standing, rules.ScreeningRead) == nil {
		return t.countBy(&Photo{}, topics, "")
	}
	return t.countBy(&Photo{}, topics, "(person_id = ? OR id IN (?))", t.who.PersonID, t.public(rules.ScreenedPhoto))
}
