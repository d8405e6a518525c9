package ballots

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"yishi/models/board"
	"yishi/models/rules"
	"yishi/models/store"
)

// Options bound the engine.
type Options struct {
	Key    []byte // of the pseudonyms of units; 32 bytes
	Signer *board.Signer
	Now    func() time.Time // the forum's clock, cut to the second

	// Untallied leaves the tally out, which then says nothing: for the bench that
	// asks what it costs.
	Untallied bool
}

// What the engine holds at most: ballots waiting for each writer, ballots in one
// transaction, and polls in memory.
const (
	queueLength = 4096
	batchSize   = 1000
	boxes       = 64
)

// Engine takes the ballots of one instance.
type Engine struct {
	Options
	store   *store.Store
	writers []*writer
	running sync.WaitGroup
	leaving sync.RWMutex // held for reading by each ballot under way
	left    bool

	mu   sync.Mutex
	open map[int64]*box
	tick atomic.Int64
}

// New starts an engine: one writer on SQLite, which has room for one, two on
// MariaDB, of which one works while the other's transaction reaches the disk.
func New(s *store.Store, o Options) *Engine {
	e := &Engine{Options: o, store: s, open: map[int64]*box{}}
	n := 2
	if s.SQLite() {
		n = 1
	}
	seed := rand.Text()
	for i := range n {
		w := &writer{engine: e, shard: shardOf(seed, i), queue: make(chan *pending, queueLength)}
		e.writers = append(e.writers, w)
		e.running.Go(w.run)
	}
	return e
}

// Close takes no more ballots and returns once those that were taken are
// answered.
func (e *Engine) Close() {
	e.leaving.Lock()
	defer e.leaving.Unlock()
	if e.left {
		return
	}
	e.left = true
	for _, w := range e.writers {
		close(w.queue)
	}
	e.running.Wait()
}

// errLeft tells that the engine has been closed.
var errLeft = errors.New("ballots: the engine is closed")

// Cast casts a ballot and returns once it is safe: what it returns without an
// error is on disk and is counted. Whoever comes when the queue is full is told
// to come again. A caller whose time runs out may ask again with the same
// request, whatever became of this one, and also once the poll is closed.
func (e *Engine) Cast(ctx context.Context, v Vote) (*Ballot, *Proof, error) {
	e.leaving.RLock()
	defer e.leaving.RUnlock()
	if e.left {
		return nil, nil, errLeft
	}
	row, proof, err := e.cast(ctx, v)
	if r, ok := rules.AsRefusal(err); ok && r.Code == "poll.closed" {
		return e.earlier(ctx, v, r)
	}
	return row, proof, err
}

func (e *Engine) cast(ctx context.Context, v Vote) (*Ballot, *Proof, error) {
	b, err := e.box(ctx, v.Poll)
	if err != nil {
		return nil, nil, err
	}
	b.hand.RLock()
	defer b.hand.RUnlock()
	p, err := e.admit(ctx, b, v)
	if err != nil {
		return nil, nil, err
	}
	select {
	case e.writers[p.unit%len(e.writers)].queue <- p:
	default:
		return nil, nil, rules.Refuse(rules.Busy, "poll.busy")
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.gone.Store(true)
		return nil, nil, context.Cause(ctx)
	}
	if p.err != nil {
		return nil, nil, p.err
	}
	return e.answer(ctx, b, p)
}

// admit asks the rulebook what it can say before it is known what else has been
// cast for the unit.
func (e *Engine) admit(ctx context.Context, b *box, v Vote) (*pending, error) {
	p := &pending{vote: v, box: b, done: make(chan struct{})}
	s, sits, mixed, err := e.sit(ctx, b, v.Person, v.Unit)
	if err != nil {
		return nil, err
	}
	p.unit, p.capacity, p.mixed = s.unit, s.capacity, mixed
	p.choice, err = rules.CheckBallot(b.def.ClosesAt, b.def.Ask, sits, v.Choice, e.Now())
	return p, err
}

// box returns an open poll, loading it first if need be.
func (e *Engine) box(ctx context.Context, poll int64) (*box, error) {
	e.mu.Lock()
	b := e.open[poll]
	if b != nil {
		b.used = e.tick.Add(1)
	}
	e.mu.Unlock()
	if b != nil {
		return b, nil
	}
	return e.fetch(ctx, poll)
}

// fetch loads a poll. Of several at once that load the same, the first stands.
func (e *Engine) fetch(ctx context.Context, poll int64) (*box, error) {
	b, err := e.load(ctx, poll)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if there := e.open[poll]; there != nil {
		return there, nil
	}
	if len(e.open) >= boxes {
		oldest := b
		for _, o := range e.open {
			if oldest == b || o.used < oldest.used {
				oldest = o
			}
		}
		delete(e.open, oldest.poll)
	}
	b.used = e.tick.Add(1)
	e.open[poll] = b
	return b, nil
}

// Still lets the ballots of a poll that are under way finish and holds back
// those that come, while fn closes the poll. Afterwards the poll is read anew.
func (e *Engine) Still(poll int64, fn func() error) error {
	e.mu.Lock()
	b := e.open[poll]
	e.mu.Unlock()
	if b == nil {
		return fn()
	}
	b.hand.Lock()
	defer b.hand.Unlock()
	defer e.Forget(poll)
	return fn()
}

// Forget drops what is held of a poll.
func (e *Engine) Forget(poll int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, poll)
}

func digest(hexed string) (out [32]byte, err error) {
	b, err := hex.DecodeString(hexed)
	if err == nil && copy(out[:], b) != len(out) {
		err = errors.New("ballots: a digest of the wrong length")
	}
	return out, err
}

// shardOf spreads the writers of all instances over the shards.
func shardOf(seed string, index int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed))
	return int((h.Sum32() + uint32(index)) % Shards) //nolint:gosec // the number of a writer
}
