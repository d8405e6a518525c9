package rules

import "slices"

// State is where a topic stands.
type State string

// The states of a topic. Codes are stable; the labels a community shows for
// them are in the locale.
const (
	TopicDraft         State = "draft"
	TopicSubmitted     State = "submitted"
	TopicTriage        State = "triage"
	TopicNeedInfo      State = "need_info"
	TopicMerged        State = "merged"
	TopicRedirected    State = "redirected"
	TopicAccepted      State = "accepted"
	TopicPartyReview   State = "party_review"
	TopicAnnounced     State = "announced"
	TopicMeeting       State = "meeting"
	TopicAgreed        State = "agreed"
	TopicPartlyAgreed  State = "partly_agreed"
	TopicNoConsensus   State = "no_consensus"
	TopicEscalated     State = "escalated"
	TopicStatutoryVote State = "statutory_vote"
	TopicImplementing  State = "implementing"
	TopicCompleted     State = "completed"
	TopicConfirmed     State = "confirmed"
	TopicArchived      State = "archived"
	TopicClosed        State = "closed_explained"
	TopicSuspended     State = "suspended"
	TopicWithdrawn     State = "withdrawn"
)

// Event is what moves a topic.
type Event string

// The events of a topic.
const (
	OnSubmit       Event = "submit"
	OnTakeUp       Event = "take_up"
	OnAsk          Event = "ask"
	OnAnswer       Event = "answer"
	OnMerge        Event = "merge"
	OnRedirect     Event = "redirect"
	OnOrder        Event = "order"
	OnAccept       Event = "accept"
	OnEdit         Event = "edit"
	OnAppealUpheld Event = "appeal_upheld"
	OnStudy        Event = "study"
	OnStudied      Event = "studied"
	OnAnnounce     Event = "announce"
	OnPostpone     Event = "postpone"
	OnOpen         Event = "open"
	OnAdjourn      Event = "adjourn"
	OnCallOff      Event = "call_off"
	OnAgree        Event = "agree"
	OnAgreePartly  Event = "agree_partly"
	OnNoConsensus  Event = "no_consensus"
	OnEscalate     Event = "escalate"
	OnDecide       Event = "decide"
	OnExplain      Event = "explain"
	OnRefer        Event = "refer"
	OnPassed       Event = "passed"
	OnFailed       Event = "failed"
	OnPublished    Event = "published"
	OnDone         Event = "done"
	OnOverturn     Event = "overturn"
	OnReopen       Event = "reopen"
	OnConfirm      Event = "confirm"
	OnArchive      Event = "archive"
	OnWithdraw     Event = "withdraw"
	OnSuspend      Event = "suspend"
	OnResume       Event = "resume"
)

// Edge is one line of the topic's state machine.
type Edge struct {
	From State
	On   Event
	To   State
}

// Edges is the whole state machine but for suspension, which [Next] adds: any
// open state but a meeting (which is adjourned first) may be suspended, and
// resumes where it was. A pair that is not listed is refused.
var Edges = []Edge{
	{TopicDraft, OnSubmit, TopicSubmitted},
	{TopicSubmitted, OnTakeUp, TopicTriage},
	{TopicTriage, OnAsk, TopicNeedInfo},
	{TopicNeedInfo, OnAnswer, TopicTriage},
	{TopicTriage, OnMerge, TopicMerged},
	{TopicTriage, OnRedirect, TopicRedirected},
	{TopicTriage, OnOrder, TopicImplementing},
	{TopicTriage, OnAccept, TopicAccepted},
	{TopicRedirected, OnAppealUpheld, TopicTriage},
	{TopicAccepted, OnStudy, TopicPartyReview},
	{TopicPartyReview, OnStudied, TopicAccepted},
	{TopicAccepted, OnEdit, TopicTriage}, // other words are read again before anybody else sees them
	{TopicAccepted, OnAnnounce, TopicAnnounced},
	{TopicAccepted, OnOpen, TopicMeeting}, // the quick track; CheckQuick says when
	{TopicAnnounced, OnPostpone, TopicAnnounced},
	{TopicAnnounced, OnOpen, TopicMeeting},
	{TopicAnnounced, OnCallOff, TopicAccepted}, // it waits for another session
	{TopicMeeting, OnAgree, TopicAgreed},
	{TopicMeeting, OnAgreePartly, TopicPartlyAgreed},
	{TopicMeeting, OnNoConsensus, TopicNoConsensus},
	{TopicMeeting, OnAdjourn, TopicAnnounced},
	{TopicNoConsensus, OnAnnounce, TopicAnnounced}, // another round
	{TopicNoConsensus, OnEscalate, TopicEscalated},
	{TopicNoConsensus, OnExplain, TopicClosed},
	{TopicEscalated, OnDecide, TopicAgreed},
	{TopicEscalated, OnExplain, TopicClosed},
	{TopicAgreed, OnRefer, TopicStatutoryVote},
	{TopicPartlyAgreed, OnRefer, TopicStatutoryVote},
	{TopicStatutoryVote, OnPassed, TopicAgreed},
	{TopicStatutoryVote, OnFailed, TopicClosed},
	{TopicAgreed, OnPublished, TopicImplementing},
	{TopicPartlyAgreed, OnPublished, TopicImplementing},
	{TopicImplementing, OnDone, TopicCompleted},
	{TopicImplementing, OnOverturn, TopicNoConsensus}, // objections were upheld: nothing of the result is left
	{TopicCompleted, OnConfirm, TopicConfirmed},
	{TopicCompleted, OnReopen, TopicImplementing},
	{TopicCompleted, OnEscalate, TopicEscalated}, // unsolved twice
	{TopicConfirmed, OnArchive, TopicArchived},
	{TopicDraft, OnWithdraw, TopicWithdrawn},
	{TopicSubmitted, OnWithdraw, TopicWithdrawn},
	{TopicTriage, OnWithdraw, TopicWithdrawn},
	{TopicNeedInfo, OnWithdraw, TopicWithdrawn},
	{TopicAccepted, OnWithdraw, TopicWithdrawn},
	{TopicPartyReview, OnWithdraw, TopicWithdrawn},
}

