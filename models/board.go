package models

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"yishi/models/ballots"
	"yishi/models/board"
	"yishi/models/rules"
)

// Checkpoint is a signed head of a poll's board. There is one for every size at
// which the board was sealed; none is ever taken back.
type Checkpoint struct {
	PollID int64     `json:"poll_id" gorm:"primaryKey;autoIncrement:false"`
	Size   int64     `json:"size" gorm:"primaryKey;autoIncrement:false"`
	Note   string    `json:"note"`
	At     time.Time `json:"at"`
}

// trees are the boards that this instance holds in memory, each under a lock of
// its own: of all who ask for one that has to be built, the first builds it.
type trees struct {
	mu sync.Mutex
	of map[int64]*grown
}

type grown struct {
	mu   sync.Mutex
	tree *board.Tree
}

// keptTrees is how many boards are held at most.
const keptTrees = 32

func (ts *trees) at(poll int64) *grown {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if g := ts.of[poll]; g != nil {
		return g
	}
	for id := range ts.of {
		if len(ts.of) < keptTrees {
			break
		}
		delete(ts.of, id)
	}
	g := &grown{tree: &board.Tree{}}
	ts.of[poll] = g
	return g
}

// onTree reads the tree of a poll once it has at least so many leaves, or all
// there are.
func (t *tx) onTree(p *Poll, least int64, read func(*board.Tree) error) error {
	g := t.f.trees.at(p.ID)
	g.mu.Lock()
	defer g.mu.Unlock()
	if int64(g.tree.Size()) < least { //nolint:gosec // far below
		if err := t.grow(g.tree, p); err != nil {
			return err
		}
	}
	return read(g.tree)
}

// BoardsDue returns the polls whose board lacks ballots that stand, or its
// verdict, up to n with ids above after.
func (f *Forum) BoardsDue(ctx context.Context, after int64, n int) ([]int64, error) {
	return see(ctx, f, Clock, rules.BoardSeal, anywhere("poll"), func(t *tx) ([]int64, error) {
		var ids []int64
		err := t.Raw(`SELECT poll_id FROM batches WHERE first IS NULL AND poll_id > ? UNION SELECT id FROM polls WHERE state = ? AND sealed = ? AND id > ?
			ORDER BY poll_id LIMIT ?`, after, rules.PollClosed, false, after, n).Scan(&ids).Error
		return ids, err
	})
}

// SealBoard takes the ballots that stand onto the board of a poll, and the
// verdict once there is one, and signs its head. What it grows counts for nobody
// else before that stands.
func (f *Forum) SealBoard(ctx context.Context, id int64) (None, error) {
	g := f.trees.at(id)
	g.mu.Lock()
	defer g.mu.Unlock()
	return do(ctx, f, Clock, rules.BoardSeal, onPoll(id), func(t *tx) (None, error) {
		var p Poll
		if err := t.locked().Where("id = ?", id).Take(&p).Error; err != nil {
			return None{}, found(err, "poll")
		}
		if err := t.place(id); err != nil {
			return None{}, err
		}
		if err := t.sealPoll(&p); err != nil {
			return None{}, err
		}
		tree := g.tree
		g.tree = &board.Tree{}
		if err := t.grow(tree, &p); err != nil {
			return None{}, err
		}
		t.after = append(t.after, func() { g.tree = tree })
		return None{}, t.checkpoint(tree, &p)
	})
}

// boardEnd is the place after the last ballot on a board.
func (t *tx) boardEnd(poll int64) (int64, error) {
	end := int64(1) // after the definition
	err := t.Model(&ballots.Batch{}).Where("poll_id = ?", poll).Select("COALESCE(MAX(first + size), 1)").Scan(&end).Error
	return end, err
}

// place gives the batches that are not on the board yet their places there.
func (t *tx) place(poll int64) error {
	end, err := t.boardEnd(poll)
	if err != nil {
		return err
	}
	var rows []ballots.Batch
	if err := t.Where("poll_id = ? AND first IS NULL", poll).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for _, b := range rows {
		if err := ballots.Place(t.DB, b, end); err != nil {
			return err
		}
		end += int64(b.Size)
	}
	return nil
}

