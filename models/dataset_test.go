package models_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"yishi/configs/data"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// shipped is the body of a kind of data as it comes with the program.
func shipped(t *testing.T, kind models.DataKind) string {
	t.Helper()
	for _, s := range must[[]data.Set](t)(data.Sets()) {
		if s.Kind == string(kind) {
			return s.Body
		}
	}
	t.Fatalf("no %s", kind)
	return ""
}

// edited changes the entries of a body.
func edited[T any](t *testing.T, body string, edit func([]T) []T) string {
	t.Helper()
	var rows []T
	if err := json.Unmarshal([]byte(body), &rows); err != nil {
		t.Fatal(err)
	}
	return string(must[[]byte](t)(json.Marshal(edit(rows))))
}

// newYear is an invented notice for a year, with three holidays in January.
func newYear(t *testing.T, year int) string {
	t.Helper()
	days := map[string]bool{}
	for _, day := range []string{"01-01", "01-04", "01-05", "05-01", "10-01", "10-02", "10-03"} {
		days[fmt.Sprintf("%d-%s", year, day)] = false
	}
	return string(must[[]byte](t)(json.Marshal(days)))
}

// TestDataIsRefusedWhole hands in data of every kind that are not right: each
// gets its named refusal, and nothing at all has changed.
func TestDataIsRefusedWhole(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		accepted(t, s, "灯坏了", "CONSULT")
		packs, clocks := shipped(t, models.DataPacks), shipped(t, models.DataClocks)
		without := func(code string) string {
			return edited(t, packs, func(p []rules.Pack) []rules.Pack {
				return slices.DeleteFunc(p, func(p rules.Pack) bool { return p.Code == code })
			})
		}
		disabled := func(code string) string {
			return edited(t, packs, func(p []rules.Pack) []rules.Pack {
				for i := range p {
					p[i].Enabled = p[i].Enabled && p[i].Code != code
				}
				return p
			})
		}
		clockless := func(verb string) string {
			return edited(t, clocks, func(c []rules.Clock) []rules.Clock {
				return slices.DeleteFunc(c, func(c rules.Clock) bool { return c.Verb == verb })
			})
		}
		items := func(edit func(*models.Item)) string {
			return edited(t, shipped(t, models.DataCatalogue), func(i []models.Item) []models.Item { edit(&i[0]); return i })
		}
		seen := forumtest.Fingerprints(t, s.DSN)
		for name, tt := range map[string]struct {
			who  models.Actor
			d    models.Dataset
			code string
		}{
			"by a secretary":               {s.City.Secretary(huaiying), models.Dataset{Kind: models.DataPacks, Version: "x", Body: packs}, "deed.forbidden"},
			"a kind that is not there":     {d: models.Dataset{Kind: "weather", Version: "x", Body: "{}"}, code: "data.kind"},
			"without a version":            {d: models.Dataset{Kind: models.DataPacks, Version: " ", Body: packs}, code: "data.nameless"},
			"an endless version":           {d: models.Dataset{Kind: models.DataPacks, Version: strings.Repeat("v", 65), Body: packs}, code: "data.named"},
			"an endless source":            {d: models.Dataset{Kind: models.DataPacks, Version: "x", Source: strings.Repeat("s", 256), Body: packs}, code: "data.named"},
			"no JSON":                      {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: "["}, code: "data.broken"},
			"the body of another kind":     {d: models.Dataset{Kind: models.DataCalendar, Version: "x", Body: packs}, code: "data.broken"},
			"packs of nothing":             {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: "[]"}, code: "data.empty"},
			"a pack that is not right":     {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: strings.Replace(packs, `"den": 2`, `"den": 0`, 1)}, code: "data.entry"},
			"two packs of one code":        {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: edited(t, packs, func(p []rules.Pack) []rules.Pack { return append(p, p[0]) })}, code: "data.entry"},
			"a pack that a topic has":      {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: without("CONSULT")}, code: "data.pack_used"},
			"a pack of the catalogue":      {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: without("DOOR")}, code: "data.pack_used"},
			"one that is disabled":         {d: models.Dataset{Kind: models.DataPacks, Version: "x", Body: disabled("CONSULT")}, code: "data.pack_used"},
			"the same name, other packs":   {d: models.Dataset{Kind: models.DataPacks, Version: "2026-12", Body: strings.Replace(packs, "协商意见", "另一个名字", 1)}, code: "data.version"},
			"clocks without a reply":       {d: models.Dataset{Kind: models.DataClocks, Version: "x", Body: clockless("triage.reply")}, code: "data.clocks"},
			"a state without a clock":      {d: models.Dataset{Kind: models.DataClocks, Version: "x", Body: clockless("topic.next")}, code: "data.states"},
			"too short on the board":       {d: models.Dataset{Kind: models.DataClocks, Version: "x", Body: strings.Replace(clocks, `"publication.days", "amount": 15`, `"publication.days", "amount": 14`, 1)}, code: "data.entry"},
			"no words for fire":            {d: models.Dataset{Kind: models.DataNegative, Version: "x", Body: strings.Replace(shipped(t, models.DataNegative), `"number": "119"`, `"number": "12345"`, 1)}, code: "data.alarm"},
			"a reason without words":       {d: models.Dataset{Kind: models.DataNegative, Version: "x", Body: strings.Replace(shipped(t, models.DataNegative), `"words": "这件事很急`, `"words": "", "x": "`, 1)}, code: "data.entry"},
			"a year without May Day":       {d: models.Dataset{Kind: models.DataCalendar, Version: "x", Body: strings.Replace(newYear(t, 2027), "05-01", "05-02", 1)}, code: "data.year"},
			"a day that is none":           {d: models.Dataset{Kind: models.DataCalendar, Version: "x", Body: `{"2027-02-30":false}`}, code: "data.entry"},
			"an item under an unknown one": {d: models.Dataset{Kind: models.DataCatalogue, Version: "x", Body: items(func(i *models.Item) { i.Pack = "NONE" })}, code: "data.pack"},
			"an item without a name":       {d: models.Dataset{Kind: models.DataCatalogue, Version: "x", Body: items(func(i *models.Item) { i.Name = "" })}, code: "data.entry"},
		} {
			if tt.who.Door == "" {
				tt.who = models.Operator
			}
			before := seen()
			if r, ok := rules.AsRefusal(errOf(s.ImportData(ctx, tt.who, tt.d))); !ok || r.Code != tt.code {
				t.Errorf("%s: got %v, want %s", name, r, tt.code)
			}
			if r, ok := rules.AsRefusal(errOf(s.PreviewData(ctx, tt.who, tt.d))); !ok || r.Code != tt.code {
				t.Errorf("%s: the preview got %v, want %s", name, r, tt.code)
			}
			if changed := seen().Changed(before); changed != nil {
				t.Errorf("%s: changed %v", name, changed)
			}
		}
	})
}

