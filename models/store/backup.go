package store

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// Backup writes a consistent copy of an embedded database to a new file while it
// is in use. A MariaDB is backed up with its own tools, see docs/operations.md.
func (s *Store) Backup(ctx context.Context, file string) error {
	if !s.SQLite() {
		return errors.New("only an embedded database is backed up to a file")
	}
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists already", file)
	}
	return s.db.WithContext(ctx).Exec("VACUUM INTO ?", file).Error
}
