package models

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"

	"yishi/models/rules"
)

// MessageRow is a message of another system, as it is imported. Row is its row
// in the file.
type MessageRow struct {
	Row      int
	ID       string
	At       time.Time
	Title    string
	Body     string
	Likes    int
	Dislikes int
}

// RowRefusal is a row of an import that was left out, and why.
type RowRefusal struct {
	Row    int
	Reason *rules.Refusal
}

// Imported tells how a batch of messages went.
type Imported struct {
	Added   int
	Already int // there from an earlier run
	Refused []RowRefusal
}

// MessageBatch is how many messages go into one deed.
const MessageBatch = 500

// ImportMessages takes a batch of at most MessageBatch messages into the triage
// queue of a community, with their times and counts. source names the file's
// origin: a message is known by it and its id, so a second run adds nothing.
func (f *Forum) ImportMessages(ctx context.Context, who Actor, orgID int64, source string, rows []MessageRow) (*Imported, error) {
	return do(ctx, f, who, rules.MessagesImport, inOrg(orgID), func(t *tx) (*Imported, error) {
		out := &Imported{}
		topics, err := t.fresh(orgID, source, rows, out)
		if err != nil || len(topics) == 0 {
			return out, err
		}
		if err := t.createTopics(topics); err != nil {
			return nil, err
		}
		hops := make([]Hop, len(topics))
		for i, topic := range topics {
			hops[i] = Hop{TopicID: topic.ID, At: t.now, Event: rules.OnTakeUp, FromState: rules.TopicSubmitted, ToState: topic.State, HolderID: orgID, DueAt: topic.DueAt}
		}
		out.Added = len(topics)
		return out, t.hops(hops)
	})
}

// fresh turns the rows that are not there yet into topics.
func (t *tx) fresh(orgID int64, source string, rows []MessageRow, out *Imported) ([]Topic, error) {
	if len(rows) > MessageBatch {
		return nil, rules.Refuse(rules.Invalid, "import.batch", "max", MessageBatch)
	}
	known, err := t.sources(source, rows)
	if err != nil {
		return nil, err
	}
	at, verb, err := t.clock("triage.reply")
	if err != nil {
		return nil, err
	}
	receipts, err := t.receipts(len(rows))
	if err != nil {
		return nil, err
	}
	topics := make([]Topic, 0, len(rows))
	for i, row := range rows {
		key := source + "/" + row.ID
		if known[key] {
			out.Already++
			continue
		}
		known[key] = true
		topic := Topic{
			OrgID: orgID, Receipt: receipts[i], Door: t.who.Door, State: rules.TopicTriage, HolderID: orgID, DueAt: at, DueVerb: verb,
			Likes: row.Likes, Dislikes: row.Dislikes, Source: &key, CreatedAt: row.At.UTC(), ChangedAt: t.now,
		}
		body := row.Body
		if rules.Clean(body) == "" {
			body = row.Title // some people say it all in the title
		}
		if err := topic.write(headline(row), body, ""); err != nil {
			r, ok := rules.AsRefusal(err)
			if !ok {
				return nil, err
			}
			out.Refused = append(out.Refused, RowRefusal{row.Row, r})
			continue
		}
		topics = append(topics, topic)
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
