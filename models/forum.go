// Package models holds the forum's records and everything that can be done to
// them. Each exported method of [Forum] that changes anything is one deed: one
// permission asked, one transaction, one frozen moment, one audit line.
package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"yishi/models/ballots"
	"yishi/models/board"
	"yishi/models/migrations"
	"yishi/models/rules"
	"yishi/models/store"
)

// Forum is the public face of this package.
type Forum struct {
	store    *store.Store
	now      func() time.Time
	seal     sealer
	data     dataCache
	known    known
	glimpses *otter.Cache[int64, *Glimpse]
	booths   *otter.Cache[int64, *booth]

	ballots *ballots.Engine
	signer  *board.Signer
	trees   trees
}

// Options say how to open a forum.
type Options struct {
	DSN string           // see store.Open
	Key []byte           // 32 bytes; personal data are sealed with it
	Now func() time.Time // the forum's clock

	// Untallied is ballots.Options.Untallied.
	Untallied bool

	// BeforeCommit is store.Store's.
	BeforeCommit func(ctx context.Context) error

	// Look opens a forum as it is, for reading alone: its schema is not brought
	// up to date.
	Look bool
}

// Open connects to the database, refuses one that could lose acknowledged work,
// and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Forum, error) {
	seal, err := newSealer(o.Key)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(o.DSN, o.Now)
	if err != nil {
		return nil, err
	}
	s.BeforeCommit = o.BeforeCommit
	f := &Forum{store: s, now: o.Now, seal: seal, known: newKnown(), glimpses: newGlimpses(), booths: newBooths(), trees: trees{of: map[int64]*grown{}}}
	if err := f.prepare(ctx, o.Look); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := f.startBallots(o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return f, nil
}

// startBallots starts the vote engine with keys of its own, which come from the
// deployment's one key: one hides the units on the board, one signs it.
func (f *Forum) startBallots(o Options) error {
	mask, err := derived(o.Key, "yishi pseudonyms")
	if err != nil {
		return err
	}
	seed, err := derived(o.Key, "yishi board")
	if err != nil {
		return err
	}
	if f.signer, err = board.NewSigner([32]byte(seed)); err != nil {
		return err
	}
	f.ballots = ballots.New(f.store, ballots.Options{Key: mask, Signer: f.signer, Now: f.Now, Untallied: o.Untallied})
	return nil
}

func (f *Forum) prepare(ctx context.Context, look bool) error {
	if err := f.store.CheckDurable(ctx); err != nil || look {
		return err
	}
	db, err := f.store.DB(ctx).DB()
	if err != nil {
		return err
	}
	return migrations.Up(ctx, db, f.store.SQLite())
}

// Close answers the ballots that were taken, then closes the database.
func (f *Forum) Close() error {
	f.ballots.Close()
	return f.store.Close()
}

// CheckClock refuses a database whose clock is more than store.MaxSkew away from
// the forum's.
func (f *Forum) CheckClock(ctx context.Context) error { return f.store.CheckClock(ctx, f.now) }

// Passing reports whether an error is of a database that was not to be had at
// this moment: the same request may be sent again under the same key.
func Passing(err error) bool { return store.Passing(err) }

// Ready reports whether the database answers.
func (f *Forum) Ready(ctx context.Context) error {
	return f.store.DB(ctx).Exec("SELECT 1").Error
}

// Now is the forum's clock, cut to the second, in UTC.
func (f *Forum) Now() time.Time { return f.now().UTC().Truncate(time.Second) }

// tx is one deed under way: a transaction, the one moment at which it happens,
// who does it and where they stand. Audit lines and notices are written through
// it alone.
type tx struct {
	*gorm.DB
	f        *Forum
	now      time.Time
	who      Actor
	standing rules.Standing
	after    []func() // run once the deed stands
}

// place finds what a deed is done to. The subject names it in the audit line.
type place struct {
	subject string
	find    func(*tx) (rules.Object, error)
}

func subject(noun string, id int64) string { return fmt.Sprintf("%s/%d", noun, id) }

// anywhere is the place of deeds that are not bound to an org.
func anywhere(noun string) place {
	return place{noun, func(*tx) (rules.Object, error) { return rules.Object{}, nil }}
}

// oneself is the place of deeds that concern only the person who does them.
func oneself(who Actor) place {
	return place{subject("person", who.PersonID), func(*tx) (rules.Object, error) {
		return rules.Object{Own: who.PersonID != 0}, nil
	}}
}

