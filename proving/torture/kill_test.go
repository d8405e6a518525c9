//go:build !race

package torture_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"yishi/models"
	"yishi/models/rules"
)

// row is a ballot as it stands in the database.
type row struct {
	person          int64
	choice, receipt string
	request         string
}

// rows reads the record of a poll past the program.
func (r *round) rows() map[int64][]row {
	r.t.Helper()
	all, err := r.database.open(r.t).QueryContext(r.t.Context(), fmt.Sprintf("SELECT person_id, choice, receipt, request FROM ballots WHERE poll_id = %d", r.poll))
	ok(r.t, err)
	defer func() { _ = all.Close() }()
	out := map[int64][]row{}
	for all.Next() {
		var b row
		ok(r.t, all.Scan(&b.person, &b.choice, &b.receipt, &b.request))
		out[b.person] = append(out[b.person], b)
	}
	ok(r.t, all.Err())
	return out
}

// request is the name under which the program keeps a key of somebody.
func request(person int64, key string) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(person, 10) + " " + key))
	return hex.EncodeToString(sum[:16])
}

// books is what the books of a round say when they are compared.
type books struct {
	acked, lost, doubled, strange int
	illegal, undecided, histories int
	foretold                      int    // illegal but for a ballot that was seen and then forgotten, of a server that was killed
	instance                      string // an illegal history
}

func (b books) String() string {
	return fmt.Sprintf("%d acknowledged, %d lost, %d doubled, %d never sent; %d histories, %d illegal, %d undecided, %d foretold",
		b.acked, b.lost, b.doubled, b.strange, b.histories, b.illegal, b.undecided, b.foretold)
}

func (b *books) add(o books) {
	b.acked += o.acked
	b.lost += o.lost
	b.doubled += o.doubled
	b.strange += o.strange
	b.illegal += o.illegal
	b.undecided += o.undecided
	b.histories += o.histories
	b.foretold += o.foretold
}

// compare holds the journal against the database, and the histories against the
// promise.
func (r *round) compare(acks []acknowledged) books {
	r.t.Helper()
	rows, sent := r.rows(), map[string]ballot{}
	for _, f := range r.families {
		for _, c := range f.casts {
			sent[request(r.voters[f.voter].person, c.key)] = c
		}
	}
	b := books{}
	for i, v := range r.voters {
		o := outcome{ballots: len(rows[v.person])}
		if o.ballots > 1 {
			b.doubled++
		}
		for _, found := range rows[v.person] {
			c, known := sent[found.request]
			if !known || c.choice != found.choice {
				b.strange++
			}
			o.key, o.choice, o.receipt = c.key, found.choice, found.receipt
		}
		at := r.now()
		r.tell(i, at, at+1, deed{kind: "find"}, o)
	}
	told := map[string]bool{}
	for _, a := range acks {
		if told[a.Key] {
			continue // a retry
		}
		told[a.Key] = true
		b.acked++
		there := false
		for _, found := range rows[r.voters[a.Voter].person] {
			there = there || found.request == request(r.voters[a.Voter].person, a.Key) && found.choice == a.Choice && found.receipt == a.Receipt
		}
		if !there {
			b.lost++
		}
	}
	var illegal []int
	illegal, b.undecided = judge(r.history)
	if r.done[killBase] > 0 {
		all := len(illegal)
		illegal = slices.DeleteFunc(illegal, func(unit int) bool { return foretold(r.history[unit]) })
		b.foretold = all - len(illegal)
	}
	b.illegal, b.histories = len(illegal), len(r.history)
	if len(illegal) > 0 {
		b.instance = story(r.history[illegal[0]])
	}
	return b
}

// story is a history to be read by people.
func story(ops []porcupine.Operation) string {
	var b strings.Builder
	for _, op := range ops {
		end := time.Duration(op.Return).String()
		if op.Return == forever {
			end = "?"
		}
		fmt.Fprintf(&b, "\n  %v … %s: %v → %+v", time.Duration(op.Call), end, op.Input, op.Output)
	}
	return b.String()
}

// agree checks that verdict, tally, record, recount and board tell the same.
func (r *round) agree(acks []acknowledged) {
	t := r.t
	t.Helper()
	stand := map[rules.Choice]int64{}
	var cast int64
	for _, rows := range r.rows() {
		cast++
		stand[rules.Choice(rows[0].choice)]++
	}
	c := r.verdict.Verdict.Count
	if r.verdict.Cast != cast || c.Cast != cast || c.Yes != stand[rules.Yes] || c.No != stand[rules.No] || c.Abstain != stand[rules.Abstain] {
		t.Errorf("the poll was closed with %d ballots and %+v, the database holds %d: %v", r.verdict.Cast, c, cast, stand)
	}
	r.desk(func(f *models.Forum) {
		later, err := f.Poll(t.Context(), r.secretary, r.poll)
		ok(t, err)
		if later.Cast != r.verdict.Cast || later.Verdict.Count != c {
			t.Errorf("the poll was closed with %+v and tells %+v afterwards", c, later.Verdict.Count)
		}
	})
	out, err := r.command("recount", strconv.FormatInt(r.poll, 10))
	if err != nil || !strings.Contains(out, fmt.Sprintf("poll %d: %d units have voted", r.poll, cast)) {
		t.Errorf("the recount says %s, %v", out, err)
	}
	r.verify(acks)
}

