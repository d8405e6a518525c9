package rules_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

// life is the norm for a topic's way, one move a line: from, on, to. It is kept
// apart from the rulebook's own table on purpose.
const life = `
draft           submit         submitted
submitted       take_up        triage
triage          ask            need_info
need_info       answer         triage
triage          merge          merged
triage          redirect       redirected
triage          order          implementing
triage          accept         accepted
redirected      appeal_upheld  triage
accepted        study          party_review
party_review    studied        accepted
accepted        edit           triage
accepted        announce       announced
accepted        open           meeting
announced       postpone       announced
announced       open           meeting
announced       call_off       accepted
meeting         agree          agreed
meeting         agree_partly   partly_agreed
meeting         no_consensus   no_consensus
meeting         adjourn        announced
no_consensus    announce       announced
no_consensus    escalate       escalated
no_consensus    explain        closed_explained
escalated       decide         agreed
escalated       explain        closed_explained
agreed          refer          statutory_vote
partly_agreed   refer          statutory_vote
statutory_vote  passed         agreed
statutory_vote  failed         closed_explained
agreed          published      implementing
partly_agreed   published      implementing
implementing    done           completed
implementing    overturn       no_consensus
completed       confirm        confirmed
completed       reopen         implementing
completed       escalate       escalated
confirmed       archive        archived
draft           withdraw       withdrawn
submitted       withdraw       withdrawn
triage          withdraw       withdrawn
need_info       withdraw       withdrawn
accepted        withdraw       withdrawn
party_review    withdraw       withdrawn
`

// states says of each state what may be seen and done in it.
var states = []struct {
	rules.State
	ended    bool // nothing more happens
	reviewed bool // others may see it
	editable bool // its raiser may change its words
	suspend  bool // it may be suspended
	listed   bool // it may stand on the agenda of a session that is not over
}{
	{rules.TopicDraft, false, false, true, true, false},
	{rules.TopicSubmitted, false, false, true, true, false},
	{rules.TopicTriage, false, false, true, true, false},
	{rules.TopicNeedInfo, false, false, true, true, false},
	{rules.TopicMerged, true, false, false, false, false},
	{rules.TopicRedirected, true, false, false, false, false},
	{rules.TopicAccepted, false, true, true, true, true},
	{rules.TopicPartyReview, false, true, false, true, true},
	{rules.TopicAnnounced, false, true, false, true, true},
	{rules.TopicMeeting, false, true, false, false, true}, // adjourned first
	{rules.TopicAgreed, false, true, false, true, true},
	{rules.TopicPartlyAgreed, false, true, false, true, true},
	{rules.TopicNoConsensus, false, true, false, true, true},
	{rules.TopicEscalated, false, true, false, true, false},
	{rules.TopicStatutoryVote, false, true, false, true, false},
	{rules.TopicImplementing, false, true, false, true, false},
	{rules.TopicCompleted, false, true, false, true, false},
	{rules.TopicConfirmed, false, true, false, true, false},
	{rules.TopicArchived, true, true, false, false, false},
	{rules.TopicClosed, true, true, false, false, false},
	{rules.TopicSuspended, false, true, false, false, false},
	{rules.TopicWithdrawn, true, false, false, false, false},
	{"no such state", false, false, false, false, false},
}

type move struct {
	from rules.State
	on   rules.Event
}

// moves reads the norm.
func moves() (map[move]rules.State, []rules.Event) {
	to := map[move]rules.State{}
	events := []rules.Event{rules.OnSuspend, rules.OnResume, "no such event", ""}
	for line := range strings.Lines(life) {
		if f := strings.Fields(line); len(f) == 3 {
			to[move{rules.State(f[0]), rules.Event(f[1])}] = rules.State(f[2])
			if !slices.Contains(events, rules.Event(f[1])) {
				events = append(events, rules.Event(f[1]))
			}
		}
	}
	return to, events
}

func TestNext(t *testing.T) {
	norm, events := moves()
	for _, s := range states {
		for _, e := range events {
			want, listed := norm[move{s.State, e}]
			if e == rules.OnSuspend && s.suspend {
				want, listed = rules.TopicSuspended, true
			}
			got, err := rules.Next(s.State, e, "")
			switch {
			case listed && (err != nil || got != want):
				t.Errorf("Next(%s, %s) = %s, %v, want %s", s.State, e, got, err, want)
			case !listed && codeOf(t, err) != "topic.state":
				t.Errorf("Next(%s, %s) = %s, %v, want it refused", s.State, e, got, err)
			case !listed && got != s.State:
				t.Errorf("Next(%s, %s) was refused and yet moved to %s", s.State, e, got)
			}
		}
	}
	for _, e := range rules.Edges {
		if to, ok := norm[move{e.From, e.On}]; !ok || to != e.To {
			t.Errorf("the rulebook has %s → %s → %s, the norm has not", e.From, e.On, e.To)
		}
	}
}

