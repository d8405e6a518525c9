package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// joint is one transaction of several parts. It begins with the first part that
// succeeds, so that what only reads holds nobody up.
type joint struct {
	store *Store
	tx    *gorm.DB // nil before the first part, and after one that left nothing
	after []func()
}

type jointKey struct{}

func jointOf(ctx context.Context) *joint {
	j, _ := ctx.Value(jointKey{}).(*joint)
	return j
}

// Jointly runs fn so that whatever is transacted under its context is one
// transaction, which is committed once fn returns without an error. A part that
// fails leaves nothing, and the others stand. It is run again, whole, when the
// database asks for it.
func (s *Store) Jointly(ctx context.Context, fn func(ctx context.Context) error) error {
	var after []func()
	err := s.again(ctx, func() error {
		j := &joint{store: s}
		defer j.undo()
		if err := fn(context.WithValue(ctx, jointKey{}, j)); err != nil {
			return err
		}
		after = j.after
		return j.commit(ctx)
	})
	if err != nil {
		return err
	}
	for _, then := range after {
		then()
	}
	return nil
}

// Joined reports whether a joint transaction is open under a context: whatever is
// transacted beside it may have to wait for it.
func Joined(ctx context.Context) bool {
	j := jointOf(ctx)
	return j != nil && j.tx != nil
}

// After runs something once what was transacted under a context stands: at once, or
// with the end of the joint transaction.
func After(ctx context.Context, then func()) {
	if j := jointOf(ctx); j != nil {
		j.after = append(j.after, then)
		return
	}
	then()
}

const savepoint = "part"

// part runs one of the parts.
func (j *joint) part(ctx context.Context, at time.Time, fn func(*gorm.DB) error) error {
	first := j.tx == nil
	var err error
	if first {
		err = j.begin(ctx)
	} else {
		err = j.tx.SavePoint(savepoint).Error
	}
	if err != nil {
		return err
	}
	done := false
	defer func() {
		switch {
		case done:
		case first:
			j.undo()
		default:
			j.tx.RollbackTo(savepoint) // a transaction that is lost has no savepoint; then err says so
		}
	}()
	err = fn(j.tx.Session(&gorm.Session{Context: ctx, NowFunc: func() time.Time { return at }, NewDB: true}))
	done = err == nil
	return err
}

func (j *joint) begin(ctx context.Context) error {
	if err := j.store.take(ctx); err != nil {
		return err
	}
	tx := j.store.db.Session(&gorm.Session{Context: ctx, NewDB: true}).Begin()
	if tx.Error != nil {
		j.store.release()
		return tx.Error
	}
	j.tx = tx
	return nil
}

func (j *joint) commit(ctx context.Context) error {
	if j.tx == nil {
		return nil
	}
	if err := j.store.slow(ctx); err != nil {
		return err
	}
	err := j.tx.Commit().Error
	j.tx = nil
	j.store.release()
	return err
}

// undo takes back what was not committed. That a transaction has ended already,
// with its context or its connection, is no error.
func (j *joint) undo() {
	if j.tx == nil {
		return
	}
	j.tx.Rollback()
	j.tx = nil
	j.store.release()
}
