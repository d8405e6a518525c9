//go:build !race

package torture_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/rules"
)

// How the flood comes: what the disk takes for one transaction, which holds a
// thousand ballots at most, and how many ballots come in a second.
const (
	slowness = time.Second
	offered  = 10000
	ebb      = 10 * time.Second // until everything is as before
)

// TestFlood lets ten times as many ballots come as a slow disk takes. Memory does
// not grow with it; those for whom there is no room are told so at once; what was
// acknowledged is there; when it is over, so are its traces.
func TestFlood(t *testing.T) {
	z := size(t)
	folder := t.TempDir()
	d := plug(t, folder)
	s := prepare(t, &lite{filepath.Join(folder, "yishi.db")}, 100)
	s.desk(func(f *models.Forum) {
		units := make([]string, len(s.voters))
		for i, v := range s.voters {
			units[i] = fmt.Sprintf("p%d", v.person)
		}
		p, err := f.OpenPoll(t.Context(), s.secretary, models.NewPoll{SessionID: s.session, TopicID: s.topic, Question: "清吗?(示例)", Pack: "STAKE", Stakeholders: units})
		ok(t, err)
		vote := func(i int) error {
			who := models.Actor{PersonID: s.voters[i%len(s.voters)].person, Door: models.DoorMini, Key: rand.Text()}
			_, err := f.CastBallot(t.Context(), who, p.ID, "", rules.Yes)
			return err
		}
		ok(t, vote(0))
		before := runtime.NumGoroutine()
		d.slow.Store(int64(slowness))
		w := pour(z.flood, vote)
		d.slow.Store(0)
		w.judge(t)
		began := time.Now()
		ok(t, vote(0))
		for runtime.NumGoroutine() > before+10 && time.Since(began) < ebb {
			time.Sleep(time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before+10 || time.Since(began) > ebb {
			t.Errorf("%v after the flood %d goroutines are left of %d", time.Since(began), n, before)
		}
		r := s.recount(f, p.ID)
		if r.Ballots != int64(len(w.taken))+2 || len(r.Faults) > 0 {
			t.Errorf("%d ballots were acknowledged, the record holds %+v", len(w.taken)+2, r)
		}
		results.row("R10", "sqlite", fmt.Sprintf("%d ballots came in %v, a transaction takes %v", w.came, z.flood, slowness), w)
	})
}

// water is what came of a flood.
type water struct {
	mu         sync.Mutex
	came       int
	taken      []time.Duration
	turned     []time.Duration // told to come again
	wrong      []error
	rose, held uint64 // most memory in the first half, in the second, in bytes
}

// pour lets ballots come for a while, whatever becomes of them.
func pour(lasts time.Duration, vote func(i int) error) *water {
	w := &water{}
	var wg sync.WaitGroup
	const step = 10 * time.Millisecond
	began := time.Now()
	for n := 0; time.Since(began) < lasts; n++ {
		if wait := time.Duration(n)*step - time.Since(began); wait > 0 {
			time.Sleep(wait)
		}
		for range offered * int(step) / int(time.Second) {
			w.came++
			i := w.came
			wg.Go(func() { w.one(i, vote) })
		}
		w.measure(time.Since(began) > lasts/2)
	}
	wg.Wait()
	return w
}

func (w *water) one(i int, vote func(i int) error) {
	began := time.Now()
	err := vote(i)
	took := time.Since(began)
	w.mu.Lock()
	defer w.mu.Unlock()
	if r, refused := rules.AsRefusal(err); err == nil {
		w.taken = append(w.taken, took)
	} else if refused && r.Kind == rules.Busy {
		w.turned = append(w.turned, took)
	} else {
		w.wrong = append(w.wrong, err)
	}
}

func (w *water) measure(later bool) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if used := m.Sys - m.HeapReleased; later {
		w.held = max(w.held, used)
	} else {
		w.rose = max(w.rose, used)
	}
}

func (w *water) judge(t *testing.T) {
	t.Helper()
	if len(w.wrong) > 0 {
		t.Errorf("%d were answered otherwise: %v", len(w.wrong), w.wrong[0])
	}
	if len(w.turned) < 3*len(w.taken) || len(w.taken) == 0 {
		t.Errorf("%d were taken and %d were not: this was no flood", len(w.taken), len(w.turned))
	}
	if p := p99(w.turned); p > time.Second {
		t.Errorf("one of a hundred waited %v to be told to come again", p)
	}
	if float64(w.held) > 1.5*float64(w.rose) {
		t.Errorf("memory rose from %d to %d MB", w.rose>>20, w.held>>20)
	}
}

func p99(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

func (w *water) String() string {
	return fmt.Sprintf("%d taken (p99 %v), %d told to come again (p99 %v), none lost; memory %d MB, later %d MB",
		len(w.taken), p99(w.taken).Round(time.Millisecond), len(w.turned), p99(w.turned).Round(time.Millisecond), w.rose>>20, w.held>>20)
}
