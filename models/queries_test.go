package models_test

import (
	"fmt"
	"sync"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestQueriesDoNotGrow reads lists that are long and short: both take the same
// number of queries.
func TestQueriesDoNotGrow(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	ctx := t.Context()
	me, desk := someone(s, 1), s.City.Secretary(huaiying)
	count, err := s.CountQueries(ctx)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string]func(size int) int{
		"queue": func(size int) int {
			return len(must[models.Page[models.TopicView]](t)(s.Queue(ctx, desk, models.Wanted{OrgID: s.Org(huaiying), Size: size})).Items)
		},
		"mine": func(size int) int {
			return len(must[models.Page[models.TopicView]](t)(s.MyTopics(ctx, me, 0, size)).Items)
		},
		"notices": func(size int) int {
			return len(must[models.Page[models.Notice]](t)(s.Notices(ctx, desk, 0, size)).Items)
		},
	}
	for i := range 30 {
		raised(t, s, me, fmt.Sprintf("第%d件事", i))
	}
	for name, read := range lists {
		read(1) // what is cached once is cached now
		var cost [2]int64
		for i, size := range []int{1, 30} {
			before := count.Load()
			if got := read(size); got != size {
				t.Fatalf("%s: %d of %d", name, got, size)
			}
			cost[i] = count.Load() - before
		}
		if cost[0] == 0 || cost[0] != cost[1] {
			t.Errorf("%s: one row takes %d queries, thirty take %d", name, cost[0], cost[1])
		}
	}
}

// TestPollsTakeFewQueries reads the polls of whoever may vote, one and many: both
// take the same number of queries.
func TestPollsTakeFewQueries(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	ctx, desk := t.Context(), s.City.Secretary(huaiying)
	me := someone(s, 1)
	count, err := s.CountQueries(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var topics []int64
	for i := range 4 {
		topics = append(topics, accepted(t, s, fmt.Sprintf("第%d件事", i), "CONSULT"))
	}
	session := planned(t, s, 4*day, topics...)
	must[*models.Session](t)(s.AnnounceSession(ctx, desk, session, ""))
	s.Clock.Pass(4 * day)
	code := must[*models.SiteCode](t)(s.SessionCode(ctx, desk, session))
	for n := range 4 {
		must[*models.Presence](t)(s.CheckIn(ctx, someone(s, n), session, 0, code.Code))
	}
	must[*models.Session](t)(s.OpenSession(ctx, desk, session))
	var cost []int64
	for i, topic := range topics {
		p := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "好不好?"}))
		must[*models.Ballot](t)(s.CastBallot(ctx, me, p.ID, "", rules.Yes))
		must[*models.Ballot](t)(s.CastBallot(ctx, someone(s, 2), p.ID, "", rules.No))
		before := count.Load()
		polls := must[[]models.PollView](t)(s.MyPolls(ctx, me))
		cost = append(cost, count.Load()-before)
		if len(polls) != i+1 {
			t.Fatalf("%d polls, want %d", len(polls), i+1)
		}
		for _, v := range polls {
			if v.Cast != 2 || len(v.Units) != 1 || len(v.Mine) != 1 || v.Mine[0].Choice != rules.Yes || v.Mine[0].PollID != v.ID {
				t.Errorf("poll %d: %d cast, units %v, mine %+v", v.ID, v.Cast, v.Units, v.Mine)
			}
		}
	}
	if cost[0] == 0 || cost[0] != cost[len(cost)-1] {
		t.Errorf("the queries of one poll, two, and so on: %v", cost)
	}
}

// TestBoardIsBuiltOnce lets many look up their receipts at once where nothing is
// in memory: one builds the board and the others wait for it.
func TestBoardIsBuiltOnce(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	people, poll := agreeing(t, s, 3)
	cast := must[*models.Ballot](t)(s.CastBallot(t.Context(), people[0], poll.ID, "", rules.Yes))
	seal(t, s)
	cold := forumtest.Bare(t, s.DSN, s.Clock)
	count, err := cold.CountQueries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	look := func() { must[*models.Found](t)(cold.FindReceipt(t.Context(), models.Actor{}, poll.ID, cast.Receipt)) }
	look()
	first := count.Load()
	look()
	warm := count.Load() - first
	if first <= warm {
		t.Fatalf("the first takes %d queries, the second %d", first, warm)
	}
	another := forumtest.Bare(t, s.DSN, s.Clock)
	if count, err = another.CountQueries(t.Context()); err != nil {
		t.Fatal(err)
	}
	const crowd = 8
	var wait sync.WaitGroup
	for range crowd {
		wait.Go(func() {
			f, err := another.FindReceipt(t.Context(), models.Actor{}, poll.ID, cast.Receipt)
			if err != nil || len(f.In) != 1 {
				t.Errorf("found at %+v, %v", f, err)
			}
		})
	}
	wait.Wait()
	if got, want := count.Load(), first+(crowd-1)*warm; got != want {
		t.Errorf("%d at once take %d queries, not %d", crowd, got, want)
	}
}
