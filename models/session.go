package models

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"yishi/models/rules"
)

// SessionState is where a session stands.
type SessionState string

// The states of a session. One that is adjourned may be announced again.
const (
	SessionPlanned   SessionState = "planned"
	SessionAnnounced SessionState = "announced"
	SessionOpen      SessionState = "open"
	SessionAdjourned SessionState = "adjourned"
	SessionClosed    SessionState = "closed"
)

// Session is a meeting at a point with an agenda. Due is how many people are
// expected, against which a quorum of those present is counted.
type Session struct {
	ID           int64        `json:"id"`
	OrgID        int64        `json:"org_id"`
	AllianceID   int64        `json:"alliance_id,omitempty"`
	PointID      int64        `json:"point_id"`
	Title        string       `json:"title"`
	State        SessionState `json:"state"`
	StartsAt     time.Time    `json:"starts_at"`
	Due          int64        `json:"due"`
	ChairID      int64        `json:"-"`
	SupervisorID int64        `json:"-"`
	ShortReason  string       `json:"short_reason,omitempty"` // why the notice was shorter than the rule asks
	Secret       []byte       `json:"-"`                      // sealed; the on-site codes come from it
	CreatedAt    time.Time    `json:"created_at"`
	AnnouncedAt  *time.Time   `json:"announced_at,omitempty"`
	OpenedAt     *time.Time   `json:"opened_at,omitempty"`
	ClosedAt     *time.Time   `json:"closed_at,omitempty"`
}

// NewSession is a meeting to be planned from topics that were accepted.
type NewSession struct {
	OrgID        int64     `json:"org_id"`
	AllianceID   int64     `json:"alliance_id,omitempty"`
	PointID      int64     `json:"point_id"`
	Title        string    `json:"title,omitempty"` // "": the first topic's
	StartsAt     time.Time `json:"starts_at"`
	Due          int64     `json:"due"`
	SupervisorID int64     `json:"supervisor_id,omitempty"`
	Topics       []int64   `json:"topics" nullable:"false"`
}

// CreateSession plans a meeting.
func (f *Forum) CreateSession(ctx context.Context, who Actor, n NewSession) (*Session, error) {
	return do(ctx, f, who, rules.SessionCreate, inOrg(n.OrgID), func(t *tx) (*Session, error) {
		s, err := t.plan(n)
		if err != nil {
			return nil, err
		}
		if err := t.setAgenda(s, n.Topics); err != nil {
			return nil, err
		}
		return s, nil
	})
}

func (t *tx) plan(n NewSession) (*Session, error) {
	o, err := t.org(n.OrgID)
	if err != nil {
		return nil, err
	}
	if err := t.checkPoint(o, n.PointID); err != nil {
		return nil, err
	}
	if n.AllianceID != 0 {
		if err := t.Where("id = ? AND org_id IN (?)", n.AllianceID, t.orgsUnder(o)).Take(&Alliance{}).Error; err != nil {
			return nil, found(err, "alliance")
		}
	}
	if n.SupervisorID != 0 {
		if err := t.checkSupervisor(o, n.SupervisorID); err != nil {
			return nil, err
		}
	}
	if n.Due < 1 || n.Due > 1_000_000 {
		return nil, rules.Refuse(rules.Invalid, "session.due")
	}
	if n.Title == "" && len(n.Topics) > 0 {
		topic, err := t.visible(n.Topics[0])
		if err != nil {
			return nil, err
		}
		n.Title = topic.Title
	}
	title, err := rules.CheckText("title", n.Title, rules.MaxTitle)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails, by its contract
	s := &Session{
		OrgID: o.ID, AllianceID: n.AllianceID, PointID: n.PointID, Title: title, State: SessionPlanned, StartsAt: n.StartsAt.UTC().Truncate(time.Second),
		Due: n.Due, ChairID: t.who.PersonID, SupervisorID: n.SupervisorID, Secret: t.f.seal.Seal(string(secret)), CreatedAt: t.now,
	}
	return s, t.Create(s).Error
}

func (t *tx) checkPoint(o *Org, point int64) error {
	var p Point
	if err := t.Where("id = ?", point).Take(&p).Error; err != nil {
		return found(err, "point")
	}
	at, err := t.org(p.OrgID)
	if err != nil {
		return err
	}
	if !at.under(o) && !o.under(at) {
		return unknown("point")
	}
	return nil
}

