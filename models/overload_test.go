package models_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestOverload lets more ballots come than there is room for while another
// process holds the database: some are told to come again, at once; whoever gives
// up waiting is not forgotten wrongly; the rest are stored once each.
func TestOverload(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	ctx := t.Context()
	people, poll := agreeing(t, s, 1)
	other, err := sql.Open("sqlite", "file:"+s.DSN+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	held, err := other.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	const crowd = 5500
	var wg sync.WaitGroup
	var accepted, busy, gone atomic.Int64
	tired, give := context.WithCancel(ctx)
	full := sync.OnceFunc(func() { give(); _ = held.Rollback() })
	for i := range crowd {
		asking := ctx
		if i < 10 {
			asking = tired
		}
		wg.Go(func() {
			_, err := s.CastBallot(asking, people[0], poll.ID, "", rules.Yes)
			r, refused := rules.AsRefusal(err)
			switch {
			case err == nil:
				accepted.Add(1)
			case errors.Is(err, context.Canceled):
				gone.Add(1)
			case refused && r.Code == "poll.busy" && r.Kind == rules.Busy:
				busy.Add(1)
				full()
			default:
				t.Errorf("a ballot was answered with %v", err)
				full()
			}
		})
	}
	wg.Wait()
	give()
	if busy.Load() == 0 || accepted.Load() == 0 || accepted.Load()+busy.Load()+gone.Load() != crowd {
		t.Errorf("%d accepted, %d told to come again, %d gave up", accepted.Load(), busy.Load(), gone.Load())
	}
	must[*models.PollView](t)(s.ClosePoll(ctx, s.City.Secretary(huaiying), poll.ID))
	r := must[*models.Recount](t)(s.RecountPoll(ctx, s.City.Secretary(huaiying), poll.ID))
	if extra := r.Ballots - accepted.Load(); r.Units != 1 || extra < 0 || extra > gone.Load() || len(r.Faults) > 0 {
		t.Errorf("%d accepted and %d gave up: the record holds %+v", accepted.Load(), gone.Load(), r)
	}
}
