package models_test

import (
	"fmt"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
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
