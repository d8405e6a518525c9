package proving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"yishi/wechat/wechattest"
)

// BenchSlow measures what WeChat is answered by a database whose every transaction
// takes longer, as the fake WeChat sees it: it waits five seconds and asks three
// times. First one after the other; then many at once, who may be answered with
// nothing, and ask again until they are: whatever they asked for is done once.
func BenchSlow(ctx context.Context, out io.Writer, s *Server, longer time.Duration, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, s)
	if err != nil {
		return err
	}
	b := &slowBench{bench: bench{tour: t, clock: o.Clock, rounds: 1, about: fmt.Sprintf("every transaction takes %v longer", longer)}, longer: longer, crowd: 16, seen: figures{}}
	if o.Quick {
		b.crowd = 4
	}
	if err := t.play(b.run); err != nil {
		return err
	}
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	return missed(b.results, o.Strict)
}

type slowBench struct {
	bench
	longer time.Duration
	crowd  int
	seen   figures
}

// answerTime is what a callback may take, in milliseconds.
const answerTime = 4000

func (b *slowBench) run() {
	b.step("bench slow")
	b.hall = b.fill(1)
	b.inTurn()
	b.together()
}

// inTurn takes one neighbour through what a resident does by chat.
func (b *slowBench) inTurn() {
	p := b.neighbour(huaiying, 2).resident
	scan := see[siteCode](b.tour, b.hall.host, at("sessions", b.hall.session, "code")).Scene
	fresh := b.Fake.AddResident("a new face", "13700009999")
	b.Slow(b.longer)
	acts := []struct {
		name string
		do   func() (string, error)
	}{
		{"follow", func() (string, error) { return b.Fake.Follow(fresh, "") }},
		{"follow again", func() (string, error) { return b.Fake.Follow(p, "") }},
		{"scan", func() (string, error) { return b.Fake.Scan(p, scan) }},
		{"help", b.saying(p, "said.help")},
		{"propose", func() (string, error) { return b.Fake.Say(p, b.words("said.propose", "text", b.words("lamp.text"))) }},
		{"confirm", b.saying(p, "said.confirm")},
		{"progress", b.saying(p, "said.progress")},
	}
	vote := []struct {
		name string
		do   func() (string, error)
	}{{"ask", b.saying(p, "said.vote")}, {"vote", b.saying(p, "said.yes")}}
	for _, a := range acts {
		b.one(a.name, a.do)
	}
	b.Slow(0)
	q := do[poll](b.tour, b.hall.host, at("polls"), set{"session_id": b.hall.session, "topic_id": b.hall.topic, "question": b.words("bins.put")})
	b.Slow(b.longer)
	for _, a := range vote {
		b.one(a.name, a.do)
	}
	b.Slow(0)
	same(b.tour, "ballots", see[poll](b.tour, b.nobody, at("polls", q.ID)).Cast, int64(1))
}

func (b *slowBench) saying(p *wechattest.Resident, code string) func() (string, error) {
	words := b.words(code)
	return func() (string, error) { return b.Fake.Say(p, words) }
}

// one is a callback that must be answered in time.
func (b *slowBench) one(name string, act func() (string, error)) {
	took := b.took(func() error { _, err := act(); return err })
	b.seen.note(name, took)
	b.results = append(b.results, b.seen.most(Result{Name: name, Unit: "ms", Aim: answerTime}))
}

// together has many people raise a matter at once. Where there is one writer most of
// them wait longer than WeChat does.
func (b *slowBench) together() {
	people := make([]*wechattest.Resident, b.crowd)
	for i := range people {
		people[i] = b.Fake.AddResident(fmt.Sprintf("one of many %d", i), fmt.Sprintf("1370001%04d", i))
		_, err := b.Fake.Follow(people[i], "")
		b.ok(err)
	}
	b.Slow(b.longer)
	var mu sync.Mutex
	faults := 0
	began := b.clock()
	err := each(len(people), len(people), func(i int) error {
		_, err := b.Fake.Say(people[i], b.words("said.help"))
		for ; errors.Is(err, wechattest.ErrNoService); _, err = b.Fake.Redeliver(people[i]) {
			mu.Lock()
			faults++
			mu.Unlock()
		}
		return err
	})
	b.Slow(0)
	b.ok(err)
	b.results = append(
		b.results,
		Result{Name: fmt.Sprintf("%d at once", b.crowd), Unit: "ms", Value: float64(b.clock().Sub(began)) / float64(time.Millisecond), Met: true},
		Result{Name: "of them in vain", Unit: "times", Value: float64(faults), Met: true},
	)
}
