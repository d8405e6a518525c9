package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Outcome is what a session came to on one topic.
type Outcome struct {
	SessionID int64       `json:"session_id" gorm:"primaryKey;autoIncrement:false"`
	TopicID   int64       `json:"topic_id" gorm:"primaryKey;autoIncrement:false"`
	Result    rules.State `json:"result"` // agreed, partly_agreed or no_consensus
	Words     string      `json:"words"`  // the agreed text, or why there is none
	PollID    int64       `json:"poll_id,omitempty"`
	At        time.Time   `json:"at"`
}

// RecordOutcome records what an open session came to on a topic. It may not
// contradict the verdict of the last poll on it.
func (f *Forum) RecordOutcome(ctx context.Context, who Actor, sessionID, topicID int64, result rules.State, words string) (*Outcome, error) {
	return do(ctx, f, who, rules.OutcomeRecord, onSession(sessionID), func(t *tx) (*Outcome, error) {
		return t.recordOutcome(sessionID, topicID, result, words)
	})
}

func (t *tx) recordOutcome(sessionID int64, topicID int64, result rules.State, words string) (*Outcome, error) {
	words, err := rules.CheckText("words", words, rules.MaxReason)
	if err != nil {
		return nil, err
	}
	_, topic, err := t.underDiscussion(sessionID, topicID)
	if err != nil {
		return nil, err
	}
	if err := t.noOpenPoll(sessionID); err != nil {
		return nil, err
	}
	pack, err := t.pack(topic.Pack)
	if err != nil {
		return nil, err
	}
	poll, verdict, err := t.lastVerdict(sessionID, topicID, pack)
	if err != nil {
		return nil, err
	}
	if err := rules.CheckOutcome(result, pack, verdict); err != nil {
		return nil, err
	}
	o := &Outcome{SessionID: sessionID, TopicID: topicID, Result: result, Words: words, PollID: poll, At: t.now}
	events := map[rules.State]rules.Event{rules.TopicAgreed: rules.OnAgree, rules.TopicPartlyAgreed: rules.OnAgreePartly, rules.TopicNoConsensus: rules.OnNoConsensus}
	if err := t.move(topic, events[result], nil, words); err != nil { // refuses a second outcome
		return nil, err
	}
	if err := t.Create(o).Error; err != nil {
		return nil, err
	}
	return o, t.tell(topic, "notice.topic_"+string(events[result]), set{"words": words})
}

// lastVerdict is the verdict of the last poll on a topic in a session. Where the
// pack of the topic binds, a poll under another settles nothing.
func (t *tx) lastVerdict(sessionID, topicID int64, pack rules.Pack) (int64, *rules.Verdict, error) {
	q := t.Where("session_id = ? AND topic_id = ?", sessionID, topicID)
	if pack.Binding {
		q = q.Where("pack = ?", pack.Code)
	}
	var p Poll
	err := q.Order("id DESC").Limit(1).Find(&p).Error
	if err != nil || p.ID == 0 {
		return 0, nil, err
	}
	v, err := decode[rules.Verdict](p.Verdict)
	return p.ID, &v, err
}

// outcome reads the outcome of a topic in a session; its Result is empty when
// there is none yet.
func (t *tx) outcome(sessionID, topicID int64) (Outcome, error) {
	var o Outcome
	return o, t.Where("session_id = ? AND topic_id = ?", sessionID, topicID).Limit(1).Find(&o).Error
}
