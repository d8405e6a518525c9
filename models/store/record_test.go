package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"yishi/models/store"
)

// answer is what a deed of these tests tells: in which run it was done.
type answer struct {
	Receipt string
	Run     int
}

// raise is a deed with a request key: its effect is one audit line.
func raise(t *testing.T, s *store.Store, person int64, key, digest string, run int) (answer, error) {
	t.Helper()
	var out answer
	err := s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
		out = answer{}
		once := store.Once{PersonID: person, Key: key, Digest: digest, At: noon}
		answered, err := store.Claim(tx, &once)
		if err != nil {
			return err
		}
		if answered {
			return json.Unmarshal(once.Answer, &out)
		}
		out = answer{"回执" + key, run}
		if err := record(tx, fmt.Sprint(person, key)); err != nil {
			return err
		}
		if once.Answer, err = json.Marshal(out); err != nil {
			return err
		}
		return store.Remember(tx, &once)
	})
	return out, err
}

func TestClaim(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			for run, tt := range []struct {
				name        string
				person      int64
				key, digest string
				want        int // the run whose answer is given
				err         error
				effects     int // all there are by now
			}{
				{"a first request", 1, "k1", "d1", 0, nil, 1},
				{"the same again", 1, "k1", "d1", 0, nil, 1},
				{"the key with another request", 1, "k1", "d2", 0, store.ErrReused, 1},
				{"the first still stands", 1, "k1", "d1", 0, nil, 1},
				{"another key", 1, "k2", "d1", 4, nil, 2},
				{"the key in other letters", 1, "K1", "d1", 5, nil, 3},
				{"the key of another person", 2, "k1", "d2", 6, nil, 4},
				{"theirs again", 2, "k1", "d2", 6, nil, 4},
			} {
				t.Run(tt.name, func(t *testing.T) {
					got, err := raise(t, s, tt.person, tt.key, tt.digest, run)
					if !errors.Is(err, tt.err) || tt.err == nil && got != (answer{"回执" + tt.key, tt.want}) {
						t.Errorf("answered %+v, %v, want that of run %d, %v", got, err, tt.want, tt.err)
					}
					if n := len(deeds(t, s)); n != tt.effects {
						t.Errorf("%d effects, want %d", n, tt.effects)
					}
				})
			}
		})
	}
}

// TestClaimOfAFailedDeed: what was refused is not remembered, so that the same
// request may succeed later.
func TestClaimOfAFailedDeed(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			fault := errors.New("broken")
			err := s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
				once := store.Once{PersonID: 1, Key: "k1", Digest: "d1", At: noon}
				if answered, err := store.Claim(tx, &once); answered || err != nil {
					t.Errorf("a new key is answered: %v, %v", answered, err)
				}
				return fault
			})
			if !errors.Is(err, fault) {
				t.Fatal(err)
			}
			if got, err := raise(t, s, 1, "k1", "d2", 1); err != nil || got.Run != 1 {
				t.Errorf("afterwards: %+v, %v", got, err)
			}
		})
	}
}

// TestForget drops what was kept before a moment and leaves the rest.
func TestForget(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			for _, tt := range []struct {
				name   string
				before time.Time
				run    int // whose answer the same request gets
			}{
				{"nothing is that old", noon, 0},
				{"a second later", noon.Add(time.Second), 2},
			} {
				t.Run(tt.name, func(t *testing.T) {
					if _, err := raise(t, s, 1, "k1", "d1", 0); err != nil {
						t.Fatal(err)
					}
					if err := s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
						_, err := store.Forget(tx, tt.before)
						return err
					}); err != nil {
						t.Fatal(err)
					}
					if got, err := raise(t, s, 1, "k1", "d1", 2); err != nil || got.Run != tt.run {
						t.Errorf("answered %+v, %v, want that of run %d", got, err, tt.run)
					}
				})
			}
		})
	}
}

// TestClaimAtOnce sends the same request many times at the same time: there is
// one effect, and everybody gets its answer.
func TestClaimAtOnce(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			const requests = 8
			answers, errs := make([]answer, requests), make([]error, requests)
			atOnce(requests, func(i int) { answers[i], errs[i] = raise(t, s, 1, "k1", "d1", i) })
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			if n := len(slices.Compact(answers)); n != 1 {
				t.Errorf("different answers: %+v", answers)
			}
			if got := deeds(t, s); len(got) != 1 {
				t.Errorf("%d effects of one request", len(got))
			}
		})
	}
}

// TestClaimOfTwoAtOnce sends two different requests with one key: one is done,
// the other refused.
func TestClaimOfTwoAtOnce(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			var errs [2]error
			atOnce(2, func(i int) { _, errs[i] = raise(t, s, 1, "k1", fmt.Sprint("d", i), i) })
			first, second := errs[0], errs[1]
			if first != nil {
				first, second = second, first
			}
			if first != nil || !errors.Is(second, store.ErrReused) {
				t.Errorf("got %v, want one done and the other %v", errs, store.ErrReused)
			}
			if got := deeds(t, s); len(got) != 1 {
				t.Errorf("%d effects", len(got))
			}
		})
	}
}

// atOnce runs fn n times at the same time and waits for all.
func atOnce(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			fn(i)
		})
	}
	done.Wait()
}
