package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/rules"
	"yishi/models/store"
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
	Area       int64           `json:"area,omitempty"` // due, in cm²; 0 where the poll counts heads alone
	OpenedAt   time.Time       `json:"opened_at"`
	ClosesAt   *time.Time      `json:"closes_at,omitempty"` // nil: closed by the chair
	CountUntil *time.Time      `json:"count_until,omitempty" doc:"counting: by when all sheets are entered"`
	ClosedAt   *time.Time      `json:"closed_at,omitempty"`
	Verdict    string          `json:"-"`
	Sealed     bool            `json:"sealed"` // the verdict stands on the board
}

// Seat is a unit on the roll of a poll and a person who may vote for it. A unit
// without a person still counts among those due.
type Seat struct {
	PollID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Unit     string
	PersonID int64
	Capacity string
	Area     int64 // of the unit, in cm²; 0 where the poll counts heads alone
}

// NewPoll is a question to be put. The stakeholders are named where the rule
// pack asks for a list: "p12" a person, "m4" a member of an alliance.
type NewPoll struct {
	SessionID    int64        `json:"session_id"`
	TopicID      int64        `json:"topic_id"`
	Question     string       `json:"question"`
	Pack         string       `json:"pack,omitempty"`   // "": the topic's
	Method       rules.Method `json:"method,omitempty"` // "": yes or no
	Options      []string     `json:"options,omitempty" maxItems:"9"`
	Most         int          `json:"most,omitempty" doc:"choose: how many at most; score: the highest mark"`
	ClosesAt     *time.Time   `json:"closes_at,omitempty"`
	Stakeholders []string     `json:"stakeholders,omitempty"`
	Secret       *NewSecrecy  `json:"secret,omitempty"` // left out: ballots are named
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
	question, err := rules.CheckText("question", n.Question, rules.MaxQuestion)
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
	ask, err := rules.CheckAsk(pack, rules.Ask{Method: cmp.Or(n.Method, rules.MethodYesNo), Options: n.Options, Most: n.Most})
	if err != nil {
		return nil, err
	}
	if err := rules.EffectiveOn(pack, t.now.In(rules.Beijing).Format(time.DateOnly)); err != nil {
		return nil, err
	}
	if n.ClosesAt != nil {
		at := n.ClosesAt.UTC().Truncate(time.Second)
		if n.ClosesAt = &at; !at.After(t.now) {
			return nil, rules.Refuse(rules.Invalid, "poll.closes")
		}
	}
	var running int64
	if err := t.Model(&Poll{}).Where("topic_id = ? AND state <> ?", topic.ID, rules.PollClosed).Count(&running).Error; err != nil {
		return nil, err
	}
	if running > 0 {
		return nil, rules.Refuse(rules.Conflict, "poll.running")
	}
	seats, err := t.roll(s, pack, n.Stakeholders)
	if err != nil {
		return nil, err
	}
	d := rules.Definition{Topic: topic.ID, Session: s.ID, Question: question, Ask: ask, Pack: pack, ClosesAt: n.ClosesAt}
	if n.Secret == nil {
		return t.freeze(s, d, seats)
	}
	return t.openSecret(s, d, seats, *n.Secret)
}

// freeze writes a poll with its roll. From here on neither changes.
func (t *tx) freeze(s *Session, d rules.Definition, seats []Seat) (*Poll, error) {
	entries := unitsOf(seats)
	for _, e := range entries {
		d.Area += e.Area
	}
	units := int64(len(entries))
	if d.Due = units; d.Pack.Roll == rules.RollPresent {
		d.Due = max(units, s.Due)
		if err := rules.CheckQuorum(d.Pack, units, d.Due); err != nil {
			return nil, err
		}
	}
	if err := rules.CheckRoll(entries, d.Pack.ByArea); err != nil {
		return nil, err
	}
	p := &Poll{
		OrgID: s.OrgID, TopicID: d.Topic, SessionID: s.ID, Question: d.Question, Pack: d.Pack.Code,
		State: rules.PollOpen, Due: d.Due, Area: d.Area, OpenedAt: t.now, ClosesAt: d.ClosesAt,
	}
	if err := t.Create(p).Error; err != nil {
		return nil, err
	}
	if err := t.define(p, d, entries); err != nil {
		return nil, err
	}
	if err := ballots.Open(t.DB, p.ID); err != nil {
		return nil, err
	}
	for i := range seats {
		seats[i].PollID = p.ID
	}
	return p, t.CreateInBatches(seats, 500).Error
}

