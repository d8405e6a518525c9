package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Trace is one thing that the forum keeps about a person.
type Trace struct {
	Kind  string     `json:"kind"`  // where it is kept; see traces
	Thing int64      `json:"thing"` // the topic, session, poll … that it belongs to, 0 for none
	Words string     `json:"words"` // what the person wrote, or what it says of them
	At    *time.Time `json:"at,omitempty"`
}

// MostTraces is how many traces of one kind are given, the newest first.
const MostTraces = 1000

// traces are where the forum keeps something about a person, each in the columns of a
// [Trace]. What is sealed, and what would let others act as them, is left out: openids,
// hashes, shares of keys. trace_test.go says of every other table with a person why it
// is not here. Of a secret ballot there is nothing to give: only that a token was taken.
var traces = []struct{ kind, thing, words, at, from string }{
	{"account", "0", "app_id", "bound_at", "accounts WHERE person_id = @id"},
	{"login", "0", "door", "created_at", "logins WHERE person_id = @id"},
	{"office", "org_id", "role", "since", "offices WHERE person_id = @id"},
	{"capacity", "org_id", "kind", "asked_at", "capacities WHERE person_id = @id"},
	{"voice", "id", "number", "NULL", "households WHERE speaker_id = @id"},
	{"member", "alliance_id", "name", "asked_at", "members WHERE person_id = @id"},
	{"topic", "id", "body", "created_at", "topics WHERE raiser_id = @id"},
	{"answer", "topic_id", "words", "at", "hops WHERE event = 'answer' AND topic_id IN (SELECT id FROM topics WHERE raiser_id = @id)"},
	{"helped", "id", "title", "created_at", "topics WHERE helper_id = @id"},
	{"cosign", "topic_id", "''", "at", "cosigns WHERE topic_id IN (SELECT id FROM topics) AND person_id = @id"},
	{"photo", "topic_id", "file", "at", "photos WHERE person_id = @id"},
	{"awaited_photo", "topic_id", "''", "at", "awaited_photos WHERE person_id = @id"},
	{"appeal", "topic_id", "reason", "at", "appeals WHERE person_id = @id"},
	{"objection", "topic_id", "words", "at", "objections WHERE person_id = @id"},
	{"remark", "session_id", "words", "at", "remarks WHERE person_id = @id"},
	{"invitation", "session_id", "part", "replied_at", "invitations WHERE person_id = @id"},
	{"presence", "session_id", "how", "at", "presences WHERE session_id IN (SELECT id FROM sessions) AND person_id = @id"},
	{"speaker", "topic_id", "stance", "asked_at", "speakers WHERE session_id IN (SELECT id FROM sessions) AND person_id = @id"},
	{"seat", "poll_id", "unit", "NULL", "seats WHERE poll_id IN (SELECT id FROM polls) AND person_id = @id"},
	{"ballot", "b.poll_id", "b.choice", "b.at", "seats s JOIN ballots b ON b.poll_id = s.poll_id AND b.unit = s.unit WHERE s.poll_id IN (SELECT id FROM polls) AND s.person_id = @id AND b.person_id = @id"},
	{"proxy", "poll_id", "unit", "at", "proxies WHERE poll_id IN (SELECT id FROM polls) AND (principal_id = @id OR agent_id = @id)"},
	{"assist", "poll_id", "consent", "at", "assists WHERE poll_id IN (SELECT id FROM polls) AND person_id = @id"},
	{"secret_token", "k.poll_id", "k.unit", "NULL", "seats s JOIN secret_tokens k ON k.poll_id = s.poll_id AND k.unit = s.unit WHERE s.poll_id IN (SELECT id FROM polls) AND s.person_id = @id AND k.person_id = @id"},
	{"secret_share", "poll_id", "''", "asked_at", "secret_shares WHERE poll_id IN (SELECT id FROM polls) AND holder_id = @id"},
	{"petition", "id", "purpose", "at", "petitions WHERE starter_id = @id"},
	{"signature", "petition_id", "unit", "at", "signatures WHERE petition_id IN (SELECT id FROM petitions) AND person_id = @id"},
	{"confirmation", "topic_id", "words", "asked_at", "confirmations WHERE person_id = @id"},
	{"screening", "of_id", "words", "at", "screenings WHERE person_id = @id"},
	{"notice", "id", "code", "at", "notices WHERE person_id = @id"},
	{"wish", "0", "''", "NULL", "wishes WHERE person_id = @id"},
}

// Copy is all that the forum keeps about a person (个人信息保护法, art. 45).
type Copy struct {
	Me     *Me       `json:"me"`
	At     time.Time `json:"at"`
	Traces []Trace   `json:"traces" nullable:"false"`
}

// CopyMe gives the person what the forum keeps about them.
func (f *Forum) CopyMe(ctx context.Context, who Actor) (*Copy, error) {
	me, err := f.Me(ctx, who)
	if err != nil {
		return nil, err
	}
	return see(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (*Copy, error) {
		out := &Copy{Me: me, At: t.now, Traces: []Trace{}}
		for _, from := range traces {
			var rows []Trace
			err := t.Raw("SELECT '"+from.kind+"' AS kind, "+from.thing+" AS thing, "+from.words+" AS words, "+from.at+" AS at FROM "+from.from+
				" ORDER BY 4 DESC LIMIT @most", set{"id": who.PersonID, "most": MostTraces}).Scan(&rows).Error
			if err != nil {
				return nil, err
			}
			out.Traces = append(out.Traces, rows...)
		}
		return out, nil
	})
}
