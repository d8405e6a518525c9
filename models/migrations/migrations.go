// Package migrations is the schema, from one source for both databases: the
// few words that differ are filled in per dialect.
package migrations

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"testing/fstest"
	"text/template"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

// words are what the dialects call differently. Keyed ends a table that is kept
// in the order of its key alone, as InnoDB keeps all of them.
type words struct{ ID, Time, Long, Blob, LongBlob, End, Keyed string }

const innodb = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"

var dialects = map[goose.Dialect]words{
	goose.DialectSQLite3: {
		ID: "INTEGER PRIMARY KEY AUTOINCREMENT", Time: "DATETIME", Long: "TEXT", Blob: "BLOB", LongBlob: "BLOB", End: "", Keyed: "WITHOUT ROWID",
	},
	goose.DialectMySQL: {
		ID: "BIGINT PRIMARY KEY AUTO_INCREMENT", Time: "DATETIME", Long: "LONGTEXT", Blob: "VARBINARY(1024)", LongBlob: "LONGBLOB",
		End: innodb, Keyed: innodb,
	},
}

// Up brings the schema up to date. It may be run by several instances of which
// one wins; on MariaDB a migration is not atomic, so each is small.
func Up(ctx context.Context, db *sql.DB, embedded bool) error {
	dialect := goose.DialectMySQL
	if embedded {
		dialect = goose.DialectSQLite3
	}
	rendered, err := render(dialects[dialect])
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, rendered)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if embedded {
		_, err = p.Up(ctx)
		return err
	}
	return alone(ctx, db, func() error { _, err := p.Up(ctx); return err })
}

// alone runs fn while no other instance runs its own, waiting up to a minute.
func alone(ctx context.Context, db *sql.DB, fn func() error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives the lock back if nothing else did
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('yishi ', DATABASE()), 60)").Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return errors.New("another instance has been changing the schema for a minute")
	}
	err = fn()
	_, freed := conn.ExecContext(ctx, "DO RELEASE_LOCK(CONCAT('yishi ', DATABASE()))")
	return errors.Join(err, freed)
}

func render(w words) (fs.FS, error) {
	out := fstest.MapFS{}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t, err := template.ParseFS(files, name)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, w); err != nil {
			return nil, err
		}
		out[name] = &fstest.MapFile{Data: b.Bytes(), Mode: 0o444}
	}
	return out, nil
}