// define writes what is asked, with the hash of the roll under the pseudonyms
// that its units have on the board of this poll.
func (t *tx) define(p *Poll, d rules.Definition, entries []rules.RollEntry) error {
	d.Roll = rules.RollHash(t.f.ballots.Masked(p.ID, entries))
	body, err := d.Bytes()
	if err != nil {
		return err
	}
	if p.Hash, err = d.Hash(); err != nil {
		return err
	}
	p.Definition = string(body)
	return t.Model(&Poll{}).Where("id = ?", p.ID).Updates(set{"definition": p.Definition, "hash": p.Hash}).Error
}

// unitsOf are the voting units of seats, each once.
func unitsOf(seats []Seat) []rules.RollEntry {
	area := make(map[string]int64, len(seats))
	for _, s := range seats {
		area[s.Unit] = s.Area
	}
	out := make([]rules.RollEntry, 0, len(area))
	for _, unit := range slices.Sorted(maps.Keys(area)) {
		out = append(out, rules.RollEntry{Unit: unit, Area: area[unit]})
	}
	return out
}

// ClosePoll ends a poll and returns its verdict. The chair closes; a poll with
// a closing time is closed by the clock alone. Where sheets wait to be entered
// the poll is counting from then on, for rules.CountingFor at most: the verdict
// falls with the last entry, or once that time is over.
func (f *Forum) ClosePoll(ctx context.Context, who Actor, id int64) (*PollView, error) {
	if store.Joined(ctx) { // for which the ballots under way would wait, and this for them
		return nil, errors.New("models: a poll is closed after other deeds of one answer")
	}
	var v *PollView
	err := f.ballots.Still(id, func() (err error) {
		v, err = do(ctx, f, who, rules.PollClosing, onPoll(id), func(t *tx) (*PollView, error) {
			t.after = append(t.after, func() { f.ballots.Forget(id) }) // who read it until this stood
			return t.closePoll(id)
		})
		return err
	})
	return v, err
}

func (t *tx) closePoll(id int64) (*PollView, error) {
	p, err := t.lockPoll(id)
	if err != nil {
		return nil, err
	}
	switch p.State {
	case rules.PollOpen:
		err = t.endPoll(p)
	case rules.PollCounting:
		err = t.endCounting(p)
	case rules.PollClosed:
		err = rules.Refuse(rules.Conflict, "poll.closed")
	}
	if err != nil {
		return nil, err
	}
	return t.pollView(*p)
}

// lockPoll reads a poll and holds it as it is until the deed is done.
func (t *tx) lockPoll(id int64) (*Poll, error) {
	var p Poll
	return &p, found(t.locked().Where("id = ?", id).Take(&p).Error, "poll")
}

// lockOpenPoll holds a named poll that takes ballots.
func (t *tx) lockOpenPoll(id int64) (*Poll, error) {
	p, err := t.lockPoll(id)
	if err == nil && p.State != rules.PollOpen {
		err = rules.Refuse(rules.Conflict, "poll.closed")
	}
	if err == nil {
		err = rules.CheckOpen(p.ClosesAt, t.now)
	}
	if err == nil {
		err = p.named()
	}
	return p, err
}

// named refuses a secret poll what names who votes.
func (p *Poll) named() error {
	d, err := p.definition()
	if err == nil && d.Secret != nil {
		err = rules.Refuse(rules.Conflict, "secret.page")
	}
	return err
}

// endPoll takes no more ballots.
func (t *tx) endPoll(p *Poll) error {
	if p.ClosesAt != nil && t.now.Before(*p.ClosesAt) {
		return rules.Refuse(rules.Conflict, "poll.fixed", "closes_at", *p.ClosesAt)
	}
	d, err := p.definition()
	if err != nil {
		return err
	}
	if d.Secret != nil {
		return t.closeSecret(p, d)
	}
	waiting, err := t.sheetsWaiting(p.ID)
	if err != nil {
		return err
	}
	if err := ballots.Shut(t.DB, p.ID, len(waiting) > 0); err != nil {
		return err
	}
	if len(waiting) == 0 {
		return t.givePoll(p)
	}
	until := t.now.Add(rules.CountingFor)
	p.State, p.CountUntil = rules.PollCounting, &until
	if err := t.Model(&Poll{}).Where("id = ?", p.ID).Updates(set{"state": p.State, "count_until": until}).Error; err != nil {
		return err
	}
	return t.notifyOrg(p.OrgID, "notice.counting", set{"poll": p.ID, "question": p.Question, "n": len(waiting), "until": until}, countingRoles...)
}

