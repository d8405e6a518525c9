package rules_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

// agenda is the norm for what each step of a session does to a topic of its
// agenda. What is not listed is refused. It is kept apart from the rulebook's own
// table on purpose.
var agenda = map[onAgenda]rules.Turn{
	{rules.StepAnnounce, rules.TopicAccepted}:    {On: rules.OnAnnounce},
	{rules.StepAnnounce, rules.TopicNoConsensus}: {On: rules.OnAnnounce},
	{rules.StepAnnounce, rules.TopicAnnounced}:   {On: rules.OnPostpone},
	{rules.StepPostpone, rules.TopicAnnounced}:   {On: rules.OnPostpone},
	{rules.StepOpen, rules.TopicAccepted}:        {On: rules.OnOpen},
	{rules.StepOpen, rules.TopicAnnounced}:       {On: rules.OnOpen},
	{rules.StepAdjourn, rules.TopicMeeting}:      {On: rules.OnAdjourn},
	{rules.StepAdjourn, rules.TopicAgreed}:       {Settle: true, Leave: true},
	{rules.StepAdjourn, rules.TopicPartlyAgreed}: {Settle: true, Leave: true},
	{rules.StepAdjourn, rules.TopicNoConsensus}:  {Settle: true, Leave: true},
	{rules.StepClose, rules.TopicMeeting}:        {Settle: true},
	{rules.StepClose, rules.TopicAgreed}:         {Settle: true},
	{rules.StepClose, rules.TopicPartlyAgreed}:   {Settle: true},
	{rules.StepClose, rules.TopicNoConsensus}:    {Settle: true},
	{rules.StepCancel, rules.TopicAccepted}:      {},
	{rules.StepCancel, rules.TopicPartyReview}:   {},
	{rules.StepCancel, rules.TopicNoConsensus}:   {},
	{rules.StepCancel, rules.TopicAnnounced}:     {On: rules.OnCallOff},
}

type onAgenda struct {
	step  rules.Step
	state rules.State
}

var steps = []rules.Step{rules.StepAnnounce, rules.StepPostpone, rules.StepOpen, rules.StepAdjourn, rules.StepClose, rules.StepCancel, "no such step"}

func TestTurnOf(t *testing.T) {
	for _, step := range steps {
		for _, s := range states {
			want, listed := agenda[onAgenda{step, s.State}]
			got, err := rules.TurnOf(step, s.State)
			switch {
			case !listed && codeOf(t, err) != "topic.state":
				t.Errorf("%s does %+v to a topic that is %s, %v; want it refused", step, got, s.State, err)
			case listed && (err != nil || got != want):
				t.Errorf("%s does %+v to a topic that is %s, %v; want %+v", step, got, s.State, err, want)
			case listed && got.On != "":
				if _, err := rules.Next(s.State, got.On, ""); err != nil {
					t.Errorf("%s moves a topic that is %s by %s, which its life does not admit", step, s.State, got.On)
				}
			}
		}
	}
}

func TestCheckAgenda(t *testing.T) {
	for _, tt := range []struct {
		step   rules.Step
		agenda []rules.State
		want   string
	}{
		{rules.StepAnnounce, nil, "session.empty"},
		{rules.StepPostpone, nil, "session.empty"},
		{rules.StepOpen, nil, "session.empty"},
		{rules.StepCancel, nil, ""},
		{rules.StepClose, nil, ""},
		{rules.StepAnnounce, []rules.State{rules.TopicAccepted}, ""},
		{rules.StepAdjourn, nil, "session.decided"},
		{rules.StepAdjourn, []rules.State{rules.TopicAgreed, rules.TopicNoConsensus}, "session.decided"},
		{rules.StepAdjourn, []rules.State{rules.TopicAgreed, rules.TopicMeeting}, ""},
	} {
		if got := codeOf(t, rules.CheckAgenda(tt.step, tt.agenda)); got != tt.want {
			t.Errorf("%s with %v is refused with %q, want %q", tt.step, tt.agenda, got, tt.want)
		}
	}
}

