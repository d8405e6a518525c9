package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// AwaitedPhoto is a picture that somebody sent by chat for a topic: WeChat holds it
// and says only its number. It has its place among the pictures of the topic
// already; the clock fetches it.
type AwaitedPhoto struct {
	ID       int64
	TopicID  int64
	PersonID int64
	MediaID  string
	Attempts int
	DueAt    time.Time
	At       time.Time
}

// MediaFor is how long WeChat holds what was sent by chat.
const MediaFor = 3 * 24 * time.Hour

// The waits between attempts to fetch a picture, of which the last holds for all
// that follow.
var mediaWaits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 3 * time.Hour}

// AwaitPhoto adds a picture that WeChat holds to a topic. It is refused where a
// picture that is here would be.
func (f *Forum) AwaitPhoto(ctx context.Context, who Actor, topicID int64, media string) (None, error) {
	return do(ctx, f, who, rules.TopicPhoto, onTopic(topicID), func(t *tx) (None, error) {
		topic, err := t.topic(topicID)
		if err != nil {
			return None{}, err
		}
		if err := t.takesPhoto(topic); err != nil {
			return None{}, err
		}
		return None{}, t.await(topicID, media)
	})
}

func (t *tx) await(topicID int64, media ...string) error {
	for _, id := range media {
		row := AwaitedPhoto{TopicID: topicID, PersonID: t.who.PersonID, MediaID: id, DueAt: t.now, At: t.now}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// ClaimPhotos takes up to n pictures that are to be fetched from WeChat, so that
// nobody else does for a while.
func (f *Forum) ClaimPhotos(ctx context.Context, n int) ([]AwaitedPhoto, error) {
	return do(ctx, f, Clock, rules.PhotoClaim, anywhere("photo"), func(t *tx) ([]AwaitedPhoto, error) {
		var rows []AwaitedPhoto
		if err := t.locked().Where("due_at <= ?", t.now).Order("due_at, id").Limit(n).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			wait := mediaWaits[min(row.Attempts, len(mediaWaits)-1)]
			again := set{"attempts": row.Attempts + 1, "due_at": t.now.Add(wait)}
			if err := t.Model(&AwaitedPhoto{}).Where("id = ?", row.ID).Updates(again).Error; err != nil {
				return nil, err
			}
		}
		return rows, nil
	})
}

// SettlePhoto ends the wait for a picture: it is in the photo store, or, where p
// names no file, cannot be had, and whoever sent it is told so. One that was settled
// already, or has no room any more, is refused.
func (f *Forum) SettlePhoto(ctx context.Context, id int64, p Photo) (None, error) {
	return do(ctx, f, Clock, rules.PhotoSettle, anywhere("photo"), func(t *tx) (None, error) {
		var row AwaitedPhoto
		if err := t.locked().Where("id = ?", id).Take(&row).Error; err != nil {
			return None{}, found(err, "photo")
		}
		topic, err := t.topic(row.TopicID)
		if err != nil {
			return None{}, err
		}
		if err := t.Where("id = ?", id).Delete(&AwaitedPhoto{}).Error; err != nil {
			return None{}, err
		}
		if p.File == "" {
			return None{}, t.notify(row.PersonID, "notice.photo_missed", set{"receipt": topic.Receipt, "title": topic.Title})
		}
		p.ID, p.TopicID, p.PersonID, p.At = 0, row.TopicID, row.PersonID, t.now
		return None{}, t.keepPhoto(&p, topic)
	})
}