func TestNextResumes(t *testing.T) {
	for _, s := range states {
		t.Run(string(s.State), func(t *testing.T) {
			got, err := rules.Next(rules.TopicSuspended, rules.OnResume, s.State)
			if s.suspend && (err != nil || got != s.State) {
				t.Errorf("it resumes as %s, %v", got, err)
			}
			if !s.suspend && codeOf(t, err) != "topic.state" {
				t.Errorf("it resumes as %s, which cannot have been suspended", got)
			}
			if _, err := rules.Next(s.State, rules.OnResume, rules.TopicTriage); s.State != rules.TopicSuspended && codeOf(t, err) != "topic.state" {
				t.Errorf("it resumes without having been suspended: %v", err)
			}
		})
	}
	if _, err := rules.Next(rules.TopicSuspended, rules.OnResume, ""); codeOf(t, err) != "topic.state" {
		t.Errorf("it resumes to nowhere: %v", err)
	}
}

// TestEveryTopicCanEnd walks from each state until an end is in reach.
func TestEveryTopicCanEnd(t *testing.T) {
	_, events := moves()
	for _, s := range states[:len(states)-1] {
		seen := []rules.State{s.State}
		ended := false
		for i := 0; i < len(seen); i++ {
			ended = ended || seen[i].Ended()
			for _, e := range events {
				if next, err := rules.Next(seen[i], e, rules.TopicAccepted); err == nil && !slices.Contains(seen, next) {
					seen = append(seen, next)
				}
			}
		}
		if !ended {
			t.Errorf("from %s no end can be reached, only %v", s.State, seen)
		}
	}
}

// TestEveryStateIsReached walks from the draft.
func TestEveryStateIsReached(t *testing.T) {
	_, events := moves()
	seen := []rules.State{rules.TopicDraft}
	for i := 0; i < len(seen); i++ {
		for _, e := range events {
			if next, err := rules.Next(seen[i], e, ""); err == nil && !slices.Contains(seen, next) {
				seen = append(seen, next)
			}
		}
	}
	for _, s := range states[:len(states)-1] {
		if !slices.Contains(seen, s.State) {
			t.Errorf("nothing leads to %s", s.State)
		}
	}
}

func TestStates(t *testing.T) {
	for _, s := range states {
		t.Run(string(s.State), func(t *testing.T) {
			if got := s.Ended(); got != s.ended {
				t.Errorf("Ended = %v, want %v", got, s.ended)
			}
			if got := s.Reviewed(); got != s.reviewed {
				t.Errorf("Reviewed = %v, want %v", got, s.reviewed)
			}
			if got := s.Listed(); got != s.listed {
				t.Errorf("Listed = %v, want %v", got, s.listed)
			}
			if got := s.Editable(); got != s.editable {
				t.Errorf("Editable = %v, want %v", got, s.editable)
			}
		})
	}
}

func TestCheckReopen(t *testing.T) {
	for reopened, want := range []string{"", "topic.reopened", "topic.reopened"} {
		if got := codeOf(t, rules.CheckReopen(reopened)); got != want {
			t.Errorf("after %d reopenings, refused with %q, want %q", reopened, got, want)
		}
	}
}

// TestNextStaysOnTheTable drives a topic with events at random: it is always in
// a known state, and once suspended it comes back to where it was.
func TestNextStaysOnTheTable(t *testing.T) {
	_, events := moves()
	known := map[rules.State]bool{}
	for _, s := range states[:len(states)-1] {
		known[s.State] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		state, before := rules.TopicDraft, rules.State("")
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(events), 0, 60).Draw(t, "events") {
			next, err := rules.Next(state, e, before)
			switch {
			case err != nil && next != state:
				t.Fatalf("%s on %s was refused and yet moved to %s", state, e, next)
			case !known[next]:
				t.Fatalf("%s on %s leads to %q", state, e, next)
			case state == rules.TopicSuspended && next != before && next != state:
				t.Fatalf("suspended as %s, resumed as %s", before, next)
			}
			if next == rules.TopicSuspended && state != next {
				before = state
			}
			state = next
		}
	})
}
