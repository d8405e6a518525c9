package main

import (
	"testing"
	"time"

	"yishi/models"
	"yishi/models/rules"
	"yishi/models/samplecity"
)

// TestDemoLives finds the matters of the demo where their rows say, and a session in
// progress with a question that is open.
func TestDemoLives(t *testing.T) {
	late := &lateClock{}
	late.by.Store(int64(samplecity.Past))
	s, err := newStage(t.Context(), "", "127.0.0.1:0", late.now, tellAll)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.close()) })
	ok(t, s.live(t.Context(), late))
	want := map[rules.State]int64{}
	for _, m := range s.city.Sample.Matters {
		switch m.Fate {
		case "publication", "ordered":
			want[rules.TopicImplementing]++
		case "alliance":
			want[rules.TopicMeeting]++
		default:
			want[rules.State(m.Fate)]++
		}
	}
	desk, err := s.forum.Desk(t.Context(), models.Operator, s.city.Orgs["YD-YS-TX"].ID)
	ok(t, err)
	for state, n := range want {
		if desk.States[state] != n {
			t.Errorf("%d matters are %s, want %d", desk.States[state], state, n)
		}
	}
	open := 0
	sessions, err := s.forum.Sessions(t.Context(), models.Operator, s.city.Orgs["YD-YS-TX-HY"].ID, time.Time{}, 0, 100)
	ok(t, err)
	for _, v := range sessions.Items {
		if v.State == models.SessionOpen {
			open++
		}
	}
	if n := len(s.fake.Sent(s.residents[s.city.Sample.Matters[0].Raiser])); n < 5 {
		t.Errorf("whose matter went all the way had %d notices", n)
	}
	if open != 1 {
		t.Errorf("%d sessions are in progress", open)
	}
	for name, who := range s.city.Shops {
		if polls, err := s.forum.MyPolls(t.Context(), who); err != nil || len(polls) != 1 || polls[0].Cast != 2 {
			t.Errorf("%s is asked %v, %v", name, polls, err)
		}
	}
}
