package models_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/store"
)

// TestBackupUnderLoad restores a copy that was taken while people were raising
// matters: every matter acknowledged before the copy began is there, with its
// whole timeline.
func TestBackupUnderLoad(t *testing.T) {
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": forumtest.SQLite, "mariadb": forumtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			s := forumtest.New(t, dsn(t))
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var mu sync.Mutex
			var acknowledged []int64
			enough := make(chan struct{})
			var wg sync.WaitGroup
			for n := range 3 {
				who := someone(s, n)
				wg.Go(func() {
					for ctx.Err() == nil {
						r, err := s.RaiseTopic(ctx, who, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"})
						if err != nil {
							return // the load is over
						}
						mu.Lock()
						acknowledged = append(acknowledged, r.Topic.ID)
						if len(acknowledged) == 20 {
							close(enough)
						}
						mu.Unlock()
					}
				})
			}
			count := func() int { mu.Lock(); defer mu.Unlock(); return len(acknowledged) }
			<-enough
			mu.Lock()
			before := append([]int64(nil), acknowledged...)
			mu.Unlock()
			file := filepath.Join(t.TempDir(), "copy")
			if err := store.Backup(t.Context(), s.DSN, file); err != nil {
				t.Fatal(err)
			}
			during := count()
			stop()
			wg.Wait()
			target := dsn(t)
			if err := store.Restore(t.Context(), target, file); err != nil {
				t.Fatal(err)
			}
			if err := store.Restore(t.Context(), target, file); err == nil {
				t.Error("restored over what was there")
			}
			f := forumtest.Bare(t, target, s.Clock)
			for _, id := range before {
				hops, err := f.Timeline(t.Context(), someone(s, 0), id)
				if err != nil {
					hops, err = f.Timeline(t.Context(), s.City.Secretary(huaiying), id)
				}
				if err != nil || len(hops) == 0 {
					t.Fatalf("topic %d of %d is lost: %v", id, len(before), err)
				}
			}
			t.Logf("%d matters before the copy, %d when it was done", len(before), during)
		})
	}
}
