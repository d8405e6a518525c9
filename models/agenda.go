package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Agenda is one line of a session's agenda. LeftAt is when the session was done
// with the topic before it was over: decided before an adjournment, or put
// aside before the meeting.
type Agenda struct {
	SessionID int64 `gorm:"primaryKey;autoIncrement:false"`
	TopicID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Position  int
	LeftAt    *time.Time
}

// MaxAgenda is how many topics one session takes.
const MaxAgenda = 12

// setAgenda puts topics on the agenda of a new session: accepted ones, or such
// as need another round, that are the org's, on no other agenda that is to come.
func (t *tx) setAgenda(s *Session, ids []int64) error {
	if len(ids) == 0 || len(ids) > MaxAgenda {
		return rules.Refuse(rules.Invalid, "session.agenda", "max", MaxAgenda)
	}
	for i, id := range ids {
		if err := t.mayStandOn(s, id); err != nil {
			return err
		}
		if err := t.Create(&Agenda{SessionID: s.ID, TopicID: id, Position: i + 1}).Error; err != nil {
			return err
		}
	}
	return nil
}

// mayStandOn refuses a topic that the session may not deal with.
func (t *tx) mayStandOn(s *Session, id int64) error {
	topic, err := t.topic(id)
	if err != nil {
		return err
	}
	if err := t.belongsBefore(s, topic); err != nil {
		return err
	}
	if topic.State != rules.TopicAccepted && topic.State != rules.TopicNoConsensus {
		return rules.Refuse(rules.Conflict, "session.topic", "title", topic.Title, "state", topic.State)
	}
	on, err := t.listedOn(id)
	if err == nil && on.ID != 0 {
		err = rules.Refuse(rules.Conflict, "session.twice", "title", topic.Title)
	}
	return err
}

// belongsBefore refuses a topic that is none of a session's org: of its own, or
// from below if it was accepted at the level of the street.
func (t *tx) belongsBefore(s *Session, topic *Topic) error {
	if topic.OrgID == s.OrgID {
		return nil
	}
	of, err := t.org(topic.OrgID)
	if err != nil {
		return err
	}
	at, err := t.org(s.OrgID)
	if err != nil {
		return err
	}
	if topic.Level != rules.LevelStreet || at.Kind != OrgStreet || !of.under(at) {
		return unknown("topic")
	}
	return nil
}

// listedOn finds the session that has still to deal with a topic; its ID is 0
// when there is none.
func (t *tx) listedOn(topicID int64) (Session, error) {
	var s Session
	return s, t.Joins("JOIN agendas a ON a.session_id = sessions.id").
		Where("a.topic_id = ? AND a.left_at IS NULL AND sessions.state NOT IN ?", topicID, sessionsOver).Limit(1).Find(&s).Error
}

// notInSession refuses what has to wait until the session is over that is
// dealing with a topic.
func (t *tx) notInSession(topicID int64) error {
	on, err := t.listedOn(topicID)
	if err == nil && on.State == SessionOpen {
		err = rules.Refuse(rules.Conflict, "topic.session")
	}
	return err
}

// leaveAgenda takes a topic off the agenda on which it stands, if any.
func (t *tx) leaveAgenda(topicID int64) error {
	return t.Model(&Agenda{}).Where("topic_id = ? AND left_at IS NULL AND session_id IN (?)", topicID,
		t.Model(&Session{}).Select("id").Where("state NOT IN ?", sessionsOver)).Update("left_at", t.now).Error
}

// agenda reads the topics with which a session has still to deal, or dealt when
// it closed, in their order.
func (t *tx) agenda(sessionID int64) ([]Topic, error) {
	var topics []Topic
	return topics, t.Joins("JOIN agendas a ON a.topic_id = topics.id").Where("a.session_id = ? AND a.left_at IS NULL", sessionID).
		Order("a.position").Find(&topics).Error
}

// dealtWith reads what the page of a session shows: its agenda, and what it
// decided before an adjournment.
func (t *tx) dealtWith(sessionID int64) ([]Topic, error) {
	var topics []Topic
	return topics, t.Joins("JOIN agendas a ON a.topic_id = topics.id").Where(`a.session_id = ? AND (a.left_at IS NULL OR EXISTS (
		SELECT 1 FROM outcomes o WHERE o.session_id = a.session_id AND o.topic_id = a.topic_id))`, sessionID).
		Order("a.position").Find(&topics).Error
}

// underDiscussion reads an open session and a topic of its agenda, and refuses
// any other.
func (t *tx) underDiscussion(sessionID, topicID int64) (*Session, *Topic, error) {
	s, err := t.session(sessionID)
	if err != nil {
		return nil, nil, err
	}
	if s.State != SessionOpen {
		return nil, nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
	}
	var n int64
	if err := t.Model(&Agenda{}).Where("session_id = ? AND topic_id = ? AND left_at IS NULL", sessionID, topicID).Count(&n).Error; err != nil {
		return nil, nil, err
	}
	if n == 0 {
		return nil, nil, unknown("topic")
	}
	topic, err := t.topic(topicID)
	if err != nil {
		return nil, nil, err
	}
	s.scopeID = topic.ScopeID
	return s, topic, nil
}

