package proving

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// FeedBench is what the bench of the watchers needs besides a server.
type FeedBench struct {
	Crash  *Crash
	Memory func() (int64, error) // what the server's process holds, in bytes
	Most   int                   // how many lines at once this machine allows
	// Watch runs [Watch] in a process of its own and returns what it writes.
	Watch func(ctx context.Context, poll int64, n int) (io.ReadCloser, error)
}

// How many watch, how many vote while they do, and how often each is measured.
const (
	feedWatchers, feedWatchersQuick = 10_000, 2000
	feedWaves, feedWavesQuick       = 10, 4
)

// ErrLines tells that a machine does not allow as many lines as are to be measured.
var ErrLines = errors.New("this machine does not allow as many open files as watchers")

// BenchFeed measures how soon all who watch a poll know of a ballot and of the
// close, and what each of them costs the server. Each round has a fresh server.
func BenchFeed(ctx context.Context, out io.Writer, f FeedBench, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, f.Crash.Server)
	if err != nil {
		return err
	}
	b := &feedBench{
		bench:     bench{tour: t, clock: o.Clock, rounds: 3},
		FeedBench: f, watchers: feedWatchers, waves: feedWaves, seen: figures{},
	}
	if o.Quick {
		b.rounds, b.watchers, b.waves = 1, feedWatchersQuick, feedWavesQuick
	}
	asked := b.watchers
	b.watchers = min(asked, f.Most)
	b.about = fmt.Sprintf("%d watchers", b.watchers)
	if err := t.play(b.run); err != nil {
		return err
	}
	b.conclude(asked)
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	if b.watchers < asked {
		return fmt.Errorf("%w: measured with %d instead of %d; raise the limit (ulimit -Hn)", ErrLines, b.watchers, asked)
	}
	return missed(b.results, o.Strict)
}

type feedBench struct {
	bench
	FeedBench
	watchers, waves int
	seen            figures
	told            *json.Decoder
}

func (b *feedBench) run() {
	b.step("bench feed")
	b.hall = b.fill(crowd)
	for range b.rounds {
		b.round()
	}
}

func (b *feedBench) round() {
	b.ok(errors.Join(b.Crash.Kill(), b.Crash.Again(b.ctx)))
	q := b.hall.put()
	see[poll](b.tour, b.nobody, at("polls", q.ID))
	before := b.memory()
	began := b.clock()
	lines, err := b.Watch(b.ctx, q.ID, b.watchers)
	b.ok(err)
	defer func() { _ = lines.Close() }()
	b.told = json.NewDecoder(bufio.NewReader(lines))
	b.await(0, false)
	b.seen.note("join", b.clock().Sub(began).Seconds())
	time.Sleep(time.Second)
	for i := range b.waves {
		time.Sleep(time.Second/2 + jitter(time.Second/2))
		sent := b.clock().UnixNano()
		b.ok(b.hall.voters[i].door.post(b.ctx, at("polls", q.ID, "ballots"), set{"choice": choiceOf(i)}, nil))
		b.note("ballot", sent, b.await(int64(i)+1, false))
	}
	b.seen.note("memory", float64(b.memory()-before)/1024/float64(b.watchers))
	b.rush(q)
	time.Sleep(time.Second)
	sent := b.clock().UnixNano()
	do[poll](b.tour, b.hall.host, at("polls", q.ID, "close"), nil)
	b.note("close", sent, b.await(crowd, true))
}

func (b *feedBench) memory() int64 {
	n, err := b.Memory()
	b.ok(err)
	return n
}

func (b *feedBench) note(name string, sent int64, w wave) {
	b.seen.note(name+"_half", float64(w.Half-sent)/1e6)
	b.seen.note(name+"_last", float64(w.Last-sent)/1e6)
}

// await waits until all watchers know of a change.
func (b *feedBench) await(cast int64, closed bool) wave {
	for {
		var w wave
		b.ok(b.told.Decode(&w))
		if w.Cast == cast && w.Closed == closed {
			return w
		}
	}
}

// rush casts a ballot for every voter and then again and again, while all watch.
func (b *feedBench) rush(q poll) {
	load := prepare(b.ctx, b.URL, q.ID, b.hall.voters, b.clock)
	got, err := load.open("", rushRate, 3*time.Second)
	b.ok(err)
	b.seen.note("rush_p50", got.quantile(0.5))
	b.seen.note("rush_p99", got.quantile(0.99))
	b.seen.note("rush_refused", float64(got.refused))
}

const rushRate = 500

func (b *feedBench) conclude(asked int) {
	b.results = append(b.results, Result{Name: "watchers", Unit: "lines", Value: float64(b.watchers), Aim: float64(asked), Met: b.watchers >= asked, floor: true})
	for _, r := range []Result{
		{Name: "join", Unit: "s"},
		{Name: "memory", Unit: "KiB", Aim: 30},
		{Name: "ballot_half", Unit: "ms"},
		{Name: "ballot_last", Unit: "ms", Aim: 250},
		{Name: "close_half", Unit: "ms"},
		{Name: "close_last", Unit: "ms", Aim: 250},
		{Name: "rush_p50", Unit: "ms"},
		{Name: "rush_p99", Unit: "ms"},
		{Name: "rush_refused", Unit: "ballots"},
	} {
		b.results = append(b.results, b.seen.most(r))
	}
}
