package rules

import "slices"

// Step is a turn in the life of a session.
type Step string

// The steps of a session.
const (
	StepAnnounce Step = "announce"
	StepPostpone Step = "postpone"
	StepOpen     Step = "open"
	StepAdjourn  Step = "adjourn"
	StepClose    Step = "close"
	StepCancel   Step = "cancel"
)

// Turn is what a step of a session does to one topic of its agenda.
type Turn struct {
	On     Event // what moves the topic; "": it stays where it is
	Settle bool  // the session is done with it: its outcome holds, its orders start
	Leave  bool  // it leaves the agenda, the session goes on without it
}

// turns is the whole agenda: by step, what happens to a topic in which state.
// What was decided before an adjournment is settled there and then, so that only
// what is still open waits for the next date.
var turns = map[Step]map[State]Turn{
	StepAnnounce: {
		TopicAccepted:    {On: OnAnnounce},
		TopicNoConsensus: {On: OnAnnounce}, // another round
		TopicAnnounced:   {On: OnPostpone}, // after an adjournment
	},
	StepPostpone: {
		TopicAnnounced: {On: OnPostpone},
	},
	StepOpen: {
		TopicAccepted:  {On: OnOpen}, // the quick track; CheckQuick says when
		TopicAnnounced: {On: OnOpen},
	},
	StepAdjourn: {
		TopicMeeting:      {On: OnAdjourn},
		TopicAgreed:       {Settle: true, Leave: true},
		TopicPartlyAgreed: {Settle: true, Leave: true},
		TopicNoConsensus:  {Settle: true, Leave: true},
	},
	StepClose: {
		TopicMeeting:      {Settle: true}, // refused there: nothing is left hanging
		TopicAgreed:       {Settle: true},
		TopicPartlyAgreed: {Settle: true},
		TopicNoConsensus:  {Settle: true},
	},
	StepCancel: {
		TopicAccepted:    {},
		TopicPartyReview: {},
		TopicNoConsensus: {},
		TopicAnnounced:   {On: OnCallOff},
	},
}

// TurnOf says what a step of a session does to a topic of its agenda that is in
// a state, and refuses the step where the topic does not admit it.
func TurnOf(step Step, s State) (Turn, error) {
	turn, ok := turns[step][s]
	if !ok {
		return Turn{}, refuseMove(s, Event(step))
	}
	return turn, nil
}

// Listed reports whether a topic in this state may stand on the agenda of a
// session that is not over. One that leaves these states leaves its agenda too.
func (s State) Listed() bool {
	for _, step := range turns {
		if _, ok := step[s]; ok {
			return true
		}
	}
	return false
}

// CheckAgenda refuses to go on with a session that has nothing left to deal
// with, and to put off one in which everything is decided.
func CheckAgenda(step Step, agenda []State) error {
	switch step {
	case StepAnnounce, StepPostpone, StepOpen:
		if len(agenda) == 0 {
			return Refuse(Conflict, "session.empty")
		}
	case StepAdjourn:
		if !slices.Contains(agenda, TopicMeeting) {
			return Refuse(Conflict, "session.decided")
		}
	case StepClose, StepCancel:
	}
	return nil
}
