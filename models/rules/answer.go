package rules

// Answer is what somebody who was asked whether a matter is solved has said.
type Answer string

// The answers. Silence is counted as silence, never as satisfied.
const (
	AnswerNone     Answer = ""
	AnswerSolved   Answer = "solved"
	AnswerUnsolved Answer = "unsolved"
	AnswerSilent   Answer = "silent"
)

// Weigh says what follows from the answers of the raiser and of a sample of
// co-signers.
//
//   - One "unsolved" reopens the matter; once it has been reopened, it hands it
//     to the street: what those who raised it call unsolved is never confirmed.
//   - When everyone has answered or is counted as silent, it is confirmed.
//   - Otherwise nothing follows yet.
func Weigh(answers []Answer, reopened int) (Event, bool) {
	waiting := false
	for _, a := range answers {
		switch a {
		case AnswerUnsolved:
			if CheckReopen(reopened) == nil {
				return OnReopen, true
			}
			return OnEscalate, true
		case AnswerNone:
			waiting = true
		case AnswerSolved, AnswerSilent:
		}
	}
	if waiting || len(answers) == 0 {
		return "", false
	}
	return OnConfirm, true
}
