package bot_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/wechat"
)

// What a transaction takes in a slow database, and how long WeChat is let wait.
const (
	slowness = 3 * time.Second
	inTime   = 4 * time.Second
)

// slow is a database whose transactions take longer than anybody waits, or, in the
// time of the test, slowness. Every delivery comes three times.
type slow struct {
	*testing.T
	answer func(context.Context, wechat.Event) (string, error)
	seen   func() forumtest.Fingerprint

	ballots atomic.Int64 // that were on their way when their voter gave up

	mu     sync.Mutex
	before func(ctx context.Context) // is called before each commit
}

// commit is called where a transaction is about to be committed.
func (s *slow) commit(ctx context.Context) error {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before != nil {
		before(ctx)
	}
	return nil
}

func (s *slow) then(before func(ctx context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

// deliver brings an event while the database is too slow, then while it is slow, and
// then once more.
func (s *slow) deliver(ctx context.Context, e wechat.Event) (string, error) {
	s.tooSlow(ctx, e)
	took := time.Duration(0)
	s.then(func(context.Context) { took += slowness })
	reply, err := s.answer(ctx, e)
	s.then(nil)
	if err != nil || took > inTime {
		s.Errorf("%s %q is answered %q, %v after %v", e.Kind, e.Text, reply, err, took)
	}
	before := s.seen()
	if again, err := s.answer(ctx, e); again != reply || err != nil {
		s.Errorf("%s %q is answered %q, and again %q, %v", e.Kind, e.Text, reply, again, err)
	}
	if changed := s.seen().Changed(before); changed != nil {
		s.Errorf("%s %q, delivered again, changed %v", e.Kind, e.Text, changed)
	}
	return reply, err
}

// tooSlow brings an event whose sender gives up before anything is committed. Then
// nothing is said and nothing was done; but a ballot that was on its way with others
// gets there, with its reply, after nobody waits any more.
func (s *slow) tooSlow(ctx context.Context, e wechat.Event) {
	before, gone := s.seen(), make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var waited atomic.Bool
	s.then(func(commit context.Context) {
		waited.Store(true)
		if cancel(); commit.Err() == nil {
			s.ballots.Add(1)
			<-gone
		}
	})
	reply, err := s.answer(ctx, e)
	s.then(nil)
	if w := waited.Load(); w != (err != nil) || w && reply != "" {
		s.Errorf("%s %q is answered %q, %v by a database that is too slow: %v", e.Kind, e.Text, reply, err, waited.Load())
	}
	if changed := s.seen().Changed(before); changed != nil {
		s.Errorf("%s %q, which came to nothing, changed %v", e.Kind, e.Text, changed)
	}
	close(gone)
}

// TestSlowDatabase plays every dialogue with a database whose transactions take 3
// seconds, after the first delivery of each event has come to nothing because they
// took longer. Each callback is answered within 4 seconds all the same, and the
// dialogues go as they always do: each event has its effect once. On MariaDB, and
// beside the race detector, a few of them are played.
func TestSlowDatabase(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": forumtest.SQLite, "mariadb": forumtest.MariaDB} {
		for _, file := range files {
			title := strings.TrimSuffix(filepath.Base(file), ".txt")
			if (raced || name == "mariadb") && !slices.Contains([]string{"raise", "checkin", "votes", "petition"}, title) {
				continue
			}
			t.Run(name+" "+title, func(t *testing.T) {
				t.Parallel()
				want := check[[]byte](t)(os.ReadFile(file))
				d := &slow{T: t}
				at := dsn(t)
				s := stageOn(t, sentences(t), forumtest.New(t, at, func(o *models.Options) { o.BeforeCommit = d.commit }))
				d.answer, d.seen, s.deliver = s.deliver, forumtest.Fingerprints(t, at), d.deliver
				if strings.HasPrefix(title, "vote") {
					defer func() {
						if d.ballots.Load() == 0 {
							t.Error("no ballot was on its way")
						}
					}()
				}
				if got := s.dialogue(t, string(want)); got != string(want) {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
			})
		}
	}
}
