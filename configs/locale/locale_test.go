package locale_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yishi/configs/locale"
	"yishi/models/rules"
)

func sentences(t *testing.T) locale.Catalog {
	t.Helper()
	c, err := locale.Load("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSay(t *testing.T) {
	c := locale.Catalog{
		"plain":             "已经签到过了。",
		"title":             "“{title}”排进了议程。",
		"twice":             "{a}和{a},还有{b}",
		"when":              "到{at}结束。",
		"state":             "现在是“{state|state}”。",
		"bracket":           "换个名字({name})再试。",
		"why":               "第{row}行“{column}”:{why|code}",
		"row.empty":         "“{column}”不能空着。",
		"loop":              "{why|code}!",
		"at.row":            "第{row}行:",
		"label.state.draft": "草稿",
		"label.up.true":     "成立",
		"up":                "异议{upheld|up}。",
		"area":              "还差{size|area}。",
		"share":             "{need|share}同意。",
	}
	at := time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC)
	type params = map[string]any
	for _, tt := range []struct {
		name, code string
		params     params
		want       string
	}{
		{"nothing to fill", "plain", nil, "已经签到过了。"},
		{"a param", "title", params{"title": "路灯"}, "“路灯”排进了议程。"},
		{"a param that is not asked for", "plain", params{"title": "路灯"}, "已经签到过了。"},
		{"the same param twice", "twice", params{"a": 1, "b": int64(2)}, "1和1,还有2"},
		{"braces in what somebody wrote stay", "twice", params{"a": "{b}", "b": "x"}, "{b}和{b},还有x"},
		{"a number that came as JSON", "twice", params{"a": 1e6, "b": 2.5}, "1000000和1000000,还有2.5"},
		{"a missing param leaves no quotes behind", "title", nil, "排进了议程。"},
		{"a missing param leaves no brackets behind", "bracket", params{"name": nil}, "换个名字再试。"},
		{"an unknown code", "no.such", params{"a": 1}, "no.such"},
		{"a moment", "when", params{"at": at}, "到11月30日(周一)19:00结束。"},
		{"a moment by reference", "when", params{"at": &at}, "到11月30日(周一)19:00结束。"},
		{"no moment", "when", params{"at": (*time.Time)(nil)}, "到结束。"},
		{"the zero moment", "when", params{"at": time.Time{}}, "到结束。"},
		{"a moment as JSON", "when", params{"at": "2026-11-30T11:00:00Z"}, "到11月30日(周一)19:00结束。"},
		{"a moment of another zone", "when", params{"at": "2026-01-01T00:30:00+09:00"}, "到12月31日(周三)23:30结束。"},
		{"a Sunday", "when", params{"at": "2026-11-29T00:05:00+08:00"}, "到11月29日(周日)00:05结束。"},
		{"a day alone is not a moment", "when", params{"at": "2026-11-30"}, "到2026-11-30结束。"},
		{"a state by its label", "state", params{"state": rules.TopicDraft}, "现在是“草稿”。"},
		{"a state without a label", "state", params{"state": "lost"}, "现在是。"},
		{"yes or no by its label", "up", params{"upheld": true}, "异议成立。"},
		{"an area", "area", params{"size": int64(21_400_000)}, "还差2,140㎡。"},
		{"an area with hundredths", "area", params{"size": 894_500}, "还差89.45㎡。"},
		{"an area with tenths", "area", params{"size": 895_000}, "还差89.5㎡。"},
		{"an area with a small hundredth", "area", params{"size": 890_500}, "还差89.05㎡。"},
		{"the areas of a town", "area", params{"size": int64(1_234_567_890_000)}, "还差123,456,789㎡。"},
		{"no area", "area", params{"size": int64(0)}, "还差0㎡。"},
		{"a trace of an area is not nothing", "area", params{"size": int64(1)}, "还差0.01㎡。"},
		{"what is finer than a hundredth is rounded up", "area", params{"size": int64(66_666_667)}, "还差6,666.67㎡。"},
		{"up to the next whole", "area", params{"size": int64(9_999_999)}, "还差1,000㎡。"},
		{"an area less than nothing", "area", params{"size": int64(-1_000_000_000)}, "还差-100,000㎡。"},
		{"an area that came as JSON", "area", params{"size": 2e7}, "还差2,000㎡。"},
		{"an area that is none", "area", params{"size": "x"}, "还差。"},
		{"a missing area", "area", nil, "还差。"},
		{"a share", "share", params{"need": "2/3"}, "三分之二以上同意。"},
		{"a share that must be exceeded", "share", params{"need": ">2/3"}, "超过三分之二同意。"},
		{"more than half", "share", params{"need": ">1/2"}, "过半数同意。"},
		{"all", "share", params{"need": "1/1"}, "全部同意。"},
		{"a share of nothing", "share", params{"need": "0/1"}, "有人同意。"},
		{"a share in large numbers", "share", params{"need": "51/100"}, "100分之51以上同意。"},
		{"no share", "share", params{"need": "x"}, "同意。"},
		{"a reason by its sentence", "why", params{"row": 3, "column": "时间", "why": "row.empty"}, "第3行“时间”:“时间”不能空着。"},
		{"a reason that is its own", "loop", params{"why": "loop"}, "!!"},
		{"the row of a file", "title", params{"row": 7, "title": "路灯"}, "第7行:“路灯”排进了议程。"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Say(tt.code, tt.params); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLabel(t *testing.T) {
	c := sentences(t)
	if got := c.Label("choice", string(rules.Yes)); got != "同意" {
		t.Errorf("got %q", got)
	}
	if got := c.Label("choice", "perhaps"); got != "" {
		t.Errorf("got %q for a choice that is none", got)
	}
}

func TestLoad(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		want  string // part of the error; "" for none
	}{
		{"several files", fstest.MapFS{"xx/a.json": file(`{"a": "1"}`), "xx/b.json": file(`{"b": "2"}`)}, ""},
		{"other languages are left alone", fstest.MapFS{"xx/a.json": file(`{"a": "1"}`), "yy/a.json": file(`{"a": "2"}`)}, ""},
		{"a code in two files", fstest.MapFS{"xx/a.json": file(`{"a": "1"}`), "xx/b.json": file(`{"a": "2"}`)}, `"a" has a sentence`},
		{"a broken file", fstest.MapFS{"xx/a.json": file(`{"a": `)}, "a.json"},
		{"no such language", fstest.MapFS{"yy/a.json": file(`{}`)}, "no sentences"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := locale.LoadFrom(tt.files, "xx")
			if tt.want == "" && (err != nil || c["a"] != "1") {
				t.Errorf("got %v, %v", c, err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got the error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// spelled are the only Latin letters that a person is shown: the name of a kind
// of file as spreadsheet programs spell it.
var spelled = strings.NewReplacer("CSV UTF-8", "")

var (
	holes = regexp.MustCompile(`\{([a-z_]+)(?:\|([a-z_]+))?\}`)
	latin = regexp.MustCompile(`[A-Za-z]`)
	brace = regexp.MustCompile(`[{}|]`)
)

func TestSentencesArePlain(t *testing.T) {
	for code, sentence := range sentences(t) {
		if strings.HasPrefix(code, "bot.word.") || strings.HasPrefix(code, "operator.") {
			continue // what people type, not what they read; and what the console of WeChat is worded in
		}
		words := holes.ReplaceAllString(sentence, "")
		if strings.TrimSpace(words) == "" && !strings.HasPrefix(code, "bot.") {
			t.Errorf("%s says nothing: %q", code, sentence)
		}
		if latin.MatchString(spelled.Replace(words)) {
			t.Errorf("%s is not plain Chinese: %s", code, sentence)
		}
		if brace.MatchString(words) {
			t.Errorf("%s has a placeholder that cannot be filled: %s", code, sentence)
		}
	}
}

// TestNumbersInSentences holds the numbers that sentences tell against the
// rules that set them.
func TestNumbersInSentences(t *testing.T) {
	long := func(n int) string { return strings.Repeat("aA1", n)[:n] }
	for _, tt := range []struct {
		code, says string
		holds      bool
	}{
		{"session.doors", "一小时", rules.DoorsOpen == time.Hour},
		{"session.early", "30分钟", rules.OpensEarly == 30*time.Minute},
		{"login.locked", "15分钟", rules.LoginLock == 15*time.Minute},
		{"receipt.wrong", "9位", rules.ReceiptDigits == 9},
		{"code.stale", "6位", len(rules.SiteCode(nil, 1, 2, 3)) == 6},
		{"password.length", "10到128位", rules.CheckPassword("", long(9)) != nil && rules.CheckPassword("", long(10)) == nil &&
			rules.CheckPassword("", long(128)) == nil && rules.CheckPassword("", long(129)) != nil},
	} {
		if s := sentences(t)[tt.code]; !strings.Contains(s, tt.says) || !tt.holds {
			t.Errorf("%s no longer tells what the rules say: %s", tt.code, s)
		}
	}
}
