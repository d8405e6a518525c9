package store

import (
	"context"
	"fmt"
	"time"
)

// CheckDurable refuses a database that could lose acknowledged work: SQLite below
// synchronous=FULL, InnoDB with innodb_flush_log_at_trx_commit other than 1.
func (s *Store) CheckDurable(ctx context.Context) error {
	query, want := "SELECT @@innodb_flush_log_at_trx_commit", 1
	if s.SQLite() {
		query, want = "PRAGMA synchronous", 2
	}
	var got int
	if err := s.db.WithContext(ctx).Raw(query).Scan(&got).Error; err != nil {
		return fmt.Errorf("database: %w", Redact(err))
	}
	if got != want {
		return fmt.Errorf("the database could lose acknowledged work: %q answers %d, it must be %d", query, got, want)
	}
	return nil
}

// MaxSkew is how far the clocks of forum and database may be apart.
const MaxSkew = 2 * time.Second

// CheckClock refuses a database whose clock is not the forum's: with instances
// that disagree about the time a poll would close at several moments. An embedded
// database has no clock of its own.
func (s *Store) CheckClock(ctx context.Context, now func() time.Time) error {
	if s.SQLite() {
		return nil
	}
	var theirs time.Time
	before := now()
	if err := s.db.WithContext(ctx).Raw("SELECT UTC_TIMESTAMP(6)").Scan(&theirs).Error; err != nil {
		return fmt.Errorf("database: %w", Redact(err))
	}
	after := now()
	if theirs.Before(before.Add(-MaxSkew)) || theirs.After(after.Add(MaxSkew)) {
		return fmt.Errorf("the clock of the database is off by %s: set both machines by one time server (the most that is borne is %s)",
			theirs.Sub(before).Round(time.Second), MaxSkew)
	}
	return nil
}
