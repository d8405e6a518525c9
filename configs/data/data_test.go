package data_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"yishi/configs/data"
	"yishi/models/rules"
)

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// catalogue returns the items as a new deployment imports them.
func catalogue(t *testing.T) []data.Item {
	t.Helper()
	sets, err := data.Sets()
	for _, s := range must(t, sets, err) {
		if s.Kind == "catalogue" {
			var items []data.Item
			return must(t, items, json.Unmarshal([]byte(s.Body), &items))
		}
	}
	t.Fatal("there is no catalogue")
	return nil
}

func TestEverySetHasWhatAnImportNeeds(t *testing.T) {
	sets, err := data.Sets()
	var kinds []string
	for _, s := range must(t, sets, err) {
		kinds = append(kinds, s.Kind)
		if s.Version == "" || s.Status == "" || s.Source == "" || !json.Valid([]byte(s.Body)) {
			t.Errorf("%s: incomplete", s.Kind)
		}
		if s.Kind == "catalogue" && s.Status != "draft_reconstruction" {
			t.Errorf("the catalogue is a reconstruction and must say so, not %q", s.Status)
		}
	}
	if want := []string{"catalogue", "negative", "rulepacks", "clocks", "calendar", "words"}; !slices.Equal(kinds, want) {
		t.Errorf("got %v", kinds)
	}
}

func TestTheCatalogueHas54ItemsIn8Categories(t *testing.T) {
	items := catalogue(t)
	categories := map[string]bool{}
	for _, i := range items {
		categories[i.CategoryCode] = true
		if !strings.HasPrefix(i.Code, i.CategoryCode+".") {
			t.Errorf("%s stands in category %s", i.Code, i.CategoryCode)
		}
	}
	if len(items) != 54 || len(categories) != 8 {
		t.Errorf("%d items in %d categories", len(items), len(categories))
	}
	want := data.Item{
		CategoryCode: "3", Category: "环境卫生与市容秩序", Code: "3.04", Name: "楼道堆物与飞线清理",
		Scope: "商议清理期限、暂存方式、困难户帮扶和楼栋保洁约定", Level: rules.LevelGrid, Pack: "DOOR",
		Rule: "楼栋(单元)户代表:户代表三分之二以上参与、参与户过半同意；楼栋约定", Parties: "楼栋住户；邻长；网格员；物业服务人",
		Words: "楼道堆放、楼道杂物、堆物、杂物、飞线、堆满",
	}
	if got := items[slices.IndexFunc(items, func(i data.Item) bool { return i.Code == "3.04" })]; got != want {
		t.Errorf("got %+v", got)
	}
}

func TestACatalogueIsRefusedWholeAtItsFirstBadRow(t *testing.T) {
	const header = "category_code,category,item_code,item,scope,level,decision_rule,parties\n"
	const good = "1,A,1.01,x,,小区,CONSULT|w,\n"
	for name, row := range map[string]struct{ body, why, column string }{
		"an unknown level":       {good + "1,A,1.02,y,,county,CONSULT,\n", "row.level", "level"},
		"an item twice":          {good + good, "row.duplicate", "item_code"},
		"an item without a name": {good + "1,A,1.02,,,小区,CONSULT,\n", "row.empty", "item"},
		"a cell too many":        {good + "1,A,1.02,y,,小区,CONSULT,p,more\n", "row.cells", ""},
	} {
		t.Run(name, func(t *testing.T) {
			items, err := data.Catalogue(strings.NewReader(header + row.body))
			r, ok := rules.AsRefusal(err)
			if !ok || r.Code != "table.row" || r.Params["row"] != 3 || r.Params["why"] != row.why || r.Params["column"] != row.column {
				t.Errorf("got %+v", r)
			}
			if items != nil {
				t.Error("a refused catalogue must not be half read")
			}
		})
	}
}

