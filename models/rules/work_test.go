package rules_test

import (
	"testing"

	"yishi/models/rules"
)

func TestWorkNext(t *testing.T) {
	for _, tt := range []struct {
		name string
		rules.Work
		want rules.Event
	}{
		{"nothing was to be done", rules.Work{}, rules.OnDone},
		{"nothing was to be done, on the board", rules.Work{OnBoard: true}, ""},
		{"all is done", rules.Work{Done: 2}, rules.OnDone},
		{"all is done, on the board", rules.Work{Done: 2, OnBoard: true}, ""},
		{"one is left", rules.Work{Done: 1, Left: 1}, ""},
		{"all is done, one objects", rules.Work{Done: 2, Waiting: 1}, ""},
		{"one objects on the board", rules.Work{Left: 2, Waiting: 1, OnBoard: true}, ""},
		{"one of two is dropped", rules.Work{Left: 1, Upheld: 1}, ""},
		{"one of two is dropped, the other done", rules.Work{Done: 1, Upheld: 1}, rules.OnDone},
		{"the only one is dropped", rules.Work{Upheld: 1}, rules.OnOverturn},
		{"the only one is dropped, on the board", rules.Work{Upheld: 1, OnBoard: true}, rules.OnOverturn},
		{"the only one is dropped, another objects", rules.Work{Upheld: 1, Waiting: 1}, ""},
		{"the result is denied", rules.Work{Denied: true, OnBoard: true}, rules.OnOverturn},
		{"the result is denied, though one is done", rules.Work{Denied: true, Done: 1}, rules.OnOverturn},
		{"the result is denied, another objects", rules.Work{Denied: true, Waiting: 1}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := tt.Next(); got != tt.want || ok != (tt.want != "") {
				t.Errorf("what follows is %q, %v; want %q", got, ok, tt.want)
			}
		})
	}
}
