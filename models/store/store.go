// Package store is the way to the databases: it opens SQLite or MySQL/MariaDB,
// runs transactions with the retries that each needs, writes the audit line of
// a deed and remembers the answer to a request that may come twice. It knows no
// noun of the forum.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Store is an open database.
type Store struct {
	// BeforeCommit is called in every transaction before it is committed, and an
	// error undoes it: for tests and benches of a database that is slow or fails.
	BeforeCommit func(ctx context.Context) error

	db    *gorm.DB
	write chan struct{} // SQLite has one writer; waiting here is fair, its busy loop is not
}

// connections is how many a program has to its database at most.
const connections = 16

// Open connects to the database that dsn names: "mysql://user:password@tcp(host:3306)/name"
// for MySQL or MariaDB, with commas between the hosts of a cluster; anything without a scheme is the file of a SQLite
// database, made if it is not there. now is the clock of rows that gorm stamps itself.
func Open(dsn string, now func() time.Time) (*Store, error) {
	s := &Store{}
	dialect, err := s.dialect(dsn)
	if err != nil {
		return nil, err
	}
	s.db, err = gorm.Open(dialect, &gorm.Config{
		TranslateError:           true,
		DisableNestedTransaction: true,
		SkipDefaultTransaction:   true,
		PrepareStmt:              false,
		Logger:                   logger.Discard,
		NowFunc:                  now,
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", Redact(err))
	}
	pool, err := s.db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxLifetime(30 * time.Minute)
	return s, nil
}

func (s *Store) dialect(dsn string) (gorm.Dialector, error) {
	rest, ok := strings.CutPrefix(dsn, "mysql://")
	if !ok {
		if dsn == "" || strings.Contains(dsn, "://") {
			return nil, errDSN
		}
		s.write = make(chan struct{}, 1)
		return openSQLite(dsn), nil
	}
	nodes, err := hosts(rest)
	if err != nil {
		return nil, err
	}
	c := &cluster{}
	for _, cfg := range nodes {
		conn, err := driver.NewConnector(tuned(cfg))
		if err != nil {
			return nil, errors.New("database dsn: " + Redact(err).Error())
		}
		c.nodes = append(c.nodes, conn)
	}
	return mysql.New(mysql.Config{Conn: pool(c), DSNConfig: nodes[0]}), nil
}

// tuned sets what the forum relies on, whatever the server's own settings are.
func tuned(cfg *driver.Config) *driver.Config {
	cfg.ParseTime, cfg.Loc, cfg.InterpolateParams, cfg.ClientFoundRows = true, time.UTC, true, true
	cfg.Collation = "utf8mb4_bin"
	cfg.Params = map[string]string{
		"time_zone": "'+00:00'",
		"sql_mode":  "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'",
		// A deed reads the rows it needs and locks the one it moves; under
		// REPEATABLE READ that pattern meets gap locks and error 1020.
		"tx_isolation": "'READ-COMMITTED'",
	}
	cfg.ReadTimeout, cfg.WriteTimeout = time.Minute, time.Minute
	return cfg
}

// DB returns the database for reading, bound to ctx. Under the context of
// [Store.Jointly] it reads what was written there.
func (s *Store) DB(ctx context.Context) *gorm.DB {
	if j := jointOf(ctx); j != nil && j.tx != nil {
		return j.tx.Session(&gorm.Session{Context: ctx, NewDB: true})
	}
	return s.db.WithContext(ctx)
}

// Prepared is DB for a query that is asked very often and always worded alike: it is
// parsed once for each connection.
func (s *Store) Prepared(ctx context.Context) *gorm.DB {
	if Joined(ctx) {
		return s.DB(ctx)
	}
	return s.db.Session(&gorm.Session{Context: ctx, NewDB: true, PrepareStmt: true})
}

// SQLite reports whether this is the embedded database.
func (s *Store) SQLite() bool { return s.write != nil }

// Close closes the database. On SQLite the log is folded into the file first.
func (s *Store) Close() error {
	pool, err := s.db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// credentials are user:password@ as they stand before the host in a DSN.
var credentials = regexp.MustCompile(`[^\s"]+:\S*@`)

// Redact returns an error without the passwords that a driver may print.
func Redact(err error) error {
	return errors.New(credentials.ReplaceAllString(err.Error(), "…@"))
}

// sqliteDSN names the pragmas without which acknowledged work can be lost
// (synchronous=FULL) or times come back in other zones.
func sqliteDSN(path string) string {
	q := url.Values{}
	for _, p := range []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(ON)", "temp_store(MEMORY)", "cache_size(-32768)",
	} {
		q.Add("_pragma", p)
	}
	q.Set("_txlock", "immediate")
	q.Set("_time_format", "sqlite")
	q.Set("_timezone", "UTC")
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?" + q.Encode()
}
