package models

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Speaker is somebody who asked an open session for the floor on a topic of its
// agenda. They wait until it is given, and have it until it ends; one person waits
// once for a topic.
type Speaker struct {
	ID        int64        `json:"id"`
	SessionID int64        `json:"session_id"`
	TopicID   int64        `json:"topic_id"`
	PersonID  int64        `json:"-"`
	HelperID  int64        `json:"-"` // who wrote the hand down
	Stance    rules.Stance `json:"stance"`
	Part      rules.Part   `json:"part"`
	AskedAt   time.Time    `json:"asked_at"`
	Seconds   int          `json:"seconds,omitempty" doc:"for which the floor was given"`
	GivenAt   *time.Time   `json:"given_at,omitempty"`
	EndedAt   *time.Time   `json:"ended_at,omitempty"`
	Stands    *bool        `json:"-"` // true while they wait or speak, else nil
}

func (s *Speaker) waits() bool    { return s.Stands != nil && s.GivenAt == nil }
func (s *Speaker) hasFloor() bool { return s.Stands != nil && s.GivenAt != nil }

// until is when the time of whoever has the floor is over.
func (s *Speaker) until() time.Time { return s.GivenAt.Add(time.Duration(s.Seconds) * time.Second) }

// AskFloor raises one's hand on a topic of an open session, in which one is
// present.
func (f *Forum) AskFloor(ctx context.Context, who Actor, sessionID, topicID int64, stance rules.Stance) (*Speaker, error) {
	return do(ctx, f, who, rules.SpeakerAsk, onSession(sessionID), func(t *tx) (*Speaker, error) {
		return t.raiseHand(Speaker{SessionID: sessionID, TopicID: topicID, PersonID: who.PersonID, Stance: stance})
	})
}

// NewSpeaker is a raised hand as a host writes it down: of somebody present, by
// their number or by the name under which they are known there.
type NewSpeaker struct {
	TopicID  int64        `json:"topic_id" minimum:"1"`
	PersonID int64        `json:"person_id,omitempty"`
	Name     string       `json:"name,omitempty" maxLength:"200"`
	Stance   rules.Stance `json:"stance"`
}

// NoteSpeaker writes down that somebody present has raised a hand.
func (f *Forum) NoteSpeaker(ctx context.Context, who Actor, sessionID int64, n NewSpeaker) (*Speaker, error) {
	return do(ctx, f, who, rules.SpeakerNote, onSession(sessionID), func(t *tx) (*Speaker, error) {
		person, err := t.presentAs(sessionID, n.PersonID, n.Name)
		if err != nil {
			return nil, err
		}
		return t.raiseHand(Speaker{SessionID: sessionID, TopicID: n.TopicID, PersonID: person, HelperID: who.PersonID, Stance: n.Stance})
	})
}

func (t *tx) raiseHand(s Speaker) (*Speaker, error) {
	if err := rules.CheckStance(s.Stance); err != nil {
		return nil, err
	}
	if _, _, err := t.underDiscussion(s.SessionID, s.TopicID); err != nil {
		return nil, err
	}
	var err error
	if s.Part, err = t.partOf(s.SessionID, s.PersonID); err != nil {
		return nil, err
	}
	if s.Part == "" {
		return nil, rules.Refuse(rules.Conflict, "speaker.absent")
	}
	stands := true
	s.AskedAt, s.Stands = t.now, &stands
	err = t.Create(&s).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = rules.Refuse(rules.Conflict, "speaker.waits")
	}
	return &s, err
}

// Floor is how the chair gives the floor. InsteadOf is whose turn this ends: so of
// two chairs the second is told what the first has done.
type Floor struct {
	Seconds   int   `json:"seconds,omitempty" doc:"left out: the session's"`
	Again     bool  `json:"again,omitempty" doc:"to somebody who had it on this topic as often as is usual"`
	InsteadOf int64 `json:"instead_of,omitempty" doc:"the speaker who has the floor, as the chair sees it; left out: nobody"`
}

// GiveFloor gives the floor to somebody who waits for it. It ends the turn of
// whoever had it, whom the chair names.
func (f *Forum) GiveFloor(ctx context.Context, who Actor, id int64, n Floor) (*Speaker, error) {
	return do(ctx, f, who, rules.SpeakerGive, onSpeaker(id), func(t *tx) (*Speaker, error) {
		session, s, err := t.speaker(id)
		if err != nil {
			return nil, err
		}
		if n.Seconds == 0 {
			n.Seconds = session.FloorSeconds
		}
		if n.Seconds, err = rules.CheckFloorSeconds(n.Seconds); err != nil {
			return nil, err
		}
		if !s.waits() {
			return nil, rules.Refuse(rules.Conflict, "speaker.over")
		}
		var had int64
		err = t.Model(&Speaker{}).Where("session_id = ? AND topic_id = ? AND person_id = ? AND given_at IS NOT NULL", s.SessionID, s.TopicID, s.PersonID).Count(&had).Error
		if err == nil {
			err = rules.CheckTimes(int(had), n.Again)
		}
		if err == nil {
			err = t.clearFloor(s.SessionID, n.InsteadOf)
		}
		if err != nil {
			return nil, err
		}
		s.Seconds, s.GivenAt = n.Seconds, &t.now
		return s, t.setSpeaker(s)
	})
}

