package models

import (
	"context"
	"time"

	"yishi/models/rules"
)

// Calendar is the working calendar in force: Days holds the holidays (false) and
// the worked weekends (true). What is counted in working days from Until on is
// provisional, by the weekend alone, until the next year's notice is imported.
type Calendar struct {
	Version string          `json:"version"`
	Until   string          `json:"until" doc:"the first day that it does not know"`
	Left    int             `json:"left" doc:"whole days until then"`
	Ending  bool            `json:"ending" doc:"so few are left that the next year has to be imported"`
	Days    map[string]bool `json:"days"`
}

// calendarAgain is how often it is told that the calendar ends.
const calendarAgain = 7 * 24 * time.Hour

// calendar returns the calendar in force and its version.
func (t *tx) calendar() (rules.Calendar, string, error) {
	days, version, err := newest[map[string]bool](t, DataCalendar)
	return rules.Calendar{Days: days}, version, err
}

// Calendar returns the working calendar in force.
func (f *Forum) Calendar(ctx context.Context, who Actor) (*Calendar, error) {
	return see(ctx, f, who, rules.DataRead, anywhere("data"), func(t *tx) (*Calendar, error) {
		c, version, err := t.calendar()
		if err != nil {
			return nil, err
		}
		left := c.Left(t.now)
		return &Calendar{
			Version: version, Until: c.Ends().Format(time.DateOnly), Left: left, Ending: left < rules.CalendarWarning, Days: c.Days,
		}, nil
	})
}

// WarnCalendar tells those who may import a calendar that the one in force ends
// in fewer than rules.CalendarWarning days, or has ended, once a week. It returns
// how many it told.
func (f *Forum) WarnCalendar(ctx context.Context) (int, error) {
	return do(ctx, f, Clock, rules.DataWarn, anywhere("data"), func(t *tx) (int, error) {
		c, version, err := t.calendar()
		if err != nil {
			return 0, err
		}
		left := c.Left(t.now)
		if left >= rules.CalendarWarning {
			return 0, nil
		}
		if claimed, err := t.claimWarning(version, calendarAgain); err != nil || !claimed {
			return 0, err
		}
		var ids []int64
		err = t.Model(&Office{}).Where("until IS NULL AND role IN ?", []rules.Role{rules.City, rules.District}).Distinct().Order("person_id").Pluck("person_id", &ids).Error
		if err != nil {
			return 0, err
		}
		return len(ids), t.notifyAll(ids, "notice.calendar", set{"until": c.Ends(), "left": left})
	})
}

// counted are the verbs of the clocks that count working days. The last order is
// done when it was promised, which nobody counted.
func (t *tx) counted() (map[string]bool, error) {
	clocks, _, err := newest[[]rules.Clock](t, DataClocks)
	verbs := make(map[string]bool, len(clocks))
	for _, c := range clocks {
		verbs[c.Verb] = c.Unit == rules.WorkingDays && c.Verb != "order.finish"
	}
	return verbs, err
}

// provisional returns which topics have a clock that was counted past the end of
// the calendar.
func (t *tx) provisional(topics []Topic) (map[int64]bool, error) {
	c, _, err := t.calendar()
	if err != nil {
		return nil, err
	}
	late := map[int64]bool{}
	var verbs map[string]bool
	for _, topic := range topics {
		if topic.DueAt == nil || topic.DueAt.Before(c.Ends()) {
			continue
		}
		if verbs == nil {
			if verbs, err = t.counted(); err != nil {
				return nil, err
			}
		}
		late[topic.ID] = verbs[topic.DueVerb]
	}
	return late, nil
}

// recountClocks counts the clocks that run past the end of a calendar again, on
// the one that has taken its place.
func (t *tx) recountClocks(last, next Dataset) error {
	before, err := last.days()
	if err != nil {
		return err
	}
	after, err := next.days()
	if err != nil {
		return err
	}
	verbs, err := t.counted()
	if err != nil || !after.Ends().After(before.Ends()) {
		return err
	}
	if err := t.recountTopics(before, after, verbs); err != nil || !verbs["objection.answer"] {
		return err
	}
	return t.recountObjections(before, after)
}