// TestASessionIsNeverStuck drives a session with two topics at random: whatever
// happened, it can be brought to its end, and then no topic still waits for it.
func TestASessionIsNeverStuck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSitting(t)
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			s.something(t)
		}
		if s.state == rules.StepOpen {
			for i := range s.topics {
				if s.on[i] && s.topics[i] == rules.TopicMeeting {
					s.topics[i], _ = rules.Next(rules.TopicMeeting, rules.OnNoConsensus, "")
				}
			}
			s.must(t, rules.StepClose)
		}
		if s.state != rules.StepClose && s.state != rules.StepCancel {
			s.must(t, rules.StepCancel)
		}
		for i, state := range s.topics {
			if state == rules.TopicAnnounced || state == rules.TopicMeeting {
				t.Errorf("topic %d is left %s by a session that is over", i, state)
			}
		}
	})
}

// sitting is a session as the rules see it. Its state is the last step it took.
type sitting struct {
	state  rules.Step
	topics []rules.State
	on     []bool // which stand on its agenda
}

func newSitting(t *rapid.T) *sitting {
	start := rapid.SampledFrom([]rules.State{rules.TopicAccepted, rules.TopicNoConsensus})
	return &sitting{topics: rapid.SliceOfN(start, 2, 2).Draw(t, "topics"), on: []bool{true, true}}
}

var after = map[rules.Step][]rules.Step{
	"":                 {rules.StepAnnounce, rules.StepOpen, rules.StepCancel},
	rules.StepAnnounce: {rules.StepPostpone, rules.StepOpen, rules.StepCancel},
	rules.StepPostpone: {rules.StepPostpone, rules.StepOpen, rules.StepCancel},
	rules.StepOpen:     {rules.StepAdjourn, rules.StepClose},
	rules.StepAdjourn:  {rules.StepAnnounce, rules.StepPostpone, rules.StepCancel},
}

// something takes a step, decides a topic in the meeting, or puts one aside.
func (s *sitting) something(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "topic")
	switch rapid.SampledFrom([]string{"step", "step", "step", "decide", "decide", "aside"}).Draw(t, "what") {
	case "step":
		if next := after[s.state]; len(next) > 0 {
			_ = s.take(rapid.SampledFrom(next).Draw(t, "step"))
		}
	case "decide":
		on := rapid.SampledFrom([]rules.Event{rules.OnAgree, rules.OnAgreePartly, rules.OnNoConsensus}).Draw(t, "outcome")
		if s.state == rules.StepOpen && s.on[i] {
			s.topics[i], _ = rules.Next(s.topics[i], on, "")
		}
	case "aside":
		if s.state == rules.StepOpen {
			return
		}
		s.topics[i], _ = rules.Next(s.topics[i], rules.OnCallOff, "")
		s.topics[i], _ = rules.Next(s.topics[i], rules.OnSuspend, "")
		s.on[i] = s.on[i] && s.topics[i].Listed()
	}
}

// take takes a step for the session and every topic of its agenda, or none.
func (s *sitting) take(step rules.Step) error {
	var waiting []rules.State
	for i, state := range s.topics {
		if s.on[i] {
			waiting = append(waiting, state)
		}
	}
	if err := rules.CheckAgenda(step, waiting); err != nil {
		return err
	}
	topics, on := slices.Clone(s.topics), slices.Clone(s.on)
	for i := range topics {
		if !on[i] {
			continue
		}
		turn, err := rules.TurnOf(step, topics[i])
		if err == nil && turn.On != "" {
			topics[i], err = rules.Next(topics[i], turn.On, "")
		}
		if err == nil && turn.Settle {
			err = rules.CheckSettled(topics[i], 1, "谈不拢")
		}
		if err != nil {
			return err
		}
		on[i] = !turn.Leave
	}
	s.state, s.topics, s.on = step, topics, on
	return nil
}

func (s *sitting) must(t *rapid.T, step rules.Step) {
	if err := s.take(step); err != nil {
		t.Fatalf("%s with %v (%v) is refused: %v", step, s.topics, s.on, err)
	}
}