// checkSupervisor refuses a supervisor who does not sit on the supervising
// committee there, or who chairs what is to be supervised.
func (t *tx) checkSupervisor(o *Org, person int64) error {
	ids, err := t.officers(o.ID, rules.Supervisor)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == person && id != t.who.PersonID {
			return nil
		}
	}
	return rules.Refuse(rules.Conflict, "session.supervisor")
}

// session reads a session that this deed is going to change.
func (t *tx) session(id int64) (*Session, error) {
	var s Session
	return &s, found(t.locked().Where("id = ?", id).Take(&s).Error, "session")
}

func (t *tx) setSession(s *Session, change set) error {
	if err := t.Model(&Session{}).Where("id = ?", s.ID).Updates(change).Error; err != nil {
		return err
	}
	id := s.ID
	*s = Session{}
	return t.Where("id = ?", id).Take(s).Error
}

// onSession is the place of deeds done to a session.
func onSession(id int64) place {
	return place{subject("session", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM sessions s JOIN orgs g ON g.id = s.org_id WHERE s.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("session")
		}
		return rules.Object{Path: path}, err
	}}
}

// during runs a deed of the chair on a session that is in one of the states.
func (f *Forum) during(ctx context.Context, who Actor, deed rules.Deed, id int64, in []SessionState, fn func(*tx, *Session) error) (*Session, error) {
	return do(ctx, f, who, deed, onSession(id), func(t *tx) (*Session, error) {
		s, err := t.session(id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(in, s.State) {
			return nil, rules.Refuse(rules.Conflict, "session.state", "state", s.State)
		}
		return s, fn(t, s)
	})
}

// AnnounceSession announces a planned or adjourned session, with the notice that
// the rule packs of its topics demand, or with the reason for a shorter one.
// Everybody whom it concerns is told.
func (f *Forum) AnnounceSession(ctx context.Context, who Actor, id int64, shortReason string) (*Session, error) {
	states := []SessionState{SessionPlanned, SessionAdjourned}
	return f.during(ctx, who, rules.SessionAnnounce, id, states, func(t *tx, s *Session) error {
		return t.announce(s, rules.OnAnnounce, shortReason)
	})
}

// PostponeSession gives an announced or adjourned session another time, and says
// so to everybody.
func (f *Forum) PostponeSession(ctx context.Context, who Actor, id int64, startsAt time.Time, shortReason string) (*Session, error) {
	states := []SessionState{SessionAnnounced, SessionAdjourned}
	return f.during(ctx, who, rules.SessionPostpone, id, states, func(t *tx, s *Session) error {
		s.StartsAt = startsAt.UTC().Truncate(time.Second)
		return t.announce(s, rules.OnPostpone, shortReason)
	})
}

func (t *tx) announce(s *Session, on rules.Event, shortReason string) error {
	short, err := rules.CheckOptional("short_reason", shortReason, 200)
	if err != nil {
		return err
	}
	topics, err := t.agenda(s.ID)
	if err != nil {
		return err
	}
	for i := range topics {
		if err := t.announceTopic(s, &topics[i], on, short); err != nil {
			return err
		}
	}
	return t.setSession(s, set{"state": SessionAnnounced, "starts_at": s.StartsAt, "short_reason": short, "announced_at": t.now})
}

func (t *tx) announceTopic(s *Session, topic *Topic, on rules.Event, short string) error {
	pack, err := t.pack(topic.Pack)
	if err != nil {
		return err
	}
	if err := rules.CheckNotice(t.now, s.StartsAt, pack, short); err != nil {
		return err
	}
	if pack.PartyStudy && topic.StudiedAt == nil {
		return rules.Refuse(rules.Conflict, "topic.study", "title", topic.Title)
	}
	event := on
	if topic.State == rules.TopicAnnounced {
		event = rules.OnPostpone
	}
	change := set{"due_at": s.StartsAt, "due_verb": "session.open"}
	if topic.State == rules.TopicNoConsensus {
		change["rounds"] = topic.Rounds + 1
	}
	if err := t.move(topic, event, change, ""); err != nil {
		return err
	}
	return t.tellConcerned(s, topic, "notice.topic_"+string(event))
}

// tellConcerned tells the raiser, the co-signers and whoever is invited.
func (t *tx) tellConcerned(s *Session, topic *Topic, code string) error {
	params := set{"receipt": topic.Receipt, "title": topic.Title, "topic": topic.ID, "session": s.ID, "starts_at": s.StartsAt}
	var p Point
	if err := t.Where("id = ?", s.PointID).Take(&p).Error; err != nil {
		return found(err, "point")
	}
	params["point"] = p.Name
	ids, err := t.cosigners(topic.ID)
	if err != nil {
		return err
	}
	invited, err := t.invited(s.ID)
	if err != nil {
		return err
	}
	seen := map[int64]bool{}
	for _, id := range append(append([]int64{topic.RaiserID}, ids...), invited...) {
		if seen[id] {
			continue
		}
		seen[id] = true
		if err := t.notify(id, code, params); err != nil {
			return err
		}
	}
	return nil
}

// OpenSession opens a session at its time. One that was only planned goes the
// quick track, where the rules let its topics.
func (f *Forum) OpenSession(ctx context.Context, who Actor, id int64) (*Session, error) {
	states := []SessionState{SessionPlanned, SessionAnnounced}
	return f.during(ctx, who, rules.SessionOpen, id, states, func(t *tx, s *Session) error {
		return t.openSession(s)
	})
}

func (t *tx) openSession(s *Session) error {
	if err := rules.CheckStart(t.now, s.StartsAt); err != nil {
		return err
	}
	topics, err := t.agenda(s.ID)
	if err != nil {
		return err
	}
	for i := range topics {
		if s.State == SessionPlanned {
			pack, err := t.pack(topics[i].Pack)
			if err != nil {
				return err
			}
			if err := rules.CheckQuick(topics[i].Level, pack); err != nil {
				return err
			}
		}
		if err := t.move(&topics[i], rules.OnOpen, nil, ""); err != nil {
			return err
		}
	}
	return t.setSession(s, set{"state": SessionOpen, "opened_at": t.now})
}

// AdjournSession breaks a session off, for want of a quorum or of time. Its
// topics wait for the next date. Nothing may be left open.
func (f *Forum) AdjournSession(ctx context.Context, who Actor, id int64, reason string) (*Session, error) {
	return f.during(ctx, who, rules.SessionAdjourn, id, []SessionState{SessionOpen}, func(t *tx, s *Session) error {
		return t.adjournSession(s, reason)
	})
}

func (t *tx) adjournSession(s *Session, reason string) error {
	reason, err := rules.CheckText("reason", reason, rules.MaxReason)
	if err != nil {
		return err
	}
	if err := t.noOpenPoll(s.ID); err != nil {
		return err
	}
	topics, err := t.agenda(s.ID)
	if err != nil {
		return err
	}
	for i := range topics {
		if topics[i].State != rules.TopicMeeting {
			continue
		}
		if err := t.move(&topics[i], rules.OnAdjourn, nil, reason); err != nil {
			return err
		}
		if err := t.tellConcerned(s, &topics[i], "notice.topic_adjourn"); err != nil {
			return err
		}
	}
	return t.setSession(s, set{"state": SessionAdjourned})
}

// CloseSession closes a session: every matter of its agenda has an outcome, with
// a commitment or a reasoned "no consensus". Its orders start now.
func (f *Forum) CloseSession(ctx context.Context, who Actor, id int64) (*Session, error) {
	return f.during(ctx, who, rules.SessionClose, id, []SessionState{SessionOpen}, func(t *tx, s *Session) error {
		if err := t.noOpenPoll(s.ID); err != nil {
			return err
		}
		topics, err := t.agenda(s.ID)
		if err != nil {
			return err
		}
		for i := range topics {
			if err := t.settle(s, &topics[i]); err != nil {
				return err
			}
		}
		return t.setSession(s, set{"state": SessionClosed, "closed_at": t.now})
	})
}

// settle checks that a matter is not left hanging and starts its orders.
func (t *tx) settle(s *Session, topic *Topic) error {
	outcome, err := t.outcome(s.ID, topic.ID)
	if err != nil {
		return err
	}
	orders, err := t.drafts(s.ID, topic.ID)
	if err != nil {
		return err
	}
	if err := rules.CheckSettled(outcome.Result, int64(len(orders)), outcome.Words); err != nil {
		return err
	}
	for i := range orders {
		if err := t.issue(&orders[i], topic); err != nil {
			return err
		}
	}
	if len(orders) == 0 {
		return nil
	}
	at, verb, err := t.clock("topic.publish")
	if err != nil {
		return err
	}
	return t.hold(topic, topic.OrgID, at, verb)
}
