//go:build !race

package torture_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"
)

// database is what the programs vote into, and how it is hurt.
type database interface {
	dsn() string  // as the programs reach it
	desk() string // as the test reaches it
	open(t *testing.T) *sql.DB
	faults() []string // that it knows, in turn
	hurt(t *testing.T, fault string)
}

// lite is an embedded database.
type lite struct{ file string }

func newLite(t *testing.T) *lite {
	t.Helper()
	return &lite{filepath.Join(t.TempDir(), "yishi.db")}
}

func (l *lite) dsn() string             { return l.file }
func (l *lite) desk() string            { return l.file }
func (l *lite) faults() []string        { return []string{killOne, killAll} }
func (l *lite) hurt(*testing.T, string) {}
func (l *lite) open(t *testing.T) *sql.DB {
	return opened(t, "sqlite", "file:"+l.file+"?_pragma=busy_timeout(10000)")
}

// dropKey takes the key (poll, unit, turn) away from the ballots.
func dropKey(t *testing.T, d database) {
	t.Helper()
	db := d.open(t)
	statements := []string{"ALTER TABLE ballots DROP PRIMARY KEY"}
	if _, yes := d.(*lite); yes {
		var made string
		ok(t, db.QueryRowContext(t.Context(), "SELECT sql FROM sqlite_master WHERE name = 'ballots'").Scan(&made))
		statements = []string{
			"DROP TABLE ballots", strings.Replace(made, ", PRIMARY KEY (poll_id, unit, turn)", "", 1),
			"CREATE INDEX ballots_batch ON ballots (poll_id, batch, place)",
		}
	}
	run(t, db, statements...)
}

func opened(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	ok(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// maria is a MariaDB of our own, to be killed, behind a network to be cut.
type maria struct {
	folder string
	flags  []string
	server *exec.Cmd
	net    *proxy
}

// newMaria starts a server. Where there is none the test is skipped, or failed
// with CI=true.
func newMaria(t *testing.T) *maria {
	t.Helper()
	if found("mariadbd") == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("MariaDB is not installed: scripts/mariadb.sh install")
		}
		t.Skip("NOT RUN on MariaDB: it is not installed; see scripts/mariadb.sh install")
	}
	folder, err := os.MkdirTemp("/tmp", "yishi-db.") //nolint:usetesting // the server's user may not look into the other
	ok(t, err)
	m := &maria{folder: folder}
	ok(t, mysql.SetLogger(&mysql.NopLogger{})) // that connections break is what is wanted
	t.Cleanup(func() { m.kill(); _ = os.RemoveAll(folder) })
	m.flags = []string{"--no-defaults", "--datadir=" + folder + "/data", "--tmpdir=" + folder}
	if os.Getuid() == 0 { // the server does not run as root
		m.flags = append(m.flags, "--user=mysql")
		give(t, folder, "mysql")
	}
	install := exec.CommandContext(t.Context(), found("mariadb-install-db"), append(m.flags, "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m.start(t)
	db := opened(t, "mysql", m.socket(""))
	run(t, db, "CREATE DATABASE yishi")
	m.net = newProxy(t, folder+"/sock")
	return m
}

// found is where a program of the server lies, "" if nowhere.
func found(name string) string {
	for _, path := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if at, err := exec.LookPath(path); err == nil {
			return at
		}
	}
	return ""
}

func give(t *testing.T, folder, name string) {
	t.Helper()
	u, err := user.Lookup(name)
	ok(t, err)
	uid, err := strconv.Atoi(u.Uid)
	ok(t, err)
	gid, err := strconv.Atoi(u.Gid)
	ok(t, err)
	ok(t, os.Chown(folder, uid, gid))
}

func (m *maria) start(t *testing.T) {
	t.Helper()
	var log bytes.Buffer
	m.server = exec.CommandContext(context.WithoutCancel(t.Context()), found("mariadbd"), append(m.flags, "--socket="+m.folder+"/sock", "--pid-file="+m.folder+"/pid",
		"--skip-networking", "--skip-log-bin", "--max-connections=256", "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=128M",
		"--innodb-log-file-size=64M", "--innodb-flush-log-at-trx-commit=1", "--performance-schema=OFF")...)
	m.server.Stdout, m.server.Stderr = &log, &log
	ok(t, m.server.Start())
	db := opened(t, "mysql", m.socket(""))
	for range 600 {
		if db.PingContext(t.Context()) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	m.kill()
	t.Fatalf("MariaDB does not come up: %s", log.String())
}

func (m *maria) kill() {
	if m.server != nil && m.server.Process != nil {
		_ = m.server.Process.Kill()
		_ = m.server.Wait()
	}
}

func (m *maria) socket(name string) string { return "root@unix(" + m.folder + "/sock)/" + name }
func (m *maria) dsn() string               { return "mysql://root@tcp(" + m.net.addr() + ")/yishi" }
func (m *maria) desk() string              { return "mysql://" + m.socket("yishi") }
func (m *maria) open(t *testing.T) *sql.DB { return opened(t, "mysql", m.socket("yishi")) }
func (m *maria) faults() []string          { return []string{killOne, killBase, cutNet, killAll} }

func (m *maria) hurt(t *testing.T, fault string) {
	t.Helper()
	switch fault {
	case killBase:
		m.kill()
		m.start(t)
	case cutNet:
		for range 5 {
			m.net.cut()
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// proxy is a network between the programs and their database, to be cut.
type proxy struct {
	listener net.Listener
	socket   string
	mu       sync.Mutex
	open     map[net.Conn]net.Conn
}

func newProxy(t *testing.T, socket string) *proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	ok(t, err)
	p := &proxy{listener: l, socket: socket, open: map[net.Conn]net.Conn{}}
	go p.serve()
	t.Cleanup(func() { _ = l.Close(); p.cut() })
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) serve() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("unix", p.socket)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.open[from] = to
		p.mu.Unlock()
		go p.carry(from, to, from)
		go p.carry(to, from, from)
	}
}

func (p *proxy) carry(to, from, key net.Conn) {
	buffer := make([]byte, 1<<15)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	p.mu.Lock()
	delete(p.open, key)
	p.mu.Unlock()
	_ = errors.Join(to.Close(), from.Close())
}

// cut resets every connection, whatever is under way on it.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for from, to := range p.open {
		if tcp, yes := from.(*net.TCPConn); yes {
			_ = tcp.SetLinger(0)
		}
		_ = errors.Join(from.Close(), to.Close())
	}
}

// ok ends a test if there is an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// gone reports whether an error says that nobody listens: then nothing was sent.
func gone(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