// Ended reports whether nothing more happens to a topic in this state. A
// redirected topic has ended but for its one appeal.
func (s State) Ended() bool { return slices.Contains(Ends, s) }

// Ends are the states in which nothing more is to be done with a topic.
var Ends = []State{TopicMerged, TopicRedirected, TopicArchived, TopicClosed, TopicWithdrawn}

// Reviewed reports whether people other than the raiser and staff may see a
// topic in this state: a secretary has read it and let it stand.
func (s State) Reviewed() bool {
	switch s {
	case TopicDraft, TopicSubmitted, TopicTriage, TopicNeedInfo, TopicMerged, TopicRedirected, TopicWithdrawn:
		return false
	case TopicAccepted, TopicPartyReview, TopicAnnounced, TopicMeeting, TopicAgreed, TopicPartlyAgreed,
		TopicNoConsensus, TopicEscalated, TopicStatutoryVote, TopicImplementing, TopicCompleted,
		TopicConfirmed, TopicArchived, TopicClosed, TopicSuspended:
		return true
	}
	return false
}

// Editable reports whether the raiser may still change the words of a topic:
// until it is announced.
func (s State) Editable() bool {
	switch s {
	case TopicDraft, TopicSubmitted, TopicTriage, TopicNeedInfo, TopicAccepted:
		return true
	case TopicMerged, TopicRedirected, TopicPartyReview, TopicAnnounced, TopicMeeting, TopicAgreed,
		TopicPartlyAgreed, TopicNoConsensus, TopicEscalated, TopicStatutoryVote, TopicImplementing,
		TopicCompleted, TopicConfirmed, TopicArchived, TopicClosed, TopicSuspended, TopicWithdrawn:
		return false
	}
	return false
}

// Next returns the state that follows from s on e, or refuses. before is the
// state a suspended topic was in; it is used by OnResume alone.
func Next(s State, e Event, before State) (State, error) {
	if e == OnSuspend && s.suspendable() {
		return TopicSuspended, nil
	}
	if e == OnResume && s == TopicSuspended && before.suspendable() {
		return before, nil
	}
	for _, edge := range Edges {
		if edge.From == s && edge.On == e {
			return edge.To, nil
		}
	}
	return s, refuseMove(s, e)
}

// suspendable reports whether a topic in this state may be suspended: it is on
// the table and has not ended.
func (s State) suspendable() bool {
	listed := slices.ContainsFunc(Edges, func(e Edge) bool { return e.From == s })
	return listed && !s.Ended() && s != TopicMeeting
}

func refuseMove(s State, e Event) error {
	return Refuse(Conflict, "topic.state", "state", s, "event", e)
}

// CheckReopen refuses a second reopening of the same topic (DESIGN §4: once).
func CheckReopen(reopened int) error {
	if reopened >= 1 {
		return Refuse(Conflict, "topic.reopened")
	}
	return nil
}
