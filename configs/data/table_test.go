package data_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yishi/configs/data"
	"yishi/models/rules"
)

func gbk(t *testing.T, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	return must(t, out, err)
}

func TestATableIsReadHoweverItWasSaved(t *testing.T) {
	const plain = "编号,标题\n1,路灯不亮\n2,\"第一行\n第二行\"\n"
	for name, body := range map[string]string{
		"UTF-8":                         plain,
		"UTF-8 with a byte order mark":  "\ufeff" + plain,
		"UTF-8 with a mark and a quote": "\ufeff\"编号\",标题\n1,路灯不亮\n2,\"第一行\n第二行\"\n",
		"GBK, as a Chinese Excel saves": gbk(t, plain),
		"carriage returns":              strings.ReplaceAll(plain, "\n", "\r\n"),
		"GBK and carriage returns":      strings.ReplaceAll(gbk(t, plain), "\n", "\r\n"),
		"blanks around the names":       " 编号 ,标题 \n 1,路灯不亮 \n2,\"第一行\n第二行\"",
		"columns without a name":        "编号,标题,,\n1,路灯不亮,,\n2,\"第一行\n第二行\",,\n",
	} {
		t.Run(name, func(t *testing.T) {
			table, err := data.ReadTable(strings.NewReader(body), "标题", "编号")
			must(t, table, err)
			var got []string
			for _, row := range table.Rows {
				got = append(got, row.Get("编号")+row.Get("标题")+row.Get("no such column"))
			}
			if diff := cmp.Diff([]string{"1路灯不亮", "2第一行\n第二行"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowsAreNumberedAsASpreadsheetShowsThem(t *testing.T) {
	body := "ID,Title\n" + // row 1
		"1,\"a cell\nof three\nlines\"\n" + // row 2
		"\n" + // row 3: nothing at all
		",\n" + // row 4: blank cells
		"2,b\n" + // row 5
		"3,c,too much\n" + // row 6
		"2,\"again\n\"\n" + // row 7
		"4,d\n" // row 8
	table, err := data.ReadTable(strings.NewReader(body), "id", "title")
	must(t, table, err)
	var rows []int
	for _, row := range table.Rows {
		rows = append(rows, row.N)
	}
	if diff := cmp.Diff([]int{2, 5, 7, 8}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]data.RowError{{Row: 6, Code: "row.cells"}}, table.Bad); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]data.RowError{{Row: 7, Column: "id", Code: "row.duplicate"}}, table.Duplicates("id")); diff != "" {
		t.Error(diff)
	}
	if twice := table.Duplicates("id", "title"); twice != nil {
		t.Errorf("taken together they differ: %v", twice)
	}
}

func TestATableThatCannotBeReadSaysWhy(t *testing.T) {
	for name, row := range map[string]struct {
		body, code, param string
		value             any
	}{
		"nothing":             {"", "table.empty", "", nil},
		"blank lines":         {"\n \n,,\n", "table.empty", "", nil},
		"a header alone":      {"id,title\n", "table.empty", "", nil},
		"missing columns":     {"name,x\n1,2\n", "table.columns", "missing", "id, title"},
		"a column twice":      {"id,title,ID\n1,2,3\n", "table.duplicate", "column", "id"},
		"an open quote":       {"id,title\n1,a\n2,\"b\n", "table.quote", "row", 3},
		"a quote in a cell":   {"id,title\n1,\"a\nb\"\n2,b\"c\n", "table.quote", "row", 3},
		"a workbook":          {"PK\x03\x04\x00\x00", "table.encoding", "", nil},
		"UTF-16":              {"\xff\xfei\x00d\x00", "table.encoding", "", nil},
		"bytes of no meaning": {"id,title\n1,\xff\xff\xff\n", "table.encoding", "", nil},
		"too many columns":    {strings.Repeat("x,", 65) + "\n1\n", "table.wide", "max", data.MaxColumns},
		"too large":           {strings.Repeat("a", data.MaxTableBytes+1), "table.big", "max", data.MaxTableBytes},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := data.ReadTable(strings.NewReader(row.body), "id", "title")
			r, ok := rules.AsRefusal(err)
			if !ok || r.Code != row.code || row.param != "" && r.Params[row.param] != row.value {
				t.Errorf("got %v %+v", err, r)
			}
		})
	}
}

func TestATimeIsReadAsItIsWritten(t *testing.T) {
	at := func(y, m, d, h, i, s int) time.Time { return time.Date(y, time.Month(m), d, h, i, s, 0, rules.Beijing) }
	for s, want := range map[string]time.Time{
		"2019/2/28 11:25:05":  at(2019, 2, 28, 11, 25, 5),
		"2019/12/23 8:50":     at(2019, 12, 23, 8, 50, 0),
		"2019/2/28":           at(2019, 2, 28, 0, 0, 0),
		"2019-02-28 11:25:05": at(2019, 2, 28, 11, 25, 5),
		" 2026-10-12 18:26 ":  at(2026, 10, 12, 18, 26, 0),
		"43419.67":            at(2018, 11, 15, 16, 4, 48),
		"43831":               at(2020, 1, 1, 0, 0, 0),
		"43831.999999":        at(2020, 1, 2, 0, 0, 0),
		"46275.8125":          at(2026, 9, 10, 19, 30, 0),
	} {
		if got, err := data.ReadTime(s); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "yesterday", "2019/2/30", "2019/13/1 1:1:1", "-5", "0", "NaN", "Inf", "1e300", "20190228", "2019/2/28 25:00:00"} {
		_, err := data.ReadTime(s)
		if r, ok := rules.AsRefusal(err); !ok || r.Code != "time.unreadable" {
			t.Errorf("%q: got %v", s, err)
		}
	}
}

func TestBadRowsAreNamedAndTheOthersRead(t *testing.T) {
	body := "id,time,title,body,likes,dislikes\n" +
		"1,2019/2/28 11:25:05,a,\"x\ny\",3,0\n" +
		"2,some day,b,,0,0\n" +
		"1,2019/2/28 11:25:05,again,,0,0\n" +
		",2019/2/28 11:25:05,,,many,-1\n" +
		"5,43419.67,e,,,99999999999\n" +
		"6,43419.67,f,,,\n"
	got, bad, err := data.Messages(strings.NewReader(body))
	must(t, got, err)
	want := []data.RowError{
		{Row: 3, Column: "time", Code: "time.unreadable"},
		{Row: 4, Column: "id", Code: "row.duplicate"},
		{Row: 5, Column: "id", Code: "row.empty"},
		{Row: 5, Column: "title", Code: "row.empty"},
		{Row: 5, Column: "likes", Code: "row.number"},
		{Row: 5, Column: "dislikes", Code: "row.number"},
		{Row: 6, Column: "dislikes", Code: "row.number"},
	}
	if diff := cmp.Diff(want, bad); diff != "" {
		t.Error(diff)
	}
	if len(got) != 2 || got[0].Row != 2 || got[0].Body != "x\ny" || got[0].Likes != 3 || got[1].ID != "6" || got[1].Row != 7 {
		t.Errorf("got %+v", got)
	}
}

func TestHouseholdsOfTwoCommunitiesMayShareANumber(t *testing.T) {
	body := "org,number,address,head,area_cm2\nA,1,x,,\nB,1,y,,980000\nA,1,z,,\nA,2,,,\n"
	got, bad, err := data.Households(strings.NewReader(body))
	must(t, got, err)
	want := []data.RowError{{Row: 4, Column: "number", Code: "row.duplicate"}, {Row: 5, Column: "address", Code: "row.empty"}}
	if diff := cmp.Diff(want, bad); diff != "" || len(got) != 2 || got[1].AreaCM2 != 980000 {
		t.Errorf("%s\n%+v", diff, got)
	}
}

func FuzzReadTable(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "id,title\n1,2\n", "\ufeffid\r\n\"a\r\nb\"\r\n", "id\n\xc2\xb7\xb5\xc6\n", "id,id\n", "\"", "id\n\"a\n\n\"\n\n\"b", ",\n1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		table, err := data.ReadTable(strings.NewReader(string(body)))
		if err != nil {
			if _, ok := rules.AsRefusal(err); !ok {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		last := 0
		for _, row := range table.Rows {
			if row.N <= last || row.N < 2 {
				t.Fatalf("row %d after %d", row.N, last)
			}
			last = row.N
			for _, c := range table.Columns {
				if !utf8.ValidString(row.Get(c)) {
					t.Fatalf("row %d, %s: not text", row.N, c)
				}
			}
		}
	})
}
