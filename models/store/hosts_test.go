package store_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"gorm.io/gorm"

	"yishi/models/store"
)

// node is a way to the test's MariaDB that stands for a node of a cluster.
type node struct {
	path     string
	server   string // its socket
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
}

func newNode(t *testing.T, path, server string) *node {
	t.Helper()
	n := &node{path: path, server: server}
	var err error
	if n.listener, err = net.Listen("unix", n.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.die)
	go func() {
		for {
			from, err := n.listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", server)
			if err != nil {
				_ = from.Close()
				continue
			}
			n.mu.Lock()
			n.open = append(n.open, from, to)
			n.mu.Unlock()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		}
	}()
	return n
}

// refuse takes no more connections, and keeps those that are there.
func (n *node) refuse() { _ = n.listener.Close() }

// die refuses, and cuts what is there.
func (n *node) die() {
	n.refuse()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.open {
		_ = c.Close()
	}
}

// served is how many connections came by way of the node.
func (n *node) served() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.open) / 2
}

// cluster opens a database by two nodes, before which the list has one that is
// not there.
func cluster(t *testing.T) (s *store.Store, first, second *node) {
	t.Helper()
	dsn := mariadb(t)
	m := regexp.MustCompile(`^(mysql://.*@unix\()(.*)(\)/.*)$`).FindStringSubmatch(dsn)
	if m == nil {
		t.Fatalf("a cluster is tried over sockets, not over %s", dsn)
	}
	ready(t, dsn)
	folder, err := os.MkdirTemp("", "nodes") //nolint:usetesting // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	first, second = newNode(t, filepath.Join(folder, "a"), m[2]), newNode(t, filepath.Join(folder, "b"), m[2])
	return open(t, m[1]+first.path+"gone,"+first.path+", "+second.path+m[3]), first, second
}

// TestNodeDies loses the node in the middle of a transaction: it is run again on
// the next, and is there once.
func TestNodeDies(t *testing.T) {
	s, first, second := cluster(t)
	transact(t, s, func(tx *gorm.DB) error { return record(tx, "before") })
	if first.served() == 0 || second.served() != 0 {
		t.Fatalf("connections: %d to the first node, %d to the second", first.served(), second.served())
	}
	runs := 0
	transact(t, s, func(tx *gorm.DB) error {
		err := record(tx, "during")
		if runs++; runs == 1 {
			first.die()
		}
		return err
	})
	transact(t, s, func(tx *gorm.DB) error { return record(tx, "after") })
	if got := deeds(t, s); len(got) != 3 || runs != 2 || second.served() == 0 {
		t.Errorf("%v in %d runs, %d connections to the second node", got, runs, second.served())
	}
}

// unready is what a node answers that has not caught up with its cluster.
func unready(tx *gorm.DB) error {
	return tx.Exec("SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = 1047, MESSAGE_TEXT = 'WSREP has not yet prepared node'").Error
}

// TestNodeNotReady leaves a node that answers 1047 and takes no new connections:
// what is there of them is not used again. Once it is back, the node that serves
// goes on serving.
func TestNodeNotReady(t *testing.T) {
	s, first, second := cluster(t)
	runs := 0
	transact(t, s, func(tx *gorm.DB) error {
		if runs++; second.served() == 0 {
			first.refuse()
			return unready(tx)
		}
		return record(tx, "done")
	})
	if got := deeds(t, s); len(got) != 1 || runs != 2 {
		t.Errorf("%v in %d runs", got, runs)
	}
	back, once := newNode(t, first.path, first.server), second.served()
	transact(t, s, func(tx *gorm.DB) error {
		if second.served() == once && back.served() == 0 {
			return unready(tx)
		}
		return record(tx, "on")
	})
	if back.served() != 0 {
		t.Error("a node that came back is asked before the one that serves")
	}
}

// TestNoNode names what is wrong with every node, without a password.
func TestNoNode(t *testing.T) {
	_, err := store.Open("mysql://root:canary@unix(/nowhere/a,/nowhere/b)/yishi", nil)
	if err == nil || !regexp.MustCompile(`(?s)/nowhere/a.*/nowhere/b`).MatchString(err.Error()) || regexp.MustCompile("canary").MatchString(err.Error()) {
		t.Errorf("no node at all: %v", err)
	}
	if !store.Passing(errors.Join(io.EOF, &net.OpError{Op: "dial", Err: io.EOF})) {
		t.Error("no node at all is not passing")
	}
}
