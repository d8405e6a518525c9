package ballots

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// run writes a plan in one transaction. It may be run again: what it notes in
// the plan, it notes anew.
func (pl *plan) run(ctx context.Context, at time.Time) error {
	if len(pl.packets) == 0 {
		return nil
	}
	slices.SortFunc(pl.packets, func(x, y *packet) int { // all writers lock in one order
		if x.box.poll != y.box.poll {
			return int(min(1, max(-1, x.box.poll-y.box.poll)))
		}
		return x.shard - y.shard
	})
	s := pl.writer.engine.store
	return s.Transact(ctx, at, func(db *gorm.DB) error {
		for _, k := range pl.packets {
			if err := k.write(db, s.SQLite()); err != nil {
				return err
			}
		}
		return nil
	})
}

// write writes one poll's ballots: first the part of its tally, which nobody can
// write once the poll is closed.
func (k *packet) write(db *gorm.DB, embedded bool) error {
	k.shut = false
	r := db.Exec("UPDATE shards SET ballots = ballots + ? WHERE poll_id = ? AND shard = ? AND open = ?", k.added, k.box.poll, k.shard, true)
	if r.Error != nil || r.RowsAffected == 0 {
		k.shut = r.Error == nil
		return r.Error
	}
	for _, p := range k.fixed {
		if err := fix(db, p); err != nil {
			return err
		}
	}
	if err := k.insert(db, embedded); err != nil {
		return err
	}
	if err := k.countIn(db, embedded); err != nil {
		return err
	}
	if err := db.Exec("INSERT INTO batches (poll_id, id, size) VALUES (?, ?, ?)", k.box.poll, k.id, len(k.rows)).Error; err != nil {
		return err
	}
	return k.beside(db)
}