// SessionView is a session with all that its page shows.
type SessionView struct {
	Session
	Point       string       `json:"point"`
	Supervisor  string       `json:"supervisor,omitempty"`
	Topics      []TopicView  `json:"topics" nullable:"false"`
	Invitations []Invitation `json:"invitations" nullable:"false"`
	Present     int64        `json:"present"`
	Polls       []PollView   `json:"polls" nullable:"false"`
	Outcomes    []Outcome    `json:"outcomes" nullable:"false"`
	Commitments []Commitment `json:"commitments" nullable:"false"`
	Remarks     []Remark     `json:"remarks" nullable:"false"` // of supervisors
	CheckedIn   bool         `json:"checked_in"`
}

// Session returns one session. A planned one is known to the desk alone.
func (f *Forum) Session(ctx context.Context, who Actor, id int64) (*SessionView, error) {
	return see(ctx, f, who, rules.SessionRead, onSession(id), func(t *tx) (*SessionView, error) {
		v := &SessionView{}
		if err := t.Where("id = ?", id).Take(&v.Session).Error; err != nil {
			return nil, found(err, "session")
		}
		object, err := onSession(id).find(t)
		if err != nil {
			return nil, err
		}
		if v.hidden() && !t.may(rules.SessionCreate, object) {
			return nil, unknown("session")
		}
		if err := t.fillSession(v); err != nil {
			return nil, err
		}
		return v, nil
	})
}

func (t *tx) fillSession(v *SessionView) error {
	topics, err := t.dealtWith(v.ID)
	if err != nil {
		return err
	}
	if v.Topics, err = t.view(topics); err != nil {
		return err
	}
	if v.Invitations, err = t.invitations(&v.Session); err != nil {
		return err
	}
	if err := t.Model(&Presence{}).Where("session_id = ?", v.ID).Count(&v.Present).Error; err != nil {
		return err
	}
	var mine int64
	if err := t.Model(&Presence{}).Where("session_id = ? AND person_id = ?", v.ID, t.who.PersonID).Count(&mine).Error; err != nil {
		return err
	}
	v.CheckedIn = mine > 0
	if err := t.decided(v); err != nil {
		return err
	}
	if v.Remarks, err = t.remarks(v.ID); err != nil {
		return err
	}
	if v.Supervisor, err = t.nameOf(v.SupervisorID); err != nil {
		return err
	}
	var p Point
	if err := t.Where("id = ?", v.PointID).Take(&p).Error; err != nil {
		return found(err, "point")
	}
	v.Point = p.Name
	var polls []Poll
	if err := t.Where("session_id = ?", v.ID).Order("id").Find(&polls).Error; err != nil {
		return err
	}
	v.Polls, err = t.pollViews(polls)
	return err
}

// decided reads what a session came to, and who does what by when.
func (t *tx) decided(v *SessionView) (err error) {
	v.Outcomes = []Outcome{}
	if err := t.Where("session_id = ?", v.ID).Order("at, topic_id").Find(&v.Outcomes).Error; err != nil {
		return err
	}
	v.Commitments, err = t.commitments(v.ID)
	return err
}

// nameOf is the name of a person, "" for nobody.
func (t *tx) nameOf(person int64) (string, error) {
	var p Person
	return p.Name, t.Where("id = ?", person).Limit(1).Find(&p).Error
}

// Sessions returns the sessions of an org and of those below it that start at or
// after from, the soonest first.
func (f *Forum) Sessions(ctx context.Context, who Actor, orgID int64, from time.Time, after int64, size int) (Page[Session], error) {
	return see(ctx, f, who, rules.SessionRead, inOrg(orgID), func(t *tx) (Page[Session], error) {
		o, err := t.org(orgID)
		if err != nil {
			return Page[Session]{}, err
		}
		var last Session // of the page before
		if err := t.Select("id", "starts_at").Where("id = ?", after).Limit(1).Find(&last).Error; err != nil {
			return Page[Session]{}, err
		}
		size = pageSize(size)
		q := t.Where("org_id IN (?) AND starts_at >= ? AND (starts_at > ? OR starts_at = ? AND id > ?)", t.orgsUnder(o), from.UTC(),
			last.StartsAt, last.StartsAt, last.ID)
		if !t.may(rules.SessionCreate, rules.Object{Path: o.Path}) {
			q = q.Where("(announced_at IS NOT NULL OR state NOT IN ?)", []SessionState{SessionPlanned, SessionCancelled})
		}
		var rows []Session
		err = q.Order("starts_at, id").Limit(size + 1).Find(&rows).Error
		return paged(rows, size, func(s Session) int64 { return s.ID }), err
	})
}
