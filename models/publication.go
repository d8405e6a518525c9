package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Publication is a result on the notice board, for at least
// rules.PublicationDays (居委会组织法 art. 34). Within its first part neighbours
// may object. A later result of the same topic is another publication.
type Publication struct {
	ID              int64      `json:"id"`
	TopicID         int64      `json:"topic_id"`
	Words           string     `json:"words"`
	BeginsAt        time.Time  `json:"begins_at"`
	ObjectionsUntil time.Time  `json:"objections_until"`
	EndsAt          time.Time  `json:"ends_at"`
	EndedAt         *time.Time `json:"ended_at,omitempty"`
}

// PublishTopic puts an agreed result on the notice board. Doing begins.
func (f *Forum) PublishTopic(ctx context.Context, who Actor, topicID int64, words string) (*Publication, error) {
	return do(ctx, f, who, rules.PublicationMake, onTopic(topicID), func(t *tx) (*Publication, error) {
		return t.publishTopic(topicID, words)
	})
}

func (t *tx) publishTopic(topicID int64, words string) (*Publication, error) {
	words, err := rules.CheckText("words", words, rules.MaxBody)
	if err != nil {
		return nil, err
	}
	topic, err := t.topic(topicID)
	if err != nil {
		return nil, err
	}
	if err := t.notInSession(topicID); err != nil {
		return nil, err
	}
	until, err := t.due("publication.objections", t.now)
	if err != nil {
		return nil, err
	}
	ends, err := t.due("publication.days", t.now)
	if err != nil {
		return nil, err
	}
	if least := t.now.AddDate(0, 0, rules.PublicationDays); ends.Before(least) {
		ends = least
	}
	p := &Publication{TopicID: topicID, Words: words, BeginsAt: t.now, ObjectionsUntil: until, EndsAt: ends}
	if err := t.Create(p).Error; err != nil {
		return nil, err
	}
	if err := t.move(topic, rules.OnPublished, set{"due_at": ends, "due_verb": "publication.days"}, ""); err != nil {
		return nil, err
	}
	return p, t.tell(topic, "notice.topic_published", set{"until": until})
}

// EndPublications takes down what has been up long enough, up to n, and
// completes topics whose orders were done meanwhile. It returns how many.
func (f *Forum) EndPublications(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.PublicationEnd, anywhere("publication"), func(t *tx) (int, error) {
		var rows []Publication
		err := t.locked().Where("ended_at IS NULL AND ends_at <= ?", t.now).Order("ends_at").Limit(n).Find(&rows).Error
		if err != nil {
			return 0, err
		}
		for _, p := range rows {
			if err := t.endPublication(&p); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	})
}

func (t *tx) endPublication(p *Publication) error {
	if err := t.takeDown(p); err != nil {
		return err
	}
	topic, err := t.topic(p.TopicID)
	if err != nil {
		return err
	}
	return t.complete(topic)
}

// takeDown takes a result off the notice board, if it is on it.
func (t *tx) takeDown(p *Publication) error {
	return t.Model(&Publication{}).Where("id = ? AND ended_at IS NULL", p.ID).Update("ended_at", t.now).Error
}

// published returns the last publication of a topic; its ID is 0 when there was
// none.
func (t *tx) published(topicID int64) (Publication, error) {
	var p Publication
	return p, t.Where("topic_id = ?", topicID).Order("id DESC").Limit(1).Find(&p).Error
}

// Board is the notice board of a community.
type Board struct {
	Publication
	Title   string `json:"title"`
	Receipt string `json:"receipt"`
}

// Publications returns what is on the notice board of an org and of those below
// it, newest first.
func (f *Forum) Publications(ctx context.Context, who Actor, orgID int64) ([]Board, error) {
	return see(ctx, f, who, rules.PublicationRead, inOrg(orgID), func(t *tx) ([]Board, error) {
		o, err := t.org(orgID)
		if err != nil {
			return nil, err
		}
		rows := []Board{}
		return rows, t.Table("publications p").Joins("JOIN topics x ON x.id = p.topic_id").
			Where("p.ended_at IS NULL AND x.org_id IN (?)", t.orgsUnder(o)).Order("p.begins_at DESC, p.topic_id DESC").
			Limit(MaxPageSize).Select("p.*, x.title, x.receipt").Scan(&rows).Error
	})
}
