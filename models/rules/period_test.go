package rules_test

import (
	"testing"
	"time"

	"yishi/models/rules"
)

func TestNewPeriod(t *testing.T) {
	now := time.Date(2026, 11, 29, 17, 30, 0, 0, time.UTC) // the thirtieth in the city
	for _, tt := range []struct{ first, last, from, until, code string }{
		{"", "", "2026-01-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00", ""},
		{"2026-11-01", "2026-11-30", "2026-11-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00", ""},
		{"2026-11-30", "2026-11-30", "2026-11-30T00:00:00+08:00", "2026-12-01T00:00:00+08:00", ""},
		{"", "2024-02-29", "2024-01-01T00:00:00+08:00", "2024-03-01T00:00:00+08:00", ""},
		{"2024-01-01", "", "2024-01-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00", ""},
		{"2026-12-01", "2026-11-30", "", "", "period.long"},
		{"2020-01-01", "2026-11-30", "", "", "period.long"},
		{"2026-02-30", "", "", "", "period.day"},
		{"", "yesterday", "", "", "period.day"},
	} {
		p, err := rules.NewPeriod(tt.first, tt.last, now)
		if r, _ := rules.AsRefusal(err); tt.code != "" {
			if r == nil || r.Code != tt.code {
				t.Errorf("%s to %s: %v, want %s", tt.first, tt.last, err, tt.code)
			}
			continue
		}
		if err != nil || p.From.Format(time.RFC3339) != tt.from || p.Until.Format(time.RFC3339) != tt.until {
			t.Errorf("%s to %s is %v, %v", tt.first, tt.last, p, err)
		}
	}
}