// do runs one deed: permission first, then the answer that a retry already got,
// else the deed itself, its audit line and the answer for a later retry, all in
// one transaction.
func do[T any](ctx context.Context, f *Forum, who Actor, deed rules.Deed, on place, fn func(*tx) (T, error)) (T, error) {
	if err := f.prove(ctx, who, deed); err != nil {
		var blank T
		return blank, err
	}
	at := f.Now()
	var out T
	var t *tx
	err := f.store.Transact(ctx, at, func(db *gorm.DB) error {
		var blank T
		out = blank
		t = &tx{DB: db, f: f, now: at, who: who}
		return perform(t, deed, on, fn, &out)
	})
	if err != nil {
		var blank T
		return blank, err
	}
	for _, then := range t.after {
		store.After(ctx, then)
	}
	return out, nil
}

// perform is one deed inside its transaction.
func perform[T any](t *tx, deed rules.Deed, on place, fn func(*tx) (T, error), out *T) error {
	object, err := t.admit(deed, on)
	if err != nil {
		return err
	}
	once := store.Once{PersonID: t.who.PersonID, Key: t.who.Key, Digest: t.who.Digest, At: t.now}
	if once.Key != "" {
		answered, err := store.Claim(t.DB, &once)
		if errors.Is(err, store.ErrReused) {
			return rules.Refuse(rules.Conflict, "request.reused")
		}
		if err != nil {
			return err
		}
		if answered {
			return t.recall(once.Answer, out)
		}
	}
	if err := t.useCode(deed); err != nil {
		return err
	}
	if *out, err = fn(t); err != nil {
		return err
	}
	if idle(t.who, *out) {
		return nil
	}
	line := store.Audit{At: t.now, PersonID: t.who.PersonID, Door: string(t.who.Door), Deed: string(deed), Subject: on.subject, Path: object.Path}
	if err := store.Record(t.DB, &line); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if once.Key == "" {
		return nil
	}
	body, err := json.Marshal(*out)
	if err != nil {
		return err
	}
	once.Answer = t.f.seal.Seal(string(body)) // it may hold a password or a name
	return store.Remember(t.DB, &once)
}

// recall reads the answer that was kept for a retry.
func (t *tx) recall(answer []byte, out any) error {
	body, err := t.f.seal.Open(answer)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), out)
}

// idle reports whether the clock asked what is due and there was nothing: no deed
// was done then, and none is written down.
func idle(who Actor, out any) bool {
	found := 1
	switch out := out.(type) {
	case int:
		found = out
	case bool:
		if !out {
			found = 0
		}
	case []Parcel:
		found = len(out)
	case []Specimen:
		found = len(out)
	case []Account:
		found = len(out)
	}
	return who.Door == DoorClock && found == 0
}

// see runs a reading: permission, then the query. It leaves no trace.
func see[T any](ctx context.Context, f *Forum, who Actor, deed rules.Deed, on place, fn func(*tx) (T, error)) (T, error) {
	t := &tx{DB: f.store.DB(ctx), f: f, now: f.Now(), who: who}
	if _, err := t.admit(deed, on); err != nil {
		var blank T
		return blank, err
	}
	return fn(t)
}

// admit asks the table of permissions.
func (t *tx) admit(deed rules.Deed, on place) (rules.Object, error) {
	var err error
	if t.standing, err = t.standingOf(t.who); err != nil {
		return rules.Object{}, err
	}
	if err := rules.MayEver(t.standing, deed); err != nil {
		return rules.Object{}, err
	}
	object, err := on.find(t)
	if err != nil {
		return object, err
	}
	err = rules.May(t.standing, deed, object)
	if r, ok := rules.AsRefusal(err); ok && r.Kind == rules.NotFound {
		noun, _, _ := strings.Cut(on.subject, "/")
		return object, unknown(noun) // the same words as for what does not exist
	}
	return object, err
}

// may reports whether the person who does this deed might also do another.
func (t *tx) may(deed rules.Deed, o rules.Object) bool {
	return rules.May(t.standing, deed, o) == nil
}

// locked reads rows that this transaction is going to change.
func (t *tx) locked() *gorm.DB {
	return t.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// found turns a missing row into a refusal.
func found(err error, noun string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return rules.Refuse(rules.NotFound, noun+".unknown")
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", noun, err)
	}
	return nil
}

func unknown(noun string) error { return rules.Refuse(rules.NotFound, noun+".unknown") }

// set is the columns that an update changes.
type set = map[string]any

// Page is one page of a list. Next is the cursor of the page that follows, 0 at
// the end.
type Page[T any] struct {
	Items []T   `json:"items" nullable:"false"`
	Next  int64 `json:"next"`
}

// PageSize bounds what one page holds.
const (
	PageSize    = 20
	MaxPageSize = 100
)

func pageSize(n int) int {
	if n <= 0 {
		return PageSize
	}
	return min(n, MaxPageSize)
}

// paged cuts what was read with one row too many.
func paged[T any](rows []T, size int, id func(T) int64) Page[T] {
	p := Page[T]{Items: rows}
	if len(rows) > size {
		p.Items = rows[:size]
		p.Next = id(rows[size-1])
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}

// None is the answer of a deed that has nothing to tell.
type None = struct{}
