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
// fn must have no effect outside its transaction.
func (s *Store) Transact(ctx context.Context, at time.Time, fn func(*gorm.DB) error) error {
	session := &gorm.Session{Context: ctx, NowFunc: func() time.Time { return at }, NewDB: true}
	var err error
	for try := range tries {
		if err = s.once(session, fn); err == nil || !Passing(err) {
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
	if s.write != nil {
		select {
		case s.write <- struct{}{}:
			defer func() { <-s.write }()
		case <-session.Context.Done():
			return session.Context.Err()
		}
	}
	return s.db.Session(session).Transaction(fn)
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
