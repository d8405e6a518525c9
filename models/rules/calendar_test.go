package rules_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

// year2026 is the official notice for 2026: false is a holiday, true a weekend
// that is worked instead (调休).
var year2026 = rules.Calendar{Days: map[string]bool{
	"2026-01-01": false, "2026-01-02": false, "2026-01-03": false, "2026-01-04": true,
	"2026-02-14": true, "2026-02-15": false, "2026-02-16": false, "2026-02-17": false, "2026-02-18": false,
	"2026-02-19": false, "2026-02-20": false, "2026-02-21": false, "2026-02-22": false, "2026-02-23": false,
	"2026-02-28": true,
	"2026-04-04": false, "2026-04-05": false, "2026-04-06": false,
	"2026-05-01": false, "2026-05-02": false, "2026-05-03": false, "2026-05-04": false, "2026-05-05": false,
	"2026-05-09": true,
	"2026-06-19": false, "2026-06-20": false, "2026-06-21": false,
	"2026-09-20": true, "2026-09-25": false, "2026-09-26": false, "2026-09-27": false,
	"2026-10-01": false, "2026-10-02": false, "2026-10-03": false, "2026-10-04": false, "2026-10-05": false,
	"2026-10-06": false, "2026-10-07": false, "2026-10-10": true,
}}

func at(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string,
) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", s, rules.Beijing)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return moment
}

func TestWorks(t *testing.T) {
	for _, tt := range []struct {
		name, day string
		want      bool
	}{
		{"New Year", "2026-01-01 12:00", false},
		{"the Sunday after it", "2026-01-04 12:00", true},
		{"the Saturday before Spring Festival", "2026-02-14 12:00", true},
		{"a Monday in Spring Festival", "2026-02-16 12:00", false},
		{"the Tuesday after it", "2026-02-24 12:00", true},
		{"an ordinary Saturday", "2026-03-07 12:00", false},
		{"an ordinary Sunday", "2026-03-08 12:00", false},
		{"an ordinary Monday", "2026-03-09 12:00", true},
		{"Tomb-Sweeping Monday", "2026-04-06 12:00", false},
		{"the Saturday after Labour Day", "2026-05-09 12:00", true},
		{"Dragon Boat Friday", "2026-06-19 12:00", false},
		{"the Sunday before Mid-Autumn", "2026-09-20 12:00", true},
		{"National Day", "2026-10-01 12:00", false},
		{"the Saturday after it", "2026-10-10 12:00", true},
		{"the first minute of a Monday", "2026-03-09 00:00", true},
		{"the last minute of a Sunday", "2026-03-08 23:59", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			day := at(t, tt.day)
			if got := year2026.Works(day); got != tt.want {
				t.Errorf("Works = %v, want %v", got, tt.want)
			}
			if got := year2026.Works(day.UTC()); got != tt.want {
				t.Errorf("Works in UTC = %v, want the Beijing day to count", got)
			}
		})
	}
}

func TestDue(t *testing.T) {
	for _, tt := range []struct {
		name   string
		amount int
		unit   rules.Unit
		from   string
		want   string
	}{
		{"minutes", 90, rules.Minutes, "2026-02-14 23:00", "2026-02-15 00:30"},
		{"hours run through a holiday", 24, rules.Hours, "2026-02-15 09:00", "2026-02-16 09:00"},
		{"days run through a holiday", 15, rules.Days, "2026-02-10 09:00", "2026-02-25 09:00"},
		{"days over a leap month", 1, rules.Days, "2026-02-28 09:00", "2026-03-01 09:00"},
		{"one working day", 1, rules.WorkingDays, "2026-03-09 10:00", "2026-03-10 10:00"},
		{"over a weekend", 1, rules.WorkingDays, "2026-03-06 10:00", "2026-03-09 10:00"},
		{"a worked Saturday counts", 1, rules.WorkingDays, "2026-02-13 10:00", "2026-02-14 10:00"},
		{"over Spring Festival", 2, rules.WorkingDays, "2026-02-13 10:00", "2026-02-24 10:00"},
		{"over it and to the worked Saturday", 6, rules.WorkingDays, "2026-02-13 10:00", "2026-02-28 10:00"},
		{"over National Day", 1, rules.WorkingDays, "2026-09-30 17:30", "2026-10-08 17:30"},
		{"over it and to the worked Saturday", 3, rules.WorkingDays, "2026-09-30 17:30", "2026-10-10 17:30"},
		{"from a day off", 1, rules.WorkingDays, "2026-10-03 08:00", "2026-10-08 08:00"},
		{"just after midnight of a worked Saturday", 1, rules.WorkingDays, "2026-02-14 00:30", "2026-02-24 00:30"},
		{"no time at all", 0, rules.WorkingDays, "2026-10-03 08:00", "2026-10-03 08:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := year2026.Due(rules.Clock{Verb: "handle", Amount: tt.amount, Unit: tt.unit}, at(t, tt.from).UTC())
			if err != nil || !got.Equal(at(t, tt.want)) {
				t.Errorf("Due = %v, %v, want %s", got.In(rules.Beijing), err, tt.want)
			}
		})
	}
	if got, err := year2026.Due(rules.Clock{Amount: 1, Unit: "weeks"}, at(t, "2026-03-09 10:00")); err == nil {
		t.Errorf("a clock in weeks is due at %v, want an error", got)
	}
}

