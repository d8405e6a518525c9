package ballots

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"yishi/models/board"
	"yishi/models/rules"
)

// packet is the ballots of one poll that are committed together.
type packet struct {
	box    *box
	id     int64
	shard  int
	rows   []*Ballot
	of     []*pending // whose they are
	count  map[line]sum
	added  int64 // units that have voted now and had not before
	fixed  []*pending
	signed []board.Receipt
	shut   bool // the poll took nothing more

	untallied bool // see Options
}

// line is a line of the tally, sum what is added to it.
type (
	line struct {
		choice rules.Choice
		door   string
	}
	sum struct{ ballots, area int64 }
)

// plan is what a batch will write.
type plan struct {
	writer  *writer
	packets []*packet
	retries []*pending // answered by the row of the first
	refused []refusal
}

type refusal struct {
	p   *pending
	err error
}

// plan decides what becomes of ballots in the order in which they came.
func (w *writer) plan(batch []*pending, now time.Time) (*plan, error) {
	pl := &plan{writer: w}
	packets, planned := map[*box]*packet{}, map[unitKey]*unit{}
	for _, p := range batch {
		key := unitKey{p.box, p.unit}
		ahead := planned[key]
		if ahead == nil {
			ahead = &unit{}
			planned[key] = ahead
		}
		u := &p.box.units[p.unit]
		had := cmp.Or(ahead.last(), u.last())
		old := cmp.Or(ahead.asked(p.vote.Request), u.asked(p.vote.Request))
		row, err := p.next(u, had, old, now)
		switch {
		case err != nil:
			pl.refused = append(pl.refused, refusal{p, err})
		case row == old:
			p.row = row
			pl.retries = append(pl.retries, p)
		default:
			ahead.rows = append(ahead.rows, row)
			pl.packet(packets, p).add(p, row, had)
		}
	}
	for _, k := range pl.packets {
		if err := k.close(w.engine.Signer); err != nil {
			return nil, err
		}
	}
	return pl, nil
}

type unitKey struct {
	box  *box
	unit int
}

func (pl *plan) packet(all map[*box]*packet, p *pending) *packet {
	k := all[p.box]
	if k == nil {
		k = newPacket(p.box, pl.writer.engine.BatchID(), pl.writer.shard)
		k.untallied = pl.writer.engine.Untallied
		all[p.box] = k
		pl.packets = append(pl.packets, k)
	}
	return k
}

func newPacket(b *box, id int64, shard int) *packet {
	return &packet{box: b, id: id, shard: shard, count: map[line]sum{}}
}

// next is the row that a ballot becomes: old, when it is a retry, else a new one,
// when the rulebook lets it be. had is the last ballot of its unit.
func (p *pending) next(u *unit, had, old *Ballot, now time.Time) (*Ballot, error) {
	if old != nil && old.Choice != p.choice {
		return nil, rules.Refuse(rules.Conflict, "request.reused")
	}
	if old != nil {
		return old, nil
	}
	if err := rules.CheckOpen(p.box.def.ClosesAt, now); err != nil {
		return nil, err
	}
	return p.after(u, had, rules.Had{Person: p.vote.Person, Way: p.way()}, now)
}

// after is the ballot that follows had, the last of its unit.
func (p *pending) after(u *unit, had *Ballot, way rules.Had, now time.Time) (*Ballot, error) {
	row := &Ballot{
		PollID: p.box.poll, Unit: u.name, PersonID: p.vote.Person, Choice: p.choice, Area: u.area,
		Door: p.door(), Request: p.vote.Request, At: now,
	}
	if had == nil {
		return row, nil
	}
	row.Turn = had.Turn + 1
	return row, rules.CheckAgain(p.box.def.Pack, had.had(), way)
}

func (b *Ballot) had() rules.Had {
	h := rules.Had{Person: b.PersonID}
	switch {
	case b.Choice == rules.Sheet:
		h.Way = rules.BySheet
	case b.Choice == rules.Withdrawn:
		h.Way = rules.ByWithdrawal
	case b.Door == DoorPaper:
		h.Way = rules.ByPaper
	case b.Door == DoorAssisted:
		h.Way = rules.ByHelper
	case b.Door == DoorProxy:
		h.Way = rules.ByProxy
	}
	return h
}

func (p *pending) way() rules.Way {
	if p.capacity == CapacityProxy {
		return rules.ByProxy
	}
	return rules.ByVoter
}

// door is where a ballot came from, as it is counted.
func (p *pending) door() string {
	if p.capacity == CapacityProxy {
		return DoorProxy
	}
	return p.vote.Door
}

// add takes a row in, and what it changes in the tally.
func (k *packet) add(p *pending, row, had *Ballot) {
	k.rows, k.of = append(k.rows, row), append(k.of, p)
	if had != nil {
		k.id = After(had.Batch, k.id)
	}
	if p.mixed {
		k.fixed = append(k.fixed, p)
	}
	k.added += row.stands() - had.stands()
	k.tally(had, -1)
	k.tally(row, 1)
}

// stands is how many units have voted by a ballot that is their last: one, or
// none where there is none or it was taken back.
func (b *Ballot) stands() int64 {
	if b == nil || b.Choice == rules.Withdrawn {
		return 0
	}
	return 1
}

func (k *packet) tally(row *Ballot, n int64) {
	if row.stands() == 0 || row.Choice == rules.Sheet { // a sheet is counted once it is entered
		return
	}
	at := line{row.Choice, row.Door}
	s := k.count[at]
	k.count[at] = sum{s.ballots + n, s.area + n*row.Area}
}

// close puts the rows in the order of the key, gives each its place, its receipt
// and its leaf, and signs them together.
func (k *packet) close(signer *board.Signer) (err error) {
	index := make([]int, len(k.rows))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, func(x, y int) int { return strings.Compare(k.rows[x].Unit, k.rows[y].Unit) })
	rows, of, leaves := make([]*Ballot, len(index)), make([]*pending, len(index)), make([]board.Hash, len(index))
	h := k.box.mask.hand()
	for place, i := range index {
		row := k.rows[i]
		rows[place], of[place] = row, k.of[i]
		leaves[place] = h.leaf(k.box.units[of[place].unit].mask, row).Hash()
		row.Batch, row.Place, row.Receipt = k.id, place, board.Code(leaves[place])
	}
	k.rows, k.of = rows, of
	k.signed, err = signer.Receipts(k.box.poll, k.box.hash, leaves)
	return err
}

// settle remembers what has been written and answers everybody.
func (pl *plan) settle() {
	shut, unwritten := map[int64]bool{}, map[unitKey]bool{}
	closed := rules.Refuse(rules.Conflict, "poll.closed")
	for _, k := range pl.packets {
		shut[k.id] = k.shut
		for i, p := range k.of {
			if k.shut {
				unwritten[unitKey{p.box, p.unit}] = true
				p.reply(nil, nil, closed)
				continue
			}
			p.box.units[p.unit].follow(k.rows[i])
			p.reply(k.rows[i], k, nil)
		}
	}
	for _, p := range pl.retries {
		if shut[p.row.Batch] {
			p.reply(nil, nil, closed)
			continue
		}
		p.reply(p.row, nil, nil)
	}
	for _, r := range pl.refused {
		if unwritten[unitKey{r.p.box, r.p.unit}] {
			r.err = closed // what it would have come second to was never written
		}
		r.p.reply(nil, nil, r.err)
	}
}