// givePoll gives a poll to which nothing more will come its verdict.
func (t *tx) givePoll(p *Poll) error {
	verdict, err := t.judge(p)
	if err != nil {
		return err
	}
	p.ClosedAt = &t.now
	return t.giveVerdict(p, verdict)
}

// giveVerdict closes a poll with its verdict, and tells it.
func (t *tx) giveVerdict(p *Poll, v rules.Verdict) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	p.State, p.Verdict = rules.PollClosed, string(body)
	if err := t.setPoll(p); err != nil {
		return err
	}
	return t.tellVerdict(p, v)
}

func (t *tx) setPoll(p *Poll) error {
	return t.Model(&Poll{}).Where("id = ?", p.ID).Updates(set{"state": p.State, "closed_at": p.ClosedAt, "verdict": p.Verdict}).Error
}

func (t *tx) tellVerdict(p *Poll, v rules.Verdict) error {
	var topic Topic
	if err := t.Where("id = ?", p.TopicID).Take(&topic).Error; err != nil {
		return found(err, "topic")
	}
	d, err := p.definition()
	if err != nil {
		return err
	}
	told := set{"poll": p.ID, "question": p.Question, "result": v.Result, "reason": v.Reason, "law": d.Pack.Law, "article": d.Pack.Article}
	maps.Copy(told, v.Params(d.Ask))
	return t.tell(&topic, "notice.verdict", told)
}

// judge counts the ballots and applies the frozen rule pack.
func (t *tx) judge(p *Poll) (rules.Verdict, error) {
	d, err := p.definition()
	if err != nil {
		return rules.Verdict{}, err
	}
	count, err := ballots.Tally(t.DB, p.ID)
	if err != nil {
		return rules.Verdict{}, err
	}
	took, err := t.turnouts([]Poll{*p}, map[int64]ballots.Count{p.ID: count})
	return rules.Decide(d.Pack, d.Ask, took[p.ID], count.Marks()), err
}

func (p *Poll) definition() (rules.Definition, error) {
	d, err := decode[rules.Definition](p.Definition)
	if err != nil {
		return d, fmt.Errorf("poll %d: %w", p.ID, err)
	}
	return d, nil
}

// seatProxy gives another person the seat of a unit.
func (t *tx) seatProxy(seat Seat, agent int64) error {
	seat.PersonID, seat.Capacity = agent, ballots.CapacityProxy
	err := t.Create(&seat).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return rules.Refuse(rules.Conflict, "proxy.named") // votes for it anyhow
	}
	return err
}

// sealPoll notes that the verdict of a closed poll is going onto its board.
func (t *tx) sealPoll(p *Poll) error {
	if p.State != rules.PollClosed || p.Sealed {
		return nil
	}
	p.Sealed = true
	return t.Model(&Poll{}).Where("id = ?", p.ID).Update("sealed", true).Error
}

// PollsDue returns the open polls whose closing time has come, and those whose
// time for counting is over, up to n with ids above after.
func (f *Forum) PollsDue(ctx context.Context, after int64, n int) ([]int64, error) {
	return see(ctx, f, Clock, rules.PollClosing, anywhere("poll"), func(t *tx) ([]int64, error) {
		var ids []int64
		return ids, t.Model(&Poll{}).Where("(state = ? AND closes_at <= ? OR state = ? AND count_until <= ?) AND id > ?", rules.PollOpen, t.now, rules.PollCounting, t.now, after).
			Order("id").Limit(n).Pluck("id", &ids).Error
	})
}

func (t *tx) noOpenPoll(sessionID int64) error {
	var n int64
	err := t.Model(&Poll{}).Where("session_id = ? AND state <> ?", sessionID, rules.PollClosed).Count(&n).Error
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
