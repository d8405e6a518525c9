package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// Topic is a matter under deliberation. Likes and dislikes are counts that came
// with an imported message, without names; they are never co-signers.
type Topic struct {
	ID          int64       `json:"id"`
	OrgID       int64       `json:"org_id"`
	ScopeID     int64       `json:"scope_id,omitempty"` // the grid whose matter it is; 0: the whole community's
	Receipt     string      `json:"receipt"`
	RaiserID    int64       `json:"-"`
	HelperID    int64       `json:"-"` // who wrote it down for the raiser
	Consent     string      `json:"-"`
	Door        Door        `json:"door"`
	Title       string      `json:"title"`
	Body        string      `json:"body"`
	Place       string      `json:"place"`
	State       rules.State `json:"state"`
	BeforeState rules.State `json:"-"` // of a suspended topic, and below its clock
	BeforeVerb  string      `json:"-"`
	BeforeLeft  int64       `json:"-"` // seconds; below zero: it had run out
	Item        string      `json:"item"`
	Catalogue   string      `json:"catalogue"` // the version that Item belongs to
	Level       string      `json:"level"`
	Pack        string      `json:"pack"`
	Alarm       string      `json:"alarm,omitempty"` // the number to call, where the words tell of danger to life
	HolderID    int64       `json:"holder_id"`
	DueAt       *time.Time  `json:"due_at,omitempty"`
	DueVerb     string      `json:"due_verb,omitempty"`
	LapsedAt    *time.Time  `json:"lapsed_at,omitempty"`
	MergedInto  int64       `json:"merged_into,omitempty"`
	NCode       string      `json:"n_code,omitempty"`
	StudiedAt   *time.Time  `json:"studied_at,omitempty"`
	Rounds      int         `json:"rounds"`
	Reopened    int         `json:"reopened"`
	Likes       int         `json:"likes"`
	Dislikes    int         `json:"dislikes"`
	Source      *string     `json:"-"`
	CreatedAt   time.Time   `json:"created_at"`
	ChangedAt   time.Time   `json:"changed_at"`
}

// NewTopic is what somebody raises. Text is enough; the rest is optional.
type NewTopic struct {
	OrgID int64  `json:"org_id,omitempty"` // 0: where the person is known
	Title string `json:"title,omitempty"`  // "": the first sentence of the text
	Text  string `json:"text"`
	Place string `json:"place,omitempty"`
	Item  string `json:"item,omitempty"`

	Media []string `json:"-"` // pictures that WeChat holds, MaxPhotos at most
}

// Raised is the answer to who raises a topic. Call is the number to call at once
// when the words tell of danger to life. PersonID is told to whoever raises for
// somebody else, so that they can check the same person in later.
type Raised struct {
	Topic    Topic  `json:"topic"`
	Call     string `json:"call,omitempty"`
	PersonID int64  `json:"person_id,omitempty"`
}

// RaiseTopic raises a matter in the person's own name.
func (f *Forum) RaiseTopic(ctx context.Context, who Actor, n NewTopic) (*Raised, error) {
	return do(ctx, f, who, rules.TopicRaise, atHome(who, &n.OrgID), func(t *tx) (*Raised, error) {
		return t.raise(n, who.PersonID, 0, "")
	})
}

// RaiseTopicFor raises a matter for somebody without a phone, with their
// consent on record.
func (f *Forum) RaiseTopicFor(ctx context.Context, who Actor, n NewTopic, h Helped) (*Raised, error) {
	return do(ctx, f, who, rules.TopicRaiseFor, inOrg(n.OrgID), func(t *tx) (*Raised, error) {
		o, err := t.org(n.OrgID)
		if err != nil {
			return nil, err
		}
		raiser, err := t.helped(h, o)
		if err != nil {
			return nil, err
		}
		r, err := t.raise(n, raiser, who.PersonID, rules.Clean(h.Consent))
		if err != nil {
			return nil, err
		}
		r.PersonID = raiser
		return r, nil
	})
}

