//go:build !race

package torture_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"yishi/models"
	"yishi/models/rules"
)

// TestPowerCut cuts the power of an embedded database while people vote: what was
// acknowledged until then is there when it is back, and all books agree. A
// database that does not bring each commit to the disk must be seen to forget.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	z := size(t)
	full := cutting(t, z, false)
	if full.lost > 0 || full.acked == 0 {
		t.Errorf("the power was cut %d times: %v", z.cuts, full)
	}
	normal := cutting(t, z, true)
	if normal.lost == 0 {
		t.Errorf("synchronous = NORMAL forgot nothing: this test cannot see a loss: %v", normal)
	}
	results.row("R3", "sqlite", fmt.Sprintf("%d cuts of the power", z.cuts), full)
	results.row("R3 mutant", "sqlite", "synchronous = NORMAL", normal)
}

// cuts is what was left after all cuts together.
type cuts struct{ acked, lost int }

func (c cuts) String() string {
	return fmt.Sprintf("%d acknowledged before a cut, %d lost", c.acked, c.lost)
}

// moment is a cut: what had been acknowledged before it, and what was left.
type moment struct {
	acked  int
	folder string
}

// cutting lets people vote and cuts the power from time to time.
func cutting(t *testing.T, z scale, relax bool) cuts {
	t.Helper()
	folder := t.TempDir()
	d := plug(t, folder)
	base := &lite{filepath.Join(folder, "yishi.db")}
	s := prepare(t, base, z.voters)
	d.idle()
	var moments []moment
	acks := make([]acknowledged, 0, z.voters)
	var poll int64
	s.desk(func(f *models.Forum) {
		p, err := f.OpenPoll(t.Context(), s.secretary, models.NewPoll{SessionID: s.session, TopicID: s.topic, Question: "清吗?(示例)"})
		ok(t, err)
		poll = p.ID
		if relax {
			d.relaxAll(t)
		}
		moments = s.cuts(f, d, poll, z.cuts, &acks)
	})
	var sum cuts
	for _, m := range moments {
		sum.acked += m.acked
		sum.lost += s.missing(m, poll, acks[:m.acked])
	}
	return sum
}

// cuts lets everybody vote, and cuts the power n times meanwhile.
func (s *stage) cuts(f *models.Forum, d *disk, poll int64, n int, acks *[]acknowledged) []moment {
	t := s.t
	t.Helper()
	var mu sync.Mutex
	var moments []moment
	var next atomic.Int64
	every := len(s.voters) / (n + 1)
	each(t, len(s.voters), 16, func(i int) error {
		who := models.Actor{PersonID: s.voters[i].person, Door: models.DoorMini, Key: rand.Text()}
		b, err := f.CastBallot(t.Context(), who, poll, "", rules.Choice(choices[i%3]))
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		*acks = append(*acks, acknowledged{i, who.Key, string(b.Choice), b.Receipt, b.Proof})
		if at := next.Load(); len(*acks) >= int(at+1)*every && at < int64(n) {
			next.Add(1)
			m := moment{len(*acks), t.TempDir()}
			d.cut(t, m.folder, at%2 == 1)
			moments = append(moments, m)
		}
		return nil
	})
	return moments
}

// missing opens what a cut has left and counts what is not there any more.
func (s *stage) missing(m moment, poll int64, acks []acknowledged) int {
	t := s.t
	t.Helper()
	left := &stage{t: t, database: &lite{filepath.Join(m.folder, "yishi.db")}, secretary: s.secretary, voters: s.voters}
	left.desk(func(f *models.Forum) {
		r := left.recount(f, poll)
		if len(r.Faults) > 0 {
			t.Errorf("after a cut the books say %+v", r.Faults)
		}
	})
	var whole string
	ok(t, left.database.open(t).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&whole))
	if whole != "ok" {
		t.Errorf("after a cut the file is %s", whole)
	}
	rows, lost := (&round{stage: left, poll: poll}).rows(), 0
	for _, a := range acks {
		found := rows[s.voters[a.Voter].person]
		if len(found) != 1 || found[0].request != request(s.voters[a.Voter].person, a.Key) || found[0].choice != a.Choice || found[0].receipt != a.Receipt {
			lost++
		}
	}
	ok(t, os.RemoveAll(m.folder))
	return lost
}
