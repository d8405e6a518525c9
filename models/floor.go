package models

import (
	"context"

	"yishi/models/rules"
)

// FloorTopic is a topic on which one may ask for the floor now.
type FloorTopic struct {
	SessionID int64
	TopicID   int64
	Title     string
}

// FloorTopics returns the topics under discussion in the open sessions in which
// whoever asks is present.
func (f *Forum) FloorTopics(ctx context.Context, who Actor) ([]FloorTopic, error) {
	return see(ctx, f, who, rules.SpeakerRead, anywhere("session"), func(t *tx) ([]FloorTopic, error) {
		var rows []FloorTopic
		return rows, t.Raw(`SELECT s.id AS session_id, x.id AS topic_id, x.title FROM presences p JOIN sessions s ON s.id = p.session_id
			JOIN agendas a ON a.session_id = s.id AND a.left_at IS NULL JOIN topics x ON x.id = a.topic_id
			WHERE p.person_id = ? AND s.state = ? AND x.state = ? ORDER BY s.id, a.position`, t.who.PersonID, SessionOpen, rules.TopicMeeting).Scan(&rows).Error
	})
}
