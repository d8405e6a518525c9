package models

import (
	"time"

	"yishi/models/rules"
)

// MinutesDocument is what a session was, and what it came to. It has no names of
// people but where somebody wrote them into a text.
type MinutesDocument struct {
	SessionID   int64          `json:"session_id"`
	OrgID       int64          `json:"org_id"`
	Title       string         `json:"title"`
	Point       string         `json:"point"`
	StartsAt    time.Time      `json:"starts_at"`
	OpenedAt    *time.Time     `json:"opened_at,omitempty"`
	ClosedAt    *time.Time     `json:"closed_at,omitempty"`
	Due         int64          `json:"due"`
	Represented []Represented  `json:"represented" nullable:"false"`
	Topics      []MinutesTopic `json:"topics" nullable:"false"`
}

// MinutesTopic is one matter of the agenda.
type MinutesTopic struct {
	TopicID     int64         `json:"topic_id"`
	Title       string        `json:"title"`
	Version     int           `json:"version"` // of the words, 0: none were written
	Words       string        `json:"words"`
	Balance     Balance       `json:"balance"`
	Polls       []MinutesPoll `json:"polls" nullable:"false"`
	Outcome     *Outcome      `json:"outcome,omitempty"`
	Commitments []Commitment  `json:"commitments" nullable:"false"`
}

// MinutesPoll is a poll with what it came to.
type MinutesPoll struct {
	ID       int64          `json:"id"`
	Question string         `json:"question"`
	Options  []string       `json:"options" nullable:"false"`
	Pack     string         `json:"pack"`
	PackName string         `json:"pack_name"`
	Hash     string         `json:"hash"` // of its definition
	OpenedAt time.Time      `json:"opened_at"`
	ClosedAt *time.Time     `json:"closed_at,omitempty"`
	Verdict  *rules.Verdict `json:"verdict,omitempty"`
}

// Commitment is who does what by when, as it was said in a session.
type Commitment struct {
	OrderID    int64     `json:"order_id"`
	TopicID    int64     `json:"topic_id"`
	OrgID      int64     `json:"org_id"`
	Org        string    `json:"org"`
	What       string    `json:"what"`
	PromisedAt time.Time `json:"promised_at"`
}

// document reads the minutes of a session as it is now.
func (t *tx) document(s *Session, d *MinutesDocument) error {
	*d = MinutesDocument{SessionID: s.ID, OrgID: s.OrgID, Title: s.Title, StartsAt: s.StartsAt, OpenedAt: s.OpenedAt, ClosedAt: s.ClosedAt, Due: s.Due, Topics: []MinutesTopic{}}
	err := t.Model(&Point{}).Where("id = ?", s.PointID).Select("name").Scan(&d.Point).Error
	if err != nil {
		return err
	}
	if d.Represented, err = t.represented(s.ID); err != nil {
		return err
	}
	topics, err := t.dealtWith(s.ID)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		d.Topics = append(d.Topics, MinutesTopic{TopicID: topic.ID, Title: topic.Title, Polls: []MinutesPoll{}, Commitments: []Commitment{}})
	}
	for _, fill := range []func(int64, map[int64]*MinutesTopic) error{t.minuteTexts, t.minuteFloor, t.minutePolls, t.minuteOutcomes, t.minuteCommitments} {
		if err := fill(s.ID, d.byTopic()); err != nil {
			return err
		}
	}
	return nil
}

func (d *MinutesDocument) byTopic() map[int64]*MinutesTopic {
	of := make(map[int64]*MinutesTopic, len(d.Topics))
	for i := range d.Topics {
		of[d.Topics[i].TopicID] = &d.Topics[i]
	}
	return of
}

func (t *tx) minuteTexts(session int64, of map[int64]*MinutesTopic) error {
	var rows []MinutesText
	err := t.Where("session_id = ?", session).Where("NOT EXISTS (SELECT 1 FROM minutes_texts l WHERE l.session_id = minutes_texts.session_id AND l.topic_id = minutes_texts.topic_id AND l.version > minutes_texts.version)").
		Find(&rows).Error
	for _, r := range rows {
		if m := of[r.TopicID]; m != nil {
			m.Version, m.Words = r.Version, r.Words
		}
	}
	return err
}

func (t *tx) minuteFloor(session int64, of map[int64]*MinutesTopic) error {
	rows, err := t.speakers(session)
	for _, m := range of {
		m.Balance = balanced(nil)
	}
	for topic, some := range byTopic(rows) {
		if m := of[topic]; m != nil {
			m.Balance = balanced(some)
		}
	}
	return err
}

func (t *tx) minutePolls(session int64, of map[int64]*MinutesTopic) error {
	var rows []Poll
	if err := t.Where("session_id = ?", session).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for _, p := range rows {
		m := of[p.TopicID]
		if m == nil {
			continue
		}
		v, err := p.view()
		if err != nil {
			return err
		}
		row := MinutesPoll{ID: p.ID, Question: p.Question, Options: v.Options, Pack: p.Pack, PackName: v.PackName, Hash: p.Hash, OpenedAt: p.OpenedAt, ClosedAt: p.ClosedAt}
		if p.State == rules.PollClosed {
			verdict, err := decode[rules.Verdict](p.Verdict)
			if err != nil {
				return err
			}
			row.Verdict = &verdict
		}
		m.Polls = append(m.Polls, row)
	}
	return nil
}

func (t *tx) minuteOutcomes(session int64, of map[int64]*MinutesTopic) error {
	var rows []Outcome
	err := t.Where("session_id = ?", session).Find(&rows).Error
	for _, o := range rows {
		if m := of[o.TopicID]; m != nil {
			m.Outcome = &o
		}
	}
	return err
}

func (t *tx) minuteCommitments(session int64, of map[int64]*MinutesTopic) error {
	rows, err := t.commitments(session)
	for _, o := range rows {
		if m := of[o.TopicID]; m != nil {
			m.Commitments = append(m.Commitments, o)
		}
	}
	return err
}

// commitments reads what was promised in a session.
func (t *tx) commitments(session int64) ([]Commitment, error) {
	rows := []Commitment{}
	return rows, t.Raw(`SELECT o.topic_id, o.id AS order_id, o.org_id, g.name AS org, o.what, o.promised_at FROM orders o
		JOIN orgs g ON g.id = o.org_id WHERE o.session_id = ? ORDER BY o.id`, session).Scan(&rows).Error
}
