package ballots

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// pending is a ballot that waits for its answer.
type pending struct {
	vote     Vote
	box      *box
	unit     int
	capacity string
	mixed    bool // the person holds seats in several capacities
	choice   rules.Choice
	gone     atomic.Bool // nobody waits any more

	done chan struct{} // closed once what follows is set
	row  *Ballot
	pack *packet // what it was committed in; nil when it is the answer to a retry
	err  error
}

func (p *pending) reply(row *Ballot, in *packet, err error) {
	p.row, p.pack, p.err = row, in, err
	close(p.done)
}

// writer commits the ballots of the units that are given to it.
type writer struct {
	engine *Engine
	shard  int // the part of each tally that it writes
	queue  chan *pending
}

func (w *writer) run() {
	for p := range w.queue {
		w.land(w.gather(p))
	}
}

// gather takes what is waiting. It never waits for more: while one batch is on
// its way to the disk the next gathers by itself.
func (w *writer) gather(first *pending) []*pending {
	batch := []*pending{first}
	for len(batch) < batchSize {
		select {
		case p, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// How long a writer waits before it tries again what the database was not ready
// for.
const pause = 50 * time.Millisecond

// land brings ballots to the disk and answers them. What the database is not
// ready for is tried again as long as anybody waits; what it refuses is tried
// one by one, so that no ballot stands in another's way.
func (w *writer) land(batch []*pending) {
	for batch = wanted(batch); len(batch) > 0; batch = wanted(batch) {
		err := w.commit(batch)
		one, isOne := errors.AsType[*alone](err)
		switch {
		case err == nil:
			return
		case isOne:
			one.p.reply(nil, nil, one.err)
		case dropped(err):
		case store.Passing(err):
			time.Sleep(pause)
		case len(batch) == 1:
			batch[0].reply(nil, nil, err)
			return
		default:
			for _, p := range batch {
				w.land([]*pending{p})
			}
			return
		}
	}
}

// wanted drops the ballots that have been answered and those for whose answer
// nobody waits any more.
func wanted(batch []*pending) []*pending {
	out := batch[:0]
	for _, p := range batch {
		select {
		case <-p.done:
			continue
		default:
		}
		if p.gone.Load() {
			p.reply(nil, nil, context.Canceled)
			continue
		}
		out = append(out, p)
	}
	return out
}

// commit plans a batch and writes it in one transaction. A plan that was made
// from old knowledge meets the key; then it is made again from what is there.
func (w *writer) commit(batch []*pending) error {
	now := w.engine.Now()
	if err := w.catchUp(batch); err != nil {
		return err
	}
	for range replans {
		plan, err := w.plan(batch, now)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), commitFor)
		err = plan.run(ctx, now)
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			err = w.refresh(ctx, batch)
			cancel()
			if err != nil {
				return err
			}
			continue
		}
		cancel()
		if err == nil {
			plan.settle()
		}
		return err
	}
	return errBusy
}

// How often a plan is made anew, and how long its transaction may take.
const (
	replans   = 20
	commitFor = 30 * time.Second
)

var errBusy = errors.New("ballots: others keep writing the same units")

// catchUp reads where those units of a batch really stand that have handed in a
// sheet, as far as is known here. What is refused for that meets no key, and the
// sheet may have been taken back.
func (w *writer) catchUp(batch []*pending) error {
	var behind []*pending
	for _, p := range batch {
		if had := p.box.units[p.unit].last(); had != nil && had.Choice == rules.Sheet {
			behind = append(behind, p)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitFor)
	defer cancel()
	return w.refresh(ctx, behind)
}

// refresh reads where the units of a batch really stand.
func (w *writer) refresh(ctx context.Context, batch []*pending) error {
	for b, some := range byBox(batch) {
		names := make([]string, len(some))
		for i, p := range some {
			names[i] = b.units[p.unit].name
		}
		var rows []Ballot
		err := w.engine.store.DB(ctx).Where("poll_id = ? AND unit IN ?", b.poll, names).Order("turn").Find(&rows).Error
		if err != nil {
			return err
		}
		for i := range rows {
			if at, ok := b.find(rows[i].Unit); ok {
				b.units[at].follow(&rows[i])
			}
		}
	}
	return nil
}

func byBox(batch []*pending) map[*box][]*pending {
	out := map[*box][]*pending{}
	for _, p := range batch {
		out[p.box] = append(out[p.box], p)
	}
	return out
}
