package rules_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

// flawed expects one flaw, or none where the code is "".
func flawed(t *testing.T, got []rules.Flaw, field, code string) {
	t.Helper()
	switch {
	case code == "" && len(got) > 0:
		t.Errorf("got %v, want nothing wrong", got)
	case code != "" && !slices.Contains(got, rules.Flaw{Field: field, Code: code}):
		t.Errorf("got %v, want %s %s", got, field, code)
	}
}

func TestPackFlaws(t *testing.T) {
	good := rules.Pack{
		Code: "DOOR", Version: "1", Name: "n", Law: "l", Article: "a", EffectiveFrom: "2026-01-01", Roll: rules.RollRegister, Unit: rules.UnitHousehold,
		Participation: twoThirds, Approval: rules.Approval{Share: overHalf, Base: rules.BasePresent}, Verdict: true, Methods: methods, NoticeDays: 3,
	}
	for name, tt := range map[string]struct {
		spoil       func(*rules.Pack)
		field, code string
	}{
		"nothing":                    {func(*rules.Pack) {}, "", ""},
		"no code":                    {func(p *rules.Pack) { p.Code = "" }, "code", "row.code"},
		"a code in small letters":    {func(p *rules.Pack) { p.Code = "door" }, "code", "row.code"},
		"a code that is too long":    {func(p *rules.Pack) { p.Code = strings.Repeat("D", 33) }, "code", "row.code"},
		"no name":                    {func(p *rules.Pack) { p.Name = " " }, "name", "row.empty"},
		"no law":                     {func(p *rules.Pack) { p.Law = "" }, "law", "row.empty"},
		"an endless article":         {func(p *rules.Pack) { p.Article = strings.Repeat("长", 201) }, "article", "row.long"},
		"no first day":               {func(p *rules.Pack) { p.EffectiveFrom = "" }, "effective_from", "row.date"},
		"a day that is none":         {func(p *rules.Pack) { p.EffectiveFrom = "2026-02-30" }, "effective_from", "row.date"},
		"ended before it began":      {func(p *rules.Pack) { p.EffectiveTo = "2025-12-31" }, "effective_to", "row.date"},
		"one day in force":           {func(p *rules.Pack) { p.EffectiveTo = "2026-01-01" }, "", ""},
		"a roll that is not there":   {func(p *rules.Pack) { p.Roll = "everybody" }, "unit", "row.unit"},
		"members on a register":      {func(p *rules.Pack) { p.Unit = rules.UnitMember }, "unit", "row.unit"},
		"households by area":         {func(p *rules.Pack) { p.ByArea = true }, "by_area", "row.area"},
		"a share without numbers":    {func(p *rules.Pack) { p.Participation = rules.Share{} }, "participation", "row.share"},
		"more than the whole":        {func(p *rules.Pack) { p.Approval.Share = rules.Share{Num: 3, Den: 2} }, "approval", "row.share"},
		"more than all of it":        {func(p *rules.Pack) { p.Approval.Share = rules.Share{Num: 1, Den: 1, Strict: true} }, "approval", "row.share"},
		"all of it":                  {func(p *rules.Pack) { p.Approval.Share = all }, "", ""},
		"less than nothing":          {func(p *rules.Pack) { p.Participation.Num = -1 }, "participation", "row.share"},
		"agreed by nobody":           {func(p *rules.Pack) { p.Approval.Num = 0 }, "approval", "row.share"},
		"a base that is not there":   {func(p *rules.Pack) { p.Approval.Base = "moon" }, "approval", "row.choice"},
		"no method":                  {func(p *rules.Pack) { p.Methods = nil }, "methods", "row.choice"},
		"a method that is not there": {func(p *rules.Pack) { p.Methods = []rules.Method{"dice"} }, "methods", "row.choice"},
		"notice of a year and a day": {func(p *rules.Pack) { p.NoticeDays = 366 }, "notice_days", "row.number"},
		"notice after the fact":      {func(p *rules.Pack) { p.NoticeDays = -1 }, "notice_days", "row.number"},
	} {
		t.Run(name, func(t *testing.T) {
			p := good
			tt.spoil(&p)
			flawed(t, p.Flaws(), tt.field, tt.code)
		})
	}
}