func errOf(_ any, err error) error { return err }

// TestDataIsInForceAtOnce imports other packs and clocks while another instance
// runs: it goes by them with its next deed. What began under the old ones keeps
// them.
func TestDataIsInForceAtOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		other := forumtest.Bare(t, s.DSN, s.Clock)
		topic, session := meeting(t, s, "DOOR")
		poll := must[*models.PollView](t)(other.OpenPoll(ctx, s.City.Secretary(huaiying), models.NewPoll{SessionID: session, TopicID: topic, Question: "修不修?"}))
		id := must[*models.Raised](t)(other.RaiseTopic(ctx, someone(s, 1), models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"})).Topic.ID
		owes(t, s, id, "triage.reply", 2*day)

		body := edited(t, shipped(t, models.DataClocks), func(c []rules.Clock) []rules.Clock {
			for i := range c {
				if c[i].Verb == "triage.reply" {
					c[i].Amount = 5
				}
			}
			return c
		})
		seen := forumtest.Fingerprints(t, s.DSN)
		before := seen()
		d := models.Dataset{Kind: models.DataClocks, Version: "slow", Status: "official", Source: "t", Body: body}
		diff := must[*models.DataDiff](t)(s.PreviewData(ctx, models.Operator, d))
		if len(diff.Added)+len(diff.Removed) > 0 || !slices.Equal(diff.Changed, []string{"triage.reply (amount)"}) || diff.InForce != "2026-11" || diff.Same != diff.Entries-1 {
			t.Errorf("the preview: %+v", diff)
		}
		if changed := seen().Changed(before); changed != nil {
			t.Errorf("a preview changed %v", changed)
		}
		first := must[models.Dataset](t)(s.ImportData(ctx, models.Operator, d))
		if again := must[models.Dataset](t)(s.ImportData(ctx, models.Operator, d)); again.ID != first.ID {
			t.Errorf("a second run made version %d of %d", again.ID, first.ID)
		}
		refused(t, "data.superseded")(s.ImportData(ctx, models.Operator, models.Dataset{Kind: models.DataClocks, Version: "2026-11", Body: shipped(t, models.DataClocks)}))
		r := must[*models.Raised](t)(other.RaiseTopic(ctx, someone(s, 2), models.NewTopic{OrgID: s.Org(huaiying), Text: "井盖松了"}))
		owes(t, s, r.Topic.ID, "triage.reply", 5*day)
		owes(t, s, id, "triage.reply", 2*day)

		secret := edited(t, shipped(t, models.DataPacks), func(p []rules.Pack) []rules.Pack {
			for i := range p {
				p[i].LiveTally, p[i].Name = true, "另一个名字"
			}
			return p
		})
		must[models.Dataset](t)(s.ImportData(ctx, models.Operator, models.Dataset{Kind: models.DataPacks, Version: "live", Body: secret}))
		must[*models.Ballot](t)(other.CastBallot(ctx, someone(s, 1), poll.ID, "", rules.Yes))
		if g := must[*models.Glimpse](t)(other.Glimpse(ctx, models.Actor{}, poll.ID)); strings.Contains(string(g.Body), "marks") {
			t.Errorf("a poll that hides its count shows it once other packs are in force: %s", g.Body)
		}
		if v := must[*models.PollView](t)(other.Poll(ctx, someone(s, 1), poll.ID)); v.PackName == "另一个名字" {
			t.Error("an open poll has another pack than it was opened with")
		}
	})
}

