package proving

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Crash is a product whose server runs in a process of its own.
type Crash struct {
	*Server
	Kill  func() error                    // at once, without warning, as kill -9 does
	Again func(ctx context.Context) error // starts it on what is left, at the same address
}

// How many people vote at once, and how long one round may take.
const (
	crowd     = 64
	roundTime = 30 * time.Second
)

// Torture races ballots against the closing of their poll, and kills the server
// while ballots are cast. Whatever was acknowledged must be there and counted,
// once; what was not must be refused.
func Torture(ctx context.Context, out io.Writer, c *Crash, rounds int, clock Clock) error {
	kills := max(2, rounds/4)
	ctx, cancel := context.WithTimeout(ctx, time.Minute+time.Duration(rounds+2*kills)*roundTime)
	defer cancel()
	t, err := newTour(ctx, io.Discard, c.Server)
	if err != nil {
		return err
	}
	began := clock()
	r := &torture{tour: t, crash: c, report: out}
	err = t.play(func() {
		r.hall = t.fill(crowd)
		r.check = true
		for n := range rounds {
			r.race(n)
		}
		r.tell("%d races of %d voters against the closing: %d ballots acknowledged and counted, %d refused, %d retries answered alike\n",
			rounds, crowd, r.accepted, r.refusals, r.retries)
		r.holds("the mutants were tried", !r.check, r.accepted)
		r.accepted, r.retries = 0, 0
		for n := range kills {
			r.kill(n)
		}
		r.tell("%d kills in the middle: %d ballots acknowledged before, all there after; %d retries answered, %d of them alike\n",
			kills, r.accepted, crowd*kills, r.retries)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "nothing that was acknowledged was lost; every mutant was noticed; %.1f s\n", clock().Sub(began).Seconds())
	return err
}

type torture struct {
	*tour
	crash    *Crash
	report   io.Writer
	hall     *hall
	check    bool // the mutants have not been tried yet
	accepted int
	refusals int
	retries  int
	acked    atomic.Int64 // in the round under way
}

func (r *torture) tell(format string, args ...any) {
	if _, err := fmt.Fprintf(r.report, format, args...); err != nil {
		r.fail(err)
	}
}

// attempt is one request to cast a ballot, and what came of it.
type attempt struct {
	voter   int
	key     string
	answer  []byte
	late    bool
	refused bool
	err     error // neither an answer nor a refusal
}

func choiceOf(voter int) string { return []string{"yes", "no", "abstain"}[voter%3] }

// cast sends one attempt.
func (r *torture) cast(q poll, a *attempt) {
	p := r.hall.voters[a.voter]
	answer, err := p.door.retry(r.ctx, at("polls", q.ID, "ballots"), a.key, set{"choice": choiceOf(a.voter)})
	problem, ok := errors.AsType[*Problem](err)
	a.answer, a.err, a.refused = answer, err, false
	if err == nil {
		r.acked.Add(1)
	}
	if ok && problem.Status == http.StatusConflict && problem.Code == "poll.closed" {
		a.err, a.refused = nil, true
	}
}

// dice is a number below most, different each time.
func dice(most int) int {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return int(binary.BigEndian.Uint16(b[:])) % most
}

// jitter is a moment up to most.
func jitter(most time.Duration) time.Duration { return most / 1000 * time.Duration(dice(1000)) }

// await waits until so many ballots have been acknowledged, or no more come.
func (r *torture) await(n int) {
	const step = time.Millisecond
	for waited := time.Duration(0); r.acked.Load() < int64(n) && waited < 2*time.Second; waited += step {
		time.Sleep(step)
	}
}

// race lets everybody vote twice at about the time when the secretary closes the
// poll, and a third of them send each request again.
func (r *torture) race(n int) {
	r.step(fmt.Sprintf("race %d", n+1))
	q := r.hall.put()
	attempts := make([]attempt, 2*crowd)
	var closed atomic.Bool
	var verdict poll
	closing := make(chan error, 1)
	r.acked.Store(0)
	go func() {
		r.await(dice(crowd * 3 / 2))
		err := r.hall.host.door.post(r.ctx, at("polls", q.ID, "close"), nil, &verdict)
		closed.Store(true)
		closing <- err
	}()
	r.ok(each(len(attempts), len(attempts), func(i int) error {
		a := &attempts[i]
		a.voter, a.key = i%crowd, newKey()
		time.Sleep(jitter(200 * time.Millisecond))
		a.late = closed.Load()
		r.cast(q, a)
		return a.err
	}))
	r.ok(<-closing)
	r.ok(r.again(q, attempts, true))
	for _, a := range attempts {
		if a.refused {
			r.refusals++
		}
	}
	r.balance(q, verdict, attempts)
}

// again repeats attempts under their keys: the answers must be equal, byte by
// byte. A refusal stays one where nothing may be accepted any more.
func (r *torture) again(q poll, attempts []attempt, over bool) error {
	var alike atomic.Int64
	err := each(len(attempts), 16, func(i int) error {
		old := attempts[i]
		a := attempt{voter: old.voter, key: old.key}
		r.cast(q, &a)
		switch {
		case a.err != nil:
			return a.err
		case old.answer != nil && !bytes.Equal(a.answer, old.answer):
			return fmt.Errorf("a retry was answered %s, the request %s", cmp.Or(brief(a.answer), "with a refusal"), brief(old.answer))
		case over && old.refused && !a.refused:
			return fmt.Errorf("a ballot was refused, and its retry accepted: %s", brief(a.answer))
		}
		if old.answer != nil {
			alike.Add(1)
		}
		attempts[i].answer, attempts[i].refused = a.answer, a.refused
		return nil
	})
	r.retries += int(alike.Load())
	return err
}

// balance compares what was acknowledged with what the product tells.
func (r *torture) balance(q, closed poll, attempts []attempt) {
	r.holds("there is a verdict", closed.Verdict != nil, closed)
	l := ledger{mine: r.found(q), counted: closed.Verdict.Count, cast: see[poll](r.tour, r.nobody, at("polls", q.ID)).Cast}
	for _, a := range attempts {
		if a.answer == nil {
			continue
		}
		var b ballot
		r.ok(json.Unmarshal(a.answer, &b))
		l.accepted = append(l.accepted, vote{a.voter, choiceOf(a.voter), b.Receipt, a.late})
	}
	r.accepted += len(l.accepted)
	if faults := l.faults(); len(faults) > 0 {
		r.fail(fmt.Errorf("%d faults: %s", len(faults), strings.Join(faults[:min(len(faults), shownFaults)], "; ")))
	}
	if r.check && len(l.accepted) > 0 {
		r.check = false
		missed := l.missedMutants()
		r.holds("the books are compared so that a wrong one is noticed", len(missed) == 0, missed)
	}
}

// found asks every voter for their ballot.
func (r *torture) found(q poll) map[int][]ballot {
	all := make([]poll, crowd)
	r.ok(each(crowd, 16, func(i int) error {
		return r.hall.voters[i].door.get(r.ctx, at("polls", q.ID), &all[i])
	}))
	mine := make(map[int][]ballot, crowd)
	for i, p := range all {
		mine[i] = p.Mine
	}
	return mine
}

// kill kills the server while everybody votes. Afterwards what was acknowledged
// is there, and what was under way can be sent again.
func (r *torture) kill(n int) {
	r.step(fmt.Sprintf("kill %d", n+1))
	q := r.hall.put()
	attempts := make([]attempt, crowd)
	killed := make(chan error, 1)
	r.acked.Store(0)
	go func() {
		r.await(5 + dice(crowd-10))
		killed <- r.crash.Kill()
	}()
	r.ok(each(crowd, crowd, func(i int) error {
		a := &attempts[i]
		a.voter, a.key = i, newKey()
		time.Sleep(jitter(120 * time.Millisecond))
		r.cast(q, a)
		if _, refused := errors.AsType[*Problem](a.err); refused {
			return a.err
		}
		return nil // the server is gone
	}))
	r.ok(<-killed)
	r.nobody.door.web.CloseIdleConnections()
	r.ok(r.crash.Again(r.ctx))
	r.survived(q, attempts)
	r.ok(r.again(q, attempts, false))
	closed := do[poll](r.tour, r.hall.host, at("polls", q.ID, "close"), nil)
	before := r.accepted
	r.balance(q, closed, attempts)
	r.accepted = before
	same(r.tour, "ballots counted", closed.Verdict.Count.Cast, crowd)
}

// survived checks that every ballot that was acknowledged before the kill is
// there after it.
func (r *torture) survived(q poll, attempts []attempt) {
	mine := r.found(q)
	for _, a := range attempts {
		if a.answer == nil {
			continue
		}
		var b ballot
		r.ok(json.Unmarshal(a.answer, &b))
		if words := ownFault(mine[a.voter], choiceOf(a.voter), []string{b.Receipt}); words != "" {
			r.fail(fmt.Errorf("voter %d %s", a.voter, words))
		}
		r.accepted++
	}
}
