package rules

import "time"

// MaxPeriod is how many days numbers may be asked for at once: three years.
const MaxPeriod = 3 * 366

// Period is from the beginning of one day to the end of another, in the city's time.
type Period struct {
	From  time.Time
	Until time.Time // the first moment that is no more within
}

// NewPeriod reads two days such as 2026-11-30. Without the first it begins with the
// year of the last, without the last it ends today.
func NewPeriod(first, last string, now time.Time) (Period, error) {
	to := midnight(now)
	if last != "" {
		day, err := time.ParseInLocation(time.DateOnly, last, Beijing)
		if err != nil {
			return Period{}, Refuse(Invalid, "period.day", "day", last)
		}
		to = day
	}
	from := time.Date(to.Year(), time.January, 1, 0, 0, 0, 0, Beijing)
	if first != "" {
		day, err := time.ParseInLocation(time.DateOnly, first, Beijing)
		if err != nil {
			return Period{}, Refuse(Invalid, "period.day", "day", first)
		}
		from = day
	}
	p := Period{from, to.AddDate(0, 0, 1)}
	if !p.From.Before(p.Until) || p.Until.After(p.From.AddDate(0, 0, MaxPeriod)) {
		return Period{}, Refuse(Invalid, "period.long", "days", MaxPeriod)
	}
	return p, nil
}

func midnight(t time.Time) time.Time {
	t = t.In(Beijing)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, Beijing)
}