// TestWhatACityImportedStays: a later program brings other data with it, and they
// do not displace what the city has imported of its own.
func TestWhatACityImportedStays(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		later := models.Dataset{Kind: models.DataNegative, Version: "2030", Body: strings.Replace(shipped(t, models.DataNegative), "紧急情况", "万分紧急", 1), Shipped: true}
		name := func() string { return must[[]models.Reason](t)(s.Reasons(ctx, models.Operator))[0].Name }
		must[models.Dataset](t)(s.ImportData(ctx, models.Operator, later))
		if !strings.Contains(name(), "万分紧急") {
			t.Errorf("what came with the program is displaced by what comes with the next: %s", name())
		}
		own := models.Dataset{Kind: models.DataNegative, Version: "own", Body: strings.Replace(later.Body, "万分紧急", "我市规定", 1)}
		must[models.Dataset](t)(s.ImportData(ctx, models.Operator, own))
		later.Version, later.Body = "2031", strings.Replace(later.Body, "万分紧急", "最新版本", 1)
		must[models.Dataset](t)(s.ImportData(ctx, models.Operator, later))
		if !strings.Contains(name(), "我市规定") {
			t.Errorf("the city's own list is displaced: %s", name())
		}
	})
}

// TestTheCalendarEnds: the city's desk hears of it in time, once a week; what is
// counted beyond is marked, and counted again once the year is there.
func TestTheCalendarEnds(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk, city := s.City.Secretary(huaiying), s.City.Officer(rules.City, "YD")
		s.Clock.Set(time.Date(2026, 11, 1, 9, 0, 0, 0, rules.Beijing))
		warned := func(want, notices int) {
			t.Helper()
			n := must[int](t)(s.WarnCalendar(ctx))
			if n != want || told(t, s, city, "notice.calendar") != notices {
				t.Errorf("%v: warned %d, and %d notices; want %d and %d", s.Clock.Now(), n, told(t, s, city, "notice.calendar"), want, notices)
			}
		}
		warned(0, 0) // 60 days and more
		s.Clock.Pass(day)
		those := must[int](t)(s.WarnCalendar(ctx))
		if those < 2 || told(t, s, city, "notice.calendar") != 1 || told(t, s, desk, "notice.calendar") != 0 {
			t.Errorf("warned %d", those)
		}
		warned(0, 1)
		s.Clock.Pass(6 * day)
		warned(0, 1)
		s.Clock.Pass(day)
		warned(those, 2)
		if c := must[*models.Calendar](t)(s.Calendar(ctx, models.Actor{})); !c.Ending || c.Until != "2027-01-01" || c.Left != 52 {
			t.Errorf("the calendar says %+v", c)
		}

		s.Clock.Set(time.Date(2026, 12, 28, 9, 0, 0, 0, rules.Beijing)) // a Monday
		id := accepted(t, s, "灯坏了", "CONSULT")
		late := func() (bool, string) {
			v := must[*models.TopicView](t)(s.Topic(ctx, desk, id))
			return v.Provisional, v.DueAt.In(rules.Beijing).Format("2006-01-02 15:04")
		}
		if provisional, due := late(); !provisional || due != "2027-01-04 09:00" {
			t.Errorf("five working days past the end of the calendar: %v, %s", provisional, due)
		}
		s.Clock.Pass(3 * day)
		reply := raised(t, s, someone(s, 2), "井盖松了") // natural days, past the end as well
		own := models.Dataset{Kind: models.DataCalendar, Version: "2027", Body: newYear(t, 2027)}
		before := must[*models.TopicView](t)(s.Topic(ctx, desk, reply)).DueAt
		must[models.Dataset](t)(s.ImportData(ctx, models.Operator, own))
		if provisional, due := late(); provisional || due != "2027-01-07 09:00" {
			t.Errorf("once the year is known, with three holidays: %v, %s", provisional, due)
		}
		if after := must[*models.TopicView](t)(s.Topic(ctx, desk, reply)).DueAt; !after.Equal(*before) {
			t.Errorf("natural days were counted again: %v, then %v", before, after)
		}
		c := must[*models.Calendar](t)(s.Calendar(ctx, models.Actor{}))
		if years := slices.Sorted(maps.Keys(c.Days)); c.Ending || !strings.HasPrefix(years[0], "2025") {
			t.Errorf("after the import: %v, from %s on", c.Ending, years[0])
		}
		warned(0, 2)
	})
}

// TestAlarmAtOnce: words of danger that were imported a moment ago are heard.
func TestAlarmAtOnce(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		const said = "阁楼里窜出了紫火"
		if call := must[string](t)(s.Alarm(t.Context(), said)); call != "" {
			t.Fatalf("it is %s already", call)
		}
		var list rules.Negative
		if err := json.Unmarshal([]byte(shipped(t, models.DataNegative)), &list); err != nil {
			t.Fatal(err)
		}
		list.Alarms[0].Words = append(list.Alarms[0].Words, "紫火")
		body := must[[]byte](t)(json.Marshal(list))
		if _, err := s.ImportData(t.Context(), models.Operator, models.Dataset{Kind: models.DataNegative, Version: "own", Body: string(body)}); err != nil {
			t.Fatal(err)
		}
		if call := must[string](t)(s.Alarm(t.Context(), said)); call != list.Alarms[0].Number {
			t.Errorf("the number is %q", call)
		}
	})
}