func TestDueCountsWorkingDays(t *testing.T) {
	begin := at(t, "2026-01-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		from := begin.Add(time.Duration(rapid.IntRange(0, 340*24*60).Draw(t, "minute")) * time.Minute)
		n := rapid.IntRange(1, 15).Draw(t, "days")
		due, err := year2026.Due(rules.Clock{Amount: n, Unit: rules.WorkingDays}, from)
		if err != nil {
			t.Fatal(err)
		}
		worked := 0
		for day := from; day.Before(due); {
			day = day.Add(24 * time.Hour)
			if year2026.Works(day) {
				worked++
			}
		}
		if worked != n || !year2026.Works(due) || due.Sub(from)%(24*time.Hour) != 0 {
			t.Fatalf("from %v, %d working days end at %v with %d worked", from, n, due, worked)
		}
	})
}

func TestCheckNotice(t *testing.T) {
	residents := rules.Pack{Name: "居民会议", NoticeDays: 10, ShortNotice: true}
	owners := rules.Pack{Name: "业主大会", NoticeDays: 15}
	now := at(t, "2026-03-01 09:00")
	for _, tt := range []struct {
		name   string
		pack   rules.Pack
		after  time.Duration
		reason string
		want   string
	}{
		{"exactly ten days ahead", residents, 10 * 24 * time.Hour, "", ""},
		{"a second less", residents, 10*24*time.Hour - time.Second, "", "session.notice"},
		{"less, with a reason", residents, time.Hour, "管道随时会爆", ""},
		{"less, with a reason that says nothing", residents, time.Hour, " \u200b", "session.notice"},
		{"less, where no reason helps", owners, 14 * 24 * time.Hour, "管道随时会爆", "session.notice"},
		{"exactly fifteen days ahead", owners, 15 * 24 * time.Hour, "", ""},
		{"no notice asked for", rules.Pack{}, time.Second, "", ""},
		{"at this very moment", rules.Pack{}, 0, "", "session.past"},
		{"yesterday, with a reason", residents, -24 * time.Hour, "补录", "session.past"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckNotice(now, now.Add(tt.after), tt.pack, tt.reason)); got != tt.want {
				t.Errorf("CheckNotice refused with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDoors(t *testing.T) {
	starts := at(t, "2026-03-01 19:30")
	for _, tt := range []struct {
		before       time.Duration
		doors, start string
	}{
		{time.Hour + time.Second, "session.doors", "session.early"},
		{time.Hour, "", "session.early"},
		{30*time.Minute + time.Second, "", "session.early"},
		{30 * time.Minute, "", ""},
		{0, "", ""},
		{-time.Hour, "", ""},
	} {
		now := starts.Add(-tt.before)
		if got := codeOf(t, rules.CheckDoors(now, starts)); got != tt.doors {
			t.Errorf("%v before: the check-in was refused with %q, want %q", tt.before, got, tt.doors)
		}
		if got := codeOf(t, rules.CheckStart(now, starts)); got != tt.start {
			t.Errorf("%v before: the opening was refused with %q, want %q", tt.before, got, tt.start)
		}
	}
}

func TestResting(t *testing.T) {
	reply := rules.Clock{Verb: "triage.reply", Amount: 2, Unit: rules.Days, States: []rules.State{rules.TopicSubmitted, rules.TopicTriage}}
	clocks := []rules.Clock{{Verb: "order.sign", Amount: 1, Unit: rules.Hours}, reply}
	for s, want := range map[rules.State]string{rules.TopicSubmitted: "triage.reply", rules.TopicTriage: "triage.reply", rules.TopicAccepted: "", "": ""} {
		if got, ok := rules.Resting(clocks, s); got.Verb != want || ok != (want != "") {
			t.Errorf("in %q runs %q, want %q", s, got.Verb, want)
		}
	}
}
