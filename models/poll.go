package models

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// Poll is a question put to a frozen roll. Its definition never changes; a
// changed question is a new poll.
type Poll struct {
	ID         int64           `json:"id"`
	OrgID      int64           `json:"org_id"`
	TopicID    int64           `json:"topic_id"`
	SessionID  int64           `json:"session_id"`
	Question   string          `json:"question"`
	Pack       string          `json:"pack"`
	Definition string          `json:"-"`
	Hash       string          `json:"hash"`
	State      rules.PollState `json:"state"`
	Due        int64           `json:"due"`
	OpenedAt   time.Time       `json:"opened_at"`
	ClosesAt   *time.Time      `json:"closes_at,omitempty"` // nil: closed by the chair
	ClosedAt   *time.Time      `json:"closed_at,omitempty"`
	Verdict    string          `json:"-"`
}

// Seat is a unit on the roll of a poll and a person who may vote for it. A unit
// without a person still counts among those due.
type Seat struct {
	PollID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Unit     string
	PersonID int64
	Capacity string
}

// Shard is a part of a poll's tally. A ballot's transaction writes one, closing
// writes them all: so no ballot lands once closing has returned.
type Shard struct {
	PollID  int64 `gorm:"primaryKey;autoIncrement:false"`
	Shard   int   `gorm:"primaryKey;autoIncrement:false"`
	Open    bool
	Ballots int64
}

// shards is into how many parts a poll's tally is split, so that ballots do not
// queue for one row.
const shards = 8

// countIn adds to the part of the tally that a unit belongs to. The parts of a
// closed poll take nothing more.
func (t *tx) countIn(poll int64, unit string, added int) error {
	r := t.Model(&Shard{}).Where("poll_id = ? AND shard = ? AND open = ?", poll, shardOf(unit), true).
		Update("ballots", gorm.Expr("ballots + ?", added))
	if r.Error == nil && r.RowsAffected == 0 {
		return rules.Refuse(rules.Conflict, "poll.closed")
	}
	return r.Error
}

func shardOf(unit string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(unit))
	return int(h.Sum32() % shards)
}

// NewPoll is a question to be put. The stakeholders are named where the rule
// pack asks for a list: "p12" a person, "m4" a member of an alliance.
type NewPoll struct {
	SessionID    int64      `json:"session_id"`
	TopicID      int64      `json:"topic_id"`
	Question     string     `json:"question"`
	Pack         string     `json:"pack,omitempty"` // "": the topic's
	ClosesAt     *time.Time `json:"closes_at,omitempty"`
	Stakeholders []string   `json:"stakeholders,omitempty"`
}