// grow brings a tree to the state of the database.
func (t *tx) grow(tree *board.Tree, p *Poll) error {
	for leaf, err := range t.leaves(p, int64(tree.Size())) { //nolint:gosec // far below
		if err != nil {
			return err
		}
		tree.Append(board.HashLeaf(leaf))
	}
	return nil
}

// leaves are those of a board from a place on: the definition, each ballot in
// the order in which it was sealed, the verdict once there is one.
func (t *tx) leaves(p *Poll, from int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if from == 0 && !yield([]byte(p.Definition), nil) {
			return
		}
		end, err := t.boardEnd(p.ID)
		if err == nil {
			var more bool
			if more, err = t.ballotLeaves(p, from, yield); !more {
				return
			}
		}
		var last []byte
		if err == nil && p.Sealed && from <= end {
			last, err = t.closing(p)
		}
		if err != nil || last != nil {
			yield(last, err)
		}
	}
}

// sealedAtOnce is how many batches are read at once.
const sealedAtOnce = 16

func (t *tx) ballotLeaves(p *Poll, from int64, yield func([]byte, error) bool) (more bool, err error) {
	d, err := p.definition()
	if err != nil {
		return true, err
	}
	read := t.namedLeaves
	if d.Secret != nil {
		read = t.secretLeaves
	}
	var batches []ballots.Batch
	if err := t.Where("poll_id = ? AND first + size > ?", p.ID, from).Order("first").Find(&batches).Error; err != nil {
		return true, err
	}
	for some := range slices.Chunk(batches, sealedAtOnce) {
		leaves, err := read(p.ID, spanOf(some))
		if err != nil {
			return true, err
		}
		for i, leaf := range leaves {
			if leaf != nil && *some[0].First+int64(i) >= from && !yield(leaf, nil) {
				return false, nil
			}
		}
	}
	return true, nil
}

// span is batches that stand one behind the other on a board.
type span struct {
	ids    []int64
	starts map[int64]int64 // by batch, counted from the first
	size   int64
}

func spanOf(batches []ballots.Batch) span {
	s := span{starts: make(map[int64]int64, len(batches))}
	for _, b := range batches {
		s.ids = append(s.ids, b.ID)
		s.starts[b.ID] = s.size
		s.size += int64(b.Size)
	}
	return s
}

// put puts a leaf in its place; one that a batch has no room for goes nowhere.
func (s span) put(leaves [][]byte, batch int64, place int, leaf []byte) {
	if at := s.starts[batch] + int64(place); at >= 0 && at < s.size {
		leaves[at] = leaf
	}
}

// namedLeaves are the leaves of some batches in their places; what is lost is nil.
func (t *tx) namedLeaves(poll int64, s span) ([][]byte, error) {
	var rows []ballots.Ballot
	err := t.Select(ballots.OnLeaf).Where("poll_id = ? AND batch IN ?", poll, s.ids).Find(&rows).Error
	out := make([][]byte, s.size)
	for i, leaf := range t.f.ballots.Leaves(poll, rows) {
		s.put(out, rows[i].Batch, rows[i].Place, leaf.Bytes())
	}
	return out, err
}

func (t *tx) secretLeaves(poll int64, s span) ([][]byte, error) {
	var rows []SecretBallot
	err := t.Where("poll_id = ? AND batch IN ?", poll, s.ids).Find(&rows).Error
	out := make([][]byte, s.size)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		leaf, err := leafOf(rows[i].ballot())
		if err != nil {
			return nil, err
		}
		s.put(out, rows[i].Batch, rows[i].Place, leaf)
	}
	return out, nil
}

