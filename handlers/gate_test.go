package handlers_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yishi/bot"
	"yishi/handlers"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

// TestResultsGate lets the same twelve people vote for two opposite results and
// compares everything that anybody else can ask for: while a poll is open every
// door says the same of both, and nobody can hurry the result. Once it is closed
// they differ.
func TestResultsGate(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"named", "secret"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			up, down := newVote(t, kind == "secret", "yes", "no"), newVote(t, kind == "secret", "no", "yes")
			for _, door := range differing(up.look(t), down.look(t)) {
				t.Errorf("open, and yet told through %s:\n%s\n%s", door, up.seen[door], down.seen[door])
			}
			up.early(t)
			up.close(t)
			down.close(t)
			after := differing(up.look(t), down.look(t))
			for _, door := range []string{"poll as anonymous", "watchPoll as anonymous", "glimpsePoll as anonymous", "recountPoll as secretary", "board as anonymous"} {
				if !slices.Contains(after, door) {
					t.Errorf("closed, and yet not told through %s: %s", door, up.seen[door])
				}
			}
			if !slices.ContainsFunc(after, func(s string) bool { return strings.HasPrefix(s, "the bot") }) {
				t.Error("closed, and yet not told by the bot")
			}
		})
	}
}

// vote is one outcome of the same vote.
type vote struct {
	*forumtest.Meeting
	door   *door
	bot    *bot.Bot
	poll   int64
	secret *forumtest.SecretPoll
	as     map[rules.Role]string // tokens of those who look on
	seen   map[string]string
}

// newVote lets eight of twelve say one thing and four the other.
func newVote(t *testing.T, secret bool, most, rest rules.Choice) *vote {
	t.Helper()
	s := forumtest.New(t, forumtest.SQLite(t))
	v := &vote{door: newDoor(t, s)}
	v.as = players(t, v.door)
	delete(v.as, banned)
	var err error
	v.bot, err = bot.New(s.Forum, text, "https://yishi.example")
	check(t, err)
	choices := []rules.Choice{most, most, rest, most, rest, most, rest, most, most, rest, most, most}
	if secret {
		v.secret = forumtest.NewSecretPoll(t, s, len(choices), rules.DiscloseKey)
		v.Meeting, v.poll = v.secret.Meeting, v.secret.View.ID
		v.secret.Keep()
	} else {
		v.Meeting = forumtest.NewMeeting(t, s, len(choices))
		p, err := s.OpenPoll(t.Context(), v.Keepers[0], models.NewPoll{SessionID: v.Session, TopicID: v.Topic, Question: "清不清?"})
		check(t, err)
		v.poll = p.ID
	}
	for i, choice := range choices {
		if secret {
			v.secret.Drop(v.secret.Say(v.secret.Token(v.People[i]), 0, choice))
			continue
		}
		_, err := s.CastBallot(t.Context(), v.People[i], v.poll, "", choice)
		check(t, err)
	}
	v.seal(t)
	return v
}

// seal is what the clock does to ballots meanwhile.
func (v *vote) seal(t *testing.T) {
	t.Helper()
	_, err := v.SealBoard(t.Context(), v.poll)
	check(t, err)
}

func (v *vote) close(t *testing.T) {
	t.Helper()
	_, err := v.ClosePoll(t.Context(), v.Keepers[0], v.poll)
	check(t, err)
	if v.secret != nil {
		for i := range 2 {
			_, err := v.EnterShare(t.Context(), v.Keepers[i], v.poll, v.secret.Shares[i], "")
			check(t, err)
		}
	}
	v.seal(t)
	v.door.Clock.Pass(models.GlimpseEvery + 1)
}

// early asks for the result before it is due.
func (v *vote) early(t *testing.T) {
	t.Helper()
	path := fmt.Sprintf("/api/v1/polls/%d/", v.poll)
	for what, want := range map[string]string{"recount": "poll.early", "opening": "secret.sealed"} {
		method, body := http.MethodGet, any(nil)
		if what == "opening" {
			if v.secret == nil {
				continue
			}
			method, body = http.MethodPost, map[string]any{"share": v.secret.Shares[0]}
		}
		if got := v.door.ask(method, path+what, v.as[rules.Secretary], body); got.code() != want {
			t.Errorf("%s before the close: %s", what, got)
		}
	}
}

