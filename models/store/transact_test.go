package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// TestTransactRetries lets the first run of a transaction fail after it has
// written a line: what passes is run again whole, anything else stands; nothing
// of the failed run is left either way.
func TestTransactRetries(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			for _, tt := range []struct {
				name  string
				err   error
				again bool
			}{
				{"a deadlock", &mysqldriver.MySQLError{Number: 1213}, true},
				{"a lock wait", &mysqldriver.MySQLError{Number: 1205}, true},
				{"a node of the cluster that is not ready", &mysqldriver.MySQLError{Number: 1047}, true},
				{"a row changed since it was read", &mysqldriver.MySQLError{Number: 1020}, true},
				{"a lost connection", driver.ErrBadConn, true},
				{"a connection lost midway", mysqldriver.ErrInvalidConn, true},
				{"the key is being answered", store.ErrTwice, true},
				{"wrapped", fmt.Errorf("raise: %w", &mysqldriver.MySQLError{Number: 1213}), true},
				{"a value that is too long", &mysqldriver.MySQLError{Number: 1406}, false},
				{"a duplicate", gorm.ErrDuplicatedKey, false},
				{"a reused key", store.ErrReused, false},
				{"a refusal", rules.Refuse(rules.Conflict, "topic.state"), false},
				{"a fault", errors.New("disk full"), false},
			} {
				t.Run(tt.name, func(t *testing.T) {
					before, runs := deeds(t, s), 0
					err := s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
						runs++
						if err := record(tx, fmt.Sprint(tt.name, runs)); err != nil {
							return err
						}
						if runs == 1 {
							return tt.err
						}
						return nil
					})
					want, left := 1, before
					if tt.again {
						want, left = 2, append(before, tt.name+"2")
					}
					if runs != want || tt.again != (err == nil) || !tt.again && !errors.Is(err, tt.err) {
						t.Errorf("%d runs, %v, want %d", runs, err, want)
					}
					if got := deeds(t, s); !slices.Equal(got, left) {
						t.Errorf("left behind: %v, want %v", got, left)
					}
				})
			}
		})
	}
}

// TestTransactGivesUp: an error that does not pass after all is told.
func TestTransactGivesUp(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			runs := 0
			deadlock := &mysqldriver.MySQLError{Number: 1213}
			err := s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
				runs++
				return errors.Join(record(tx, "topic/1"), deadlock)
			})
			if !errors.Is(err, deadlock) || runs < 2 || runs > 10 {
				t.Errorf("%d runs, then %v", runs, err)
			}

			ctx, cancel := context.WithCancel(t.Context())
			runs = 0
			err = s.Transact(ctx, noon, func(*gorm.DB) error {
				runs++
				cancel()
				return deadlock
			})
			if err == nil || runs != 1 {
				t.Errorf("once its caller had left: %d runs, %v, want one", runs, err)
			}
			if got := deeds(t, s); len(got) != 0 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

// TestTransactAfterPanic: a deed that breaks leaves nothing behind and does not
// stand in the way of the next.
func TestTransactAfterPanic(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				_ = s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
					if err := record(tx, "topic/1"); err != nil {
						return err
					}
					panic("broken")
				})
			}()
			transact(t, s, func(tx *gorm.DB) error { return record(tx, "topic/2") })
			if got := deeds(t, s); !slices.Equal(got, []string{"topic/2"}) {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

// TestTransactOnBusyFile lets another process hold the SQLite file when the
// transaction first asks.
func TestTransactOnBusyFile(t *testing.T) {
	file := sqlite(t)
	s := ready(t, file)
	other, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	runs := 0
	transact(t, s, func(tx *gorm.DB) error {
		runs++
		if runs == 1 {
			_, err := other.BeginTx(t.Context(), nil) // busy: this transaction writes
			if err == nil {
				t.Fatal("two transactions write at once")
			}
			return err
		}
		return record(tx, "topic/1")
	})
	if got := deeds(t, s); runs != 2 || !slices.Equal(got, []string{"topic/1"}) {
		t.Errorf("%d runs left %v", runs, got)
	}
}

// TestTransactWaitsItsTurn: on SQLite one writes at a time, and who no longer
// wants to wait need not.
func TestTransactWaitsItsTurn(t *testing.T) {
	s := ready(t, sqlite(t))
	transact(t, s, func(*gorm.DB) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := s.Transact(ctx, noon, func(tx *gorm.DB) error { return record(tx, "topic/1") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("waiting ended with %v", err)
		}
		return nil
	})
	if got := deeds(t, s); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

// TestTransactOutlivesADeadlock makes two transactions lock two rows in opposite
// order. The server ends one of them; it is run again, and both take effect.
func TestTransactOutlivesADeadlock(t *testing.T) {
	s := ready(t, mariadb(t))
	transact(t, s, func(tx *gorm.DB) error { return errors.Join(record(tx, "a"), record(tx, "b")) })

	locked := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	var runs [2]int
	var errs [2]error
	lock := func(tx *gorm.DB, subject string) error {
		return tx.Exec("UPDATE audits SET person_id = person_id + 1 WHERE subject = ?", subject).Error
	}
	var both sync.WaitGroup
	for i, order := range [2][2]string{{"a", "b"}, {"b", "a"}} {
		both.Go(func() {
			errs[i] = s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
				runs[i]++
				if err := tx.Exec("SELECT 1 FROM audits WHERE id = ? FOR UPDATE", i+1).Error; err != nil {
					return err
				}
				if runs[i] == 1 {
					close(locked[i])
					<-locked[1-i]
				}
				if err := tx.Exec("SELECT 1 FROM audits WHERE id = ? FOR UPDATE", 2-i).Error; err != nil {
					return err
				}
				return errors.Join(lock(tx, order[0]), lock(tx, order[1]))
			})
		})
	}
	both.Wait()
	if err := errors.Join(errs[:]...); err != nil || runs[0]+runs[1] < 3 {
		t.Fatalf("%v runs, %v, want one of the two run again", runs, err)
	}
	var persons []int64
	if err := s.DB(t.Context()).Model(&store.Audit{}).Pluck("person_id", &persons).Error; err != nil || !slices.Equal(persons, []int64{9, 9}) {
		t.Errorf("after both: %v, %v, want 7 raised by two each", persons, err)
	}
}
