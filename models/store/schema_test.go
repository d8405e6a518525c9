package store_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"yishi/models/migrations"
	"yishi/models/store"
)

// TestUpTwice: a second run changes nothing and keeps what is there.
func TestUpTwice(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			transact(t, s, func(tx *gorm.DB) error { return record(tx, "topic/1") })
			before := schema(t, s)
			if err := migrations.Up(t.Context(), pool(t, s), s.SQLite()); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(before, schema(t, s)); d != "" {
				t.Error(d)
			}
			if got := deeds(t, s); !slices.Equal(got, []string{"topic/1"}) {
				t.Errorf("it holds %v", got)
			}
		})
	}
}

// TestUpAtOnce: of several instances that start together at least one brings
// the schema up, and nothing is the worse for the others.
func TestUpAtOnce(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			dsn := on.dsn(t)
			first, second := open(t, dsn), open(t, dsn)
			var errs [2]error
			atOnce(2, func(i int) {
				s := []*store.Store{first, second}[i]
				errs[i] = migrations.Up(t.Context(), pool(t, s), s.SQLite())
			})
			if errs[0] != nil && errs[1] != nil {
				t.Fatal(errors.Join(errs[:]...))
			}
			if err := migrations.Up(t.Context(), pool(t, first), first.SQLite()); err != nil {
				t.Fatal(err)
			}
			transact(t, second, func(tx *gorm.DB) error { return record(tx, "topic/1") })
		})
	}
}

// TestOneSchema: both databases have the same tables with the same columns,
// of which the same may be empty.
func TestOneSchema(t *testing.T) {
	schemas := map[string]map[string]bool{}
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			name := "mariadb"
			if s.SQLite() {
				name = "sqlite"
			}
			schemas[name] = schema(t, s)
		})
	}
	if len(schemas["sqlite"]) < 100 {
		t.Errorf("SQLite has only %d columns", len(schemas["sqlite"]))
	}
	if len(schemas) == 2 {
		if d := cmp.Diff(schemas["sqlite"], schemas["mariadb"]); d != "" {
			t.Error(d)
		}
	}
}

// schema is every table.column, and whether it may be empty.
func schema(t *testing.T, s *store.Store) map[string]bool {
	t.Helper()
	query := `SELECT m.name || '.' || c.name AS name, c."notnull" = 0 AND c.pk = 0 AS empty
		FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'`
	if !s.SQLite() {
		query = `SELECT CONCAT(table_name, '.', column_name) AS name, is_nullable = 'YES' AS empty
			FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%'`
	}
	var columns []struct {
		Name  string
		Empty bool
	}
	if err := s.DB(t.Context()).Raw(query).Scan(&columns).Error; err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, c := range columns {
		found[c.Name] = c.Empty
	}
	return found
}

// ballot is the first ballot of a unit.
func ballot(unit string, person int) map[string]any {
	return map[string]any{
		"poll_id": 1, "unit": unit, "turn": 0, "person_id": person, "choice": "yes", "area": 0, "door": "mini", "receipt": "",
		"request": strconv.Itoa(person), "batch": 1, "place": 0, "at": noon,
	}
}