// beside writes what goes with the ballots.
func (k *packet) beside(db *gorm.DB) error {
	for i, p := range k.of {
		if p.vote.Beside == nil {
			continue
		}
		err := p.vote.Beside(db, k.rows[i], k.box.proof(k.signed[i]))
		if err != nil && !store.Passing(err) {
			return &alone{p, err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// alone is the error of one ballot, which the others of its batch have nothing to
// do with. It does not tell what it was, lest it is taken for one of theirs.
type alone struct {
	p   *pending
	err error
}

func (a *alone) Error() string { return "ballots: beside a ballot: " + a.err.Error() }

// columns are those of a ballot, in the order in which insert gives them.
const columns = "poll_id, unit, turn, person_id, choice, area, door, receipt, request, batch, place, at"

// rowsAtOnce is how many rows one statement of SQLite takes. It is parsed once
// for a batch and run again and again; MariaDB is sent all rows in one go.
const rowsAtOnce = 32

// insert writes the rows, past gorm: at a thousand rows its bookkeeping would
// cost as much as the database does.
func (k *packet) insert(db *gorm.DB, embedded bool) error {
	conn, ctx := db.Statement.ConnPool, db.Statement.Context
	if !embedded {
		_, err := conn.ExecContext(ctx, insertOf(len(k.rows)), valuesOf(k.rows)...)
		return translated(db, err)
	}
	whole := len(k.rows) / rowsAtOnce * rowsAtOnce
	for size, rows := range map[int][]*Ballot{rowsAtOnce: k.rows[:whole], 1: k.rows[whole:]} {
		if len(rows) == 0 {
			continue
		}
		stmt, err := conn.PrepareContext(ctx, insertOf(size))
		if err != nil {
			return err
		}
		for some := range slices.Chunk(rows, size) {
			if _, err = stmt.ExecContext(ctx, valuesOf(some)...); err != nil {
				break
			}
		}
		if err = errors.Join(translated(db, err), stmt.Close()); err != nil {
			return err
		}
	}
	return nil
}

const columnCount = 12

func insertOf(n int) string {
	const row = "(?,?,?,?,?,?,?,?,?,?,?,?),"
	return "INSERT INTO ballots (" + columns + ") VALUES " + strings.TrimSuffix(strings.Repeat(row, n), ",")
}

func valuesOf(rows []*Ballot) []any {
	args := make([]any, 0, len(rows)*columnCount)
	for _, b := range rows {
		args = append(args, b.PollID, b.Unit, b.Turn, b.PersonID, string(b.Choice), b.Area, b.Door, b.Receipt, b.Request, b.Batch, b.Place, b.At)
	}
	return args
}

// translated names a broken key the way gorm does.
func translated(db *gorm.DB, err error) error {
	if t, ok := db.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return t.Translate(err)
	}
	return err
}

// countIn adds to the lines of the tally. What a changed ballot takes away and
// what it brings are added alike.
func (k *packet) countIn(db *gorm.DB, embedded bool) error {
	if len(k.count) == 0 || k.untallied {
		return nil
	}
	lines := make([]line, 0, len(k.count))
	for at, s := range k.count {
		if s != (sum{}) {
			lines = append(lines, at)
		}
	}
	slices.SortFunc(lines, func(x, y line) int {
		return strings.Compare(string(x.choice)+" "+x.door, string(y.choice)+" "+y.door)
	})
	then := " ON DUPLICATE KEY UPDATE ballots = ballots + VALUES(ballots), area = area + VALUES(area)"
	if embedded {
		then = " ON CONFLICT (poll_id, shard, choice, door) DO UPDATE SET ballots = ballots + excluded.ballots, area = area + excluded.area"
	}
	for some := range slices.Chunk(lines, batchSize) {
		var args []any
		for _, at := range some {
			s := k.count[at]
			args = append(args, k.box.poll, k.shard, string(at.choice), at.door, s.ballots, s.area)
		}
		values := strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?),", len(some)), ",")
		if err := db.Exec("INSERT INTO tallies (poll_id, shard, choice, door, ballots, area) VALUES "+values+then, args...).Error; err != nil {
			return err
		}
	}
	return nil
}

// fix fixes the capacity in which a person acts on a poll, or refuses a ballot
// that comes in another.
func fix(db *gorm.DB, p *pending) error {
	if p.capacity == CapacityProxy {
		return nil
	}
	var had string
	err := db.Raw("SELECT capacity FROM acts WHERE poll_id = ? AND person_id = ?", p.box.poll, p.vote.Person).Scan(&had).Error
	if err != nil {
		return err
	}
	switch had {
	case p.capacity:
		return nil
	case "":
		return db.Exec("INSERT INTO acts (poll_id, person_id, capacity) VALUES (?, ?, ?)", p.box.poll, p.vote.Person, p.capacity).Error
	}
	return mixing{p}
}

// mixing is the ballot of somebody who has acted on the poll in another
// capacity.
type mixing struct{ p *pending }

func (mixing) Error() string { return "ballots: acts in two capacities" }

// dropped answers the ballot that a whole batch failed for, if it was that.
func dropped(err error) bool {
	m, ok := errors.AsType[mixing](err)
	if ok {
		m.p.reply(nil, nil, rules.Refuse(rules.Conflict, "poll.capacity"))
	}
	return ok
}

// BatchID is a number that rises with time and that no other instance draws at
// the same moment; should it, the key tells.
func (e *Engine) BatchID() int64 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return e.Now().UnixMilli()<<20 | int64(binary.BigEndian.Uint32(b[:])>>12)
}

// After is the number of a batch that follows another: the one that was drawn for
// it, unless a clock is behind or both came within a second. The board takes
// batches in the order of their numbers.
func After(last, drawn int64) int64 {
	if drawn > last {
		return drawn
	}
	return last + 1 + drawn&(1<<20-1)
}

// Count is the exact tally of a poll: how many units have voted, and what their
// ballots say, by choice and door.
type Count struct {
	Cast  int64
	Lines []Line
}

// Line is a line of a tally.
type Line struct {
	Choice  rules.Choice
	Door    string
	Ballots int64
	Area    int64
}

// Tally reads the count of a poll, as it stands in the database that db is a
// transaction of. It reads a few rows, however many have voted.
func Tally(db *gorm.DB, poll int64) (Count, error) {
	counts, err := Tallies(db, []int64{poll})
	return counts[poll], err
}

// Tallies reads the counts of several polls in two queries.
func Tallies(db *gorm.DB, polls []int64) (map[int64]Count, error) {
	counts := make(map[int64]Count, len(polls))
	var cast []struct{ PollID, N int64 }
	err := db.Model(&Shard{}).Where("poll_id IN ?", polls).Select("poll_id, SUM(ballots) AS n").Group("poll_id").Scan(&cast).Error
	if err != nil {
		return nil, fmt.Errorf("tally: %w", err)
	}
	for _, row := range cast {
		counts[row.PollID] = Count{Cast: row.N}
	}
	var lines []struct {
		PollID int64
		Line
	}
	err = db.Table("tallies").Where("poll_id IN ?", polls).Select("poll_id, choice, door, SUM(ballots) AS ballots, SUM(area) AS area").
		Group("poll_id, choice, door").Having("SUM(ballots) <> 0").Order("poll_id, choice, door").Scan(&lines).Error
	for _, row := range lines {
		c := counts[row.PollID]
		c.Lines = append(c.Lines, row.Line)
		counts[row.PollID] = c
	}
	return counts, err
}

// Marks is the histogram of what ballots say, whatever their door.
func (c Count) Marks() []rules.Mark {
	var out []rules.Mark
	for _, l := range c.Lines {
		if n := len(out); n > 0 && out[n-1].Choice == l.Choice {
			out[n-1].Ballots += l.Ballots
			out[n-1].Area += l.Area
			continue
		}
		out = append(out, rules.Mark{Choice: l.Choice, Ballots: l.Ballots, Area: l.Area})
	}
	return out
}

// Origin is how many of the ballots that count came through one door.
type Origin struct {
	Door    string `json:"door"`
	Ballots int64  `json:"ballots"`
}

// Origins counts ballots by their door.
func (c Count) Origins() []Origin {
	at := map[string]int64{}
	for _, l := range c.Lines {
		at[l.Door] += l.Ballots
	}
	out := make([]Origin, 0, len(at))
	for _, door := range slices.Sorted(maps.Keys(at)) {
		out = append(out, Origin{door, at[door]})
	}
	return out
}

// Shut lets the shards of a poll take nothing more, but for paper where some is
// still to be entered. Every batch writes a shard, so what has not been committed
// by now never will be.
func Shut(db *gorm.DB, poll int64, paper bool) error {
	q := db.Model(&Shard{}).Where("poll_id = ?", poll)
	if paper {
		q = q.Where("shard < ?", Shards)
	}
	return q.Update("open", false).Error
}

// FromRecord counts a poll anew: the last ballot of each unit, and how many there
// are in all.
func FromRecord(db *gorm.DB, poll int64) (c Count, all int64, err error) {
	if err := db.Model(&Ballot{}).Where("poll_id = ?", poll).Count(&all).Error; err != nil {
		return c, all, err
	}
	if err := Standing(db, poll).Count(&c.Cast).Error; err != nil {
		return c, all, err
	}
	err = Standing(db, poll).Select("choice, door, COUNT(*) AS ballots, SUM(area) AS area").Where("choice <> ?", rules.Sheet).
		Group("choice, door").Order("choice, door").Scan(&c.Lines).Error
	return c, all, err
}

// Standing are the ballots by which the units of a poll have voted: the last of
// each, unless that took a sheet back. Their table goes by the name b.
func Standing(db *gorm.DB, poll int64) *gorm.DB {
	return db.Table("ballots AS b").Where("b.poll_id = ? AND b.choice <> ?", poll, rules.Withdrawn).
		Where("NOT EXISTS (SELECT 1 FROM ballots l WHERE l.poll_id = b.poll_id AND l.unit = b.unit AND l.turn = b.turn + 1)")
}
