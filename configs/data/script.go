package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"yishi/models/rules"
)

// The kinds of data that are imported by version.
const (
	KindCatalogue = "catalogue"
	KindNegative  = "negative"
	KindPacks     = "rulepacks"
	KindClocks    = "clocks"
	KindCalendar  = "calendar"
	KindWords     = "words"
)

// Read reads a file of one kind of data, as somebody hands it in: the catalogue
// and the words from CSV, the calendar from CSV or JSON, the others from JSON in the form of
// the files of this package. It returns the body to be imported, or what is
// wrong with which line: everything at once, so that it can be mended in one go.
// The name of the file tells CSV from JSON.
func Read(kind, name string, r io.Reader) (body string, bad []RowError, err error) {
	table := strings.EqualFold(filepath.Ext(name), ".csv")
	switch {
	case kind == KindCatalogue:
		return asJSON(catalogue(r))
	case kind == KindWords:
		return asJSON(Words(r))
	case kind == KindCalendar && table:
		return asJSON(calendarTable(r))
	}
	s, err := open(r)
	if err != nil {
		return "", nil, err
	}
	switch kind {
	case KindNegative:
		err = s.negative()
	case KindPacks:
		_, err = list(s, rules.Pack.Flaws, func(p rules.Pack) string { return p.Code })
	case KindClocks:
		_, err = list(s, clock.flaws, func(c clock) string { return c.Verb })
	case KindCalendar:
		err = s.calendar()
	default:
		err = rules.Refuse(rules.Invalid, "data.kind", "kind", kind)
	}
	return string(s.body), s.bad, err
}

func asJSON[T any](v T, bad []RowError, err error) (string, []RowError, error) {
	if err != nil || len(bad) > 0 {
		return "", bad, err
	}
	body, err := json.Marshal(v)
	return string(body), nil, err
}

// clock is a clock as it stands in a file, with why it is as long as it is.
type clock struct {
	rules.Clock
	Why string
}

func (c clock) flaws() []rules.Flaw { return c.Flaws() }

// script is a JSON file that is being read, with what has been wrong so far.
type script struct {
	body []byte
	d    *json.Decoder
	bad  []RowError
}

// open reads a JSON file: UTF-8, with or without a byte order mark. It refuses
// what is too large (table.big), is no text (table.encoding) or no JSON
// (data.syntax, with the line).
func open(r io.Reader) (*script, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxTableBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxTableBytes {
		return nil, rules.Refuse(rules.TooMany, "table.big", "max", MaxTableBytes)
	}
	if body, err = toUTF8(body); err != nil {
		return nil, err
	}
	s := &script{body: body, d: json.NewDecoder(bytes.NewReader(body))}
	var any json.RawMessage
	if err := json.Unmarshal(body, &any); err != nil {
		at := int64(len(body))
		if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = bad.Offset
		}
		return nil, rules.Refuse(rules.Invalid, "data.syntax", "row", s.lineAt(at))
	}
	return s, nil
}

// lineAt is the number of the line at which an offset stands, from 1.
func (s *script) lineAt(offset int64) int {
	return 1 + bytes.Count(s.body[:min(offset, int64(len(s.body)))], []byte("\n"))
}

// next is the offset of what is read next: behind blanks, commas and colons.
func (s *script) next() int64 {
	at := s.d.InputOffset()
	return at + int64(len(s.body[at:])-len(bytes.TrimLeft(s.body[at:], " \t\r\n,:")))
}

// enter reads an opening bracket or brace, and refuses anything else.
func (s *script) enter(want json.Delim) error {
	at := s.next()
	if got, err := s.d.Token(); err != nil || got != want {
		return rules.Refuse(rules.Invalid, "data.shape", "row", s.lineAt(at), "want", want.String())
	}
	return nil
}

// leave reads the closing bracket or brace of what has been read to its end.
func (s *script) leave() error {
	_, err := s.d.Token()
	return err
}

func (s *script) wrong(at int64, column, code string) {
	s.bad = append(s.bad, RowError{Row: s.lineAt(at), Column: column, Code: code})
}

