package rules

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Beijing is the zone in which days are counted.
var Beijing = time.FixedZone("CST", 8*3600)

// Calendar knows which days are worked: Days holds the exceptions that a year's
// official notice makes, keyed "2006-01-02", true for a worked weekend (调休) and
// false for a holiday; every other day follows the weekend.
type Calendar struct{ Days map[string]bool }

// Works reports whether the Beijing day of t is a working day.
func (c Calendar) Works(t time.Time) bool {
	t = t.In(Beijing)
	if worked, ok := c.Days[t.Format(time.DateOnly)]; ok {
		return worked
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// years are the years of which the official notice is known, in order.
func (c Calendar) years() []string {
	seen := map[string]bool{}
	for day := range c.Days {
		year, _, _ := strings.Cut(day, "-")
		seen[year] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// Ends is the first moment that the calendar does not know: the year after the
// last one whose notice is in it. From there on the weekend decides alone, and
// what is counted is provisional. The zero time: it knows nothing.
func (c Calendar) Ends() time.Time {
	years := c.years()
	if len(years) == 0 {
		return time.Time{}
	}
	last, err := strconv.Atoi(years[len(years)-1])
	if err != nil {
		return time.Time{}
	}
	return time.Date(last+1, time.January, 1, 0, 0, 0, 0, Beijing)
}

// CalendarWarning is how many days before its end a calendar is asked for anew.
const CalendarWarning = 60

// Left is how many whole days of the calendar are left, 0 once it has ended.
func (c Calendar) Left(now time.Time) int {
	return max(0, int(c.Ends().Sub(now)/(24*time.Hour)))
}

// Known returns the calendar in which the years of another take the place of its
// own: an official notice is for a whole year.
func (c Calendar) Known(more Calendar) Calendar {
	days := maps.Clone(c.Days)
	if days == nil {
		days = map[string]bool{}
	}
	years := more.years()
	maps.DeleteFunc(days, func(day string, _ bool) bool { return slices.Contains(years, day[:4]) })
	maps.Copy(days, more.Days)
	return Calendar{Days: days}
}

// Provisional reports whether a moment that a clock has come to may still move:
// working days were counted past the end of the calendar.
func (c Calendar) Provisional(unit Unit, due time.Time) bool {
	return unit == WorkingDays && !due.Before(c.Ends())
}

// Recount returns when working days that were counted on this calendar run out
// on another, which knows more: those past its end are counted again.
func (c Calendar) Recount(more Calendar, due time.Time) time.Time {
	left, t, ends := 0, due, c.Ends()
	if ends.IsZero() {
		return due
	}
	for ; !t.Before(ends); t = t.AddDate(0, 0, -1) {
		if c.Works(t) {
			left++
		}
	}
	return more.workingDays(left, t)
}

// Unit is what a clock counts in.
type Unit string

// The units of a clock.
const (
	Minutes     Unit = "minutes"
	Hours       Unit = "hours"
	Days        Unit = "days"
	WorkingDays Unit = "working_days"
)

// Clock is a time limit with its verb, such as "triage.reply". It starts by
// itself when a topic comes into one of its states, where no deed sets another.
type Clock struct {
	Verb   string
	Amount int
	Unit   Unit
	States []State
}

// Resting returns the clock that starts when a topic comes into a state.
func Resting(clocks []Clock, s State) (Clock, bool) {
	i := slices.IndexFunc(clocks, func(c Clock) bool { return slices.Contains(c.States, s) })
	if i < 0 {
		return Clock{}, false
	}
	return clocks[i], true
}

var errUnit = errors.New("rules: unknown unit of a clock")

// Due returns when a clock that starts at from runs out. Minutes, hours and
// days are natural time; working days end at the same hour of the n-th working
// day after from.
func (c Calendar) Due(clock Clock, from time.Time) (time.Time, error) {
	switch clock.Unit {
	case Minutes:
		return from.Add(time.Duration(clock.Amount) * time.Minute), nil
	case Hours:
		return from.Add(time.Duration(clock.Amount) * time.Hour), nil
	case Days:
		return from.AddDate(0, 0, clock.Amount), nil
	case WorkingDays:
		return c.workingDays(clock.Amount, from), nil
	}
	return from, errUnit
}

func (c Calendar) workingDays(n int, from time.Time) time.Time {
	t := from
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if c.Works(t) {
			n--
		}
	}
	return t
}

// CheckNotice refuses a meeting that is announced at now for startsAt with less
// than days' notice, unless a reason for the exception is recorded and the rule
// pack admits one.
func CheckNotice(now, startsAt time.Time, p Pack, reason string) error {
	if !startsAt.After(now) {
		return Refuse(Invalid, "session.past")
	}
	if !startsAt.Before(now.AddDate(0, 0, p.NoticeDays)) {
		return nil
	}
	if p.ShortNotice && !isBlank(reason) {
		return nil
	}
	return Refuse(Conflict, "session.notice", "days", p.NoticeDays, "pack", p.Name)
}

// DoorsOpen is how long before a session people may check in.
const DoorsOpen = time.Hour

// OpensEarly is how long before its time a session may be opened.
const OpensEarly = 30 * time.Minute

// CheckDoors refuses a check-in to a session whose doors are not open yet.
func CheckDoors(now, startsAt time.Time) error {
	if now.Before(startsAt.Add(-DoorsOpen)) {
		return Refuse(Conflict, "session.doors")
	}
	return nil
}

// CheckStart refuses to open a session before those who come on time are there.
func CheckStart(now, startsAt time.Time) error {
	if now.Before(startsAt.Add(-OpensEarly)) {
		return Refuse(Conflict, "session.early")
	}
	return nil
}

// PublicationDays is the least time for which a result stays on the notice board
// (居委会组织法 art. 34).
const PublicationDays = 15
