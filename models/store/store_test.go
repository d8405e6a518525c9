package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // for the server's own databases
	"gorm.io/gorm"

	"yishi/models/migrations"
	"yishi/models/rules"
	"yishi/models/store"
)

// noon is the moment of every test.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, rules.Beijing)

// databases are what every test runs on, each empty.
var databases = []struct {
	name string
	dsn  func(*testing.T) string
}{{"sqlite", sqlite}, {"mariadb", mariadb}}

func sqlite(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "议事.db")
}

// mariadb makes a database on the server that YISHI_TEST_MARIADB names, such as
// "root@unix(/run/sock)/", and drops it in the end.
func mariadb(t *testing.T) string {
	t.Helper()
	prefix := os.Getenv("YISHI_TEST_MARIADB")
	if prefix == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("YISHI_TEST_MARIADB is not set: everything must run on MariaDB too")
		}
		t.Skip("NOT RUN ON MARIADB: set YISHI_TEST_MARIADB, or use scripts/mariadb.sh run")
	}
	name := "yishi_store_" + strings.ToLower(rand.Text())
	server := func(statement string) {
		t.Helper()
		db, err := sql.Open("mysql", prefix)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
			t.Fatal(err)
		}
	}
	server("CREATE DATABASE " + name)
	t.Cleanup(func() { server("DROP DATABASE " + name) })
	return "mysql://" + prefix + name
}

func open(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(dsn, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ready opens a database that has the schema.
func ready(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s := open(t, dsn)
	if err := migrations.Up(t.Context(), pool(t, s), s.SQLite()); err != nil {
		t.Fatal(err)
	}
	return s
}

func pool(t *testing.T, s *store.Store) *sql.DB {
	t.Helper()
	db, err := s.DB(t.Context()).DB()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func transact(t *testing.T, s *store.Store, fn func(*gorm.DB) error) {
	t.Helper()
	if err := s.Transact(t.Context(), noon, fn); err != nil {
		t.Fatal(err)
	}
}

// deeds are the subjects of the audit lines that are there: a transaction's
// effect, in these tests.
func deeds(t *testing.T, s *store.Store) []string {
	t.Helper()
	found := []string{}
	if err := s.DB(t.Context()).Model(&store.Audit{}).Order("id").Pluck("subject", &found).Error; err != nil {
		t.Fatal(err)
	}
	return found
}

func record(tx *gorm.DB, subject string) error {
	return store.Record(tx, &store.Audit{At: noon, PersonID: 7, Door: "mini", Deed: "topic.raise", Subject: subject, Path: "/1/"})
}

func TestOpenRefuses(t *testing.T) {
	const secret = "s3cret/p@ss:w0rd"
	for _, tt := range []struct{ name, dsn, want string }{
		{"a database of another kind", "postgres://root:" + secret + "@db/yishi", "or the path of a file"},
		{"a MySQL name without its form", "mysql://root:" + secret + "@db", "expected mysql://"},
		{"nothing after the scheme", "mysql://", "open database"},
		{"nothing", "", "or the path of a file"},
		{"no such server", "mysql://root:" + secret + "@unix(/nowhere/sock)/yishi", "open database"},
		{"no such folder", "/nowhere/at/all/yishi.db", "open database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := store.Open(tt.dsn, func() time.Time { return noon })
			if err == nil {
				_ = s.Close()
				t.Fatalf("%q was opened", tt.dsn)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it says %q, want it to say %q", err, tt.want)
			}
			for _, part := range []string{"s3cret", "p@ss", "w0rd"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("it tells a part of the password: %q", err)
				}
			}
		})
	}
}

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ name, in string }{
		{"a plain password", "cannot open root:s3cret@tcp(db:3306)/yishi"},
		{"at the very beginning", "root:s3cret@tcp(db:3306)/yishi: refused"},
		{"with the scheme", "open mysql://root:s3cret@tcp(db:3306)/yishi"},
		{"in quotes", `cannot parse "root:s3cret@tcp(db:3306)/yishi"`},
		{"a slash in it", "cannot open root:pre/s3cret@tcp(db:3306)/yishi"},
		{"an at sign in it", "cannot open root:pre@s3cret@tcp(db:3306)/yishi"},
		{"a colon in it", "cannot open root:pre:s3cret@tcp(db:3306)/yishi"},
		{"a quote in it", `cannot open root:pre"s3cret@tcp(db:3306)/yishi`},
		{"twice", "root:s3cret@tcp(a)/yishi, then root:s3cret@tcp(b)/yishi"},
		{"after a mail address", "tell admin@example.org: root:s3cret@tcp(db:3306)/yishi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := store.Redact(errors.New(tt.in)).Error()
			if strings.Contains(got, "s3cret") || strings.Contains(got, "pre") {
				t.Errorf("Redact(%q) = %q", tt.in, got)
			}
			if !strings.Contains(got, "…") || !strings.Contains(got, "/yishi") {
				t.Errorf("Redact(%q) = %q, want the rest to stay", tt.in, got)
			}
		})
	}
	const plain = "Error 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)"
	if got := store.Redact(errors.New(plain)).Error(); got != plain {
		t.Errorf("without a password in it, Redact = %q", got)
	}
}

