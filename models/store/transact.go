package store

import (
	"context"
	"errors"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// tries is how often a transaction is run before its error stands.
const tries = 6

// Transact runs fn in one transaction at the moment at, which is what gorm
// stamps rows with. It is run again, whole, when the database asks for it, so
// fn must have no effect outside its transaction. Under the context of
// [Store.Jointly] it is a part of that.
func (s *Store) Transact(ctx context.Context, at time.Time, fn func(*gorm.DB) error) error {
	if j := jointOf(ctx); j != nil {
		return j.part(ctx, at, fn)
	}
	session := &gorm.Session{Context: ctx, NowFunc: func() time.Time { return at }, NewDB: true}
	return s.again(ctx, func() error { return s.once(session, fn) })
}

// again runs a transaction until its error stands.
func (s *Store) again(ctx context.Context, run func() error) error {
	var err error
	for try := range tries {
		if err = run(); err == nil || !Passing(err) {
			return err
		}
		s.leave(err)
		if wait(ctx, time.Duration(1<<try)*5*time.Millisecond) != nil {
			return err
		}
	}
	return err
}

func (s *Store) once(session *gorm.Session, fn func(*gorm.DB) error) error {
	if err := s.take(session.Context); err != nil {
		return err
	}
	defer s.release()
	return s.db.Session(session).Transaction(func(tx *gorm.DB) error {
		if err := fn(tx); err != nil {
			return err
		}
		return s.slow(session.Context)
	})
}

// take waits until this may be the writer, where there is room for one alone.
func (s *Store) take(ctx context.Context) error {
	if s.write == nil {
		return nil
	}
	select {
	case s.write <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) release() {
	if s.write != nil {
		<-s.write
	}
}

// slow is what a test or a bench does to each transaction before it is committed.
func (s *Store) slow(ctx context.Context) error {
	if s.BeforeCommit == nil {
		return nil
	}
	return s.BeforeCommit(ctx)
}

// leave closes the connections that nobody uses once a node of a cluster says
// that it is not ready (1047), so that the next try asks another: an unready node
// keeps the connections it has.
func (s *Store) leave(err error) {
	if my, ok := errors.AsType[*mysqldriver.MySQLError](err); !ok || my.Number != 1047 {
		return
	}
	if pool, err := s.db.DB(); err == nil {
		pool.SetMaxIdleConns(0)
		pool.SetMaxIdleConns(connections)
	}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
