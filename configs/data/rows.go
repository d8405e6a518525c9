package data

import (
	"io"
	"slices"
	"strconv"
	"time"

	"yishi/models/rules"
)

// Org is a node of the tree as it is imported; Parent is the code of the node
// above, "" for the root.
type Org struct{ Code, Parent, Kind, Name string }

// Household is one household of a community, whose code is Org.
type Household struct {
	Row                               int // of the file, for messages about it
	Org, Number, Address, Head, Owner string
	AreaCM2                           int64
}

// Message is a message of a resident that another system has collected. Likes
// and dislikes are counts without names. Reply is what the authority answered
// there, at Replied; "" where it has not.
type Message struct {
	Row             int // of the file, for messages about it
	ID              string
	Time            time.Time
	Title, Body     string
	Likes, Dislikes int
	Reply           string
	Replied         time.Time
}

// rowsOf reads a table and turns each of its rows into a T. Rows that do not
// fit, and rows whose key stood before, are left out and named.
func rowsOf[T any](r io.Reader, columns, key []string, parse func(*reading) T) ([]T, []RowError, error) {
	t, err := ReadTable(r, columns...)
	if err != nil {
		return nil, nil, err
	}
	twice := t.Duplicates(key...)
	bad := slices.Concat(t.Bad, twice)
	out := make([]T, 0, len(t.Rows))
	for _, row := range t.Rows {
		if len(twice) > 0 && twice[0].Row == row.N {
			twice = twice[1:]
			continue
		}
		reading := &reading{Row: row}
		value := parse(reading)
		if len(reading.bad) > 0 {
			bad = append(bad, reading.bad...)
			continue
		}
		out = append(out, value)
	}
	slices.SortStableFunc(bad, func(a, b RowError) int { return a.Row - b.Row })
	return out, bad, nil
}

// reading is a row that is being read, with what has been wrong so far.
type reading struct {
	Row
	bad []RowError
}

func (r *reading) wrong(column, code string) {
	r.bad = append(r.bad, RowError{Row: r.N, Column: column, Code: code})
}

// must returns a cell that may not be empty.
func (r *reading) must(column string) string {
	s := r.Get(column)
	if s == "" {
		r.wrong(column, "row.empty")
	}
	return s
}

// count returns a whole number that is not negative; an empty cell is 0.
func (r *reading) count(column string) int64 {
	s := r.Get(column)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		r.wrong(column, "row.number")
	}
	return n
}

// within returns a whole number up to most.
func (r *reading) within(column string, most int64) int {
	n := r.count(column)
	if n > most {
		r.wrong(column, "row.number")
		return 0
	}
	return int(n)
}

// degrees returns a latitude or longitude.
func (r *reading) degrees(column string, most float64) float64 {
	f, err := strconv.ParseFloat(r.Get(column), 64)
	if err != nil || !(f >= -most && f <= most) {
		r.wrong(column, "row.degrees")
	}
	return f
}

// Orgs reads orgs from CSV: code, parent, kind, name.
func Orgs(r io.Reader) ([]Org, []RowError, error) {
	columns := []string{"code", "parent", "kind", "name"}
	return rowsOf(r, columns, []string{"code"}, func(row *reading) Org {
		return Org{Code: row.must("code"), Parent: row.Get("parent"), Kind: row.must("kind"), Name: row.must("name")}
	})
}

// Households reads homes from CSV: org, number, address, head, area_cm2 (square
// centimetres; empty when it is not known) and, where owners vote, owner: any
// name that is the same in each row of one owner, "developer" for what is unsold.
func Households(r io.Reader) ([]Household, []RowError, error) {
	columns := []string{"org", "number", "address", "head", "area_cm2"}
	return rowsOf(r, columns, []string{"org", "number"}, func(row *reading) Household {
		return Household{
			Row: row.N, Org: row.must("org"), Number: row.must("number"), Address: row.must("address"),
			Head: row.Get("head"), Owner: row.Get("owner"), AreaCM2: row.count("area_cm2"),
		}
	})
}

// Messages reads messages from CSV: id, time, title, body and, where the other
// system has them, likes and dislikes, and reply with its reply_time. Times are
// what [ReadTime] understands.
func Messages(r io.Reader) ([]Message, []RowError, error) {
	columns := []string{"id", "time", "title", "body"}
	return rowsOf(r, columns, []string{"id"}, func(row *reading) Message {
		at, err := ReadTime(row.Get("time"))
		if err != nil {
			row.wrong("time", "time.unreadable")
		}
		m := Message{
			Row: row.N, ID: row.must("id"), Time: at, Title: row.must("title"), Body: row.Get("body"),
			Likes: row.within("likes", maxCount), Dislikes: row.within("dislikes", maxCount), Reply: row.Get("reply"),
		}
		if m.Reply == "" {
			return m
		}
		if m.Replied, err = ReadTime(row.Get("reply_time")); err != nil {
			row.wrong("reply_time", "time.unreadable")
		}
		return m
	})
}

const maxCount = 1<<31 - 1

// creditCode returns the unified social credit code in a column.
func (r *reading) creditCode(column string) string {
	code, err := rules.CheckCreditCode(r.Get(column))
	if err != nil {
		r.wrong(column, "credit.wrong")
	}
	return code
}
