// Package data holds what the rules work on and the law or a city may change:
// the reference catalogue, the negative list, rule packs, clocks, the calendar
// and the routing, together with an invented sample city. All of it is
// imported into the database by version; nothing reads it from here later.
package data

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"yishi/models/rules"
)

//go:embed *.csv *.json *.txt sample/*.csv
var files embed.FS

// Set is one body of data that is imported by version.
type Set struct {
	Kind    string // catalogue, negative, rulepacks, clocks, calendar or words
	Version string
	Status  string // such as "draft_reconstruction", "proposal" or "official"
	Source  string
	Body    string // JSON
}

// Sets returns everything that a new deployment imports.
func Sets() ([]Set, error) {
	index, err := read[[]struct{ Kind, File, Version, Status, Source string }]("index.json")
	if err != nil {
		return nil, err
	}
	sets := make([]Set, 0, len(index))
	for _, e := range index {
		body, err := body(e.Kind, e.File)
		if err != nil {
			return nil, fmt.Errorf("data %s: %w", e.File, err)
		}
		sets = append(sets, Set{Kind: e.Kind, Version: e.Version, Status: e.Status, Source: e.Source, Body: string(body)})
	}
	return sets, nil
}

// body returns a file as JSON.
func body(kind, name string) ([]byte, error) {
	b, err := files.ReadFile(name)
	if err != nil || !strings.HasSuffix(name, ".csv") {
		return b, err
	}
	text, bad, err := Read(kind, name, bytes.NewReader(b))
	if err == nil {
		err = firstBad(bad)
	}
	return []byte(text), err
}

// read parses an embedded JSON file, in which a key that means nothing is an
// error.
func read[T any](name string) (T, error) {
	var v T
	f, err := files.Open(name)
	if err != nil {
		return v, err
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("data %s: %w", name, err)
	}
	return v, nil
}

// Item is one item of the reference catalogue.
type Item struct {
	CategoryCode string `json:"category_code"`
	Category     string `json:"category"`
	Code         string `json:"code"`
	Name         string `json:"name"`
	Scope        string `json:"scope"`
	Level        string `json:"level"` // rules.LevelGrid … rules.LevelStreet
	Pack         string `json:"pack"`  // code of the rule pack that is suggested
	Rule         string `json:"rule"`  // the rule in words
	Parties      string `json:"parties"`
	Words        string `json:"words,omitempty"` // what people call it, with marks between
}

var levels = map[string]string{
	"网格": rules.LevelGrid, "小区": rules.LevelEstate, "社区": rules.LevelCommunity, "街道": rules.LevelStreet,
}

// Catalogue reads a catalogue from CSV with the columns category_code,
// category, item_code, item, scope, level, decision_rule and parties, of which
// decision_rule is "CODE|the rule in words", and words if it has them. It refuses the whole file at its
// first bad row (table.row, with row, column and the code of the reason).
func Catalogue(r io.Reader) ([]Item, error) {
	items, bad, err := catalogue(r)
	if err == nil {
		err = firstBad(bad)
	}
	if err != nil {
		return nil, err
	}
	return items, nil
}

func catalogue(r io.Reader) ([]Item, []RowError, error) {
	columns := []string{"category_code", "category", "item_code", "item", "scope", "level", "decision_rule", "parties"}
	return rowsOf(r, columns, []string{"item_code"}, func(row *reading) Item {
		pack, words, _ := strings.Cut(row.must("decision_rule"), "|")
		level, known := levels[row.Get("level")]
		if !known {
			row.wrong("level", "row.level")
		}
		if len(row.Get("item_code")) > maxItemCode {
			row.wrong("item_code", "row.code")
		}
		return Item{
			CategoryCode: row.must("category_code"), Category: row.must("category"),
			Code: row.must("item_code"), Name: row.must("item"), Scope: row.Get("scope"),
			Level: level, Pack: pack, Rule: words, Parties: row.Get("parties"), Words: row.Get("words"),
		}
	})
}

// maxItemCode is how long the code of an item may be.
const maxItemCode = 16

func firstBad(bad []RowError) error {
	if len(bad) == 0 {
		return nil
	}
	return rules.Refuse(rules.Invalid, "table.row", "row", bad[0].Row, "column", bad[0].Column, "why", bad[0].Code)
}

// Negative returns the negative list N1 to N12.
func Negative() (rules.Negative, error) { return read[rules.Negative]("negative.json") }

// RulePacks returns the rule packs.
func RulePacks() ([]rules.Pack, error) { return read[[]rules.Pack]("rulepacks.json") }

// Clocks returns the time limits by verb.
func Clocks() ([]rules.Clock, error) {
	rows, err := read[[]struct {
		rules.Clock
		Why string
	}]("clocks.json")
	clocks := make([]rules.Clock, 0, len(rows))
	for _, row := range rows {
		clocks = append(clocks, row.Clock)
	}
	return clocks, err
}

// Calendar returns the holidays and worked weekends that are known.
func Calendar() (rules.Calendar, error) {
	days, err := read[map[string]bool]("calendar.json")
	for day := range days {
		if _, bad := time.Parse(time.DateOnly, day); bad != nil {
			return rules.Calendar{}, fmt.Errorf("data calendar.json: %w", bad)
		}
	}
	return rules.Calendar{Days: days}, err
}

// Department is a kind of department. An org of that kind carries its code at
// the end of its own, such as "YD-YS-housing".
type Department struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Route says which departments an item of the catalogue, or a whole category,
// is for: one leads, others help.
type Route struct {
	Item string   `json:"item"`
	Lead string   `json:"lead"`
	With []string `json:"with"`
}

// Routes is the routing of the catalogue.
type Routes struct {
	Departments []Department `json:"departments"`
	Routes      []Route      `json:"routes"`
}

// Routing returns the routing of the catalogue.
func Routing() (Routes, error) { return read[Routes]("routing.json") }

// For returns the route of an item: its own, or that of its category.
func (r Routes) For(item string) (Route, bool) {
	category, _, _ := strings.Cut(item, ".")
	for _, code := range []string{item, category} {
		if i := slices.IndexFunc(r.Routes, func(x Route) bool { return x.Item == code }); i >= 0 {
			return r.Routes[i], true
		}
	}
	return Route{}, false
}
