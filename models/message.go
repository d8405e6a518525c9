package models

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"
	"unicode/utf8"

	"yishi/models/rules"
)

// MessageRow is a message of another system, as it is imported. Row is its row
// in the file. Reply is what was answered there, at Replied; "" if nothing was.
type MessageRow struct {
	Row      int
	ID       string
	At       time.Time
	Title    string
	Body     string
	Likes    int
	Dislikes int
	Reply    string
	Replied  time.Time
}

// RowRefusal is a row of an import that was left out, and why.
type RowRefusal struct {
	Row    int
	Reason *rules.Refusal
}

// Imported tells how a batch of messages went.
type Imported struct {
	Added    int
	Answered int // of those: with the answer that they got
	Already  int // there from an earlier run, or twice in the file
	Refused  []RowRefusal
}

// Add counts another batch in.
func (i *Imported) Add(part Imported) {
	i.Added, i.Answered, i.Already = i.Added+part.Added, i.Answered+part.Answered, i.Already+part.Already
	i.Refused = append(i.Refused, part.Refused...)
}

// MessageBatch is how many messages go into one deed.
const MessageBatch = 500

// ImportMessages takes a batch of at most MessageBatch messages into a community,
// with their times and counts: into its triage queue, or, where they were answered
// already, among what is closed, with the answer on the timeline. Those are for
// the desk alone to read, since nobody there has let them stand. source names the
// file's origin: a message is known by it and its id, so a second run adds nothing.
func (f *Forum) ImportMessages(ctx context.Context, who Actor, orgID int64, source string, rows []MessageRow) (*Imported, error) {
	return do(ctx, f, who, rules.MessagesImport, inOrg(orgID), func(t *tx) (*Imported, error) {
		out, fresh, err := t.sift(source, rows)
		if err != nil || len(fresh) == 0 {
			return out, err
		}
		topics, err := t.taken(orgID, fresh)
		if err != nil {
			return nil, err
		}
		if err := t.createTopics(topics); err != nil {
			return nil, err
		}
		hops := make([]Hop, len(topics))
		for i, topic := range topics {
			hops[i] = Hop{TopicID: topic.ID, At: t.now, Event: rules.OnTakeUp, FromState: rules.TopicSubmitted, ToState: topic.State, HolderID: orgID, DueAt: topic.DueAt}
			if fresh[i].reply != "" {
				hops[i].At, hops[i].Event, hops[i].Words = topic.ChangedAt, rules.OnExplain, fresh[i].reply
			}
		}
		return out, t.hops(hops)
	})
}

// PreviewMessages tells how a batch would go, and changes nothing. It asks for no
// community: a message is known by its source alone.
func (f *Forum) PreviewMessages(ctx context.Context, who Actor, source string, rows []MessageRow) (*Imported, error) {
	return see(ctx, f, who, rules.MessagesImport, root(), func(t *tx) (*Imported, error) {
		out, _, err := t.sift(source, rows)
		return out, err
	})
}

// message is a message that is not there yet, as a topic without its place.
type message struct {
	Topic
	reply   string
	replied time.Time
}

// sift tells the rows that are not there yet from those that are, and from those
// that do not fit.
func (t *tx) sift(source string, rows []MessageRow) (*Imported, []message, error) {
	if len(rows) > MessageBatch {
		return nil, nil, rules.Refuse(rules.Invalid, "import.batch", "max", MessageBatch)
	}
	known, err := t.sources(source, rows)
	if err != nil {
		return nil, nil, err
	}
	out, fresh := &Imported{}, make([]message, 0, len(rows))
	for _, row := range rows {
		key := source + "/" + row.ID
		if known[key] {
			out.Already++
			continue
		}
		known[key] = true
		m, err := row.read(key)
		if r, ok := rules.AsRefusal(err); ok {
			out.Refused = append(out.Refused, RowRefusal{row.Row, r})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		out.Added++
		if m.reply != "" {
			out.Answered++
		}
		fresh = append(fresh, m)
	}
	return out, fresh, nil
}

// maxSource is how many characters the source and the id of a message have.
const maxSource = 128

// read checks the words of a row.
func (row MessageRow) read(key string) (message, error) {
	m := message{Topic: Topic{Likes: row.Likes, Dislikes: row.Dislikes, Source: &key, CreatedAt: row.At.UTC()}, replied: row.Replied.UTC()}
	if utf8.RuneCountInString(key) > maxSource {
		return m, rules.Refuse(rules.Invalid, "import.source", "max", maxSource)
	}
	body := row.Body
	if rules.Clean(body) == "" {
		body = row.Title // some people say it all in the title
	}
	if err := m.write(headline(row), body, ""); err != nil {
		return m, err
	}
	var err error
	m.reply, err = rules.CheckOptional("reply", row.Reply, rules.MaxBody)
	return m, err
}

// taken gives messages their place in a community.
func (t *tx) taken(orgID int64, fresh []message) ([]Topic, error) {
	at, verb, err := t.clock("triage.reply")
	if err != nil {
		return nil, err
	}
	receipts, err := t.receipts(len(fresh))
	if err != nil {
		return nil, err
	}
	topics := make([]Topic, len(fresh))
	for i, m := range fresh {
		topic := m.Topic
		topic.OrgID, topic.HolderID, topic.Receipt, topic.Door = orgID, orgID, receipts[i], t.who.Door
		topic.State, topic.DueAt, topic.DueVerb, topic.ChangedAt = rules.TopicTriage, at, verb, t.now
		if m.reply != "" {
			topic.State, topic.DueAt, topic.DueVerb, topic.ChangedAt = rules.TopicClosed, nil, "", m.replied
		}
		topics[i] = topic
	}
	return topics, nil
}

// headline is the title of a message, cut to what a title may hold.
func headline(row MessageRow) string {
	title := []rune(rules.Clean(row.Title))
	if len(title) > rules.MaxTitle {
		return string(title[:rules.MaxTitle-1]) + "…"
	}
	return string(title)
}

func (t *tx) sources(source string, rows []MessageRow) (map[string]bool, error) {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = source + "/" + row.ID
	}
	var there []string
	err := t.Model(&Topic{}).Where("source IN ?", keys).Pluck("source", &there).Error
	known := make(map[string]bool, len(rows))
	for _, key := range there {
		known[key] = true
	}
	return known, err
}

// receipts draws n receipt numbers that nobody has.
func (t *tx) receipts(n int) ([]string, error) {
	drawn := make(map[string]bool, n)
	for len(drawn) < n {
		v, err := rand.Int(rand.Reader, big.NewInt(rules.Receipts))
		if err != nil {
			return nil, err
		}
		drawn[rules.Receipt(uint32(v.Int64()))] = true //nolint:gosec // below rules.Receipts
	}
	list := make([]string, 0, n)
	for r := range drawn {
		list = append(list, r)
	}
	var taken []string
	if err := t.Model(&Topic{}).Where("receipt IN ?", list).Pluck("receipt", &taken).Error; err != nil {
		return nil, err
	}
	if len(taken) > 0 {
		return t.receipts(n)
	}
	return list, nil
}