// look asks every route for everything about the poll in every role, watches it,
// talks to the bot as somebody who did not vote, and reads the notices of all.
func (v *vote) look(t *testing.T) map[string]string {
	t.Helper()
	v.seen = map[string]string{}
	f := furniture{org: v.City.Orgs[huaiying], nouns: map[string]int64{"polls": v.poll, "topics": v.Topic, "sessions": v.Session, "persons": v.People[1].PersonID}}
	for _, role := range slices.Sorted(maps.Keys(v.as)) {
		for _, r := range v.door.api.Routes() {
			if r.Method == http.MethodGet && r.ID != "sessionCode" && r.ID != "checkpointCode" && r.ID != "pointCode" { // which are drawn
				v.seen[fmt.Sprintf("%s as %s", r.ID, role)] = v.read(t, r, f, v.as[role])
			}
		}
	}
	topic, err := v.Forum.Topic(t.Context(), v.Keepers[0], v.Topic)
	check(t, err)
	for _, say := range []string{"投票", "我的", "进度", "进度 " + topic.Receipt, "投票 " + strconv.FormatInt(v.poll, 10), "结果"} {
		id := forumtest.Identify(v.City.Sample.Residents[0].Name)
		reply, err := v.bot.Answer(t.Context(), wechat.Event{AppID: id.AppID, OpenID: id.OpenID, Kind: wechat.KindText, Text: say})
		check(t, err)
		v.seen["the bot, asked for "+strings.Replace(say, topic.Receipt, "it", 1)] = masked(strings.ReplaceAll(reply, spaced(topic.Receipt), "…"))
	}
	v.seen["notices"] = v.notices(t)
	return v.seen
}

// spaced is a receipt number as it is read aloud.
func spaced(receipt string) string { return receipt[:3] + " " + receipt[3:6] + " " + receipt[6:] }

// read reads one route; what watches only its first word.
func (v *vote) read(t *testing.T, r handlers.Route, f furniture, token string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := httptest.NewRequestWithContext(ctx, r.Method, pathTo(r, f, known(f, target(r))), nil)
	if token != "" {
		in.Header.Set("Authorization", "Bearer "+token)
	}
	w := &firstWord{ResponseRecorder: httptest.NewRecorder()}
	if r.ID == "watchPoll" {
		w.heard = cancel
	}
	v.door.handler.ServeHTTP(w, in)
	return strconv.Itoa(w.Code) + " " + masked(w.Body.String())
}

// firstWord ends a feed once it has said something.
type firstWord struct {
	*httptest.ResponseRecorder
	heard context.CancelFunc
}

func (w *firstWord) Flush() {
	if w.ResponseRecorder.Flush(); w.heard != nil && strings.Contains(w.Body.String(), "data:") {
		w.heard()
	}
}

// SetWriteDeadline is asked of whoever listens for long.
func (w *firstWord) SetWriteDeadline(time.Time) error { return nil }

// notices are those of everybody, of voters too.
func (v *vote) notices(t *testing.T) string {
	t.Helper()
	db, err := sql.Open("sqlite", v.DSN)
	check(t, err)
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT person_id, code, params FROM notices ORDER BY id")
	check(t, err)
	defer func() { _ = rows.Close() }()
	var out strings.Builder
	for rows.Next() {
		var person int64
		var code, params string
		check(t, rows.Scan(&person, &code, &params))
		fmt.Fprintln(&out, person, code, masked(params))
	}
	check(t, rows.Err())
	return out.String()
}

// drawn are keys, hashes and codes, which are drawn anew in each forum.
var drawn = regexp.MustCompile(`[0-9A-Za-z+/=_-]{40,}|[0-9A-Za-z+/=_-]*[0-9][0-9A-Za-z+/=_-]*`)

// masked is a text without what is drawn: words and numbers stay. In JSON only
// texts are masked.
func masked(s string) string {
	mask := func(s string) string {
		return drawn.ReplaceAllStringFunc(s, func(word string) string {
			if len(word) < 8 {
				return word
			}
			return "…"
		})
	}
	var value any
	if json.Unmarshal([]byte(strings.TrimSpace(strings.TrimPrefix(s, "data:"))), &value) != nil {
		return mask(s)
	}
	var walk func(any) any
	walk = func(x any) any {
		switch x := x.(type) {
		case string:
			return mask(x)
		case []any:
			for i := range x {
				x[i] = walk(x[i])
			}
		case map[string]any:
			for k := range x {
				x[k] = walk(x[k])
			}
		}
		return x
	}
	body, err := json.Marshal(walk(value))
	if err != nil {
		panic(err)
	}
	return string(body)
}

// differing are the doors that do not say the same, in order.
func differing(a, b map[string]string) []string {
	var out []string
	for door, said := range a {
		if b[door] != said {
			out = append(out, door)
		}
	}
	slices.Sort(out)
	return out
}
