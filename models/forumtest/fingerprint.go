package forumtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Fingerprint is what stands in a database: a hash of the rows of each table.
type Fingerprint map[string][32]byte

// Fingerprints opens a database beside the forum and returns what reads it.
func Fingerprints(t *testing.T, dsn string) func() Fingerprint {
	t.Helper()
	driver, tables := "sqlite", "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if server, ok := strings.CutPrefix(dsn, "mysql://"); ok {
		driver, dsn, tables = "mysql", server, "SHOW TABLES"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return func() Fingerprint {
		t.Helper()
		all := Fingerprint{}
		names, err := texts(t.Context(), db, tables)
		for _, name := range names {
			var rows []string
			if rows, err = texts(t.Context(), db, "SELECT * FROM "+name); err != nil {
				break
			}
			slices.Sort(rows)
			all[name] = sha256.Sum256([]byte(strings.Join(rows, "\n")))
		}
		if err != nil || len(all) == 0 {
			t.Fatalf("%d tables, %v", len(all), err)
		}
		return all
	}
}

// Changed names the tables that are not as they were, but for those that may
// change.
func (f Fingerprint) Changed(before Fingerprint, but ...string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] != before[name] && !slices.Contains(but, name) {
			names = append(names, name)
		}
	}
	return names
}

// texts returns each row of a query as one text.
func texts(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	cells, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		parts := make([]string, len(cells))
		for i, c := range cells {
			if parts[i] = string(c); len(cells) > 1 {
				parts[i] = fmt.Sprintf("%t%q", c == nil, c)
			}
		}
		out = append(out, strings.Join(parts, ","))
	}
	return out, rows.Err()
}
