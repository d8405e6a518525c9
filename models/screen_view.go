package models

import (
	"context"
	"time"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// ScreenState is what a screen is at.
type ScreenState string

// The states of a screen.
const (
	ScreenWaiting ScreenState = "waiting" // for its code to be entered
	ScreenBefore  ScreenState = "before"
	ScreenOpen    ScreenState = "open"
	ScreenClosed  ScreenState = "closed"
)

// ScreenView is what everybody in the room may see. It names nobody and holds
// moments instead of seconds left, so it stays the same until something happens.
type ScreenView struct {
	State       ScreenState    `json:"state"`
	Until       time.Time      `json:"until" doc:"of the code that waits, or of the screen"`
	SessionID   int64          `json:"session_id,omitempty"`
	Title       string         `json:"title,omitempty"`
	Point       string         `json:"point,omitempty"`
	StartsAt    *time.Time     `json:"starts_at,omitempty"`
	Code        *SiteCode      `json:"code,omitempty" doc:"while people may check in; the header Date tells how long it stands"`
	Quorum      *Quorum        `json:"quorum,omitempty"`
	Represented []Represented  `json:"represented" nullable:"false"`
	Agenda      []ScreenItem   `json:"agenda" nullable:"false"`
	Speaker     *ScreenSpeaker `json:"speaker,omitempty" doc:"who has the floor"`
	Polls       []ScreenPoll   `json:"polls" nullable:"false"`
}

// ScreenItem is a line of the agenda.
type ScreenItem struct {
	TopicID int64       `json:"topic_id"`
	Title   string      `json:"title"`
	Current bool        `json:"current"`
	Result  rules.State `json:"result,omitempty" doc:"what the session came to"`
}

// ScreenSpeaker is for what and for whom somebody speaks, and until when.
type ScreenSpeaker struct {
	TopicID int64        `json:"topic_id"`
	Stance  rules.Stance `json:"stance"`
	Part    rules.Part   `json:"part"`
	Until   time.Time    `json:"until"`
}

// ScreenPoll is a poll as everybody who watches it sees it.
type ScreenPoll struct {
	PollTally
	TopicID    int64          `json:"topic_id"`
	Question   string         `json:"question"`
	Method     rules.Method   `json:"method"`
	Options    []string       `json:"options" nullable:"false"`
	Secret     bool           `json:"secret"`
	Rule       string         `json:"rule,omitempty" doc:"open: when it passes, as a sentence"`
	ClosesAt   *time.Time     `json:"closes_at,omitempty"`
	Reason     string         `json:"reason,omitempty" doc:"of the verdict, as a sentence"`
	Checkpoint string         `json:"checkpoint,omitempty" doc:"address of the QR code by which the result is checked"`
	Sealed     bool           `json:"-"`
	Params     map[string]any `json:"-"` // what fills the rule or the reason
}

// ScreenSees returns what the screen that has a token shows.
func (f *Forum) ScreenSees(ctx context.Context, token string) (*ScreenView, error) {
	return see(ctx, f, AtScreen, rules.ScreenSee, anywhere("screen"), func(t *tx) (*ScreenView, error) {
		screen, err := t.screenOf(token)
		if err != nil {
			return nil, err
		}
		v := &ScreenView{State: ScreenWaiting, Until: screen.ExpiresAt, Represented: []Represented{}, Agenda: []ScreenItem{}, Polls: []ScreenPoll{}}
		if screen.SessionID == 0 {
			return v, nil
		}
		var s Session
		if err := t.Where("id = ?", screen.SessionID).Take(&s).Error; err != nil {
			return nil, found(err, "session")
		}
		for _, fill := range []func(*Session, *ScreenView) error{t.screenHead, t.screenRoom, t.screenPolls, t.screenAgenda} {
			if err := fill(&s, v); err != nil {
				return nil, err
			}
		}
		return v, nil
	})
}

func (t *tx) screenHead(s *Session, v *ScreenView) (err error) {
	v.SessionID, v.Title, v.StartsAt = s.ID, s.Title, &s.StartsAt
	switch {
	case s.State == SessionOpen:
		v.State = ScreenOpen
	case s.over():
		v.State = ScreenClosed
	default:
		v.State = ScreenBefore
	}
	if v.State == ScreenOpen || s.State != SessionAdjourned && v.State == ScreenBefore && rules.CheckDoors(t.now, s.StartsAt) == nil {
		if v.Code, err = t.siteCode(s); err != nil {
			return err
		}
	}
	return t.Model(&Point{}).Where("id = ?", s.PointID).Select("name").Scan(&v.Point).Error
}

// screenRoom is who is there, and who speaks.
func (t *tx) screenRoom(s *Session, v *ScreenView) (err error) {
	if v.Represented, err = t.represented(s.ID); err != nil {
		return err
	}
	if v.Quorum, err = t.quorum(s); err != nil {
		return err
	}
	speaker, err := t.floor(s.ID)
	if err == nil && speaker.ID != 0 {
		v.Speaker = &ScreenSpeaker{TopicID: speaker.TopicID, Stance: speaker.Stance, Part: speaker.Part, Until: speaker.until()}
	}
	return err
}

func (t *tx) screenPolls(s *Session, v *ScreenView) error {
	var polls []Poll
	if err := t.Where("session_id = ?", s.ID).Order("id").Find(&polls).Error; err != nil || len(polls) == 0 {
		return err
	}
	ids := make([]int64, len(polls))
	for i, p := range polls {
		ids[i] = p.ID
	}
	counts, err := ballots.Tallies(t.DB, ids)
	if err != nil {
		return err
	}
	needs, err := t.needs(polls, counts)
	if err != nil {
		return err
	}
	for i := range polls {
		shown, err := polls[i].onScreen(counts[polls[i].ID])
		if err != nil {
			return err
		}
		if need, ok := needs[polls[i].ID]; ok {
			shown.Rule, shown.Params = need.Code, need.Params
		}
		v.Polls = append(v.Polls, shown)
	}
	return nil
}

// onScreen shows of a poll what its watchers are told, and what is asked.
func (p *Poll) onScreen(count ballots.Count) (ScreenPoll, error) {
	d, err := p.definition()
	if err != nil {
		return ScreenPoll{}, err
	}
	v := ScreenPoll{TopicID: p.TopicID, Question: p.Question, Method: d.Method, Options: append([]string{}, d.Options...), Secret: d.Secret != nil, ClosesAt: p.ClosesAt, Sealed: p.Sealed}
	if v.PollTally, err = p.tally(d, count); err != nil {
		return v, err
	}
	if v.Verdict != nil {
		v.Reason, v.Params = v.Verdict.Reason, v.Verdict.Params(d.Ask)
	}
	return v, nil
}

// screenAgenda reads the agenda. Under way is what is being voted on, else what
// somebody speaks to, else the first topic that has no outcome.
func (t *tx) screenAgenda(s *Session, v *ScreenView) error {
	topics, err := t.dealtWith(s.ID)
	if err != nil {
		return err
	}
	var outcomes []Outcome
	if err := t.Where("session_id = ?", s.ID).Find(&outcomes).Error; err != nil {
		return err
	}
	results := map[int64]rules.State{}
	for _, o := range outcomes {
		results[o.TopicID] = o.Result
	}
	current := v.underWay()
	for _, topic := range topics {
		if current == 0 && v.State == ScreenOpen && results[topic.ID] == "" {
			current = topic.ID
		}
		v.Agenda = append(v.Agenda, ScreenItem{TopicID: topic.ID, Title: topic.Title, Current: topic.ID == current, Result: results[topic.ID]})
	}
	return nil
}

// underWay is the topic that is being voted on or spoken to, 0 if none.
func (v *ScreenView) underWay() int64 {
	for _, p := range v.Polls {
		if p.State == rules.PollOpen {
			return p.TopicID
		}
	}
	if v.Speaker != nil {
		return v.Speaker.TopicID
	}
	return 0
}
