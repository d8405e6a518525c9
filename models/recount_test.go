package models_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestRecount counts a closed poll anew, with ballots that were changed. Whatever
// somebody then changes behind the forum's back is found.
func TestRecount(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx, desk := t.Context(), s.City.Secretary(huaiying)
		people, poll := agreeing(t, s, 4)
		for i, p := range people {
			must[*models.Ballot](t)(s.CastBallot(ctx, p, poll.ID, "", rules.No))
			if i > 0 {
				must[*models.Ballot](t)(s.CastBallot(ctx, p, poll.ID, "", rules.Yes))
			}
		}
		seal(t, s)
		refused(t, "poll.early")(s.RecountPoll(ctx, desk, poll.ID))
		must[*models.PollView](t)(s.ClosePoll(ctx, desk, poll.ID))
		seal(t, s)
		r := must[*models.Recount](t)(s.RecountPoll(ctx, desk, poll.ID))
		if r.Units != 4 || r.Ballots != 7 || len(r.Marks) != 2 || len(r.Faults) > 0 || r.BoardAt != 9 || r.Result != rules.ResultFailed {
			t.Errorf("it counts %+v", r)
		}
		for _, tt := range []struct {
			change, back string
			found        []string
		}{
			{"UPDATE tallies SET ballots = ballots + 1 WHERE choice = 'yes'", "UPDATE tallies SET ballots = ballots - 1 WHERE choice = 'yes'", []string{"tally"}},
			{"UPDATE shards SET ballots = ballots + 1 WHERE shard = 0", "UPDATE shards SET ballots = ballots - 1 WHERE shard = 0", []string{"shards", "snapshot"}},
			{"UPDATE polls SET verdict = REPLACE(verdict, 'failed', 'passed')", "UPDATE polls SET verdict = REPLACE(verdict, 'passed', 'failed')", []string{"verdict", "board"}},
			{"UPDATE ballots SET choice = 'yes' WHERE choice = 'no' AND unit = (SELECT MIN(unit) FROM seats)", "", []string{"tally", "verdict", "board"}},
		} {
			execute(t, s, tt.change)
			r := must[*models.Recount](t)(s.RecountPoll(ctx, desk, poll.ID))
			for _, what := range tt.found {
				if !slices.ContainsFunc(r.Faults, func(f models.RecountFault) bool { return f.What == what }) {
					t.Errorf("after %s there is no fault of the %s: %+v", tt.change, what, r.Faults)
				}
			}
			if tt.back != "" {
				execute(t, s, tt.back)
			}
		}
	})
}

// execute changes the database behind the forum's back.
func execute(t *testing.T, s *forumtest.Stage, query string) {
	t.Helper()
	driver, dsn := "sqlite", s.DSN
	if rest, ok := strings.CutPrefix(s.DSN, "mysql://"); ok {
		driver, dsn = "mysql", rest
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}
