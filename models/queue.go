package models

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// TopicView is a topic as it is read by one person.
type TopicView struct {
	Topic
	Org      string `json:"org"`
	Holder   string `json:"holder"`
	Cosigns  int64  `json:"cosigns"`
	Mine     bool   `json:"mine"`
	Helped   bool   `json:"helped,omitempty" doc:"whoever asks wrote it down for somebody without a phone, and answers for them"`
	Cosigned bool   `json:"cosigned"`
	Photos   int64  `json:"photos"`

	// The clock was counted past the end of the working calendar, and is counted
	// again once the next year is known.
	Provisional bool `json:"provisional,omitempty"`
}

// visible reads a topic if this person may: everybody once a secretary has let
// it stand, before that only who raised it and the desk that has it.
func (t *tx) visible(id int64) (*Topic, error) {
	var topic Topic
	if err := t.Where("id = ?", id).Take(&topic).Error; err != nil {
		return nil, found(err, "topic")
	}
	if topic.reviewed() {
		return &topic, nil
	}
	near, err := t.near(id)
	if err == nil && !near {
		err = unknown("topic")
	}
	if err != nil {
		return nil, err
	}
	return &topic, nil
}

// near says whether this person raised a topic, or is of the desk that has it.
func (t *tx) near(id int64) (bool, error) {
	o, err := onTopic(id).find(t)
	return err == nil && (o.Own || t.may(rules.TopicQueue, o) || t.may(rules.TopicQueue, rules.Object{Path: o.Holder})), err
}

