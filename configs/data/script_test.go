package data_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"yishi/configs/data"
	"yishi/models/rules"
)

// TestRead reads what somebody hands in: every line that is not right is named at
// once, and a file that cannot be read says where.
func TestRead(t *testing.T) {
	clock := `{"verb": "a.b", "amount": 1, "unit": "days", "states": [], "why": "w"}`
	bad := func(row int, column, code string) []data.RowError {
		return []data.RowError{{Row: row, Column: column, Code: code}}
	}
	for name, tt := range map[string]struct {
		kind, file, body string
		bad              []data.RowError
		refused          string
		row              int
	}{
		"a clock":                   {kind: data.KindClocks, body: "[\n" + clock + "\n]"},
		"no JSON":                   {kind: data.KindClocks, body: "[\n" + clock + "\n,,]", refused: "data.syntax", row: 3},
		"cut off":                   {kind: data.KindClocks, body: "[\n" + clock, refused: "data.syntax", row: 2},
		"nothing":                   {kind: data.KindClocks, body: "", refused: "data.syntax", row: 1},
		"more after it":             {kind: data.KindClocks, body: "[]\n[]", refused: "data.syntax", row: 2},
		"an object for a list":      {kind: data.KindClocks, body: "\n{}", refused: "data.shape", row: 2},
		"a list for an object":      {kind: data.KindNegative, body: "[]", refused: "data.shape", row: 1},
		"a workbook":                {kind: data.KindClocks, body: "PK\x00\x01", refused: "table.encoding"},
		"a kind that is not there":  {kind: "weather", body: "[]", refused: "data.kind"},
		"two lines that are wrong":  {kind: data.KindClocks, body: "[" + clock + ",\n{\"verb\": \"x\", \"amount\": 1, \"unit\": \"days\"},\n{\"verb\": \"c.d\", \"amount\": 0, \"unit\": \"days\"}]", bad: append(bad(2, "verb", "row.code"), bad(3, "amount", "row.number")...)},
		"a field that means none":   {kind: data.KindClocks, body: "[{\n\"verb\": \"a.b\",\n\"amuont\": 1, \"unit\": \"days\"}]", bad: bad(3, "amuont", "row.field")},
		"words for a number":        {kind: data.KindClocks, body: "[\n{\"verb\": \"a.b\",\n\"amount\": \"x\", \"unit\": \"days\"}]", bad: bad(3, "amount", "row.type")},
		"one twice":                 {kind: data.KindClocks, body: "[" + clock + ",\n" + clock + "]", bad: bad(2, "a.b", "row.duplicate")},
		"a pack of nothing":         {kind: data.KindPacks, body: `[{"code": "X", "version": "1", "name": "n", "law": "l", "article": "a", "effective_from": "2026-01-01", "roll": "present", "unit": "person", "participation": {"num": 1, "den": 2}, "approval": {"num": 1, "den": 2, "base": "cast"}, "methods": ["dice"]}]`, bad: bad(1, "methods", "row.choice")},
		"a list that is not known":  {kind: data.KindNegative, body: "{\"reasons\": [],\n\"sirens\": [1]}", bad: bad(2, "sirens", "row.field")},
		"an alarm for everything":   {kind: data.KindNegative, body: "{\"reasons\": [], \"alarms\": [\n{\"number\": \"119\", \"words\": [\"\"]}]}", bad: bad(2, "words", "row.empty")},
		"days in JSON":              {kind: data.KindCalendar, body: "{\"2027-01-01\": false}"},
		"a day twice":               {kind: data.KindCalendar, body: "{\"2027-01-01\": false,\n\"2027-01-01\": false}", bad: bad(2, "2027-01-01", "row.duplicate")},
		"a day that is none":        {kind: data.KindCalendar, body: "{\"2027-02-30\": false}", bad: bad(1, "2027-02-30", "row.date")},
		"words for a day":           {kind: data.KindCalendar, body: "{\n\"2027-01-01\": \"rest\"}", refused: "data.worked", row: 2},
		"days in a table":           {kind: data.KindCalendar, file: "a.CSV", body: "day,worked\n2027-01-01,休\n2027-01-03,班\n"},
		"a worked Monday":           {kind: data.KindCalendar, file: "a.csv", body: "day,worked\n2027-01-01,休\n2027-01-04,班\n", bad: bad(3, "2027-01-04", "row.worked")},
		"another word":              {kind: data.KindCalendar, file: "a.csv", body: "day,worked\n2027-01-01,假\n", bad: bad(2, "worked", "row.shift")},
		"a table without a column":  {kind: data.KindCalendar, file: "a.csv", body: "day\n2027-01-01\n", refused: "table.columns"},
		"words":                     {kind: data.KindWords, file: "a.csv", body: "word,category,action,pinyin\n坏话,slur,hold,yes\n#phone,private,hold,\n"},
		"words that are none":       {kind: data.KindWords, file: "a.csv", body: "word,category,action,pinyin\n坏,slur,hold,\n#card,private,hold,\n坏话,rude,burn,maybe\n好话,ad,warn,no\n好话,ad,warn,\n", bad: []data.RowError{{2, "word", "row.word"}, {3, "word", "row.choice"}, {4, "pinyin", "row.choice"}, {4, "category", "row.choice"}, {4, "action", "row.choice"}, {6, "word", "row.duplicate"}}},
		"an item without its level": {kind: data.KindCatalogue, file: "a.csv", body: "category_code,category,item_code,item,scope,level,decision_rule,parties\n1,A,1.01,x,,,CONSULT|w,\n1,A,1.01,x,,社区,,\n", bad: append(bad(2, "level", "row.level"), bad(3, "item_code", "row.duplicate")...)},
	} {
		t.Run(name, func(t *testing.T) {
			body, wrong, err := data.Read(tt.kind, tt.file, strings.NewReader(tt.body))
			r, _ := rules.AsRefusal(err)
			switch {
			case tt.refused == "" && err != nil, tt.refused != "" && (r == nil || r.Code != tt.refused || tt.row > 0 && r.Params["row"] != tt.row):
				t.Errorf("got %v %+v, want %q in row %d", err, r, tt.refused, tt.row)
			case !slices.Equal(wrong, tt.bad):
				t.Errorf("wrong are %v, want %v", wrong, tt.bad)
			case tt.refused == "" && tt.bad == nil && body == "":
				t.Error("nothing was read")
			}
		})
	}
}

// TestWhatIsShippedCanBeImported hands in the files of this package as a city
// would that changes a few lines of them.
func TestWhatIsShippedCanBeImported(t *testing.T) {
	for kind, file := range map[string]string{
		data.KindCatalogue: "catalogue.csv", data.KindNegative: "negative.json", data.KindPacks: "rulepacks.json",
		data.KindClocks: "clocks.json", data.KindCalendar: "calendar.json", data.KindWords: "words.csv",
	} {
		f, err := os.Open(file)
		must(t, f, err)
		body, bad, err := data.Read(kind, file, f)
		if err != nil || len(bad) > 0 || body == "" {
			t.Errorf("%s: %v, %v", file, bad, err)
		}
		_ = f.Close()
	}
}
