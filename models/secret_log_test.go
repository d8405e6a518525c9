package models_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/models/secret"
)

// TestSecretLog plays the adversary (R14) who has the log in which the database
// writes down each change: of SQLite the file and what is not yet folded into it,
// of MariaDB the binary log. A ballot that waits for its crowd is nowhere in it,
// and the order in which it names the ballots of a batch is drawn by lot. The
// mutant writes ballots as they come.
func TestSecretLog(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		log := logOf(t, s)
		h := forumtest.NewSecretPoll(t, s, 60, rules.DiscloseKey)
		h.Keep()
		execute(t, s, "CREATE TABLE mutant (poll_id BIGINT, name VARCHAR(64), turn INT, token VARCHAR(128), signature VARCHAR(344), sealed VARCHAR(512), batch BIGINT, place INT)")
		var order []string // of the ballots, as their voters came
		var waiting []secret.Ballot
		for i, p := range h.People {
			b := h.Say(h.Token(p), 0, []rules.Choice{rules.Yes, rules.No}[i%2])
			h.Drop(b)
			waiting, order = append(waiting, b), append(order, secret.Name(b.Token))
			s.Clock.Pass(time.Minute)
		}
		for _, row := range table(t, s, "SELECT token FROM secret_ballots") {
			for i, b := range waiting {
				if b.Token == row[0] {
					waiting = append(waiting[:i], waiting[i+1:]...)
					break
				}
			}
		}
		if len(waiting) != 5 {
			t.Fatalf("%d ballots wait", len(waiting))
		}
		text := log()
		for _, b := range waiting {
			for what, is := range map[string]string{"name": secret.Name(b.Token), "token": b.Token, "signature": b.Signature, "sealed choice": b.Sealed} {
				if strings.Contains(text, is) {
					t.Errorf("the log has the %s of a ballot that waits", what)
				}
			}
		}
		for i, b := range waiting { // the mutant, with what the check must find
			execute(t, s, "INSERT INTO mutant (name, batch) VALUES ('"+secret.Name(b.Token)+"', 1)")
			if !strings.Contains(log(), secret.Name(b.Token)) {
				t.Errorf("ballot %d of the mutant is not found in the log", i)
			}
		}
		if s.MariaDB() {
			asTheyCame(t, order, logged(text, "secret_ballots"), logged(log(), "mutant"))
		}
	})
}

// asTheyCame compares the order of ballots in the binary log with that in which
// their voters came.
func asTheyCame(t *testing.T, order []string, rows, mutant [][]string) {
	t.Helper()
	if len(rows) != 55 {
		t.Fatalf("the log has %d ballots", len(rows))
	}
	if n := linked(order, rows); n > byChance {
		t.Errorf("the log names %d of %d voters", n, len(rows))
	}
	if n := inOrder(order, rows); n < pairs/2-fiveSigma || n > pairs/2+fiveSigma {
		t.Errorf("in the log %d of %d pairs of a batch stand as they came", n, pairs)
	}
	if n := inOrder(order, mutant); n != 5*4/2 {
		t.Errorf("the adversary finds only %d pairs in the mutant", n)
	}
}

// logOf returns a way to read the log of changes.
func logOf(t *testing.T, s *forumtest.Stage) func() string {
	t.Helper()
	if !s.MariaDB() {
		return func() string {
			var all strings.Builder
			for _, file := range []string{s.DSN, s.DSN + "-wal"} {
				body, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				all.Write(body)
			}
			return all.String()
		}
	}
	if on := table(t, s, "SELECT @@log_bin"); on[0][0] != "1" {
		if os.Getenv("YISHI_TEST_BINLOG") != "" {
			t.Fatal("YISHI_TEST_BINLOG is set, and the server keeps no binary log")
		}
		t.Skip("NOT RUN: the binary log of MariaDB is off; YISHI_TEST_BINLOG=1 scripts/mariadb.sh run switches it on")
	}
	return func() string {
		var files []string
		for _, row := range table(t, s, "SHOW BINARY LOGS") {
			files = append(files, row[0])
		}
		args := append([]string{"--no-defaults", "--user=root", "--socket=" + os.Getenv("YISHI_TEST_MARIADB_SOCKET"), "--read-from-remote-server", "--verbose", "--base64-output=DECODE-ROWS"}, files...)
		body, err := exec.CommandContext(t.Context(), "mariadb-binlog", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
}

var inserted = regexp.MustCompile("(?s)### INSERT INTO `[^`]*`\\.`(\\w+)`\n### SET\n((?:###   @[^\n]*\n)+)")

// logged are the ballots that the binary log says were put into a table, in its
// order, each with its batch.
func logged(log, table string) (rows [][]string) {
	for _, m := range inserted.FindAllStringSubmatch(log, -1) {
		if m[1] != table {
			continue
		}
		fields := map[string]string{}
		for line := range strings.Lines(m[2]) {
			at, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "###   @")), "=")
			fields[at] = strings.Trim(value, "'")
		}
		rows = append(rows, []string{fields["2"], fields["7"]})
	}
	return rows
}