// clearFloor ends the turn of whoever has the floor, if the chair knows of them.
func (t *tx) clearFloor(session, insteadOf int64) error {
	before, err := t.floor(session)
	if err != nil || before.ID == 0 {
		return err
	}
	if before.ID != insteadOf {
		return rules.Refuse(rules.Conflict, "speaker.floor")
	}
	return t.endSpeaker(&before, t.now)
}

// floor reads who has the floor of a session; the ID is 0 when nobody has.
func (t *tx) floor(session int64) (Speaker, error) {
	var s Speaker
	return s, t.Where("session_id = ? AND stands = ? AND given_at IS NOT NULL", session, true).Limit(1).Find(&s).Error
}

// EndFloor ends the turn of whoever has the floor.
func (f *Forum) EndFloor(ctx context.Context, who Actor, id int64) (*Speaker, error) {
	return do(ctx, f, who, rules.SpeakerEnd, onSpeaker(id), func(t *tx) (*Speaker, error) {
		_, s, err := t.speaker(id)
		if err != nil {
			return nil, err
		}
		if !s.hasFloor() {
			return nil, rules.Refuse(rules.Conflict, "speaker.over")
		}
		return s, t.endSpeaker(s, t.now)
	})
}

// LeaveFloor takes a hand down again, or gives the floor back.
func (f *Forum) LeaveFloor(ctx context.Context, who Actor, id int64) (*Speaker, error) {
	return do(ctx, f, who, rules.SpeakerLeave, onSpeaker(id), func(t *tx) (*Speaker, error) {
		_, s, err := t.speaker(id)
		if err != nil {
			return nil, err
		}
		if s.Stands == nil {
			return nil, rules.Refuse(rules.Conflict, "speaker.over")
		}
		return s, t.endSpeaker(s, t.now)
	})
}

// speaker reads somebody who asked for the floor, and their session, which is
// open. The session is held, so of two who change its floor one comes after the
// other.
func (t *tx) speaker(id int64) (*Session, *Speaker, error) {
	var s Speaker
	if err := t.Where("id = ?", id).Take(&s).Error; err != nil {
		return nil, nil, found(err, "speaker")
	}
	session, err := t.session(s.SessionID)
	if err != nil {
		return nil, nil, err
	}
	if session.State != SessionOpen {
		return nil, nil, rules.Refuse(rules.Conflict, "session.state", "state", session.State)
	}
	s = Speaker{}
	return session, &s, found(t.locked().Where("id = ?", id).Take(&s).Error, "speaker")
}

func (t *tx) endSpeaker(s *Speaker, at time.Time) error {
	s.EndedAt, s.Stands = &at, nil
	return t.setSpeaker(s)
}

func (t *tx) setSpeaker(s *Speaker) error {
	return t.Model(&Speaker{}).Where("id = ?", s.ID).Updates(set{"seconds": s.Seconds, "given_at": s.GivenAt, "ended_at": s.EndedAt, "stands": s.Stands}).Error
}

// endSpeakers takes all hands of a session down that breaks off or is over. A turn
// that nobody ended is counted with the time for which it was given, at most.
func (t *tx) endSpeakers(session int64) error {
	last, err := t.floor(session)
	if err != nil {
		return err
	}
	if last.ID != 0 {
		at := t.now
		if until := last.until(); until.Before(at) {
			at = until
		}
		if err := t.endSpeaker(&last, at); err != nil {
			return err
		}
	}
	return t.Model(&Speaker{}).Where("session_id = ? AND stands = ?", session, true).Updates(set{"stands": nil, "ended_at": t.now}).Error
}

// SpeakerView is a hand, or whoever has the floor, as somebody sees it.
type SpeakerView struct {
	Speaker
	Times int        `json:"times" doc:"the floor was theirs on this topic before"`
	Until *time.Time `json:"until,omitempty" doc:"of who has the floor"`
	Mine  bool       `json:"mine"`
	Name  string     `json:"name,omitempty" doc:"for hosts alone"`
}

// Turns are how often and for how long the floor was had; a turn under way counts
// once it has ended.
type Turns struct {
	Times   int   `json:"times"`
	Seconds int64 `json:"seconds"`
}

// Balance is how the floor was shared on a topic.
type Balance struct {
	Stances map[rules.Stance]Turns `json:"stances"`
	Parts   map[rules.Part]Turns   `json:"parts"`
}

// TopicFloor is who waits for the floor on a topic, in the order that the chair is
// advised to take, and how it was shared until now.
type TopicFloor struct {
	TopicID int64         `json:"topic_id"`
	Queue   []SpeakerView `json:"queue" nullable:"false"`
	Balance Balance       `json:"balance"`
}

// FloorView is the floor of a session.
type FloorView struct {
	Floor  *SpeakerView `json:"floor,omitempty" doc:"who has it"`
	Topics []TopicFloor `json:"topics" nullable:"false" doc:"on which anybody asked for it"`
}

