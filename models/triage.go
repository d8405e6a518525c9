package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Acceptance is how a topic is accepted for deliberation.
type Acceptance struct {
	Item     string `json:"item"`
	ScopeID  int64  `json:"scope_id,omitempty"`  // the grid whose matter it is, at grid level; 0: where it was raised
	Level    string `json:"level,omitempty"`     // "": the item's
	Pack     string `json:"pack,omitempty"`      // "": the item's
	HolderID int64  `json:"holder_id,omitempty"` // 0: the topic's own org
	Words    string `json:"words,omitempty"`
}

// triage runs one decision on a topic that is not in a meeting just now.
func (f *Forum) triage(ctx context.Context, who Actor, deed rules.Deed, id int64, fn func(*tx, *Topic) error) (*Topic, error) {
	return do(ctx, f, who, deed, onTopic(id), func(t *tx) (*Topic, error) {
		topic, err := t.topic(id)
		if err != nil {
			return nil, err
		}
		if err := t.notInSession(id); err != nil {
			return nil, err
		}
		return topic, fn(t, topic)
	})
}

// AcceptTopic takes a topic up for deliberation: as an item of the catalogue, at
// a level, under a rule pack, in somebody's hand.
func (f *Forum) AcceptTopic(ctx context.Context, who Actor, id int64, a Acceptance) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicAccept, id, func(t *tx, topic *Topic) error {
		change, err := t.accepted(topic, a)
		if err != nil {
			return err
		}
		words, err := rules.CheckOptional("words", a.Words, rules.MaxReason)
		if err != nil {
			return err
		}
		if err := t.move(topic, rules.OnAccept, change, words); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_accept", nil)
	})
}

func (t *tx) accepted(topic *Topic, a Acceptance) (set, error) {
	item, version, err := t.item(a.Item)
	if err != nil {
		return nil, err
	}
	if a.Level == "" {
		a.Level = item.Level
	}
	switch a.Level {
	case rules.LevelGrid, rules.LevelEstate, rules.LevelCommunity, rules.LevelStreet:
	default:
		return nil, rules.Refuse(rules.Invalid, "topic.level", "level", a.Level)
	}
	if a.Pack == "" {
		a.Pack = item.Pack
	}
	pack, err := t.pack(a.Pack)
	if err != nil {
		return nil, err
	}
	scope, err := t.scopeOf(topic, a)
	if err != nil {
		return nil, err
	}
	holder := a.HolderID
	if holder == 0 {
		holder = topic.OrgID
	} else if err := t.canHold(topic, holder); err != nil {
		return nil, err
	}
	return set{"item": item.Code, "catalogue": version, "level": a.Level, "pack": pack.Code, "scope_id": scope, "holder_id": holder}, nil
}

// scopeOf is the grid whose matter a topic is accepted as: the one that is named,
// else where it was raised. What is hosted at a higher level is no grid's alone.
func (t *tx) scopeOf(topic *Topic, a Acceptance) (int64, error) {
	if a.Level != rules.LevelGrid {
		return 0, nil
	}
	if a.ScopeID == 0 {
		return topic.ScopeID, nil
	}
	home, err := t.org(topic.OrgID)
	if err != nil {
		return 0, err
	}
	grid, err := t.org(a.ScopeID)
	if err == nil && (grid.Kind != OrgGrid || !grid.under(home)) {
		err = unknown("org")
	}
	return a.ScopeID, err
}

// canHold refuses to put a topic into the hands of an org that has nothing to do
// with it: one of another branch that is no department.
func (t *tx) canHold(topic *Topic, holder int64) error {
	home, err := t.org(topic.OrgID)
	if err != nil {
		return err
	}
	h, err := t.org(holder)
	if err != nil {
		return err
	}
	if home.under(h) || h.under(home) {
		return nil
	}
	if h.Kind == OrgDepartment {
		parent, err := t.org(h.ParentID)
		if err != nil {
			return err
		}
		if home.under(parent) {
			return nil
		}
	}
	return unknown("org")
}

// AskTopic asks the raiser for more.
func (f *Forum) AskTopic(ctx context.Context, who Actor, id int64, words string) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicAsk, id, func(t *tx, topic *Topic) error {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return err
		}
		if err := t.move(topic, rules.OnAsk, nil, words); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_ask", set{"words": words})
	})
}