// TestSettings asks several connections at once how they are set.
func TestSettings(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := open(t, on.dsn(t))
			settings := []struct{ query, want string }{
				{"SELECT @@session.time_zone", "+00:00"},
				{"SELECT @@session.tx_isolation", "READ-COMMITTED"},
				{"SELECT @@session.sql_mode LIKE '%STRICT_ALL_TABLES%'", "1"},
				{"SELECT @@session.collation_connection", "utf8mb4_bin"},
			}
			if s.SQLite() {
				settings = []struct{ query, want string }{
					{"PRAGMA journal_mode", "wal"},
					{"PRAGMA synchronous", "2"}, // FULL
					{"PRAGMA foreign_keys", "1"},
					{"PRAGMA busy_timeout", "10000"},
				}
			}
			for range 4 {
				conn, err := pool(t, s).Conn(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				for _, set := range settings {
					var got string
					if err := conn.QueryRowContext(t.Context(), set.query).Scan(&got); err != nil || got != set.want {
						t.Errorf("%s: %q, %v, want %q", set.query, got, err, set.want)
					}
				}
			}
		})
	}
}

// TestCloseFoldsTheLog: once it is closed, the one file of a SQLite database is
// all there is to copy.
func TestCloseFoldsTheLog(t *testing.T) {
	file := sqlite(t)
	s, err := store.Open(file, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(t.Context(), pool(t, s), true); err != nil {
		t.Fatal(err)
	}
	transact(t, s, func(tx *gorm.DB) error { return record(tx, "topic/1") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the database there is left %v, %v", left, err)
	}
	if got := deeds(t, open(t, file)); !slices.Equal(got, []string{"topic/1"}) {
		t.Errorf("opened again, it holds %v", got)
	}
}

// TestTimes writes moments of several zones and reads them back as they are
// kept: in UTC, to the second, in their order.
func TestTimes(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			moments := []time.Time{
				time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC),
				time.Date(2026, 1, 1, 8, 0, 0, 0, rules.Beijing),
				noon,
				noon.Add(999 * time.Millisecond).UTC(),
				noon.Add(time.Second).In(time.FixedZone("", -5*3600)),
				time.Date(2026, 10, 25, 2, 30, 0, 0, time.FixedZone("CEST", 7200)),
			}
			transact(t, s, func(tx *gorm.DB) error {
				for i, m := range moments {
					if err := store.Record(tx, &store.Audit{At: m, Subject: strconv.Itoa(i)}); err != nil {
						return err
					}
				}
				return nil
			})
			var lines []store.Audit
			if err := s.DB(t.Context()).Order("at, id").Find(&lines).Error; err != nil {
				t.Fatal(err)
			}
			for i, line := range lines {
				if line.Subject != strconv.Itoa(i) {
					t.Fatalf("the moments came back in the order of %v", lines)
				}
				if got, want := line.At.Truncate(time.Second), moments[i].UTC().Truncate(time.Second); got != want {
					t.Errorf("%v came back as %v", moments[i], line.At)
				}
			}
			for i, m := range moments[:2] {
				var n int64
				if err := s.DB(t.Context()).Model(&store.Audit{}).Where("at <= ?", m).Count(&n).Error; err != nil || n != int64(i+1) {
					t.Errorf("%d lines are not later than %v, %v, want %d", n, m, err, i+1)
				}
			}
		})
	}
}

// TestStampsAreTheMomentOfTheDeed: rows that gorm stamps itself bear the moment
// of the transaction, whatever the clock says meanwhile.
func TestStampsAreTheMomentOfTheDeed(t *testing.T) {
	type person struct {
		ID        int64
		Name      string
		CreatedAt time.Time
	}
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			moment := noon.Add(-time.Hour)
			p := person{Name: "𠮷先生😀"}
			err := s.Transact(t.Context(), moment, func(tx *gorm.DB) error { return tx.Table("persons").Create(&p).Error })
			if err != nil {
				t.Fatal(err)
			}
			var back person
			if err := s.DB(t.Context()).Table("persons").Take(&back, p.ID).Error; err != nil {
				t.Fatal(err)
			}
			if !back.CreatedAt.Equal(moment) || back.Name != p.Name {
				t.Errorf("%+v came back as %+v, want it of %v", p, back, moment)
			}
		})
	}
}
