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
	SessionCancelled SessionState = "cancelled"
)

// sessionsOver are the states in which nothing more happens to a session.
var sessionsOver = []SessionState{SessionClosed, SessionCancelled}

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
	FloorSeconds int          `json:"floor_seconds"` // for which a speaker is given the floor unless the chair says otherwise
	ChairID      int64        `json:"-"`
	SupervisorID int64        `json:"-"`
	ShortReason  string       `json:"short_reason,omitempty"` // why the notice was shorter than the rule asks
	Reason       string       `json:"reason,omitempty"`       // why it was last postponed, adjourned or cancelled
	Secret       []byte       `json:"-"`                      // sealed; the on-site codes come from it
	CreatedAt    time.Time    `json:"created_at"`
	AnnouncedAt  *time.Time   `json:"announced_at,omitempty"`
	OpenedAt     *time.Time   `json:"opened_at,omitempty"`
	ClosedAt     *time.Time   `json:"closed_at,omitempty"`

	scopeID int64 // of the topic under discussion; 0: none, or the whole org's
}

// NewSession is a meeting to be planned from topics that were accepted.
type NewSession struct {
	OrgID        int64     `json:"org_id"`
	AllianceID   int64     `json:"alliance_id,omitempty"`
	PointID      int64     `json:"point_id"`
	Title        string    `json:"title,omitempty"` // "": the first topic's
	StartsAt     time.Time `json:"starts_at"`
	Due          int64     `json:"due"`
	FloorSeconds int       `json:"floor_seconds,omitempty" doc:"for a speaker; left out: 120"`
	SupervisorID int64     `json:"supervisor_id,omitempty"`
	Topics       []int64   `json:"topics" nullable:"false"`
}

// CreateSession plans a meeting. Whoever supervises it is told.
func (f *Forum) CreateSession(ctx context.Context, who Actor, n NewSession) (*Session, error) {
	return do(ctx, f, who, rules.SessionCreate, inOrg(n.OrgID), func(t *tx) (*Session, error) {
		s, err := t.plan(n)
		if err != nil {
			return nil, err
		}
		if err := t.setAgenda(s, n.Topics); err != nil {
			return nil, err
		}
		return s, t.notify(s.SupervisorID, "notice.supervise", set{"title": s.Title, "session": s.ID, "starts_at": s.StartsAt})
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
	floor, err := n.check()
	if err != nil {
		return nil, err
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
		Due: n.Due, FloorSeconds: floor, ChairID: t.who.PersonID, SupervisorID: n.SupervisorID, Secret: t.f.seal.Seal(string(secret)), CreatedAt: t.now,
	}
	return s, t.Create(s).Error
}

// check refuses numbers that are out of bounds, and returns the seconds of the floor.
func (n NewSession) check() (int, error) {
	if n.Due < 1 || n.Due > 1_000_000 {
		return 0, rules.Refuse(rules.Invalid, "session.due")
	}
	return rules.CheckFloorSeconds(n.FloorSeconds)
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

// over reports whether nothing more happens to a session.
func (s *Session) over() bool { return slices.Contains(sessionsOver, s.State) }

// hidden reports whether a session is the desk's alone: a plan, or one that was
// given up before anybody was told.
func (s *Session) hidden() bool {
	return s.AnnouncedAt == nil && (s.State == SessionPlanned || s.State == SessionCancelled)
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

// scope is the org whose register counts for the topic under discussion: its
// grid, such as a stairwell's, else where the session belongs.
func (t *tx) scope(s *Session) (*Org, error) {
	if s.scopeID != 0 {
		return t.org(s.scopeID)
	}
	return t.org(s.OrgID)
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