// OpenPoll freezes roll, question, options, rule pack and way of closing, and
// opens the poll.
func (f *Forum) OpenPoll(ctx context.Context, who Actor, n NewPoll) (*PollView, error) {
	return do(ctx, f, who, rules.PollOpening, onSession(n.SessionID), func(t *tx) (*PollView, error) {
		s, topic, err := t.underDiscussion(n.SessionID, n.TopicID)
		if err != nil {
			return nil, err
		}
		if topic.State != rules.TopicMeeting {
			return nil, rules.Refuse(rules.Conflict, "topic.state", "state", topic.State, "event", "poll")
		}
		p, err := t.openPoll(s, topic, n)
		if err != nil {
			return nil, err
		}
		views, err := t.pollViews([]Poll{*p})
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

func (t *tx) openPoll(s *Session, topic *Topic, n NewPoll) (*Poll, error) {
	question, err := rules.CheckText("question", n.Question, 120)
	if err != nil {
		return nil, err
	}
	if n.Pack == "" {
		n.Pack = topic.Pack
	}
	pack, err := t.pack(n.Pack)
	if err != nil {
		return nil, err
	}
	if n.ClosesAt != nil {
		at := n.ClosesAt.UTC().Truncate(time.Second)
		if n.ClosesAt = &at; !at.After(t.now) {
			return nil, rules.Refuse(rules.Invalid, "poll.closes")
		}
	}
	var running int64
	if err := t.Model(&Poll{}).Where("topic_id = ? AND state = ?", topic.ID, rules.PollOpen).Count(&running).Error; err != nil {
		return nil, err
	}
	if running > 0 {
		return nil, rules.Refuse(rules.Conflict, "poll.running")
	}
	seats, err := t.roll(s, pack, n.Stakeholders)
	if err != nil {
		return nil, err
	}
	return t.freeze(s, topic, pack, question, n.ClosesAt, seats)
}

func (t *tx) freeze(s *Session, topic *Topic, pack rules.Pack, question string, closes *time.Time, seats []Seat) (*Poll, error) {
	units := make([]string, 0, len(seats))
	for _, seat := range seats {
		units = append(units, seat.Unit)
	}
	slices.Sort(units)
	units = slices.Compact(units)
	due := int64(len(units))
	if pack.Roll == rules.RollPresent {
		due = max(due, s.Due)
		if err := rules.CheckQuorum(pack, int64(len(units)), due); err != nil {
			return nil, err
		}
	}
	if len(units) == 0 {
		return nil, rules.Refuse(rules.Conflict, "poll.empty")
	}
	entries := make([]rules.RollEntry, len(units))
	for i, unit := range units {
		entries[i].Unit = unit
	}
	d := rules.Definition{
		Topic: topic.ID, Session: s.ID, Question: question, Ask: rules.Ask{Method: rules.MethodYesNo},
		Pack: pack, Due: due, ClosesAt: closes, Roll: rules.RollHash(entries),
	}
	hash, err := d.Hash()
	if err != nil {
		return nil, err
	}
	body, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	p := &Poll{
		OrgID: s.OrgID, TopicID: topic.ID, SessionID: s.ID, Question: question, Pack: pack.Code, Definition: string(body), Hash: hash,
		State: rules.PollOpen, Due: due, OpenedAt: t.now, ClosesAt: closes,
	}
	if err := t.Create(p).Error; err != nil {
		return nil, err
	}
	parts := make([]Shard, shards)
	for i := range parts {
		parts[i] = Shard{PollID: p.ID, Shard: i, Open: true}
	}
	if err := t.Create(parts).Error; err != nil {
		return nil, err
	}
	for i := range seats {
		seats[i].PollID = p.ID
	}
	return p, t.CreateInBatches(seats, 500).Error
}

// ClosePoll closes a poll and returns its verdict. The chair closes; a poll with
// a closing time is closed by the clock alone.
func (f *Forum) ClosePoll(ctx context.Context, who Actor, id int64) (*PollView, error) {
	return do(ctx, f, who, rules.PollClosing, onPoll(id), func(t *tx) (*PollView, error) {
		return t.closePoll(id)
	})
}

func (t *tx) closePoll(id int64) (*PollView, error) {
	var p Poll
	if err := t.locked().Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, found(err, "poll")
	}
	if p.State != rules.PollOpen {
		return nil, rules.Refuse(rules.Conflict, "poll.closed")
	}
	if p.ClosesAt != nil && t.now.Before(*p.ClosesAt) {
		return nil, rules.Refuse(rules.Conflict, "poll.fixed", "closes_at", *p.ClosesAt)
	}
	if err := t.Model(&Shard{}).Where("poll_id = ?", id).Update("open", false).Error; err != nil {
		return nil, err
	}
	verdict, err := t.judge(&p)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(verdict)
	if err != nil {
		return nil, err
	}
	p.State, p.ClosedAt, p.Verdict = rules.PollClosed, &t.now, string(body)
	err = t.Model(&Poll{}).Where("id = ?", id).Updates(set{"state": p.State, "closed_at": p.ClosedAt, "verdict": p.Verdict}).Error
	if err != nil {
		return nil, err
	}
	views, err := t.pollViews([]Poll{p})
	if err != nil {
		return nil, err
	}
	return &views[0], t.tellVerdict(&p, verdict)
}

func (t *tx) tellVerdict(p *Poll, v rules.Verdict) error {
	var topic Topic
	if err := t.Where("id = ?", p.TopicID).Take(&topic).Error; err != nil {
		return found(err, "topic")
	}
	return t.tell(&topic, "notice.verdict", set{"poll": p.ID, "question": p.Question, "result": v.Result})
}

// judge counts the ballots and applies the frozen rule pack.
func (t *tx) judge(p *Poll) (rules.Verdict, error) {
	d, err := p.definition()
	if err != nil {
		return rules.Verdict{}, err
	}
	turnout, marks, err := t.tally(p)
	return rules.Decide(d.Pack, d.Ask, turnout, marks), err
}

func (t *tx) tally(p *Poll) (rules.Turnout, []rules.Mark, error) {
	c := rules.Turnout{Due: p.Due}
	var marks []rules.Mark
	err := t.Model(&Ballot{}).Where("poll_id = ?", p.ID).Select("choice, COUNT(*) AS ballots").Group("choice").Scan(&marks).Error
	if err != nil {
		return c, nil, err
	}
	// Whoever is there or has voted takes part.
	err = t.Raw(`SELECT COUNT(DISTINCT s.unit) FROM seats s WHERE s.poll_id = @poll AND (
		EXISTS (SELECT 1 FROM presences p WHERE p.session_id = @session AND p.person_id = s.person_id)
		OR EXISTS (SELECT 1 FROM ballots b WHERE b.poll_id = @poll AND b.unit = s.unit))`,
		set{"poll": p.ID, "session": p.SessionID}).Scan(&c.Attended).Error
	return c, marks, err
}

func (p *Poll) definition() (rules.Definition, error) {
	d, err := decode[rules.Definition](p.Definition)
	if err != nil {
		return d, fmt.Errorf("poll %d: %w", p.ID, err)
	}
	return d, nil
}

// PollView is a poll as everybody sees it. Counts leave through this gate alone:
// while the poll is open only how many took part, the rest with the verdict.
type PollView struct {
	Poll
	PackName string         `json:"pack_name"`
	Law      string         `json:"law"`
	Article  string         `json:"article"`
	Binding  bool           `json:"binding"`
	Cast     int64          `json:"cast"`
	Verdict  *rules.Verdict `json:"verdict,omitempty"`
	Mine     []Ballot       `json:"mine" nullable:"false"`  // the ballots of whoever asks
	Units    []string       `json:"units" nullable:"false"` // for which whoever asks may vote
}

func (t *tx) pollViews(polls []Poll) ([]PollView, error) {
	views := make([]PollView, len(polls))
	for i, p := range polls {
		v, err := t.pollView(p)
		if err != nil {
			return nil, err
		}
		views[i] = v
	}
	return views, nil
}

func (t *tx) pollView(p Poll) (PollView, error) {
	d, err := p.definition()
	if err != nil {
		return PollView{}, err
	}
	v := PollView{Poll: p, PackName: d.Pack.Name, Law: d.Pack.Law, Article: d.Pack.Article, Binding: d.Pack.Binding, Mine: []Ballot{}, Units: []string{}}
	if err := t.Model(&Shard{}).Where("poll_id = ?", p.ID).Select("COALESCE(SUM(ballots), 0)").Scan(&v.Cast).Error; err != nil {
		return v, err
	}
	if p.State == rules.PollClosed {
		verdict, err := decode[rules.Verdict](p.Verdict)
		if err != nil {
			return v, err
		}
		v.Verdict = &verdict
	}
	me := t.who.PersonID
	if me == 0 {
		return v, nil
	}
	if err := t.Model(&Seat{}).Where("poll_id = ? AND person_id = ?", p.ID, me).Order("unit").Pluck("unit", &v.Units).Error; err != nil {
		return v, err
	}
	return v, t.Where("poll_id = ? AND person_id = ?", p.ID, me).Order("unit").Find(&v.Mine).Error
}

// Poll returns one poll.
func (f *Forum) Poll(ctx context.Context, who Actor, id int64) (*PollView, error) {
	return see(ctx, f, who, rules.PollRead, onPoll(id), func(t *tx) (*PollView, error) {
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		views, err := t.pollViews([]Poll{p})
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

// MyPolls returns the open polls on whose roll the person stands.
func (f *Forum) MyPolls(ctx context.Context, who Actor) ([]PollView, error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) ([]PollView, error) {
		var polls []Poll
		err := t.Where("state = ? AND (closes_at IS NULL OR closes_at > ?) AND id IN (?)", rules.PollOpen, t.now,
			t.Model(&Seat{}).Select("poll_id").Where("person_id = ?", who.PersonID)).Order("id").Limit(PageSize).Find(&polls).Error
		if err != nil {
			return nil, err
		}
		return t.pollViews(polls)
	})
}

// PollsDue returns the open polls whose closing time has come.
func (f *Forum) PollsDue(ctx context.Context, n int) ([]int64, error) {
	return see(ctx, f, Clock, rules.PollClosing, anywhere("poll"), func(t *tx) ([]int64, error) {
		var ids []int64
		return ids, t.Model(&Poll{}).Where("state = ? AND closes_at <= ?", rules.PollOpen, t.now).Order("id").Limit(n).Pluck("id", &ids).Error
	})
}

func (t *tx) noOpenPoll(sessionID int64) error {
	var n int64
	err := t.Model(&Poll{}).Where("session_id = ? AND state = ?", sessionID, rules.PollOpen).Count(&n).Error
	if err == nil && n > 0 {
		err = rules.Refuse(rules.Conflict, "session.poll")
	}
	return err
}

func onPoll(id int64) place {
	return place{subject("poll", id), func(t *tx) (rules.Object, error) {
		var path string
		err := t.Raw("SELECT g.path FROM polls p JOIN orgs g ON g.id = p.org_id WHERE p.id = ?", id).Scan(&path).Error
		if err == nil && path == "" {
			err = unknown("poll")
		}
		return rules.Object{Path: path}, err
	}}
}
