package rules

import (
	"math"
	"time"
)

// Stop is one line of a point's timetable: every week on a weekday (1 Monday to
// 7 Sunday), or once on a day, from begins to ends Beijing time.
type Stop struct {
	Weekday int
	Day     string // "2006-01-02"; "" for every week
	Begins  string // "19:00"
	Ends    string
	Lat     float64
	Lng     float64
}

// CheckStop refuses a line that names no time or no place on earth.
func CheckStop(s Stop) error {
	_, dayErr := time.Parse(time.DateOnly, s.Day)
	begins, beginsErr := time.Parse("15:04", s.Begins)
	ends, endsErr := time.Parse("15:04", s.Ends)
	switch {
	case s.Day == "" && (s.Weekday < 1 || s.Weekday > 7), s.Day != "" && dayErr != nil,
		beginsErr != nil, endsErr != nil, !ends.After(begins):
		return Refuse(Invalid, "stop.time")
	case math.Abs(s.Lat) > 90, math.Abs(s.Lng) > 180, s.Lat != s.Lat, s.Lng != s.Lng:
		return Refuse(Invalid, "stop.position")
	}
	return nil
}

// Next returns when the stop is held next, or is being held at now.
func (s Stop) Next(now time.Time) (begins, ends time.Time, ok bool) {
	day := now.In(Beijing)
	for range 8 {
		if s.Day == "" && isoWeekday(day) == s.Weekday || s.Day == day.Format(time.DateOnly) {
			begins, ends = clockOn(day, s.Begins), clockOn(day, s.Ends)
			if ends.After(now) {
				return begins, ends, true
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	if s.Day == "" {
		return begins, ends, false
	}
	day, err := time.ParseInLocation(time.DateOnly, s.Day, Beijing)
	begins, ends = clockOn(day, s.Begins), clockOn(day, s.Ends)
	return begins, ends, err == nil && ends.After(now)
}

func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func clockOn(day time.Time, clock string) time.Time {
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, Beijing)
}

// Distance returns how far two places are apart, in metres, on a sphere.
func Distance(lat1, lng1, lat2, lng2 float64) int {
	const radius = 6371008.8
	rad := math.Pi / 180
	dLat, dLng := (lat2-lat1)*rad/2, (lng2-lng1)*rad/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Sin(dLng)*math.Sin(dLng)
	return int(math.Round(2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))))
}