// shown is how many receipts are shown to the verifier.
const shown = 100

// verify lets the verifier check the board of the poll, with receipts in hand.
func (r *round) verify(acks []acknowledged) {
	t := r.t
	t.Helper()
	file := filepath.Join(t.TempDir(), "board.json")
	r.desk(func(f *models.Forum) {
		_, err := f.SealBoard(t.Context(), r.poll)
		ok(t, err)
		var b bytes.Buffer
		_, err = f.WriteBoard(t.Context(), models.Actor{}, r.poll, func() io.Writer { return &b })
		ok(t, err)
		ok(t, os.WriteFile(file, b.Bytes(), 0o600))
	})
	args := []string{file}
	for i := range min(shown, len(acks)) {
		args = append(args, "--receipt", acks[i*len(acks)/min(shown, len(acks))].Proof)
	}
	if out, err := exec.CommandContext(t.Context(), verifier, args...).CombinedOutput(); err != nil {
		t.Errorf("the verifier: %v\n%s", err, out)
	}
}

// bases are the databases that are tortured.
var bases = map[string]func(*testing.T) database{
	"sqlite":  func(t *testing.T) database { t.Helper(); return newLite(t) },
	"mariadb": func(t *testing.T) database { t.Helper(); return newMaria(t) },
}

// TestKills kills the program and its database while people vote, again and
// again. Whatever was acknowledged is there, once, as it was cast; what nobody
// knows of is there or not; all books agree afterwards. On a schema without its
// key the same crowd leaves doubles.
func TestKills(t *testing.T) {
	t.Parallel()
	for name, base := range bases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := size(t)
			s := settle(t, base(t), z.voters)
			sum, done, retries, unknown, began := books{}, map[string]int{}, int64(0), int64(0), time.Now()
			for n := range z.polls {
				r := s.open()
				r.vote(z.faults)
				acks := r.journal.read(t)
				b := r.compare(acks)
				if b.lost+b.doubled+b.strange+b.illegal+b.undecided > 0 || len(r.wrong) > 0 {
					t.Errorf("poll %d: %v; %v%s", r.poll, b, r.wrong, b.instance)
				}
				r.agree(acks)
				sum.add(b)
				retries, unknown = retries+r.alike.Load(), unknown+r.unknown.Load()
				for fault, times := range r.done {
					done[fault] += times
				}
				t.Logf("poll %d of %d, %v: %v", n+1, z.polls, r.done, b)
			}
			results.row("R1 R2", name, fmt.Sprintf("%v in %.0f s", done, time.Since(began).Seconds()),
				fmt.Sprintf("%v; %d answers lost, %d retries told alike", sum, unknown, retries))
			forgetful(t, s)
			keyless(t, s)
		})
	}
}

// keyless lets the crowd vote without the key that gives a unit one ballot.
func keyless(t *testing.T, s *stage) {
	t.Helper()
	dropKey(t, s.database)
	r := s.open()
	r.families, r.patience, r.over = r.families[:len(r.families)/2], time.Second, 200
	r.vote(0)
	b := r.compare(r.journal.read(t))
	if b.doubled == 0 || b.illegal == 0 {
		t.Errorf("without the key there were no doubles: this test cannot see one: %v", b)
	}
	results.row("R1 mutant", filepath.Base(t.Name()), "no key (poll, unit, turn)", b)
}

// forgetful kills a database that does not bring each commit to the disk: what
// it forgets must be missed. Once a second it does, so there may be nothing to
// forget; then it is tried again.
func forgetful(t *testing.T, s *stage) {
	t.Helper()
	if _, yes := s.database.(*maria); !yes {
		return // see TestPowerCut
	}
	var b books
	for range 5 {
		r := s.open()
		run(t, s.database.open(t), "SET GLOBAL innodb_flush_log_at_trx_commit = 0") // the program refuses to start on that
		r.families, r.patience = r.families[:len(r.families)/2], 5*time.Second
		for s.next = 0; s.database.faults()[s.next] != killBase; {
			s.next++
		}
		r.vote(1)
		if b = r.compare(r.journal.read(t)); b.lost > 0 {
			break
		}
	}
	if b.lost == 0 || b.illegal == 0 {
		t.Errorf("a database that forgets forgot nothing: this test cannot see a loss: %v", b)
	}
	results.row("R1 mutant", filepath.Base(t.Name()), "innodb_flush_log_at_trx_commit = 0", b)
}
