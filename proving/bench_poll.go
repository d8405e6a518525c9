package proving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// The polls of the bench: how many vote, and how many ballots they cast, one
// after another and again and again. Bringing in a voter takes a login and a
// check-in, so the voters are fewer than the ballots; every ballot is a row of the
// record, a leaf of the board and moves the tally.
const (
	pollVoters, pollBallots           = 20_000, 200_000
	pollVotersQuick, pollBallotsQuick = 1000, 20_000
	pollParts                         = 10 // in which the ballots come; the clock rings after each
	pollReads                         = 50
	pollAtOnce                        = 16
)

// BenchPoll measures what is asked of a large poll once it is closed. For the
// last of it the server is started anew, with nothing in its memory.
func BenchPoll(ctx context.Context, out io.Writer, c *Crash, voters int, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, c.Server)
	if err != nil {
		return err
	}
	b := &pollBench{bench: bench{tour: t, clock: o.Clock, rounds: 1}, crash: c, voters: pollVoters, ballots: pollBallots, seen: figures{}}
	if o.Quick {
		b.voters, b.ballots = pollVotersQuick, pollBallotsQuick
	}
	if voters > 0 {
		b.voters = voters
	}
	b.about = fmt.Sprintf("%d ballots of %d voters on one poll", b.ballots, b.voters)
	if err := t.play(b.run); err != nil {
		return err
	}
	b.conclude()
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	return missed(b.results, o.Strict)
}

type pollBench struct {
	bench
	crash           *Crash
	voters, ballots int
	seen            figures
}

func (b *pollBench) run() {
	b.step("bench poll fill")
	began := b.clock()
	b.hall = b.fill(b.voters)
	b.seen.note("fill", float64(b.voters)/b.clock().Sub(began).Seconds())
	var q poll
	b.seen.note("open", b.took(func() error { q = b.hall.put(); return nil }))
	b.cast(q)
	b.step("bench poll close")
	b.seen.note("close", b.took(func() error { return b.fresh(b.hall.host).post(b.ctx, at("polls", q.ID, "close"), nil, nil) }))
	b.seal()
	b.step("bench poll read")
	b.read(q, "")
	b.step("bench poll recount")
	var told string
	b.seen.note("recount", b.took(func() (err error) {
		told, err = b.Run(b.ctx, "recount", strconv.FormatInt(q.ID, 10))
		return err
	})/1000)
	want := fmt.Sprintf("poll %d: %d units have voted, %d ballots are on record, the board is signed at %d leaves\n", q.ID, b.voters, b.ballots, b.ballots+2)
	b.holds("the recount agrees", len(told) > len(want) && told[:len(want)] == want, told)
	b.step("bench poll anew")
	b.ok(errors.Join(b.crash.Kill(), b.crash.Again(b.ctx)))
	b.seen.note("receipt_first", b.took(func() error {
		return each(pollAtOnce, pollAtOnce, func(i int) error { return b.find(q, b.hall.voters[i]) })
	}))
	b.read(q, "_anew")
	var size int
	b.seen.note("board", b.took(func() error {
		body, err := b.nobody.door.ask(b.ctx, "GET", at("polls", q.ID, "board"), "", nil)
		size = len(body)
		return err
	})/1000)
	b.seen.note("board_size", float64(size)/(1<<20))
}

// cast casts all ballots, and lets the clock seal them as they come.
func (b *pollBench) cast(q poll) {
	b.step("bench poll cast")
	l := prepare(b.ctx, b.URL, q.ID, b.hall.voters, b.clock)
	for range pollParts {
		got, err := l.soMany(many, b.ballots/pollParts)
		b.ok(err)
		same(b.tour, "ballots refused", got.refused, 0)
		b.seen.note("cast", got.rate())
		b.seal()
	}
	same(b.tour, "units that voted", see[poll](b.tour, b.nobody, at("polls", q.ID)).Cast, int64(b.voters))
}

func (b *pollBench) seal() {
	b.seen.note("seal", b.took(func() error { return b.Pass(b.ctx, time.Second) }))
}

// read is what residents open once a poll is closed: its verdict, and whether
// their ballot is in.
func (b *pollBench) read(q poll, then string) {
	for i := range pollReads {
		voter := b.hall.voters[i*len(b.hall.voters)/pollReads]
		var v poll
		b.seen.note("verdict"+then, b.took(func() error { return voter.door.get(b.ctx, at("polls", q.ID), &v) }))
		b.holds("there is a verdict and a ballot", v.Verdict != nil && len(v.Mine) == 1, v)
		var in inclusion
		b.seen.note("receipt"+then, b.took(func() error { return voter.door.get(b.ctx, at("polls", q.ID, "receipts", v.Mine[0].Receipt), &in) }))
		same(b.tour, "places on the board", len(in.In), 1)
	}
}

// find looks up the receipt of a voter.
func (b *pollBench) find(q poll, p *person) error {
	var v poll
	if err := p.door.get(b.ctx, at("polls", q.ID), &v); err != nil {
		return err
	}
	return p.door.get(b.ctx, at("polls", q.ID, "receipts", v.Mine[0].Receipt), nil)
}

func (b *pollBench) conclude() {
	for _, r := range []Result{
		{Name: "fill", Unit: "/s"},
		{Name: "open", Unit: "ms"},
		{Name: "cast", Unit: "/s"},
		{Name: "seal", Unit: "ms"},
		{Name: "close", Unit: "ms", Aim: 50},
		{Name: "verdict", Unit: "ms", Aim: 50},
		{Name: "receipt", Unit: "ms", Aim: 50},
		{Name: "verdict_anew", Unit: "ms", Aim: 50},
		{Name: "receipt_first", Unit: "ms"},
		{Name: "receipt_anew", Unit: "ms", Aim: 50},
		{Name: "board", Unit: "s"},
		{Name: "board_size", Unit: "MiB"},
		{Name: "recount", Unit: "s", Aim: 2},
	} {
		b.results = append(b.results, b.seen.most(r))
	}
}
