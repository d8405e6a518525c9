// Package forumtest gives tests a real forum: on SQLite always, and on MariaDB
// where YISHI_TEST_MARIADB names a server ("root@unix(/path)/"), which with
// CI=true it must. Time stands still until a test moves it.
package forumtest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the server is told to make a database

	"yishi/models"
	"yishi/models/samplecity"
)

// Noon is when the clock of every test starts: a working Monday.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("CST", 8*3600)).UTC()

// Key is the key of every test's forum.
var Key = bytes.Repeat([]byte{7}, 32)

// Clock is a clock that a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at Noon.
func NewClock() *Clock { return &Clock{now: Noon} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass lets time pass.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set moves the clock to a moment.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Stage is a forum with the sample city in it.
type Stage struct {
	*models.Forum
	City  *samplecity.City
	Clock *Clock
	DSN   string
}

// Org is the id of an org of the sample city.
func (s *Stage) Org(code string) int64 { return s.City.Orgs[code].ID }

// MariaDB reports whether the stage stands on MariaDB.
func (s *Stage) MariaDB() bool { return strings.HasPrefix(s.DSN, "mysql://") }

// Each runs a test on every database, both at the same time.
func Each(t *testing.T, test func(t *testing.T, s *Stage)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, New(t, SQLite(t))) })
	t.Run("mariadb", func(t *testing.T) { t.Parallel(); test(t, New(t, MariaDB(t))) })
}

// SQLite returns the dsn of a new embedded database.
func SQLite(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "yishi.db")
}

var databases atomic.Int64

// MariaDB returns the dsn of a new database on the server. Without a server the
// test is skipped, or failed with CI=true.
func MariaDB(t *testing.T) string {
	t.Helper()
	server := os.Getenv("YISHI_TEST_MARIADB")
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("YISHI_TEST_MARIADB names no server; run scripts/mariadb.sh run go test ./...")
		}
		t.Skip("NOT RUN on MariaDB: YISHI_TEST_MARIADB names no server; use make test")
	}
	db, err := sql.Open("mysql", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
	})
	return "mysql://" + server + name
}

// Bare opens a forum without a city.
func Bare(t *testing.T, dsn string, clock *Clock, with ...func(*models.Options)) *models.Forum {
	t.Helper()
	o := models.Options{DSN: dsn, Key: Key, Now: clock.Now}
	for _, set := range with {
		set(&o)
	}
	f, err := models.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// App is the mini-program of the tests.
const App = "wx-test-mini"

// Identify makes up who somebody is to WeChat.
func Identify(name string) models.Identity {
	return models.Identity{AppID: App, OpenID: "o-" + strings.ToLower(name), UnionID: "u-" + name}
}

// New opens a forum with the sample city in it.
func New(t *testing.T, dsn string, with ...func(*models.Options)) *Stage {
	t.Helper()
	clock := NewClock()
	f := Bare(t, dsn, clock, with...)
	city, err := samplecity.Settle(t.Context(), f, Identify)
	if err != nil {
		t.Fatal(err)
	}
	return &Stage{Forum: f, City: city, Clock: clock, DSN: dsn}
}