func (t *tx) raise(n NewTopic, raiser, helper int64, consent string) (*Raised, error) {
	o, err := t.org(n.OrgID)
	if err != nil {
		return nil, err
	}
	scope := int64(0)
	if o.Kind == OrgGrid {
		scope = o.ID
	}
	if o, err = t.community(o); err != nil {
		return nil, err
	}
	topic := Topic{OrgID: o.ID, ScopeID: scope, RaiserID: raiser, HelperID: helper, Consent: consent, Door: t.who.Door, State: rules.TopicSubmitted, HolderID: o.ID, CreatedAt: t.now, ChangedAt: t.now}
	if err := topic.write(n.Title, n.Text, n.Place); err != nil {
		return nil, err
	}
	if n.Item != "" {
		item, version, err := t.item(n.Item)
		if err != nil {
			return nil, err
		}
		topic.Item, topic.Catalogue = item.Code, version
	}
	if topic.Alarm, err = t.alarm(&topic); err != nil {
		return nil, err
	}
	if topic.DueAt, topic.DueVerb, err = t.firstClock(&topic); err != nil {
		return nil, err
	}
	if err := t.createTopic(&topic); err != nil {
		return nil, err
	}
	hop := Hop{TopicID: topic.ID, Event: rules.OnSubmit, FromState: rules.TopicDraft, ToState: topic.State, HolderID: topic.HolderID, DueAt: topic.DueAt}
	if err := t.hop(hop); err != nil {
		return nil, err
	}
	if err := t.screenTopic(&topic); err != nil {
		return nil, err
	}
	if err := t.await(topic.ID, n.Media[:min(len(n.Media), MaxPhotos)]...); err != nil {
		return nil, err
	}
	return &Raised{Topic: topic, Call: topic.Alarm}, t.tellDesk(&topic, "notice.raised")
}

// screenTopic screens the words of a topic.
func (t *tx) screenTopic(topic *Topic) error {
	words := topic.Title + "\n" + topic.Body + "\n" + topic.Place
	return t.screen(Screening{OrgID: topic.OrgID, Noun: rules.ScreenedTopic, ThingID: topic.ID, Words: words})
}

// alarm returns the number to call when the words of a topic tell of danger to
// life, "" otherwise.
func (t *tx) alarm(topic *Topic) (string, error) {
	list, _, err := newest[rules.Negative](t, DataNegative)
	call, _ := rules.Emergency(list.Alarms, topic.Title+"\n"+topic.Body)
	return call, err
}

// firstClock starts the clock of the desk's first answer, which is short where
// life is in danger.
func (t *tx) firstClock(topic *Topic) (*time.Time, string, error) {
	if topic.Alarm != "" {
		return t.clock("emergency.follow")
	}
	return t.resting(topic.State)
}

// tellDesk tells the desk of new words to read, or, where life is in danger,
// that it has to look after them at once.
func (t *tx) tellDesk(topic *Topic, code string) error {
	params := set{"receipt": topic.Receipt, "title": topic.Title, "call": topic.Alarm}
	if topic.Alarm != "" {
		return t.notifyOrg(topic.OrgID, "notice.alarm", params, rules.Secretary)
	}
	return t.notifyOrg(topic.OrgID, code, params, rules.Secretary)
}

// write checks and takes over the words of a topic.
func (topic *Topic) write(title, text, where string) error {
	body, err := rules.CheckText("text", text, rules.MaxBody)
	if err != nil {
		return err
	}
	if rules.Clean(title) == "" {
		title = rules.Headline(body)
	}
	if title, err = rules.CheckText("title", title, rules.MaxTitle); err != nil {
		return err
	}
	if where, err = rules.CheckOptional("place", where, rules.MaxTitle); err != nil {
		return err
	}
	topic.Title, topic.Body, topic.Place = title, body, where
	return nil
}

// createTopic writes a new topic under a receipt number that nobody can guess
// and nobody else has.
func (t *tx) createTopic(topic *Topic) error {
	drawn, err := t.receipts(1)
	if err != nil {
		return err
	}
	topic.Receipt = drawn[0]
	return again(t.Create(topic).Error)
}

// again asks for the transaction to be run again when somebody else took the
// same number, or the same message, in the meantime.
func again(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return store.ErrTwice
	}
	return err
}

// clock starts a clock now: when it runs out, and its verb.
func (t *tx) clock(verb string) (*time.Time, string, error) {
	at, err := t.due(verb, t.now)
	return &at, verb, err
}