// closing is the last leaf of a board.
func (t *tx) closing(p *Poll) ([]byte, error) {
	v, err := decode[rules.Verdict](p.Verdict)
	if err != nil {
		return nil, err
	}
	c := board.Closing{At: *p.ClosedAt, Attended: v.Count.Attended, Verdict: json.RawMessage(p.Verdict)}
	if v.Area != nil {
		c.AttendedArea = v.Area.Count.Attended
	}
	if c.Secret, err = t.unsealed(p); err != nil {
		return nil, err
	}
	return c.Bytes()
}

// checkpoint signs the head of a board, unless that was done.
func (t *tx) checkpoint(tree *board.Tree, p *Poll) error {
	var n int64
	err := t.Model(&Checkpoint{}).Where("poll_id = ? AND size = ?", p.ID, tree.Size()).Count(&n).Error
	if err != nil || n > 0 {
		return err
	}
	root, err := tree.Root(tree.Size())
	if err != nil {
		return err
	}
	note, err := t.f.signer.Checkpoint(p.ID, tree.Size(), root)
	if err != nil {
		return err
	}
	return t.Create(&Checkpoint{PollID: p.ID, Size: int64(tree.Size()), Note: note, At: t.now}).Error //nolint:gosec // far below
}

// boardOf reads a poll for its board. The board of a weighted poll shows areas,
// which name homes: it is for those on the roll and for those who watch over
// polls.
func (t *tx) boardOf(id int64, o rules.Object) (*Poll, rules.Definition, error) {
	var p Poll
	if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, rules.Definition{}, found(err, "poll")
	}
	d, err := p.definition()
	if err != nil {
		return nil, d, err
	}
	var seats int64
	if err := t.Model(&Seat{}).Where("poll_id = ? AND person_id = ? AND person_id <> 0", id, t.who.PersonID).Count(&seats).Error; err != nil {
		return nil, d, err
	}
	return &p, d, rules.CheckBoard(d.Pack, seats > 0 || t.may(rules.TopicQueue, o))
}

// WriteBoard writes the board file of a poll (see docs/verify.md): what anybody
// needs to recount it. Before the poll is closed it shows hashes alone.
func (f *Forum) WriteBoard(ctx context.Context, who Actor, id int64, to func() io.Writer) (None, error) {
	return see(ctx, f, who, rules.BoardRead, onPoll(id), func(t *tx) (None, error) {
		o, err := onPoll(id).find(t)
		if err != nil {
			return None{}, err
		}
		p, _, err := t.boardOf(id, o)
		if err != nil {
			return None{}, err
		}
		file := board.File{Poll: id, Key: f.signer.Key(), Definition: []byte(p.Definition), Roll: t.masked(id)}
		var notes []Checkpoint
		if err := t.Where("poll_id = ?", id).Order("size").Find(&notes).Error; err != nil {
			return None{}, err
		}
		for _, c := range notes {
			file.Checkpoints = append(file.Checkpoints, c.Note)
		}
		if p.Sealed {
			file.Leaves = t.leaves(p, 0)
			return None{}, file.Write(to())
		}
		err = t.onTree(p, math.MaxInt64, func(tree *board.Tree) error {
			file.Hashes = tree.Leaves() // those of now: the tree only grows
			return nil
		})
		if err != nil {
			return None{}, err
		}
		return None{}, file.Write(to())
	})
}

// masked is the roll of a poll under its pseudonyms, in their order.
func (t *tx) masked(id int64) iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		var seats []Seat
		if t.Where("poll_id = ?", id).Find(&seats).Error != nil {
			return // the roll is short then, which the file's own hash tells
		}
		roll := t.f.ballots.Masked(id, unitsOf(seats))
		slices.SortFunc(roll, func(x, y rules.RollEntry) int { return cmp.Compare(x.Unit, y.Unit) })
		for _, r := range roll {
			if !yield(r.Unit, r.Area) {
				return
			}
		}
	}
}

