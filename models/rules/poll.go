package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// PollState is where a poll stands. There is no way back.
type PollState string

// The states of a poll.
const (
	PollOpen     PollState = "open"
	PollCounting PollState = "counting" // takes no more ballots; the sheets that were registered before are entered
	PollClosed   PollState = "closed"
)

// Definition is what is frozen when a poll opens. Its hash is shown on the
// screen and in every receipt; a changed definition is a new poll.
type Definition struct {
	Topic    int64  `json:"topic"`
	Session  int64  `json:"session"`
	Question string `json:"question"`
	Ask
	Pack     Pack       `json:"pack"`
	Due      int64      `json:"due"`       // voting units
	Area     int64      `json:"area"`      // of all of them in cm², 0 where ballots have no weight
	ClosesAt *time.Time `json:"closes_at"` // nil: closed by the chair
	Secret   *Secrecy   `json:"secret"`    // nil: ballots are named
	Roll     string     `json:"roll"`      // RollHash of the voting units
}

// Bytes is the definition as it is hashed and shown: its JSON. No list and an
// empty list are the same.
func (d Definition) Bytes() ([]byte, error) {
	if d.Options == nil {
		d.Options = []string{}
	}
	if d.Pack.Methods == nil {
		d.Pack.Methods = []Method{}
	}
	return json.Marshal(d)
}

// Hash returns the SHA-256 of the definition's bytes in hex. Two definitions
// have the same hash only if every field and every unit of the roll is the same.
func (d Definition) Hash() (string, error) {
	body, err := d.Bytes()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// CheckQuick says whether a topic may go from accepted straight to its meeting
// (即时议): at grid or estate level, under a pack that admits the quick track.
func CheckQuick(level string, p Pack) error {
	if p.QuickTrack && (level == LevelGrid || level == LevelEstate) {
		return nil
	}
	return Refuse(Conflict, "topic.quick")
}

// The levels of the catalogue at which a matter is usually hosted.
const (
	LevelGrid      = "grid"
	LevelEstate    = "estate"
	LevelCommunity = "community"
	LevelStreet    = "street"
)

// CheckQuorum refuses a meeting in which too few of those due are present.
func CheckQuorum(p Pack, present, due int64) error {
	if !p.Verdict || p.AllMustSign || p.Participation.Reached(present, due) {
		return nil
	}
	return Refuse(Conflict, "session.quorum", "present", present, "due", due, "need", p.Participation.Least(due))
}

// Sample picks which co-signers are asked at the end besides the raiser: all
// of them up to most, else every k-th, so that early and late signers are both
// heard. ids must be in a stable order.
func Sample(ids []int64, most int) []int64 {
	if len(ids) <= most {
		return slices.Clone(ids)
	}
	out := make([]int64, 0, most)
	for i := range most {
		out = append(out, ids[i*len(ids)/most])
	}
	return out
}

// CheckOutcome refuses an outcome that the poll on the same matter contradicts:
// what did not pass is not agreed, and what passed in part is agreed in part.
// Where the pack of the matter binds, nothing is agreed but by a poll under that
// pack: v is the verdict of the last one (组织法 art. 27, 29).
func CheckOutcome(outcome State, p Pack, v *Verdict) error {
	agreed := outcome == TopicAgreed || outcome == TopicPartlyAgreed
	if !agreed && outcome != TopicNoConsensus {
		return Refuse(Invalid, "outcome.kind", "outcome", outcome)
	}
	if agreed && p.Binding && v == nil {
		return Refuse(Conflict, "outcome.binding", "pack", p.Name)
	}
	if !agreed || v == nil || v.Result == ResultPassed || v.Result == ResultOpinion ||
		outcome == TopicPartlyAgreed && v.Result == ResultPartly {
		return nil
	}
	return Refuse(Conflict, "outcome.verdict")
}

// CheckSettled refuses to close a session over a matter that is left hanging:
// what was agreed needs a commitment, and no consensus needs its reason.
func CheckSettled(outcome State, commitments int64, words string) error {
	agreed := outcome == TopicAgreed || outcome == TopicPartlyAgreed
	switch {
	case !agreed && outcome != TopicNoConsensus:
		return Refuse(Conflict, "session.outcome")
	case agreed && commitments == 0:
		return Refuse(Conflict, "session.commitment")
	case !agreed && isBlank(words):
		return Refuse(Conflict, "session.reason")
	}
	return nil
}