// move moves a topic on and writes the hop of its timeline. change is what else
// becomes different: without a clock among it, that of the new state starts.
// Words are what the person who moved it said. A topic that goes where no
// session deals with it leaves its agenda.
func (t *tx) move(topic *Topic, on rules.Event, change set, words string) error {
	next, err := rules.Next(topic.State, on, topic.BeforeState)
	if err != nil {
		return err
	}
	if change == nil {
		change = set{}
	}
	if _, ok := change["due_at"]; !ok {
		if change["due_at"], change["due_verb"], err = t.resting(next); err != nil {
			return err
		}
	}
	from := topic.State
	if next.Reviewed() && next != rules.TopicSuspended && !from.Reviewed() {
		if err := t.letTopicStand(topic.ID); err != nil {
			return err
		}
	}
	change["state"], change["changed_at"], change["lapsed_at"] = next, t.now, nil
	if err := t.Model(&Topic{}).Where("id = ?", topic.ID).Updates(change).Error; err != nil {
		return err
	}
	id := topic.ID
	*topic = Topic{}
	if err := t.Where("id = ?", id).Take(topic).Error; err != nil {
		return err
	}
	if !next.Listed() {
		if err := t.leaveAgenda(topic.ID); err != nil {
			return err
		}
	}
	return t.hop(Hop{TopicID: topic.ID, Event: on, FromState: from, ToState: next, HolderID: topic.HolderID, DueAt: topic.DueAt, Words: words})
}

// tell sends the raiser, and whoever wrote it down for them, a notice about their
// topic.
func (t *tx) tell(topic *Topic, code string, params set) error {
	if params == nil {
		params = set{}
	}
	params["receipt"], params["title"], params["topic"] = topic.Receipt, topic.Title, topic.ID
	return t.notifyAll([]int64{topic.RaiserID, topic.HelperID}, code, params)
}

// topic reads a topic that this deed is going to change.
func (t *tx) topic(id int64) (*Topic, error) {
	var topic Topic
	return &topic, found(t.locked().Where("id = ?", id).Take(&topic).Error, "topic")
}

// onTopic is the place of deeds done to a topic.
func onTopic(id int64) place {
	return place{subject("topic", id), func(t *tx) (rules.Object, error) {
		var row struct {
			Path, Holder       string
			RaiserID, HelperID int64
		}
		err := t.Raw(`SELECT g.path, COALESCE(h.path, '') AS holder, x.raiser_id, x.helper_id FROM topics x
			JOIN orgs g ON g.id = x.org_id LEFT JOIN orgs h ON h.id = x.holder_id WHERE x.id = ?`, id).Scan(&row).Error
		if err == nil && row.Path == "" {
			err = unknown("topic")
		}
		me := t.who.PersonID
		return rules.Object{Path: row.Path, Holder: row.Holder, Own: me != 0 && (row.RaiserID == me || row.HelperID == me)}, err
	}}
}

// EditTopic changes the words of one's own topic until it is announced. Words
// that were accepted are public: other words go back to the desk first.
func (f *Forum) EditTopic(ctx context.Context, who Actor, id int64, title, text, where string) (*Topic, error) {
	return do(ctx, f, who, rules.TopicEdit, onTopic(id), func(t *tx) (*Topic, error) {
		topic, err := t.topic(id)
		if err != nil {
			return nil, err
		}
		return topic, t.edit(topic, title, text, where)
	})
}

func (t *tx) edit(topic *Topic, title, text, where string) error {
	if !topic.State.Editable() {
		return rules.Refuse(rules.Conflict, "topic.fixed")
	}
	before := *topic
	if err := topic.write(title, text, where); err != nil {
		return err
	}
	alarm, err := t.alarm(topic)
	if err != nil {
		return err
	}
	if topic.Alarm == "" && alarm != "" {
		topic.Alarm = alarm // whether it is over is the desk's to say
	}
	change := set{"title": topic.Title, "body": topic.Body, "place": topic.Place, "alarm": topic.Alarm}
	same := topic.Title == before.Title && topic.Body == before.Body && topic.Place == before.Place
	if !same {
		if err := t.screenTopic(topic); err != nil {
			return err
		}
	}
	if !topic.State.Reviewed() {
		return t.reword(topic, change, before.Alarm == "")
	}
	if same {
		return nil
	}
	change["studied_at"], change["holder_id"] = nil, topic.OrgID
	if change["due_at"], change["due_verb"], err = t.firstClock(&Topic{Alarm: topic.Alarm, State: rules.TopicTriage}); err != nil {
		return err
	}
	if err := t.move(topic, rules.OnEdit, change, ""); err != nil {
		return err
	}
	return t.tellDesk(topic, "notice.topic_edited")
}

// reword changes words that nobody but the desk has read yet, and tells the desk
// if it is only now that they tell of danger to life.
func (t *tx) reword(topic *Topic, change set, calm bool) error {
	topic.ChangedAt, change["changed_at"] = t.now, t.now
	if err := t.Model(&Topic{}).Where("id = ?", topic.ID).Updates(change).Error; err != nil {
		return err
	}
	if !calm || topic.Alarm == "" {
		return nil
	}
	at, verb, err := t.firstClock(topic)
	if err != nil {
		return err
	}
	if err := t.hold(topic, topic.OrgID, at, verb); err != nil {
		return err
	}
	return t.tellDesk(topic, "notice.alarm")
}

