package models

import (
	"context"
	"strings"
	"time"

	"yishi/models/rules"
)

// AnnounceSession announces a planned or adjourned session, with the notice that
// the rule packs of its topics demand, or with the reason for a shorter one.
// Everybody whom it concerns is told.
func (f *Forum) AnnounceSession(ctx context.Context, who Actor, id int64, shortReason string) (*Session, error) {
	states := []SessionState{SessionPlanned, SessionAdjourned}
	return f.during(ctx, who, rules.SessionAnnounce, id, states, func(t *tx, s *Session) error {
		return t.announce(s, rules.StepAnnounce, s.Reason, shortReason)
	})
}

// PostponeSession gives an announced or adjourned session another time, and tells
// everybody why.
func (f *Forum) PostponeSession(ctx context.Context, who Actor, id int64, startsAt time.Time, reason, shortReason string) (*Session, error) {
	states := []SessionState{SessionAnnounced, SessionAdjourned}
	return f.during(ctx, who, rules.SessionPostpone, id, states, func(t *tx, s *Session) error {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason/2)
		if err != nil {
			return err
		}
		s.StartsAt = startsAt.UTC().Truncate(time.Second)
		return t.announce(s, rules.StepPostpone, reason, shortReason)
	})
}

// announce gives a session its date. The timeline keeps why it is another one
// than before, and why the notice is short.
func (t *tx) announce(s *Session, step rules.Step, reason, shortReason string) error {
	short, err := rules.CheckOptional("short_reason", shortReason, 200)
	if err != nil {
		return err
	}
	topics, err := t.waiting(s, step)
	if err != nil {
		return err
	}
	for i := range topics {
		if err := t.checkAnnounced(s, &topics[i], short); err != nil {
			return err
		}
		if err := t.take(s, &topics[i], step, strings.Trim(reason+"\n"+short, "\n")); err != nil {
			return err
		}
	}
	change := set{"state": SessionAnnounced, "starts_at": s.StartsAt, "reason": reason, "short_reason": short, "announced_at": t.now}
	return t.setSession(s, change)
}

// checkAnnounced refuses a date for which a topic's notice is too short, and a
// topic that the Party organisation has to study first (居委会组织法 art. 30).
func (t *tx) checkAnnounced(s *Session, topic *Topic, short string) error {
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
	return nil
}

// OpenSession opens a session at its time. One that was only planned goes the
// quick track, where the rules let its topics.
func (f *Forum) OpenSession(ctx context.Context, who Actor, id int64) (*Session, error) {
	states := []SessionState{SessionPlanned, SessionAnnounced}
	return f.during(ctx, who, rules.SessionOpen, id, states, func(t *tx, s *Session) error {
		if err := rules.CheckStart(t.now, s.StartsAt); err != nil {
			return err
		}
		topics, err := t.waiting(s, rules.StepOpen)
		if err != nil {
			return err
		}
		for i := range topics {
			if err := t.checkQuick(s, &topics[i]); err != nil {
				return err
			}
			if err := t.take(s, &topics[i], rules.StepOpen, ""); err != nil {
				return err
			}
		}
		return t.setSession(s, set{"state": SessionOpen, "opened_at": t.now})
	})
}

func (t *tx) checkQuick(s *Session, topic *Topic) error {
	if s.State != SessionPlanned {
		return nil
	}
	pack, err := t.pack(topic.Pack)
	if err != nil {
		return err
	}
	return rules.CheckQuick(topic.Level, pack)
}

// AdjournSession breaks a session off, for want of a quorum or of time. What it
// has decided is settled, the other topics wait for the next date. No poll may
// be left open.
func (f *Forum) AdjournSession(ctx context.Context, who Actor, id int64, reason string) (*Session, error) {
	return f.during(ctx, who, rules.SessionAdjourn, id, []SessionState{SessionOpen}, func(t *tx, s *Session) error {
		if err := t.noOpenPoll(s.ID); err != nil {
			return err
		}
		if err := t.endSpeakers(s.ID); err != nil {
			return err
		}
		return t.putOff(s, rules.StepAdjourn, reason, SessionAdjourned)
	})
}

