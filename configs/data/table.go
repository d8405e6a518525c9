package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yishi/models/rules"
)

// Bounds of a table that somebody hands in.
const (
	MaxTableBytes = 32 << 20
	MaxColumns    = 64
)

// Table is a spreadsheet that was saved as CSV: its columns in lower case and
// its rows, blank ones left out.
type Table struct {
	Columns []string
	Rows    []Row
	Bad     []RowError // rows with more cells than columns; they are not in Rows
}

// Row is one row of a table. N is its number as a spreadsheet shows it: the
// header is row 1, blank rows count, and a cell of several lines is one row.
type Row struct {
	N     int
	cells []string
	at    map[string]int
}

// Get returns the cell in a column without blanks around it, or "".
func (r Row) Get(column string) string {
	i, ok := r.at[column]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// RowError says what is wrong with one row; Code is the key of its sentence.
type RowError struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Code   string `json:"code"`
}

// ReadTable reads CSV in UTF-8, with or without a byte order mark, or in
// GB18030 (GBK), with LF or CRLF. The required columns must be there, in any
// order and case; others are kept.
//
// It refuses what is too large (table.big, table.wide), is in another encoding
// or no text (table.encoding), has a quote that is not closed or stands inside a
// bare cell (table.quote), lacks columns (table.columns, naming them), names one
// twice (table.duplicate) or has no row below the header (table.empty).
func ReadTable(r io.Reader, required ...string) (*Table, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxTableBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxTableBytes {
		return nil, rules.Refuse(rules.TooMany, "table.big", "max", MaxTableBytes)
	}
	text, err := toUTF8(body)
	if err != nil {
		return nil, err
	}
	t, at := &Table{}, map[string]int{}
	err = records(text, func(n int, cells []string) error {
		switch {
		case blank(cells):
			return nil
		case t.Columns == nil:
			t.Columns, err = header(cells, at, required)
			return err
		case len(cells) > len(t.Columns) && !blank(cells[len(t.Columns):]):
			t.Bad = append(t.Bad, RowError{Row: n, Code: "row.cells"})
			return nil
		}
		t.Rows = append(t.Rows, Row{N: n, cells: cells, at: at})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(t.Rows)+len(t.Bad) == 0 {
		return nil, rules.Refuse(rules.Invalid, "table.empty")
	}
	return t, nil
}

func toUTF8(body []byte) ([]byte, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if bytes.IndexByte(body, 0) >= 0 { // UTF-16, a workbook, a picture
		return nil, rules.Refuse(rules.Invalid, "table.encoding")
	}
	if utf8.Valid(body) {
		return body, nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, rules.Refuse(rules.Invalid, "table.encoding")
	}
	return text, nil
}

// records calls each with every record and the number of its row. The CSV
// reader counts lines, of which a quoted cell may have several.
func records(text []byte, each func(n int, cells []string) error) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	within := 0 // line breaks inside cells so far
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return rules.Refuse(rules.Invalid, "table.quote", "row", parseLine(err)-within)
		}
		line, _ := r.FieldPos(0)
		if err := each(line-within, cells); err != nil {
			return err
		}
		for _, c := range cells {
			within += strings.Count(c, "\n")
		}
	}
}

func parseLine(err error) int {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return bad.StartLine
	}
	return 0
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// header returns the columns and fills at with where each stands.
func header(cells []string, at map[string]int, required []string) ([]string, error) {
	if len(cells) > MaxColumns {
		return nil, rules.Refuse(rules.TooMany, "table.wide", "max", MaxColumns)
	}
	columns := make([]string, len(cells))
	for i, c := range cells {
		c = strings.ToLower(strings.TrimSpace(c))
		columns[i] = c
		if _, twice := at[c]; twice && c != "" {
			return nil, rules.Refuse(rules.Invalid, "table.duplicate", "column", c)
		}
		at[c] = i
	}
	var missing []string
	for _, c := range required {
		if !slices.Contains(columns, c) {
			missing = append(missing, c)
		}
	}
	if missing != nil {
		return nil, rules.Refuse(rules.Invalid, "table.columns", "missing", strings.Join(missing, ", "))
	}
	return columns, nil
}

// Duplicates names every row whose cells in these columns, taken together, have
// been seen in an earlier row.
func (t *Table) Duplicates(columns ...string) []RowError {
	var twice []RowError
	seen := make(map[string]bool, len(t.Rows))
	for _, row := range t.Rows {
		var key strings.Builder
		for _, c := range columns {
			key.WriteString(strconv.Quote(row.Get(c)))
		}
		if seen[key.String()] {
			twice = append(twice, RowError{Row: row.N, Column: columns[len(columns)-1], Code: "row.duplicate"})
		}
		seen[key.String()] = true
	}
	return twice
}

// timeLayouts are how spreadsheets and exports write a moment of Beijing time.
var timeLayouts = []string{
	"2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2",
	"2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2",
}

// The day on which the serial dates of spreadsheets begin, and the first one
// that is too late for them (the year 10000).
var (
	serialZero = time.Date(1899, 12, 30, 0, 0, 0, 0, rules.Beijing)
	serialEnd  = 2958466.0
)

// ReadTime reads a moment of Beijing time: "2019/2/28 11:25:05" or
// "2019-02-28 11:25:05", with or without seconds or the time of day, or the
// serial number that a spreadsheet makes of it, such as 43419.67.
func ReadTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, s, rules.Beijing); err == nil {
			return t, nil
		}
	}
	days, err := strconv.ParseFloat(s, 64)
	if err != nil || !(days >= 1 && days < serialEnd) {
		return time.Time{}, rules.Refuse(rules.Invalid, "time.unreadable")
	}
	whole := math.Floor(days)
	seconds := math.Round((days - whole) * 86400)
	return serialZero.AddDate(0, 0, int(whole)).Add(time.Duration(seconds) * time.Second), nil
}