// MergeTopic joins a topic to another of the same community that is open. Its
// raiser and co-signers become co-signers there.
func (f *Forum) MergeTopic(ctx context.Context, who Actor, id, into int64) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicMerge, id, func(t *tx, topic *Topic) error {
		target, err := t.topic(into)
		if err != nil {
			return err
		}
		if target.OrgID != topic.OrgID || target.ID == topic.ID {
			return unknown("topic")
		}
		if target.State.Ended() {
			return rules.Refuse(rules.Conflict, "topic.merge")
		}
		if err := t.mergeCosigns(topic, target); err != nil {
			return err
		}
		if err := t.move(topic, rules.OnMerge, set{"merged_into": into}, target.Receipt); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_merge", set{"into": target.Receipt, "into_title": target.Title})
	})
}

// RedirectTopic sends a topic away: with a code of the negative list, plain words
// and where it goes. The raiser may appeal once.
func (f *Forum) RedirectTopic(ctx context.Context, who Actor, id int64, code, words, destination string) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicRedirect, id, func(t *tx, topic *Topic) error {
		reason, err := t.reason(code)
		if err != nil {
			return err
		}
		if words == "" {
			words = reason.Words
		}
		if words, err = rules.CheckText("words", words, rules.MaxReason); err != nil {
			return err
		}
		if destination == "" {
			destination = reason.Destination
		}
		if destination, err = rules.CheckText("destination", destination, rules.MaxTitle); err != nil {
			return err
		}
		if err := t.move(topic, rules.OnRedirect, set{"n_code": reason.Code}, words+"\n"+destination); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_redirect", set{"words": words, "destination": destination, "reason": reason.Name})
	})
}

// OrderTopic has a plain matter done without deliberation: an org gets the order
// at once.
func (f *Forum) OrderTopic(ctx context.Context, who Actor, id, orgID int64, what string, promised time.Time) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicOrder, id, func(t *tx, topic *Topic) error {
		if err := t.move(topic, rules.OnOrder, set{"holder_id": orgID}, rules.Clean(what)); err != nil {
			return err
		}
		if err := t.orderNow(topic, Promised{orgID, what, promised}); err != nil {
			return err
		}
		if err := t.complete(topic); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_order", nil)
	})
}

// orderNow gives an order outside a session.
func (t *tx) orderNow(topic *Topic, p Promised) error {
	if err := t.canHold(topic, p.OrgID); err != nil {
		return err
	}
	order, err := t.draftOrder(topic, 0, p.OrgID, p.What, p.At)
	if err != nil {
		return err
	}
	return t.issue(order, topic)
}

// StudyTopic hands an accepted topic to the Party organisation of the community,
// which studies it before the meeting where the rule pack says so
// (居委会组织法 art. 30), and takes it back when that is done.
func (f *Forum) StudyTopic(ctx context.Context, who Actor, id int64, done bool, words string) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicStudy, id, func(t *tx, topic *Topic) error {
		words, err := rules.CheckOptional("words", words, rules.MaxReason)
		if err != nil {
			return err
		}
		on, change := rules.OnStudy, set{}
		if done {
			on, change = rules.OnStudied, set{"studied_at": t.now}
		}
		if err := t.move(topic, on, change, words); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_"+string(on), set{"words": words})
	})
}

// SuspendTopic puts a topic aside with a reason and a day on which it is looked
// at again.
func (f *Forum) SuspendTopic(ctx context.Context, who Actor, id int64, reason string, review time.Time) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicSuspend, id, func(t *tx, topic *Topic) error {
		reason, err := rules.CheckText("reason", reason, rules.MaxReason)
		if err != nil {
			return err
		}
		if !review.After(t.now) {
			return rules.Refuse(rules.Invalid, "topic.review")
		}
		if err := t.callOff(topic, reason); err != nil {
			return err
		}
		review = review.UTC().Truncate(time.Second)
		change := set{"before_state": topic.State, "before_verb": topic.DueVerb, "before_left": t.left(topic.DueAt), "due_at": review, "due_verb": "topic.review"}
		if err := t.move(topic, rules.OnSuspend, change, reason); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_suspend", set{"reason": reason, "review": review})
	})
}

// callOff takes an announced topic off the agenda of its session, and tells
// those who were told to come.
func (t *tx) callOff(topic *Topic, reason string) error {
	if topic.State != rules.TopicAnnounced {
		return nil
	}
	s, err := t.listedOn(topic.ID)
	if err != nil {
		return err
	}
	if err := t.take(&s, topic, rules.StepCancel, reason); err != nil {
		return err
	}
	return t.leaveAgenda(topic.ID)
}

// left is how many seconds remain until a clock runs out.
func (t *tx) left(due *time.Time) int64 {
	if due == nil {
		return 0
	}
	return int64(due.Sub(t.now).Seconds())
}