// list reads a list of entries, of which each has a key of its own.
func list[T any](s *script, flaws func(T) []rules.Flaw, key func(T) string) ([]T, error) {
	if err := s.enter('['); err != nil {
		return nil, err
	}
	var out []T
	seen := map[string]bool{}
	for s.d.More() {
		at := s.next()
		var raw json.RawMessage
		if err := s.d.Decode(&raw); err != nil {
			return nil, err
		}
		var v T
		if !s.strict(at, raw, &v) {
			continue
		}
		for _, f := range flaws(v) {
			s.wrong(at, f.Field, f.Code)
		}
		if k := key(v); k != "" && seen[k] {
			s.bad = append(s.bad, RowError{Row: s.lineAt(at), Column: k, Code: "row.duplicate"})
		} else {
			seen[k] = true
		}
		out = append(out, v)
	}
	return out, s.leave()
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// strict reads one entry. A field that means nothing is an error: it is a typing
// mistake, and what was meant would be lost.
func (s *script) strict(at int64, raw []byte, v any) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		return true
	}
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		s.bad = append(s.bad, RowError{Row: s.lineAt(at + bad.Offset), Column: strings.TrimPrefix(strings.ToLower(bad.Field), "clock."), Code: "row.type"})
		return false
	}
	field := ""
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		field = m[1]
		at += int64(max(0, bytes.Index(raw, []byte(`"`+field+`"`))))
	}
	s.bad = append(s.bad, RowError{Row: s.lineAt(at), Column: field, Code: "row.field"})
	return false
}

// negative reads a negative list: an object of reasons and alarms.
func (s *script) negative() error {
	return s.object(func(at int64, key string) error {
		var err error
		switch key {
		case "reasons":
			_, err = list(s, rules.Reason.Flaws, func(r rules.Reason) string { return r.Code })
		case "alarms":
			_, err = list(s, rules.Alarm.Flaws, func(a rules.Alarm) string { return a.Number })
		default:
			s.bad = append(s.bad, RowError{Row: s.lineAt(at), Column: key, Code: "row.field"})
			var skipped json.RawMessage
			err = s.d.Decode(&skipped)
		}
		return err
	})
}

// object reads an object whose keys stand once, and calls each where the value
// of a key stands.
func (s *script) object(each func(at int64, key string) error) error {
	if err := s.enter('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for s.d.More() {
		at := s.next()
		token, err := s.d.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if seen[key] {
			s.bad = append(s.bad, RowError{Row: s.lineAt(at), Column: key, Code: "row.duplicate"})
		}
		seen[key] = true
		if err := each(at, key); err != nil {
			return err
		}
	}
	return s.leave()
}

// calendar reads days: true for a worked weekend, false for a holiday.
func (s *script) calendar() error {
	return s.object(func(at int64, day string) error {
		token, err := s.d.Token()
		worked, ok := token.(bool)
		if err == nil && !ok {
			return rules.Refuse(rules.Invalid, "data.worked", "row", s.lineAt(at), "day", day, "worked", true, "holiday", false)
		}
		for _, f := range rules.DayFlaws(day, worked) {
			s.wrong(at, f.Field, f.Code)
		}
		return err
	})
}

// worked is what stands in a table for a worked weekend and for a holiday.
var worked = map[string]bool{"班": true, "休": false, "true": true, "false": false, "1": true, "0": false}

// calendarTable reads a calendar from CSV with the columns day and worked.
func calendarTable(r io.Reader) (map[string]bool, []RowError, error) {
	type line struct {
		day    string
		worked bool
	}
	lines, bad, err := rowsOf(r, []string{"day", "worked"}, []string{"day"}, func(row *reading) line {
		l := line{day: row.must("day")}
		var known bool
		if l.worked, known = worked[strings.ToLower(row.Get("worked"))]; !known {
			row.wrong("worked", "row.shift")
		}
		if len(row.bad) == 0 {
			for _, f := range rules.DayFlaws(l.day, l.worked) {
				row.wrong(f.Field, f.Code)
			}
		}
		return l
	})
	days := make(map[string]bool, len(lines))
	for _, l := range lines {
		days[l.day] = l.worked
	}
	return days, bad, err
}