// Topic returns one topic.
func (f *Forum) Topic(ctx context.Context, who Actor, id int64) (*TopicView, error) {
	return see(ctx, f, who, rules.TopicRead, onTopic(id), func(t *tx) (*TopicView, error) {
		topic, err := t.visible(id)
		if err != nil {
			return nil, err
		}
		views, err := t.view([]Topic{*topic})
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

// TopicByReceipt finds a topic by the number that was given for it. Whoever has
// the number may follow the matter.
func (f *Forum) TopicByReceipt(ctx context.Context, who Actor, receipt string) (*TopicView, error) {
	return see(ctx, f, who, rules.TopicRead, anywhere("topic"), func(t *tx) (*TopicView, error) {
		number, err := rules.ReadReceipt(receipt)
		if err != nil {
			return nil, err
		}
		var topic Topic
		if err := t.Where("receipt = ?", number).Take(&topic).Error; err != nil {
			return nil, found(err, "topic")
		}
		if _, err := t.visible(topic.ID); err != nil {
			topic.Title, topic.Body, topic.Place = "", "", "" // the state only
		}
		views, err := t.view([]Topic{topic})
		if err != nil {
			return nil, err
		}
		return &views[0], nil
	})
}

// view adds to topics what is read beside them, in a fixed number of queries.
func (t *tx) view(topics []Topic) ([]TopicView, error) {
	ids, orgs := make([]int64, len(topics)), make([]int64, 0, 2*len(topics))
	for i, topic := range topics {
		ids[i], orgs = topic.ID, append(orgs, topic.OrgID, topic.HolderID)
	}
	names, err := t.orgNames(orgs)
	if err != nil {
		return nil, err
	}
	cosigns, err := t.countBy(&Cosign{}, ids, "")
	if err != nil {
		return nil, err
	}
	photos, err := t.countPhotos(ids)
	if err != nil {
		return nil, err
	}
	mine, err := t.countBy(&Cosign{}, ids, "person_id = ?", t.who.PersonID)
	if err != nil {
		return nil, err
	}
	provisional, err := t.provisional(topics)
	if err != nil {
		return nil, err
	}
	out := make([]TopicView, len(topics))
	for i, topic := range topics {
		out[i] = TopicView{
			Topic: topic, Org: names[topic.OrgID], Holder: names[topic.HolderID], Cosigns: cosigns[topic.ID],
			Mine: topic.RaiserID != 0 && topic.RaiserID == t.who.PersonID, Helped: topic.HelperID != 0 && topic.HelperID == t.who.PersonID,
			Cosigned: mine[topic.ID] > 0, Photos: photos[topic.ID], Provisional: provisional[topic.ID],
		}
	}
	return out, nil
}

func (t *tx) orgNames(ids []int64) (map[int64]string, error) {
	slices.Sort(ids)
	var rows []Org
	err := t.Where("id IN ?", slices.Compact(ids)).Find(&rows).Error
	names := make(map[int64]string, len(rows))
	for _, o := range rows {
		names[o.ID] = o.Name
	}
	return names, err
}

// countBy counts the rows of a table by topic.
func (t *tx) countBy(model any, topics []int64, where string, args ...any) (map[int64]int64, error) {
	var rows []struct{ TopicID, N int64 }
	q := t.Model(model).Where("topic_id IN ?", topics)
	if where != "" {
		q = q.Where(where, args...)
	}
	err := q.Select("topic_id, COUNT(*) AS n").Group("topic_id").Scan(&rows).Error
	counts := make(map[int64]int64, len(rows))
	for _, r := range rows {
		counts[r.TopicID] = r.N
	}
	return counts, err
}

// Wanted narrows a list of topics.
type Wanted struct {
	OrgID  int64
	States []rules.State // none: all
	Search string        // in title and body
	Lapsed bool          // only those whose clock has run out
	After  int64
	Size   int
}

// afterAlarms is added to the cursor of a queue once its alarms have been read.
// The cursor stays below 2⁵³, which every client can count to.
const afterAlarms = int64(1) << 52

// Queue returns what an org and those below it have on the desk: first what tells
// of danger to life and has not been dealt with, then the rest, the oldest first.
func (f *Forum) Queue(ctx context.Context, who Actor, w Wanted) (Page[TopicView], error) {
	return see(ctx, f, who, rules.TopicQueue, inOrg(w.OrgID), func(t *tx) (Page[TopicView], error) {
		q, err := t.wanted(w)
		if err != nil {
			return Page[TopicView]{}, err
		}
		rows, err := t.queue(q, w.After, pageSize(w.Size)+1)
		if err != nil {
			return Page[TopicView]{}, err
		}
		views, err := t.view(rows)
		return paged(views, pageSize(w.Size), func(v TopicView) int64 {
			if v.alarming() {
				return v.ID
			}
			return v.ID + afterAlarms
		}), err
	})
}

// queue reads up to n topics of a queue after a cursor.
func (t *tx) queue(q *gorm.DB, after int64, n int) ([]Topic, error) {
	q = q.Session(&gorm.Session{})
	var first, rest []Topic
	if after < afterAlarms {
		err := q.Where("alarm > '' AND state IN ? AND id > ?", onDesk, after).Order("id").Limit(n).Find(&first).Error
		if err != nil {
			return nil, err
		}
	}
	if len(first) == n {
		return first, nil
	}
	err := q.Where("(alarm = '' OR state NOT IN ?) AND id > ?", onDesk, max(after-afterAlarms, 0)).Order("id").Limit(n - len(first)).Find(&rest).Error
	return append(first, rest...), err
}

// onDesk are the states in which a topic waits for the desk's first decision.
var onDesk = []rules.State{rules.TopicSubmitted, rules.TopicTriage, rules.TopicNeedInfo}

// alarming reports whether a topic tells of danger to life and has not been
// dealt with.
func (topic *Topic) alarming() bool {
	return topic.Alarm != "" && slices.Contains(onDesk, topic.State)
}

// Topics returns the reviewed topics of a community, newest first: what every
// neighbour may read.
func (f *Forum) Topics(ctx context.Context, who Actor, w Wanted) (Page[TopicView], error) {
	return see(ctx, f, who, rules.TopicRead, anywhere("topic"), func(t *tx) (Page[TopicView], error) {
		w.States = slices.DeleteFunc(slices.Clone(w.States), func(s rules.State) bool { return !s.Reviewed() })
		if len(w.States) == 0 {
			w.States = reviewed
		}
		q, err := t.wanted(w)
		if err != nil {
			return Page[TopicView]{}, err
		}
		if w.After > 0 {
			q = q.Where("id < ?", w.After)
		}
		q = q.Where("(state <> ? OR before_state IN ?)", rules.TopicSuspended, reviewed).
			Where("(state <> ? OR source IS NULL OR pack <> '')", rules.TopicClosed)
		return t.page(q.Order("id DESC"), w.Size)
	})
}

// reviewed reports whether everybody may read a topic. One that was put aside
// may be read if it could be before, and one that was imported with its answer
// has been let stand by nobody.
func (topic *Topic) reviewed() bool {
	if topic.State == rules.TopicClosed && topic.Source != nil && topic.Pack == "" {
		return false
	}
	if topic.State == rules.TopicSuspended {
		return topic.BeforeState.Reviewed()
	}
	return topic.State.Reviewed()
}

// MyTopics returns what the person raised or joined, newest first.
func (f *Forum) MyTopics(ctx context.Context, who Actor, before int64, size int) (Page[TopicView], error) {
	return see(ctx, f, who, rules.TopicMine, oneself(who), func(t *tx) (Page[TopicView], error) {
		q := t.Where("(raiser_id = ? OR id IN (?))", who.PersonID, t.Model(&Cosign{}).Select("topic_id").Where("person_id = ?", who.PersonID))
		if before > 0 {
			q = q.Where("id < ?", before)
		}
		return t.page(q.Order("id DESC"), size)
	})
}

func (t *tx) wanted(w Wanted) (*gorm.DB, error) {
	q := t.DB
	if w.OrgID != 0 {
		o, err := t.org(w.OrgID)
		if err != nil {
			return nil, err
		}
		var ids []int64
		if err := t.orgsUnder(o).Pluck("id", &ids).Error; err != nil {
			return nil, err
		}
		q = q.Where("org_id IN ?", ids)
	}
	if len(w.States) > 0 {
		q = q.Where("state IN ?", w.States)
	}
	if w.Lapsed {
		q = q.Where("lapsed_at IS NOT NULL")
	}
	if s := rules.Clean(w.Search); s != "" {
		like := "%" + plainly.Replace(s) + "%"
		q = q.Where("(title LIKE ? ESCAPE '!' OR body LIKE ? ESCAPE '!')", like, like)
	}
	return q, nil
}

func (t *tx) page(q *gorm.DB, size int) (Page[TopicView], error) {
	size = pageSize(size)
	var rows []Topic
	if err := q.Limit(size + 1).Find(&rows).Error; err != nil {
		return Page[TopicView]{}, err
	}
	views, err := t.view(rows)
	if err != nil {
		return Page[TopicView]{}, err
	}
	return paged(views, size, func(v TopicView) int64 { return v.ID }), nil
}

// Likeness is a topic that may be the same matter.
type Likeness struct {
	ID      int64       `json:"id"`
	Receipt string      `json:"receipt"`
	Title   string      `json:"title"`
	State   rules.State `json:"state"`
	Alike   int         `json:"alike"` // out of 1000
}

// How many topics are compared, at most, and how many are offered.
const (
	similarAmong = 1000
	similarShown = 3
)

// SimilarTopics returns the open topics of a community that read most like a
// text. Only topics that a secretary has let stand are offered.
func (f *Forum) SimilarTopics(ctx context.Context, who Actor, orgID int64, text string) ([]Likeness, error) {
	return see(ctx, f, who, rules.TopicSimilar, anywhere("topic"), func(t *tx) ([]Likeness, error) {
		text, err := rules.CheckText("text", text, rules.MaxBody)
		if err != nil {
			return nil, err
		}
		if orgID == 0 {
			if orgID, err = t.homeOf(who.PersonID); err != nil {
				return nil, err
			}
		}
		var rows []Topic
		err = t.Where("org_id = ? AND state IN ? AND (state <> ? OR before_state IN ?)", orgID, open, rules.TopicSuspended, reviewed).Order("id DESC").Limit(similarAmong).
			Select("id", "receipt", "title", "body", "state").Find(&rows).Error
		if err != nil {
			return nil, err
		}
		return mostAlike(rows, text), nil
	})
}

func mostAlike(rows []Topic, text string) []Likeness {
	grams, out := rules.Grams(text), []Likeness{}
	for _, row := range rows {
		if n := rules.Alike(grams, rules.Grams(row.Title+" "+row.Body)); n >= rules.SimilarAt {
			out = append(out, Likeness{row.ID, row.Receipt, row.Title, row.State, n})
		}
	}
	slices.SortStableFunc(out, func(a, b Likeness) int { return b.Alike - a.Alike })
	return out[:min(len(out), similarShown)]
}

// The states that everybody may read, and those of them in which something is
// still to happen.
var (
	reviewed = statesWhere(rules.State.Reviewed)
	open     = statesWhere(func(s rules.State) bool { return s.Reviewed() && !s.Ended() })
)

func statesWhere(ok func(rules.State) bool) []rules.State {
	seen := map[rules.State]bool{rules.TopicSuspended: true}
	for _, e := range rules.Edges {
		seen[e.From], seen[e.To] = true, true
	}
	var out []rules.State
	for s := range seen {
		if ok(s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// Desk counts what waits at an org and below it, by state, and what has lapsed.
type Desk struct {
	States map[rules.State]int64 `json:"states"`
	Lapsed int64                 `json:"lapsed"`
	Owed   []PetitionView        `json:"owed" nullable:"false" doc:"petitions that are met and have no meeting yet, the most urgent first"`
	At     time.Time             `json:"at"`
}

// Desk returns the counts of an org's desk.
func (f *Forum) Desk(ctx context.Context, who Actor, orgID int64) (*Desk, error) {
	return see(ctx, f, who, rules.TopicQueue, inOrg(orgID), func(t *tx) (*Desk, error) {
		q, err := t.wanted(Wanted{OrgID: orgID})
		if err != nil {
			return nil, err
		}
		var rows []struct {
			State     rules.State
			N, Lapsed int64
		}
		err = q.Model(&Topic{}).Select("state, COUNT(*) AS n, COUNT(lapsed_at) AS lapsed").Group("state").Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		d := &Desk{States: map[rules.State]int64{}, At: t.now}
		for _, r := range rows {
			d.States[r.State] = r.N
			d.Lapsed += r.Lapsed
		}
		d.Owed, err = t.owedMeetings(orgID)
		return d, err
	})
}

// plainly writes a text so that LIKE with ESCAPE '!' looks for just that.
var plainly = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")
