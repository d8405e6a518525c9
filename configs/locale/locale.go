// Package locale holds every sentence that a person reads, keyed by code.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed zh-CN/*.json
var files embed.FS

// Catalog is the sentences of one language.
//
// A sentence may hold placeholders: {name} shows a param, {name|state} shows a
// param that is itself a code by its label, the sentence "label.state.<value>",
// {name|code} shows a param that is the code of a sentence by that sentence,
// {name|area} shows a number of square centimetres as "2,140.5㎡", and {name|share} a
// share such as "2/3" or, where more than that is asked, ">1/2" in words.
type Catalog map[string]string

// Load reads the sentences of a language such as "zh-CN". Each code has its
// sentence in one file only.
func Load(lang string) (Catalog, error) { return load(files, lang) }

func load(from fs.FS, lang string) (Catalog, error) {
	names, err := fs.Glob(from, lang+"/*.json")
	if err != nil {
		return nil, fmt.Errorf("locale %s: %w", lang, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("locale %s: there are no sentences in this language", lang)
	}
	all := Catalog{}
	for _, name := range names {
		body, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("locale %s: %w", name, err)
		}
		var part map[string]string
		if err := json.Unmarshal(body, &part); err != nil {
			return nil, fmt.Errorf("locale %s: %w", name, err)
		}
		for code, sentence := range part {
			if _, twice := all[code]; twice {
				return nil, fmt.Errorf("locale %s: %q has a sentence in another file already", name, code)
			}
			all[code] = sentence
		}
	}
	return all, nil
}

// rowOf begins what is said of one row of a file that was handed in.
const rowOf = "at.row"

// Say returns the sentence for a code with its placeholders filled in. Moments
// are shown in Beijing time. A param that is missing leaves no trace, and a row
// that the sentence does not speak of is named before it. An unknown code is
// returned as it is.
func (c Catalog) Say(code string, params map[string]any) string {
	sentence, ok := c[code]
	if !ok {
		return code
	}
	if _, ok := params["row"]; ok && code != rowOf && !strings.Contains(sentence, "{row}") {
		return c.fill(c[rowOf], params) + c.fill(sentence, params)
	}
	return c.fill(sentence, params)
}

// Label returns what people call a code, such as the state "triage"; "" when it
// has no label.
func (c Catalog) Label(kind, code string) string { return c["label."+kind+"."+code] }

var (
	placeholder = regexp.MustCompile(`\{([a-z_]+)(?:\|([a-z_]+))?\}`)
	emptied     = strings.NewReplacer("「」", "", "《》", "", "“”", "", "()", "", "（）", "")
)

// fill goes over a sentence once, so that braces in what people wrote stay.
func (c Catalog) fill(sentence string, params map[string]any) string {
	var b strings.Builder
	from, missing := 0, false
	for _, at := range placeholder.FindAllStringSubmatchIndex(sentence, -1) {
		kind := ""
		if at[4] >= 0 {
			kind = sentence[at[4]:at[5]]
		}
		value := c.value(sentence[at[2]:at[3]], kind, params)
		b.WriteString(sentence[from:at[0]])
		b.WriteString(value)
		from, missing = at[1], missing || value == ""
	}
	b.WriteString(sentence[from:])
	if missing {
		return emptied.Replace(b.String())
	}
	return b.String()
}

// Values are the parameters of a sentence as people read them, each by itself: what
// the sentence calls by a label has it, a moment is told with its year, as the time
// and date fields of WeChat's templates want it ("2026年12月8日 19:00").
func (c Catalog) Values(code string, params map[string]any) map[string]string {
	out := make(map[string]string, len(params))
	for name, value := range params {
		out[name] = show(value)
		if t, ok := momentOf(value); ok {
			out[name] = t.In(beijing).Format("2006年1月2日 15:04")
		}
	}
	for _, found := range placeholder.FindAllStringSubmatch(c[code], -1) {
		if name, kind := found[1], found[2]; kind != "" && out[name] != "" {
			out[name] = c.value(name, kind, params)
		}
	}
	return out
}

// value returns what stands in place of {name|kind}.
func (c Catalog) value(name, kind string, params map[string]any) string {
	value := show(params[name])
	switch kind {
	case "":
		return value
	case "code":
		rest := maps.Clone(params)
		delete(rest, name) // no sentence tells of itself
		return c.fill(c[value], rest)
	case "area":
		return area(value)
	case "share":
		return share(value)
	}
	return c.Label(kind, value)
}

// show writes one value as people read it.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if t, ok := momentOf(v); ok {
			return moment(t)
		}
		return v
	case time.Time, *time.Time:
		t, _ := momentOf(v)
		return moment(t)
	case float64: // what a number becomes in JSON
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// momentOf is the moment that a value stands for, also as JSON has it.
func momentOf(value any) (t time.Time, ok bool) {
	switch v := value.(type) {
	case time.Time:
		return v, true
	case *time.Time:
		if v != nil {
			return *v, true
		}
	case string:
		t, err := time.Parse(time.RFC3339, v)
		return t, err == nil
	}
	return time.Time{}, false
}

// area writes a number of square centimetres as "2,140.5㎡". What is finer than
// the hundredths of a register is rounded up, so that nothing that is missing
// reads as nothing.
func area(cm2 string) string {
	n, err := strconv.ParseInt(cm2, 10, 64)
	if err != nil {
		return ""
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	n = n/100 + min(1, n%100)
	digits := strconv.FormatInt(n/100, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if rest := n % 100; rest > 0 {
		digits += strings.TrimRight(fmt.Sprintf(".%02d", rest), "0")
	}
	return sign + digits + "㎡"
}

var digits = [...]string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}

// share writes "2/3" as the law does, "三分之二以上", which includes the bound
// (民法典 art. 1259), and ">1/2" as "过半数".
func share(fraction string) string {
	bare, strict := strings.CutPrefix(fraction, ">")
	num, den, _ := strings.Cut(bare, "/")
	part, err1 := strconv.Atoi(num)
	whole, err2 := strconv.Atoi(den)
	switch {
	case err1 != nil || err2 != nil:
		return ""
	case strict && part*2 == whole:
		return "过半数"
	case part == whole:
		return "全部"
	case part == 0:
		return "有人"
	}
	if part >= 0 && whole >= 0 && part < len(digits) && whole < len(digits) {
		num, den = digits[part], digits[whole]
	}
	if strict {
		return "超过" + den + "分之" + num
	}
	return den + "分之" + num + "以上"
}

var (
	beijing  = time.FixedZone("CST", 8*3600)
	weekdays = [...]string{"日", "一", "二", "三", "四", "五", "六"}
)

// moment writes "11月30日(周一)19:00".
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(beijing)
	return fmt.Sprintf("%d月%d日(周%s)%s", t.Month(), t.Day(), weekdays[t.Weekday()], t.Format("15:04"))
}
