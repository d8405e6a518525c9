package models_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestEveryTraceIsGiven says of every table with a person why what it keeps is not
// given to them, where it is not.
func TestEveryTraceIsGiven(t *testing.T) {
	not := map[string]string{
		"audits": "what they did stands in the other tables", "onces": "a retry's answer, a week long", "unions": "an identifier of WeChat's", "ties": "a code of ten minutes",
		"staff": "the login's name is in me", "resets": "of a login of staff", "datasets": "of a city's data",
		"sessions": "of an office", "attempts": "a count of a minute", "sheets": "of an office", "sheet_entries": "of an office", "sheet_corrections": "of an office",
		"sheet_withdrawals": "of an office", "paper_codes": "of an office", "minutes_texts": "of an office", "minutes_corrections": "of an office", "screens": "of an office", "acts": "of a seat", "orders": "of an office",
	}
	schema, err := os.ReadFile("migrations/00001_forum.sql")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("trace.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b(person|raiser|helper|starter|principal|agent|holder|speaker|chair|supervisor|signer)_id\b|\b\w+_by\b`)
	for _, m := range regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n?\) \{\{|CREATE TABLE (\w+) \((.*?)\) \{\{`).FindAllStringSubmatch(string(schema), -1) {
		if !names.MatchString(m[2]) {
			continue
		}
		given := regexp.MustCompile(`"(seats s JOIN )?` + m[1] + `\b`).Match(code)
		if why := not[m[1]]; given == (why != "") {
			t.Errorf("%s: given %v, left out because %q", m[1], given, why)
		}
	}
}

// TestEveryTraceIsNamed: what is given to somebody has a name in the residents' app,
// and no name stands there for what is not given.
func TestEveryTraceIsNamed(t *testing.T) {
	found := func(file, part, name string) []string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		within := regexp.MustCompile("(?s)" + part).Find(text)
		var all []string
		for _, m := range regexp.MustCompile(name).FindAllSubmatch(within, -1) {
			all = append(all, string(m[1]))
		}
		slices.Sort(all)
		return all
	}
	kinds := found("trace.go", `var traces = .*?\n\}`, `(?m)^\t\{"(\w+)", `)
	names := found("../apps/resident/src/words.ts", `\n    kinds: \{.*?\n    \}`, `(\w+): '[^']`)
	if len(kinds) < 20 || !slices.Equal(kinds, names) {
		t.Errorf("given are\n%v, named are\n%v", kinds, names)
	}
}

// TestCopyMe gives somebody all of theirs and nothing of another's, and nothing that
// would let anybody act as them.
func TestCopyMe(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		m := forumtest.NewMeeting(t, s, 3)
		q := must[*models.PollView](t)(s.OpenPoll(t.Context(), m.Keepers[0], models.NewPoll{SessionID: m.Session, TopicID: m.Topic, Question: "楼道堆物清不清？"}))
		mine, other := m.People[0], m.People[1]
		must[*models.Ballot](t)(s.CastBallot(t.Context(), mine, q.ID, "", rules.Yes))
		must[*models.Ballot](t)(s.CastBallot(t.Context(), other, q.ID, "", rules.No))
		got := must[*models.Copy](t)(s.CopyMe(t.Context(), mine))
		kinds := map[string]int{}
		for _, trace := range got.Traces {
			kinds[trace.Kind]++
			if trace.Kind == "ballot" && (trace.Thing != q.ID || trace.Words != "yes" || trace.At == nil) {
				t.Errorf("the ballot is given as %+v", trace)
			}
		}
		for kind, want := range map[string]int{"account": 1, "capacity": 1, "presence": 1, "seat": 1, "ballot": 1} {
			if kinds[kind] != want {
				t.Errorf("%d of kind %s, want %d: %v", kinds[kind], kind, want, kinds)
			}
		}
		if got.Me.Person.ID != mine.PersonID || got.At.IsZero() {
			t.Errorf("it is of %d at %v", got.Me.Person.ID, got.At)
		}
		text, err := json.Marshal(got)
		for _, secret := range []string{forumtest.Identify("voter 0").OpenID, forumtest.Identify("voter 0").UnionID} {
			if err != nil || strings.Contains(string(text), secret) {
				t.Errorf("it tells %q: %v %s", secret, err, text)
			}
		}
	})
}