// LatestCheckpoint returns the last checkpoint of a poll's board, which is what is
// printed on the result notice. A poll whose board was not signed yet has none.
func (f *Forum) LatestCheckpoint(ctx context.Context, who Actor, id int64) (*Checkpoint, error) {
	return see(ctx, f, who, rules.BoardRead, onPoll(id), func(t *tx) (*Checkpoint, error) {
		var c Checkpoint
		err := t.Where("poll_id = ?", id).Order("size DESC").Limit(1).Take(&c).Error
		return &c, found(err, "checkpoint")
	})
}

// Inclusion is the proof that a ballot is on the board.
type Inclusion struct {
	Place      int64    `json:"place"`
	Leaf       string   `json:"leaf" doc:"hash of the leaf, base64"`
	Path       []string `json:"path" nullable:"false" doc:"from the leaf to the root, base64"`
	Checkpoint string   `json:"checkpoint"`
}

// Found is the answer to whether a vote is in. Several leaves may share a code,
// though that is as good as impossible.
type Found struct {
	Code string      `json:"code"`
	In   []Inclusion `json:"in" nullable:"false"`
	Size int64       `json:"size" doc:"leaves of the board; a ballot is there some seconds after it was cast"`
	Key  string      `json:"key" doc:"by which checkpoints and receipts are checked"`
}

// FindReceipt tells whether the ballot of a receipt is on the board of a poll.
func (f *Forum) FindReceipt(ctx context.Context, who Actor, id int64, typed string) (*Found, error) {
	return see(ctx, f, who, rules.BoardRead, onPoll(id), func(t *tx) (*Found, error) {
		code, ok := board.ReadCode(typed)
		if !ok {
			return nil, rules.Refuse(rules.Invalid, "ballot.receipt")
		}
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		var head Checkpoint
		err := t.Where("poll_id = ?", id).Order("size DESC").Limit(1).Find(&head).Error
		if err != nil {
			return nil, err
		}
		out := &Found{Code: code, In: []Inclusion{}, Size: head.Size, Key: f.signer.Key()}
		return out, t.onTree(&p, head.Size, func(tree *board.Tree) error { return out.search(tree, head) })
	})
}

func (out *Found) search(tree *board.Tree, head Checkpoint) error {
	size := uint64(head.Size) //nolint:gosec // counted up from 0
	for _, place := range tree.Find(out.Code, size) {
		path, err := tree.Inclusion(place, size)
		if err != nil {
			return err
		}
		in := Inclusion{Place: int64(place), Leaf: coded(tree.Leaf(place)), Path: []string{}, Checkpoint: head.Note} //nolint:gosec // below size
		for _, p := range path {
			in.Path = append(in.Path, coded(p))
		}
		out.In = append(out.In, in)
	}
	return nil
}

func coded(h board.Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }

// Consistency is the proof that a board at one size begins with that at another.
type Consistency struct {
	From Checkpoint `json:"from"`
	To   Checkpoint `json:"to"`
	Path []string   `json:"path" nullable:"false"`
}

// CompareBoards proves that nothing that a checkpoint signed was changed by a
// later one.
func (f *Forum) CompareBoards(ctx context.Context, who Actor, id, from, to int64) (*Consistency, error) {
	return see(ctx, f, who, rules.BoardRead, onPoll(id), func(t *tx) (*Consistency, error) {
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		c := &Consistency{Path: []string{}}
		for size, head := range map[int64]*Checkpoint{from: &c.From, to: &c.To} {
			if err := t.Where("poll_id = ? AND size = ?", id, size).Take(head).Error; err != nil {
				return nil, found(err, "checkpoint")
			}
		}
		if from == to {
			c.To = c.From
		}
		return c, t.onTree(&p, max(from, to), func(tree *board.Tree) error {
			path, err := tree.Consistency(uint64(from), uint64(to)) //nolint:gosec // both are sizes of checkpoints
			if err != nil {
				return rules.Refuse(rules.NotFound, "checkpoint.unknown")
			}
			for _, h := range path {
				c.Path = append(c.Path, coded(h))
			}
			return nil
		})
	})
}
