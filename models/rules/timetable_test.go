package rules_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestCheckStop(t *testing.T) {
	weekly := rules.Stop{Weekday: 1, Begins: "19:00", Ends: "20:30", Lat: 32.2, Lng: 119.4}
	for _, tt := range []struct {
		name   string
		change func(*rules.Stop)
		want   string
	}{
		{"every Monday", func(*rules.Stop) {}, ""},
		{"every Sunday", func(s *rules.Stop) { s.Weekday = 7 }, ""},
		{"on one day", func(s *rules.Stop) { s.Weekday, s.Day = 0, "2026-02-28" }, ""},
		{"no weekday", func(s *rules.Stop) { s.Weekday = 0 }, "stop.time"},
		{"an eighth weekday", func(s *rules.Stop) { s.Weekday = 8 }, "stop.time"},
		{"a day that there is not", func(s *rules.Stop) { s.Day = "2026-02-29" }, "stop.time"},
		{"a day in other words", func(s *rules.Stop) { s.Day = "明天" }, "stop.time"},
		{"no beginning", func(s *rules.Stop) { s.Begins = "" }, "stop.time"},
		{"an hour that there is not", func(s *rules.Stop) { s.Ends = "24:00" }, "stop.time"},
		{"it ends as it begins", func(s *rules.Stop) { s.Ends = "19:00" }, "stop.time"},
		{"it ends before", func(s *rules.Stop) { s.Ends = "08:00" }, "stop.time"},
		{"beyond the pole", func(s *rules.Stop) { s.Lat = 90.1 }, "stop.position"},
		{"beyond the date line", func(s *rules.Stop) { s.Lng = -180.1 }, "stop.position"},
		{"no number", func(s *rules.Stop) { s.Lat = math.NaN() }, "stop.position"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := weekly
			tt.change(&s)
			if got := codeOf(t, rules.CheckStop(s)); got != tt.want {
				t.Errorf("CheckStop(%+v) refused with %q, want %q", s, got, tt.want)
			}
		})
	}
}

func TestNextStop(t *testing.T) {
	monday := rules.Stop{Weekday: 1, Begins: "19:00", Ends: "20:30"}
	once := rules.Stop{Day: "2026-03-20", Begins: "19:00", Ends: "20:30"}
	for _, tt := range []struct {
		name string
		stop rules.Stop
		now  string
		want string // empty: never again
	}{
		{"later today", monday, "2026-03-02 08:00", "2026-03-02 19:00"},
		{"being held", monday, "2026-03-02 20:29", "2026-03-02 19:00"},
		{"over for today", monday, "2026-03-02 20:30", "2026-03-09 19:00"},
		{"in the course of the week", monday, "2026-03-04 12:00", "2026-03-09 19:00"},
		{"tomorrow", monday, "2026-03-01 23:59", "2026-03-02 19:00"},
		{"already Monday in Beijing", monday, "2026-03-02 00:30", "2026-03-02 19:00"},
		{"a single day weeks ahead", once, "2026-03-01 08:00", "2026-03-20 19:00"},
		{"the single day itself", once, "2026-03-20 20:00", "2026-03-20 19:00"},
		{"the single day is over", once, "2026-03-20 20:30", ""},
		{"the single day is long over", once, "2026-06-01 08:00", ""},
		{"a broken line", rules.Stop{Begins: "19:00", Ends: "20:00"}, "2026-03-01 08:00", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begins, ends, ok := tt.stop.Next(at(t, tt.now).UTC())
			if ok != (tt.want != "") {
				t.Fatalf("Next = %v to %v, %v", begins, ends, ok)
			}
			if ok && (!begins.Equal(at(t, tt.want)) || ends.Sub(begins) != 90*time.Minute) {
				t.Errorf("Next = %v to %v, want %s for 90 minutes", begins, ends, tt.want)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		name                   string
		lat1, lng1, lat2, lng2 float64
		want, within           int
	}{
		{"the same place", 32.2, 119.4, 32.2, 119.4, 0, 0},
		{"a degree of latitude", 32, 119.4, 33, 119.4, 111_195, 5},
		{"a degree of longitude here", 32, 119, 32, 120, 94_299, 5},
		{"Zhenjiang to Nanjing", 32.188, 119.425, 32.060, 118.797, 60_800, 500},
		{"across the date line", 0, 179.5, 0, -179.5, 111_195, 5},
		{"to the other side of the earth", 0, 0, 0, 180, 20_015_115, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rules.Distance(tt.lat1, tt.lng1, tt.lat2, tt.lng2); got < tt.want-tt.within || got > tt.want+tt.within {
				t.Errorf("Distance = %d m, want %d", got, tt.want)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		lat, lng := rapid.Float64Range(-90, 90), rapid.Float64Range(-180, 180)
		a, b, c, d := lat.Draw(t, "lat1"), lng.Draw(t, "lng1"), lat.Draw(t, "lat2"), lng.Draw(t, "lng2")
		there, back := rules.Distance(a, b, c, d), rules.Distance(c, d, a, b)
		if there != back || there < 0 || there > 20_015_115 {
			t.Fatalf("%d m there, %d m back", there, back)
		}
	})
}