// CancelSession gives up a session that has not begun, with a reason that
// everybody whom it concerns is told. Its topics wait for another one.
func (f *Forum) CancelSession(ctx context.Context, who Actor, id int64, reason string) (*Session, error) {
	states := []SessionState{SessionPlanned, SessionAnnounced, SessionAdjourned}
	return f.during(ctx, who, rules.SessionCancel, id, states, func(t *tx, s *Session) error {
		if err := t.putOff(s, rules.StepCancel, reason, SessionCancelled); err != nil {
			return err
		}
		if err := t.unconvene(s.ID); err != nil {
			return err
		}
		if err := t.dimScreens(s.ID); err != nil {
			return err
		}
		ids, err := t.invited(s.ID)
		if err != nil {
			return err
		}
		return t.notifyAll(ids, "notice.session_cancelled", set{"title": s.Title, "session": s.ID, "starts_at": s.StartsAt, "reason": s.Reason})
	})
}

// putOff ends what a session was about to do, or was doing, with a reason.
func (t *tx) putOff(s *Session, step rules.Step, reason string, state SessionState) error {
	reason, err := rules.CheckText("reason", reason, rules.MaxReason)
	if err != nil {
		return err
	}
	topics, err := t.waiting(s, step)
	if err != nil {
		return err
	}
	for i := range topics {
		if err := t.take(s, &topics[i], step, reason); err != nil {
			return err
		}
	}
	return t.setSession(s, set{"state": state, "reason": reason})
}

// CloseSession closes a session: every matter of its agenda has an outcome, with
// a commitment or a reasoned "no consensus". Its orders start now.
func (f *Forum) CloseSession(ctx context.Context, who Actor, id int64) (*Session, error) {
	return f.during(ctx, who, rules.SessionClose, id, []SessionState{SessionOpen}, func(t *tx, s *Session) error {
		if err := t.noOpenPoll(s.ID); err != nil {
			return err
		}
		topics, err := t.waiting(s, rules.StepClose)
		if err != nil {
			return err
		}
		for i := range topics {
			if err := t.take(s, &topics[i], rules.StepClose, ""); err != nil {
				return err
			}
		}
		if err := t.endSpeakers(s.ID); err != nil {
			return err
		}
		if err := t.setSession(s, set{"state": SessionClosed, "closed_at": t.now}); err != nil {
			return err
		}
		if err := t.dimScreens(s.ID); err != nil {
			return err
		}
		return t.sealMinutes(s)
	})
}

// waiting reads what a session has still to deal with, and refuses a step for
// which there is nothing.
func (t *tx) waiting(s *Session, step rules.Step) ([]Topic, error) {
	topics, err := t.agenda(s.ID)
	if err != nil {
		return nil, err
	}
	states := make([]rules.State, len(topics))
	for i, topic := range topics {
		states[i] = topic.State
	}
	return topics, rules.CheckAgenda(step, states)
}

// take does to a topic of the agenda what a step of its session comes to.
func (t *tx) take(s *Session, topic *Topic, step rules.Step, words string) error {
	turn, err := rules.TurnOf(step, topic.State)
	if err != nil {
		return err
	}
	if turn.Settle {
		if err := t.settle(s, topic); err != nil {
			return err
		}
	}
	if turn.Leave {
		if err := t.leaveAgenda(topic.ID); err != nil {
			return err
		}
	}
	if turn.On == "" {
		return nil
	}
	if err := t.move(topic, turn.On, turned(s, topic, turn.On), words); err != nil || turn.On == rules.OnOpen {
		return err
	}
	return t.tellConcerned(s, topic, "notice.topic_"+string(turn.On), words)
}

// turned is what else becomes different about a topic when its session takes a
// step: the date for which it is announced, and the count of rounds.
func turned(s *Session, topic *Topic, on rules.Event) set {
	if on != rules.OnAnnounce && on != rules.OnPostpone {
		return nil
	}
	change := set{"due_at": s.StartsAt, "due_verb": "session.open"}
	if topic.State == rules.TopicNoConsensus {
		change["rounds"] = topic.Rounds + 1
	}
	return change
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
