package proving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// VoteBench is what the bench of the vote needs besides a server: doors that
// differ from the product's in one thing.
type VoteBench struct {
	Null  string // path of a door that stores nothing
	Naive string // path of a door that stores each ballot in the plain way
	Maria bool

	Untallied string // path of the product's door without its tally
}

// The voters of the bench, and the clients of its closed loops.
const (
	voteVoters = 1000
	few, many  = 64, 512
)

// BenchVote measures the vote through its real route, with login, roll, receipt
// and tally, in one interleaved run with a door that does all of that but store,
// and one that stores in the plain way. A voter who comes round again votes
// again, which adds a row and moves the tally.
func BenchVote(ctx context.Context, out io.Writer, s *Server, v VoteBench, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, s)
	if err != nil {
		return err
	}
	b := &voteBench{bench: bench{tour: t, clock: o.Clock, rounds: 5}, VoteBench: v, lasts: 2 * time.Second, pairs: 4}
	if o.Quick {
		b.rounds, b.lasts, b.pairs = 2, 500*time.Millisecond, 2
	}
	if err := t.play(b.run); err != nil {
		return err
	}
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	return missed(b.results, o.Strict)
}

// opens are the open loops: so many ballots a second, whatever becomes of them.
// What the door that stores nothing takes at the same rate is the machine's part.
var opens = []opening{{1000, false}, {4000, true}, {4000, false}, {8000, false}}

type opening struct {
	rate int
	null bool
}

func (o opening) name() string {
	if o.null {
		return fmt.Sprintf("open_%d_null", o.rate)
	}
	return fmt.Sprintf("open_%d", o.rate)
}

type voteBench struct {
	bench
	VoteBench
	lasts time.Duration
	pairs int // of the product with and without its tally, in a round
	load  *load
	seen  figures
}

func (b *voteBench) run() {
	b.step("bench vote")
	b.hall = b.fill(voteVoters)
	b.about = fmt.Sprintf("%d voters", voteVoters)
	b.seen = figures{}
	for range b.rounds {
		b.round()
		b.tallied()
	}
	b.conclude()
}

// doors are those that are compared, by the name under which they are told.
func (b *voteBench) doors() []struct{ name, path string } {
	return []struct{ name, path string }{{"null", b.Null}, {"vote", ""}, {"naive", b.Naive}}
}

func (b *voteBench) round() {
	q := b.hall.put()
	b.load = prepare(b.ctx, b.URL, q.ID, b.hall.voters, b.clock)
	b.seen.note("fsync", b.fsyncs())
	for _, clients := range []int{few, many} {
		for _, d := range b.doors() {
			got, err := b.load.closed(d.path, clients, b.lasts)
			b.ok(err)
			b.seen.note(fmt.Sprintf("%s_%d", d.name, clients), got.rate())
			b.seen.note(fmt.Sprintf("%s_%d_p99", d.name, clients), got.quantile(0.99))
		}
	}
	for _, o := range opens {
		door := ""
		if o.null {
			door = b.Null
		}
		got, err := b.load.open(door, o.rate, b.lasts)
		b.ok(err)
		name := o.name()
		b.seen.note(name+"_p50", got.quantile(0.5))
		b.seen.note(name+"_p99", got.quantile(0.99))
		b.seen.note(name+"_refused", float64(got.refused))
	}
	before := see[poll](b.tour, b.nobody, at("polls", q.ID))
	var closed poll
	b.seen.note("close", b.took(func() error { return b.fresh(b.hall.host).post(b.ctx, at("polls", q.ID, "close"), nil, &closed) }))
	b.holds("there is a verdict", closed.Verdict != nil, closed)
	same(b.tour, "ballots counted", closed.Verdict.Count.Cast, before.Cast)
	same(b.tour, "units that voted", before.Cast, int64(voteVoters))
}

// tallied measures one after the other, each time on a poll of its own, the
// product and the product without its tally; which comes first changes. They take
// turns several times a round, so that a slow moment of the machine does not pass
// for a difference.
func (b *voteBench) tallied() {
	doors := []struct{ name, path string }{{"tallied_512", ""}, {"untallied_512", b.Untallied}}
	for range b.pairs {
		for _, d := range doors {
			q := b.hall.put()
			got, err := prepare(b.ctx, b.URL, q.ID, b.hall.voters, b.clock).closed(d.path, many, b.lasts/2)
			b.ok(err)
			b.seen.note(d.name, got.rate())
			do[poll](b.tour, b.hall.host, at("polls", q.ID, "close"), nil)
		}
		slices.Reverse(doors)
	}
}

// fsyncs is how often this disk brings 4 KiB to safety in a second.
func (b *voteBench) fsyncs() float64 {
	file, err := os.OpenFile(filepath.Join(os.TempDir(), "yishi-fsync-"+newKey()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	b.ok(err)
	defer func() { _ = os.Remove(file.Name()) }()
	block, n := make([]byte, 4096), 0
	began := b.clock()
	for b.clock().Sub(began) < 300*time.Millisecond {
		_, err := file.Write(block)
		b.ok(errors.Join(err, file.Sync()))
		n++
	}
	b.ok(file.Close())
	return float64(n) / b.clock().Sub(began).Seconds()
}

// conclude makes the figures: rates as they are, and each ratio round by round,
// so that a slow minute of the machine touches both of its sides.
func (b *voteBench) conclude() {
	plain := func(name, unit string, aim float64) {
		b.results = append(b.results, b.seen.most(Result{Name: name, Unit: unit, Aim: aim}))
	}
	ratio := func(name, of, to string, aim float64) {
		b.results = append(b.results, b.seen.ratio(name, of, to, aim))
	}
	plain("fsync", "/s", 0)
	for _, clients := range []int{few, many} {
		for _, d := range b.doors() {
			name := fmt.Sprintf("%s_%d", d.name, clients)
			plain(name, "/s", 0)
			plain(name+"_p99", "ms", 0)
		}
	}
	cost := Result{Name: "tally", Unit: "%", Aim: 10}
	for i, with := range b.seen["tallied_512"] {
		b.seen.note(cost.Name, 100*(1-with/b.seen["untallied_512"][i]))
	}
	plain("tallied_512", "/s", 0)
	plain("untallied_512", "/s", 0)
	b.results = append(b.results, b.seen.most(cost))
	ofNull, ofNaive := 0.85, 8.0
	if b.Maria {
		ofNull, ofNaive = 0.75, 6
	}
	ratio("of_null_512", "vote_512", "null_512", ofNull)
	ratio("of_naive_512", "vote_512", "naive_512", ofNaive)
	for _, o := range opens {
		name, aim := o.name(), 0.0
		if o.rate == 4000 && !o.null {
			aim = 100
		}
		plain(name+"_p50", "ms", 0)
		plain(name+"_p99", "ms", aim)
		plain(name+"_refused", "ballots", 0)
	}
	plain("close", "ms", 50)
}