func TestClockFlaws(t *testing.T) {
	for name, tt := range map[string]struct {
		clock       rules.Clock
		field, code string
	}{
		"one of the working days":   {rules.Clock{Verb: "topic.study", Amount: 10, Unit: rules.WorkingDays, States: []rules.State{rules.TopicPartyReview}}, "", ""},
		"no verb":                   {rules.Clock{Amount: 1, Unit: rules.Days}, "verb", "row.code"},
		"a verb of one word":        {rules.Clock{Verb: "study", Amount: 1, Unit: rules.Days}, "verb", "row.code"},
		"no time":                   {rules.Clock{Verb: "a.b", Unit: rules.Days}, "amount", "row.number"},
		"time that never ends":      {rules.Clock{Verb: "a.b", Amount: 10_001, Unit: rules.Days}, "amount", "row.number"},
		"a unit that is not there":  {rules.Clock{Verb: "a.b", Amount: 1, Unit: "moons"}, "unit", "row.choice"},
		"a state that is not there": {rules.Clock{Verb: "a.b", Amount: 1, Unit: rules.Days, States: []rules.State{"limbo"}}, "states", "row.choice"},
		"a state that has ended":    {rules.Clock{Verb: "a.b", Amount: 1, Unit: rules.Days, States: []rules.State{rules.TopicArchived}}, "states", "row.choice"},
		"published for two weeks":   {rules.Clock{Verb: "publication.days", Amount: 14, Unit: rules.Days}, "amount", "row.publication"},
		"published for 15 hours":    {rules.Clock{Verb: "publication.days", Amount: 15, Unit: rules.Hours}, "amount", "row.publication"},
		"published for 15 days":     {rules.Clock{Verb: "publication.days", Amount: 15, Unit: rules.Days}, "", ""},
	} {
		t.Run(name, func(t *testing.T) { flawed(t, tt.clock.Flaws(), tt.field, tt.code) })
	}
}

func TestNegativeFlaws(t *testing.T) {
	good := rules.Reason{Code: "N1", Name: "n", Words: "w", Destination: "d", Phone: "110"}
	for name, tt := range map[string]struct {
		spoil       func(*rules.Reason)
		field, code string
	}{
		"nothing":         {func(*rules.Reason) {}, "", ""},
		"no phone":        {func(r *rules.Reason) { r.Phone = "" }, "", ""},
		"another letter":  {func(r *rules.Reason) { r.Code = "M1" }, "code", "row.code"},
		"the hundredth":   {func(r *rules.Reason) { r.Code = "N100" }, "code", "row.code"},
		"no destination":  {func(r *rules.Reason) { r.Destination = "" }, "destination", "row.empty"},
		"words for phone": {func(r *rules.Reason) { r.Phone = "call" }, "phone", "row.phone"},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			tt.spoil(&r)
			flawed(t, r.Flaws(), tt.field, tt.code)
		})
	}
	flawed(t, rules.Alarm{Number: "119", Words: []string{"x"}}.Flaws(), "", "")
	flawed(t, rules.Alarm{Number: "fire", Words: []string{"x"}}.Flaws(), "number", "row.phone")
	flawed(t, rules.Alarm{Number: "119"}.Flaws(), "words", "row.empty")
	flawed(t, rules.Alarm{Number: "119", Words: []string{"x", ""}}.Flaws(), "words", "row.empty")
	flawed(t, rules.Alarm{Number: "119", Words: []string{"x"}, Past: []string{""}}.Flaws(), "past", "row.empty")
}

