package models_test

import (
	"encoding/csv"
	"os"
	"slices"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestSuggestItems suggests to the desk, and to nobody else, what a matter may be.
func TestSuggestItems(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		me := s.City.Residents[s.City.Sample.Residents[1].Name]
		r, err := s.RaiseTopic(ctx, me, models.NewTopic{OrgID: s.Org(huaiying), Text: "广场舞的音响太大,晚上十点还在跳"})
		if err != nil {
			t.Fatal(err)
		}
		items, err := s.SuggestItems(ctx, s.City.Secretary(huaiying), r.Topic.ID)
		if err != nil || len(items) == 0 || items[0].Code != "6.04" {
			t.Errorf("%+v, %v", items, err)
		}
		_, err = s.SuggestItems(ctx, me, r.Topic.ID)
		if refusal, ok := rules.AsRefusal(err); !ok || refusal.Code != "deed.forbidden" {
			t.Errorf("to the raiser: %v", err)
		}
	})
}

// TestSuggestOnMessages holds the suggestions against public messages that somebody
// labelled by hand. The words of the catalogue were written with them at hand, so the
// figure is a kind one.
func TestSuggestOnMessages(t *testing.T) {
	const labelled, messages = "../../shared/data/topics_labelled.csv", "../../shared/data/messages.csv"
	if _, err := os.Stat(labelled); err != nil {
		t.Skipf("NOT RUN: no labelled messages: %v", err)
	}
	items := catalogueItems(t)
	words := map[string][2]string{}
	for _, row := range rowsOf(t, messages) {
		words[row[0]] = [2]string{row[2], row[3]}
	}
	all, first, shown := 0, 0, 0
	for _, row := range rowsOf(t, labelled) {
		if row[1] != "deliberate" {
			continue
		}
		all++
		got := models.Fitting(items, words[row[0]][0], words[row[0]][1], 3)
		at := slices.IndexFunc(got, func(i models.Item) bool { return i.Code == row[2] || i.Code == row[3] })
		if at >= 0 {
			shown++
		}
		if at == 0 {
			first++
		}
	}
	t.Logf("of %d messages %d have the right item first, %d among the three", all, first, shown)
	if all == 0 || first*10 < all*7 || shown*10 < all*9 {
		t.Errorf("of %d messages %d have the right item first, %d among the three", all, first, shown)
	}
}

func rowsOf(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatal(err)
	}
	return rows[1:]
}

// catalogueItems are the items that come with the program.
func catalogueItems(t *testing.T) []models.Item {
	t.Helper()
	s := forumtest.New(t, forumtest.SQLite(t))
	items, err := s.Catalogue(t.Context(), models.Operator)
	if err != nil {
		t.Fatal(err)
	}
	return items
}
