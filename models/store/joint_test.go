package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"yishi/models/store"
)

// TestJointly lets several transactions be one: what is written is read by those
// after it, and by nobody else before the end; a part that fails leaves nothing and
// the others stand; of a whole that fails nothing does.
func TestJointly(t *testing.T) {
	broken, deadlock := errors.New("broken"), &mysqldriver.MySQLError{Number: 1213}
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			for name, tt := range map[string]struct {
				parts []error // of each part, once it has written its line
				end   error   // of the whole, the first time
				left  []string
			}{
				"nothing":                       {nil, nil, nil},
				"all goes well":                 {[]error{nil, nil, nil}, nil, []string{"0", "1", "2"}},
				"the first part fails":          {[]error{broken, nil, nil}, nil, []string{"1", "2"}},
				"a later part fails":            {[]error{nil, broken, nil, broken, nil}, nil, []string{"0", "2", "4"}},
				"every part fails":              {[]error{broken, broken}, nil, nil},
				"the whole fails":               {[]error{nil, broken, nil}, broken, nil},
				"the whole passes, another try": {[]error{nil, broken, nil}, deadlock, []string{"0", "2"}},
			} {
				t.Run(name, func(t *testing.T) {
					s := ready(t, on.dsn(t))
					runs, after := 0, 0
					err := s.Jointly(t.Context(), func(ctx context.Context) error {
						runs++
						playParts(ctx, t, s, tt.parts, broken)
						store.After(ctx, func() { after++ })
						if got := deeds(t, s); len(got) > 0 {
							t.Errorf("seen before the end: %v", got)
						}
						if runs == 1 {
							return tt.end
						}
						return nil
					})
					failed, wantRuns := errors.Is(tt.end, broken), 1
					if errors.Is(tt.end, deadlock) {
						wantRuns = 2
					}
					if failed != (err != nil) || runs != wantRuns || failed == (after == 1) || after > 1 {
						t.Errorf("%v, %d runs, %d times after", err, runs, after)
					}
					if got := deeds(t, s); !slices.Equal(got, tt.left) {
						t.Errorf("left behind: %v, want %v", got, tt.left)
					}
					transact(t, s, func(tx *gorm.DB) error { return record(tx, "next") }) // nothing is in the way
				})
			}
		})
	}
}

// playParts runs the parts of a whole, and looks at what stands after each.
func playParts(ctx context.Context, t *testing.T, s *store.Store, parts []error, broken error) {
	t.Helper()
	stood := 0
	for i, fails := range parts {
		err := s.Transact(ctx, noon, func(tx *gorm.DB) error {
			return errors.Join(record(tx, string(rune('0'+i))), fails)
		})
		if errors.Is(err, broken) != (fails != nil) {
			t.Errorf("part %d: %v", i, err)
		}
		if fails == nil {
			stood++
		}
		var n int64
		if err := s.DB(ctx).Model(&store.Audit{}).Count(&n).Error; err != nil || n != int64(stood) || store.Joined(ctx) != (stood > 0) {
			t.Errorf("after part %d there are %d lines, joined %v, %v", i, n, store.Joined(ctx), err)
		}
	}
}

// TestJointlyAfterPanic: what breaks leaves nothing and stands in nobody's way; nor
// does what is given up before its end.
func TestJointlyAfterPanic(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			write := func(ctx context.Context) error {
				return s.Transact(ctx, noon, func(tx *gorm.DB) error { return record(tx, "lost") })
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				_ = s.Jointly(t.Context(), func(ctx context.Context) error { _ = write(ctx); panic("broken") })
			}()
			ctx, cancel := context.WithCancel(t.Context())
			err := s.Jointly(ctx, func(ctx context.Context) error { defer cancel(); return write(ctx) })
			if err == nil {
				t.Error("committed after it was given up")
			}
			transact(t, s, func(tx *gorm.DB) error { return record(tx, "kept") })
			if got := deeds(t, s); !slices.Equal(got, []string{"kept"}) {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}