// Speakers returns who has the floor of a session, who waits for it, and how it
// was shared.
func (f *Forum) Speakers(ctx context.Context, who Actor, sessionID int64) (*FloorView, error) {
	return see(ctx, f, who, rules.SpeakerRead, onSession(sessionID), func(t *tx) (*FloorView, error) {
		rows, err := t.speakers(sessionID)
		if err != nil {
			return nil, err
		}
		names, err := t.speakerNames(sessionID, rows)
		if err != nil {
			return nil, err
		}
		v := &FloorView{Topics: []TopicFloor{}}
		for topic, of := range byTopic(rows) {
			v.Topics = append(v.Topics, floorOn(topic, of, t.who.PersonID, names))
		}
		for i := range rows {
			if rows[i].hasFloor() {
				s := seen(rows[i], rows, t.who.PersonID, names)
				v.Floor = &s
			}
		}
		return v, nil
	})
}

// speakers reads all who asked for the floor of a session, in that order.
func (t *tx) speakers(session int64) ([]Speaker, error) {
	var rows []Speaker
	return rows, t.Where("session_id = ?", session).Order("id").Find(&rows).Error
}

// speakerNames are the names of those who asked for the floor, for a host; nobody
// else is told any.
func (t *tx) speakerNames(session int64, rows []Speaker) (map[int64]string, error) {
	object, err := onSession(session).find(t)
	if err != nil || !t.may(rules.SpeakerNote, object) {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, s := range rows {
		ids[i] = s.PersonID
	}
	return t.personNames(ids)
}

// byTopic goes through the topics on which somebody asked, the first asked first.
func byTopic(rows []Speaker) func(yield func(int64, []Speaker) bool) {
	return func(yield func(int64, []Speaker) bool) {
		of, order := map[int64][]Speaker{}, []int64{}
		for _, s := range rows {
			if !slices.Contains(order, s.TopicID) {
				order = append(order, s.TopicID)
			}
			of[s.TopicID] = append(of[s.TopicID], s)
		}
		for _, topic := range order {
			if !yield(topic, of[topic]) {
				return
			}
		}
	}
}

// floorOn puts those who wait on one topic in order.
func floorOn(topic int64, rows []Speaker, me int64, names map[int64]string) TopicFloor {
	v := TopicFloor{TopicID: topic, Queue: []SpeakerView{}, Balance: balanced(rows)}
	var hands []rules.Hand
	views := map[int64]SpeakerView{}
	for _, s := range rows {
		if s.waits() {
			views[s.ID] = seen(s, rows, me, names)
			hands = append(hands, rules.Hand{ID: s.ID, Stance: s.Stance, Times: views[s.ID].Times})
		}
	}
	for _, h := range rules.FloorOrder(hands, lastSide(rows)) {
		v.Queue = append(v.Queue, views[h.ID])
	}
	return v
}

// seen is one of those who asked, with the turns that they had on the topic.
func seen(s Speaker, rows []Speaker, me int64, names map[int64]string) SpeakerView {
	v := SpeakerView{Speaker: s, Mine: s.PersonID == me && me != 0, Name: names[s.PersonID]}
	for _, x := range rows {
		if x.ID != s.ID && x.PersonID == s.PersonID && x.TopicID == s.TopicID && x.GivenAt != nil {
			v.Times++
		}
	}
	if s.hasFloor() {
		until := s.until()
		v.Until = &until
	}
	return v
}

// lastSide is for what the floor was last given, questions aside.
func lastSide(rows []Speaker) rules.Stance {
	var last Speaker
	for _, s := range rows {
		if s.GivenAt != nil && s.Stance != rules.StanceOther && (last.GivenAt == nil || !s.GivenAt.Before(*last.GivenAt)) {
			last = s
		}
	}
	return last.Stance
}

// balanced counts the turns that have ended.
func balanced(rows []Speaker) Balance {
	b := Balance{Stances: map[rules.Stance]Turns{}, Parts: map[rules.Part]Turns{}}
	for _, stance := range rules.Stances {
		b.Stances[stance] = Turns{}
	}
	for _, s := range rows {
		if s.GivenAt == nil || s.EndedAt == nil {
			continue
		}
		seconds := int64(s.EndedAt.Sub(*s.GivenAt) / time.Second)
		stance, part := b.Stances[s.Stance], b.Parts[s.Part]
		b.Stances[s.Stance] = Turns{stance.Times + 1, stance.Seconds + seconds}
		b.Parts[s.Part] = Turns{part.Times + 1, part.Seconds + seconds}
	}
	return b
}

func onSpeaker(id int64) place {
	return place{subject("speaker", id), func(t *tx) (rules.Object, error) {
		var row struct {
			Path     string
			PersonID int64
		}
		err := t.Raw("SELECT g.path, x.person_id FROM speakers x JOIN sessions s ON s.id = x.session_id JOIN orgs g ON g.id = s.org_id WHERE x.id = ?", id).Scan(&row).Error
		if err == nil && row.Path == "" {
			err = unknown("speaker")
		}
		return rules.Object{Path: row.Path, Own: row.PersonID != 0 && row.PersonID == t.who.PersonID}, err
	}}
}