func TestTheNegativeListIsN1ToN12(t *testing.T) {
	list, err := data.Negative()
	want := []string{"N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9", "N10", "N11", "N12"}
	var got []string
	for _, r := range must(t, list, err).Reasons {
		got = append(got, r.Code)
		if r.Name == "" || r.Words == "" || r.Destination == "" {
			t.Errorf("%s: incomplete", r.Code)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestDangerToLifeIsToldFromFear(t *testing.T) {
	list, err := data.Negative()
	alarms := must(t, list, err).Alarms
	for text, want := range map[string]string{
		"楼下着火了,烟往上冒":              "119",
		"家里好像燃气泄漏,味道很重":           "119",
		"煤气味很重,怕是泄漏了":             "119",
		"在楼道里闻到好大一股煤气":            "119",
		"燃气表那里有一股怪味道":             "119",
		"担心燃气以后会有泄漏的隐患,请来检查":      "",
		"煤气站搬走以后,晚上路灯不亮":          "",
		"垃圾桶味道很重,旁边是煤气站":          "", // the other way round
		"奶奶被困在电梯里":                "119",
		"有人晕倒在花园里":                "120",
		"邻居触电了快来":                 "120",
		"有人持刀在楼道里":                "110",
		"隔壁说不想活了":                 "110",
		"路口出车祸了":                  "122",
		"楼道堆物有火灾隐患":               "",
		"飞线充电,万一着火怎么办":            "",
		"去年这里起过火,请装充电桩":           "",
		"路口容易出车祸,建议装减速带":          "",
		"火车站广场的路灯不亮":              "",
		"建议组织消防演练,预防火灾":           "",
		"小区路灯坏了,老人晚上不方便":          "",
		"商家搞活动写着跳楼价,喇叭太吵":         "",
		"电动车停在楼道里,担心着火,希望有个充电的地方": "",
	} {
		if got, _ := rules.Emergency(alarms, text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestTheClocksRun(t *testing.T) {
	clocks, err := data.Clocks()
	calendar, bad := data.Calendar()
	must(t, calendar, bad)
	seen := map[string]bool{}
	for _, c := range must(t, clocks, err) {
		if _, err := calendar.Due(c, time.Date(2026, 9, 30, 9, 0, 0, 0, rules.Beijing)); err != nil || c.Amount <= 0 || seen[c.Verb] {
			t.Errorf("%+v: %v", c, err)
		}
		seen[c.Verb] = true
	}
	for _, verb := range []string{"triage.reply", "topic.answer", "topic.publish", "order.sign", "order.finish", "publication.days", "confirm.remind", "confirm.silence"} {
		if !seen[verb] {
			t.Errorf("no clock %s", verb)
		}
	}
	for _, c := range clocks {
		if (c.Verb == "publication.days" || c.Verb == "confirm.silence") && (c.Amount != 15 || c.Unit != rules.Days) {
			t.Errorf("%+v: the norm is 15 days", c)
		}
	}
}

// withoutClock are the states of a topic that need no clock of the data, and why.
var withoutClock = map[rules.State]string{
	rules.TopicDraft:        "nobody but its raiser knows of it",
	rules.TopicImplementing: "it has the clock of what is left to be done",
	rules.TopicSuspended:    "it has the day on which it is looked at again",
}

// TestEveryOpenStateHasAClock looks for states in which a topic might be left
// lying without anybody noticing.
func TestEveryOpenStateHasAClock(t *testing.T) {
	clocks, err := data.Clocks()
	must(t, clocks, err)
	count := map[rules.State]int{rules.TopicSuspended: 0}
	for _, e := range rules.Edges {
		count[e.From], count[e.To] = 0, 0
	}
	for _, c := range clocks {
		for _, s := range c.States {
			if _, known := count[s]; !known {
				t.Errorf("%s: there is no state %q", c.Verb, s)
			}
			count[s]++
		}
	}
	for s, n := range count {
		want := 1
		if s.Ended() || withoutClock[s] != "" {
			want = 0
		}
		if n != want {
			t.Errorf("%d clocks start in %s, want %d", n, s, want)
		}
	}
}

func TestTheCalendarIsTheOfficialOne(t *testing.T) {
	c, err := data.Calendar()
	must(t, c, err)
	worked := map[int]int{}
	for day := time.Date(2025, 1, 1, 12, 0, 0, 0, rules.Beijing); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
		if c.Works(day) {
			worked[day.Year()]++
		}
	}
	// 365 days less 104 (2025, 2026) days of rest and 13 of legal holiday.
	if worked[2025] != 248 || worked[2026] != 248 {
		t.Errorf("working days: %v", worked)
	}
	for day, want := range map[string]bool{"2026-02-14": true, "2026-02-23": false, "2026-10-07": false, "2026-10-10": true, "2026-11-25": true} {
		at, err := time.ParseInLocation(time.DateOnly, day, rules.Beijing)
		if c.Works(must(t, at, err)) != want {
			t.Errorf("%s: worked should be %v", day, want)
		}
	}
}

func TestEveryItemHasARoute(t *testing.T) {
	routing, err := data.Routing()
	must(t, routing, err)
	known := map[string]bool{}
	for _, d := range routing.Departments {
		known[d.Code] = true
	}
	items := map[string]bool{}
	for _, i := range catalogue(t) {
		items[i.Code], items[i.CategoryCode] = true, true
		if _, ok := routing.For(i.Code); !ok {
			t.Errorf("%s goes nowhere", i.Code)
		}
	}
	for _, r := range routing.Routes {
		for _, d := range append([]string{r.Lead}, r.With...) {
			if !known[d] || !items[r.Item] {
				t.Errorf("%s: %s", r.Item, d)
			}
		}
	}
	if r, _ := routing.For("3.05"); r.Lead != "ecology" {
		t.Errorf("3.05 has a route of its own, not %s", r.Lead)
	}
	if r, _ := routing.For("3.02"); r.Lead != "urban" {
		t.Errorf("3.02 follows its category, not %s", r.Lead)
	}
}

func TestTheSampleCityHoldsTogetherAndSaysThatItIsOne(t *testing.T) {
	s, err := data.LoadSample()
	must(t, s, err)
	kinds, orgs := map[string]int{}, map[string]bool{"": true}
	for _, o := range s.Orgs {
		if !orgs[o.Parent] || !strings.Contains(o.Name, "示例") {
			t.Errorf("%+v", o)
		}
		orgs[o.Code] = true
		kinds[o.Kind]++
	}
	for kind, n := range map[string]int{"city": 1, "district": 1, "street": 1, "community": 2, "grid": 3, "department": 3} {
		if kinds[kind] != n {
			t.Errorf("%d %s", kinds[kind], kind)
		}
	}
	doors := map[string]bool{}
	for _, h := range s.Households {
		doors[h.Org+h.Number] = true
		if !orgs[h.Org] || !strings.Contains(h.Address, "示例") || !strings.Contains(h.Head, "示例") || h.AreaCM2 < 100_000 {
			t.Errorf("%+v", h)
		}
	}
	for _, r := range s.Residents {
		if !doors[r.Org+r.Household] || !strings.Contains(r.Name, "示例") {
			t.Errorf("%+v", r)
		}
	}
	for _, x := range s.Staff {
		if !orgs[x.Org] || !slices.Contains(rules.Roles, rules.Role(x.Role)) || !strings.Contains(x.Name, "示例") {
			t.Errorf("%+v", x)
		}
	}
	for _, p := range s.Points {
		if !orgs[p.Org] || !strings.Contains(p.Name, "示例") || len(p.Stops) == 0 {
			t.Errorf("%+v", p)
		}
	}
	for _, m := range s.Messages {
		if !strings.Contains(m.Title, "示例") || m.Time.Year() != 2026 {
			t.Errorf("%+v", m)
		}
	}
	if len(s.Households) != 120 || len(s.Shops) != 6 || len(s.Points) != 4 || len(s.Points[1].Stops) == 0 || len(s.Messages) != 12 {
		t.Errorf("%d households, %d shops, %d points, %d messages", len(s.Households), len(s.Shops), len(s.Points), len(s.Messages))
	}
	for _, shop := range s.Shops {
		if _, err := rules.CheckCreditCode(shop.CreditCode); err != nil || !orgs[shop.Org] {
			t.Errorf("%+v: %v", shop, err)
		}
	}
}