// TestUniqueKeys writes each row twice. What must be there once is decided by
// the database, and told by the same error on both.
func TestUniqueKeys(t *testing.T) {
	type row = map[string]any
	tables := []struct {
		table string
		row   row
		free  row // changed so, there is room for it
	}{
		{"onces", row{"person_id": 1, "request": "k", "digest": "", "answer": "", "at": noon}, row{"request": "K"}},
		{"orgs", row{"code": "ZJ", "parent_id": 0, "kind": "city", "name": "镇江", "path": "/1/"}, row{"code": "zj"}},
		{"datasets", row{"kind": "packs", "version": "1", "status": "", "source": "", "body": "", "at": noon, "person_id": 0, "shipped": false}, row{"version": "2"}},
		{"staff", row{"person_id": 1, "login": "zhang", "password": "", "totp": []byte{1}, "totp_step": 0, "failures": 0, "renew": false}, row{"person_id": 2, "login": "li"}},
		{"households", row{"org_id": 1, "number": "3-201", "address": []byte{1}, "head": []byte{1}, "area": 1, "owner": "", "speaker_id": 0, "version": "1"}, row{"org_id": 2}},
		{"unions", row{"union_id": "u", "person_id": 1}, row{"union_id": "U"}},
		{"ties", row{"hash": "h", "person_id": 1, "door": "mini", "expires_at": noon}, row{"hash": "H"}},
		{"capacities", row{"person_id": 1, "org_id": 1, "kind": "owner", "household_id": 0, "state": "asked", "asked_at": noon, "decided_by": 0, "stands": true}, row{"stands": nil}},
		{"presences", row{"session_id": 1, "person_id": 1, "how": "code", "helper_id": 0, "consent": "", "at": noon}, row{"person_id": 2}},
		{"speakers", row{"session_id": 1, "topic_id": 1, "person_id": 1, "helper_id": 0, "stance": "for", "part": "resident", "asked_at": noon, "seconds": 0, "stands": true}, row{"stands": nil}},
		{"minutes_texts", row{"session_id": 1, "topic_id": 1, "version": 1, "words": "", "person_id": 1, "at": noon}, row{"version": 2}},
		{"screens", row{"token": "a", "code": "c", "session_id": 0, "asked_at": noon, "expires_at": noon, "paired_by": 0}, row{"token": "b", "code": nil}},
		{"acts", row{"poll_id": 1, "person_id": 1, "capacity": "merchant"}, row{"poll_id": 2}},
		{"ballots", ballot("h1", 1), row{"unit": "h2"}},
		{"shards", row{"poll_id": 1, "shard": 0, "open": true, "ballots": 0}, row{"shard": 1}},
		{"tallies", row{"poll_id": 1, "shard": 0, "choice": "yes", "door": "mini", "ballots": 1, "area": 0}, row{"door": "chat"}},
		{"batches", row{"poll_id": 1, "id": 1, "size": 1}, row{"id": 2}},
		{"checkpoints", row{"poll_id": 1, "size": 1, "note": "", "at": noon}, row{"size": 2}},
		{"objections", row{"topic_id": 1, "publication_id": 1, "person_id": 1, "order_id": 0, "words": "", "at": noon, "due_at": noon, "answer": "", "upheld": false}, row{"order_id": 1}},
		{"screenings", row{"org_id": 1, "noun": "photo", "thing_id": 1, "of_id": 1, "person_id": 1, "words": "", "state": "held", "found": "[]", "verdict": "", "trace": "", "at": noon, "decided_by": 0, "reason": "", "stands": true}, row{"stands": nil}},
		{"confirmations", row{"topic_id": 1, "turn": 1, "person_id": 1, "answer": "", "words": "", "helper_id": 0, "consent": "", "asked_at": noon, "reminders": 0}, row{"turn": 2}},
	}
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			create := func(table string, r row) error {
				return s.Transact(t.Context(), noon, func(tx *gorm.DB) error { return tx.Table(table).Create(r).Error })
			}
			for _, tt := range tables {
				t.Run(tt.table, func(t *testing.T) {
					if err := create(tt.table, maps.Clone(tt.row)); err != nil {
						t.Fatal(err)
					}
					if err := create(tt.table, maps.Clone(tt.row)); !errors.Is(err, gorm.ErrDuplicatedKey) {
						t.Errorf("written twice: %v, want %v", err, gorm.ErrDuplicatedKey)
					}
					other := maps.Clone(tt.row)
					maps.Copy(other, tt.free)
					if err := create(tt.table, other); err != nil {
						t.Errorf("with %v: %v", tt.free, err)
					}
				})
			}
			err := create("ballots", row{"poll_id": 9, "unit": "h1", "choice": nil})
			if err == nil || errors.Is(err, gorm.ErrDuplicatedKey) {
				t.Errorf("a row with holes: %v, want an error that is no duplicate", err)
			}
		})
	}
}

// TestBallotOfOneUnitAtOnce casts for one household from many phones at the same
// time: one ballot counts.
func TestBallotOfOneUnitAtOnce(t *testing.T) {
	for _, on := range databases {
		t.Run(on.name, func(t *testing.T) {
			s := ready(t, on.dsn(t))
			const phones = 8
			errs := make([]error, phones)
			atOnce(phones, func(i int) {
				errs[i] = s.Transact(t.Context(), noon, func(tx *gorm.DB) error {
					return tx.Table("ballots").Create(ballot("h1", i)).Error
				})
			})
			cast := 0
			for _, err := range errs {
				if err == nil {
					cast++
				} else if !errors.Is(err, gorm.ErrDuplicatedKey) {
					t.Error(err)
				}
			}
			if cast != 1 {
				t.Errorf("%d ballots were cast for one household", cast)
			}
		})
	}
}