// TestWholesOfData: what each entry cannot tell is told of the whole.
func TestWholesOfData(t *testing.T) {
	code := func(err error) string {
		r, _ := rules.AsRefusal(err)
		if r == nil {
			return ""
		}
		return r.Code
	}
	alarm := func(n string) rules.Alarm { return rules.Alarm{Number: n, Words: []string{"x"}} }
	full := rules.Negative{Reasons: []rules.Reason{{Code: "N1"}}, Alarms: []rules.Alarm{alarm("119"), alarm("120"), alarm("110")}}
	short := full
	short.Alarms = full.Alarms[:2]
	half := rules.Calendar{Days: maps.Clone(year2026.Days)}
	delete(half.Days, "2026-10-01")
	worked := rules.Calendar{Days: maps.Clone(year2026.Days)}
	worked.Days["2026-05-01"] = true
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"a list":                       {rules.CheckNegative(full), ""},
		"a list of nothing":            {rules.CheckNegative(rules.Negative{}), "data.empty"},
		"nobody to call for crime":     {rules.CheckNegative(short), "data.alarm"},
		"clocks of nothing":            {rules.CheckClocks(nil), "data.clocks"},
		"a year":                       {rules.CheckYears(year2026), ""},
		"a calendar of nothing":        {rules.CheckYears(rules.Calendar{}), "data.empty"},
		"a year without October":       {rules.CheckYears(half), "data.year"},
		"a year that works on May Day": {rules.CheckYears(worked), "data.year"},
	} {
		if got := code(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		day    string
		worked bool
		code   string
	}{
		{"2026-10-10", true, ""},
		{"2026-10-01", false, ""},
		{"2026-10-01", true, "row.worked"},
		{"2026-10-04", true, ""},
		{"2026-2-1", false, "row.date"},
		{"2026-02-30", false, "row.date"},
		{"", false, "row.date"},
	} {
		flawed(t, rules.DayFlaws(tt.day, tt.worked), tt.day, tt.code)
	}
}

// TestTheEndOfTheCalendar: it ends with its last year, says so in time, and then
// counts by the weekend alone.
func TestTheEndOfTheCalendar(t *testing.T) {
	if got := year2026.Ends(); !got.Equal(at(t, "2027-01-01 00:00")) {
		t.Errorf("ends at %v", got)
	}
	if !(rules.Calendar{}).Ends().IsZero() {
		t.Error("a calendar of nothing ends")
	}
	for now, want := range map[string]int{"2026-11-02 00:00": 60, "2026-11-02 00:01": 59, "2026-12-31 12:00": 0, "2027-03-01 00:00": 0} {
		if got := year2026.Left(at(t, now)); got != want {
			t.Errorf("%s: %d days left, want %d", now, got, want)
		}
	}
	for day, want := range map[string]bool{"2027-01-01 12:00": true, "2027-01-02 12:00": false} {
		if year2026.Works(at(t, day)) != want {
			t.Errorf("%s is worked: %v", day, !want)
		}
	}
	for due, want := range map[string]bool{"2026-12-31 23:59": false, "2027-01-01 00:00": true} {
		if year2026.Provisional(rules.WorkingDays, at(t, due)) != want || year2026.Provisional(rules.Days, at(t, due)) {
			t.Errorf("%s is provisional: %v", due, !want)
		}
	}
	known := rules.Calendar{Days: map[string]bool{"2025-01-01": false, "2026-01-01": false}}.Known(year2026)
	if len(known.Days) != len(year2026.Days)+1 {
		t.Errorf("%d days: the year of before is lost, or stands twice", len(known.Days))
	}
}

// TestRecount: what was counted past the end of a calendar and is counted again on
// the next one comes to what that one would have said from the start.
func TestRecount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		next := rules.Calendar{Days: maps.Clone(year2026.Days)}
		for range rapid.IntRange(0, 30).Draw(r, "days") {
			day := time.Date(2027, 1, rapid.IntRange(1, 90).Draw(r, "day"), 0, 0, 0, 0, rules.Beijing)
			next.Days[day.Format(time.DateOnly)] = rapid.Bool().Draw(r, "worked")
		}
		from := at(t, "2026-12-01 08:00").Add(time.Duration(rapid.IntRange(0, 29*24*60).Draw(r, "minutes")) * time.Minute)
		clock := rules.Clock{Verb: "a.b", Amount: rapid.IntRange(1, 40).Draw(r, "amount"), Unit: rules.WorkingDays}
		before, err := year2026.Due(clock, from)
		if err != nil {
			r.Fatal(err)
		}
		want, err := next.Due(clock, from)
		if err != nil {
			r.Fatal(err)
		}
		if got := year2026.Recount(next, before); !got.Equal(want) {
			r.Fatalf("%d working days after %v: counted again %v, want %v", clock.Amount, from, got, want)
		}
	})
	if due := at(t, "2027-01-04 09:00"); !(rules.Calendar{}).Recount(year2026, due).Equal(due) {
		t.Error("a calendar of nothing counted again")
	}
}