// ResumeTopic takes a suspended topic up where it was. Its clock stood still
// meanwhile; work that was finished meanwhile is finished.
func (f *Forum) ResumeTopic(ctx context.Context, who Actor, id int64) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicResume, id, func(t *tx, topic *Topic) error {
		change := set{"before_state": "", "before_verb": "", "before_left": 0}
		if topic.BeforeVerb != "" {
			change["due_at"], change["due_verb"] = t.now.Add(time.Duration(topic.BeforeLeft)*time.Second), topic.BeforeVerb
		}
		if err := t.move(topic, rules.OnResume, change, ""); err != nil {
			return err
		}
		if err := t.tell(topic, "notice.topic_resume", nil); err != nil {
			return err
		}
		return t.complete(topic)
	})
}

// EscalateTopic hands a matter without consensus to the street.
func (f *Forum) EscalateTopic(ctx context.Context, who Actor, id int64, words string) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicEscalate, id, func(t *tx, topic *Topic) error {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return err
		}
		return t.escalate(topic, words)
	})
}

// escalate puts a topic into the hands of its street, with the clock of its
// decision.
func (t *tx) escalate(topic *Topic, words string) error {
	street, err := t.streetOf(topic)
	if err != nil {
		return err
	}
	if err := t.move(topic, rules.OnEscalate, set{"holder_id": street}, words); err != nil {
		return err
	}
	if err := t.notifyOrg(street, "notice.escalated", set{"receipt": topic.Receipt, "title": topic.Title}, rules.Street); err != nil {
		return err
	}
	return t.tell(topic, "notice.topic_escalate", nil)
}

// streetOf is the street above a topic, or the topic's own org when it was
// raised at the street or above.
func (t *tx) streetOf(topic *Topic) (int64, error) {
	home, err := t.org(topic.OrgID)
	if err != nil {
		return 0, err
	}
	street, err := t.orgAbove(home, OrgStreet)
	if _, missing := rules.AsRefusal(err); missing {
		return home.ID, nil
	}
	if err != nil {
		return 0, err
	}
	return street.ID, nil
}

// Promised is who does what by when.
type Promised struct {
	OrgID int64
	What  string
	At    time.Time
}

// DecideTopic is the street's decision on an escalated matter, with an order that
// starts at once if something is to be done.
func (f *Forum) DecideTopic(ctx context.Context, who Actor, id int64, words string, order *Promised) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicDecide, id, func(t *tx, topic *Topic) error {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return err
		}
		if err := t.move(topic, rules.OnDecide, set{"holder_id": topic.OrgID}, words); err != nil {
			return err
		}
		if order != nil {
			if err := t.orderNow(topic, *order); err != nil {
				return err
			}
		}
		return t.tell(topic, "notice.topic_decide", set{"words": words})
	})
}

// ExplainTopic closes a matter without consensus, with an explanation.
func (f *Forum) ExplainTopic(ctx context.Context, who Actor, id int64, words string) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicExplain, id, func(t *tx, topic *Topic) error {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return err
		}
		if err := t.move(topic, rules.OnExplain, nil, words); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_explain", set{"words": words})
	})
}

// ReferTopic sends what was agreed to a statutory vote that is held elsewhere
// (民法典 art. 278), and records how that vote went.
func (f *Forum) ReferTopic(ctx context.Context, who Actor, id int64, on rules.Event, words string) (*Topic, error) {
	return f.triage(ctx, who, rules.TopicRefer, id, func(t *tx, topic *Topic) error {
		if on != rules.OnRefer && on != rules.OnPassed && on != rules.OnFailed {
			return rules.Refuse(rules.Invalid, "topic.refer")
		}
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return err
		}
		if err := t.move(topic, on, nil, words); err != nil {
			return err
		}
		return t.tell(topic, "notice.topic_"+string(on), set{"words": words})
	})
}

// TakeUpTopics brings what was submitted to the desks, up to n. It returns how
// many.
func (f *Forum) TakeUpTopics(ctx context.Context, n int) (int, error) {
	return do(ctx, f, Clock, rules.TopicTakeUp, anywhere("topic"), func(t *tx) (int, error) {
		var rows []Topic
		if err := t.locked().Where("state = ?", rules.TopicSubmitted).Order("id").Limit(n).Find(&rows).Error; err != nil {
			return 0, err
		}
		for i := range rows {
			change := set{"due_at": rows[i].DueAt, "due_verb": rows[i].DueVerb}
			if err := t.move(&rows[i], rules.OnTakeUp, change, ""); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	})
}