// WithdrawTopic takes one's own topic back before it is announced.
func (f *Forum) WithdrawTopic(ctx context.Context, who Actor, id int64) (*Topic, error) {
	return do(ctx, f, who, rules.TopicWithdraw, onTopic(id), func(t *tx) (*Topic, error) {
		topic, err := t.topic(id)
		if err != nil {
			return nil, err
		}
		return topic, t.move(topic, rules.OnWithdraw, nil, "")
	})
}

// AnswerTopic gives what triage asked for and sends the topic back there.
func (f *Forum) AnswerTopic(ctx context.Context, who Actor, id int64, words string) (*Topic, error) {
	return do(ctx, f, who, rules.TopicAnswer, onTopic(id), func(t *tx) (*Topic, error) {
		words, err := rules.CheckText("words", words, rules.MaxReason)
		if err != nil {
			return nil, err
		}
		topic, err := t.topic(id)
		if err != nil {
			return nil, err
		}
		if err := t.move(topic, rules.OnAnswer, nil, words); err != nil {
			return nil, err
		}
		return topic, t.notifyOrg(topic.HolderID, "notice.topic_answered", set{"receipt": topic.Receipt, "title": topic.Title}, rules.Secretary)
	})
}

// hold changes who has a topic in hand, and until when, without moving it.
func (t *tx) hold(topic *Topic, holder int64, at *time.Time, verb string) error {
	topic.HolderID, topic.DueAt, topic.DueVerb, topic.LapsedAt = holder, at, verb, nil
	return t.Model(&Topic{}).Where("id = ?", topic.ID).
		Updates(set{"holder_id": holder, "due_at": at, "due_verb": verb, "lapsed_at": nil, "changed_at": t.now}).Error
}

// owe sets the clock of a topic to what is owed next; one that runs already is
// left as it is.
func (t *tx) owe(topic *Topic, at time.Time, verb string) error {
	if topic.DueVerb == verb && topic.DueAt != nil && topic.DueAt.Equal(at) {
		return nil
	}
	return t.hold(topic, topic.HolderID, &at, verb)
}

// createTopics writes many new topics at once.
func (t *tx) createTopics(topics []Topic) error {
	return again(t.CreateInBatches(topics, 100).Error)
}

// unlapsed are clocks of topics that do not lapse: the clock door itself acts on
// them, or they show by when the last order is done, which lapses itself.
var unlapsed = []string{"publication.days", "confirm.remind", "confirm.silence", "case.write", "order.finish"}

// lapseTopics marks topics whose clock has run out.
func (t *tx) lapseTopics(n int) (int, error) {
	var rows []Topic
	err := t.locked().Where("due_at <= ? AND lapsed_at IS NULL AND due_verb NOT IN ?", t.now, unlapsed).Order("due_at").Limit(n).Find(&rows).Error
	if err != nil {
		return 0, err
	}
	for i := range rows {
		if err := t.Model(&Topic{}).Where("id = ?", rows[i].ID).Update("lapsed_at", t.now).Error; err != nil {
			return 0, err
		}
		if err := t.tellLapse(&rows[i], rows[i].HolderID, rows[i].DueVerb, rows[i].Title); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// recountTopics counts the clocks with these verbs that run past the end of a
// calendar again, on the one that takes its place.
func (t *tx) recountTopics(before, after rules.Calendar, verbs map[string]bool) error {
	var rows []Topic
	err := t.locked().Where("due_at >= ? AND lapsed_at IS NULL", before.Ends().UTC()).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, topic := range rows {
		if !verbs[topic.DueVerb] {
			continue
		}
		if err := t.Model(&Topic{}).Where("id = ?", topic.ID).Update("due_at", before.Recount(after, *topic.DueAt)).Error; err != nil {
			return err
		}
	}
	return nil
}

// withdrawMine withdraws what a person raised and nobody has taken up yet, and counts
// both that and what stays.
func (t *tx) withdrawMine(person int64, out *Erased) error {
	var mine []Topic
	if err := t.locked().Where("raiser_id = ?", person).Order("id").Find(&mine).Error; err != nil {
		return err
	}
	for i := range mine {
		if mine[i].State.Reviewed() {
			out.Kept++
		}
		if mine[i].State.Reviewed() || !mine[i].State.Editable() {
			continue
		}
		out.Withdrawn++
		if err := t.move(&mine[i], rules.OnWithdraw, nil, ""); err != nil {
			return err
		}
	}
	return nil
}
