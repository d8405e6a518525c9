package rules_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yishi/models/rules"
)

func TestMayOfTheBanned(t *testing.T) {
	for _, tt := range []struct {
		name   string
		role   rules.Role
		deed   rules.Deed
		object rules.Object
		want   string
	}{
		{"reads what anybody may", rules.Resident, rules.TopicRead, ours, ""},
		{"does not raise", rules.Resident, rules.TopicRaise, ours, "person.banned"},
		{"does not vote", rules.Resident, rules.BallotCast, ours, "person.banned"},
		{"does not change what is its own", rules.Resident, rules.TopicEdit, mine, "person.banned"},
		{"does not triage", rules.Secretary, rules.TopicAccept, ours, "person.banned"},
		{"does not do what there is not", rules.City, "topic.praise", ours, "person.banned"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := standing(rules.Place{Role: tt.role, Path: community})
			s.Banned = true
			if got := codeOf(t, rules.May(s, tt.deed, tt.object)); got != tt.want {
				t.Errorf("May refused with %q, want %q", got, tt.want)
			}
			if got := codeOf(t, rules.MayEver(s, tt.deed)); got != tt.want {
				t.Errorf("MayEver refused with %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPermitsByRole names whole groups of deeds, so that a new deed that anybody
// may do is a decision made here too.
func TestPermitsByRole(t *testing.T) {
	for _, tt := range []struct {
		role rules.Role
		want []rules.Deed
	}{
		{rules.Anonymous, []rules.Deed{
			rules.LoginMini, rules.LoginStaff, rules.OrgRead, rules.DataRead, rules.TopicRead, rules.TopicSimilar,
			rules.PointRead, rules.SessionRead, rules.PollRead, rules.BoardRead, rules.SecretCast, rules.PublicationRead, rules.CaseRead,
			rules.AllianceRead, rules.DialogueTurn, rules.PaperRedeem, rules.PetitionRead, rules.ScreeningFetch, rules.ScreenAsk, rules.ScreenSee, rules.ScreenLeave,
		}},
		{rules.Handler, []rules.Deed{rules.SessionReply, rules.OrderRead, rules.OrderSign, rules.OrderDone}},
		{rules.Leader, []rules.Deed{rules.HouseholdRead, rules.CapacityConfirm, rules.TopicRaiseFor, rules.PresenceConfirm, rules.SpeakerNote, rules.SpeakerLeave, rules.BallotAssist, rules.SheetRead, rules.SheetEnter}},
		{rules.Resident, []rules.Deed{rules.TopicRaise, rules.TopicCosign, rules.ObjectionRaise, rules.PetitionStart, rules.PetitionSign, rules.PetitionUnsign}},
		{rules.Merchant, []rules.Deed{rules.TopicRaise, rules.TopicCosign, rules.ObjectionRaise}},
		{rules.Supervisor, []rules.Deed{rules.AuditRead, rules.OrgNumbers, rules.TopicQueue, rules.OrderRead, rules.SessionRemark, rules.MinutesRead, rules.PollRecount, rules.PaperRead, rules.SheetRead, rules.SheetEnter, rules.ScreeningRead}},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			var got []rules.Deed
			for deed, table := range rules.Permits {
				if table[tt.role] > rules.Nowhere {
					got = append(got, deed)
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	for deed, table := range rules.Permits {
		for role, reach := range table {
			if reach == rules.Anywhere && !slices.Contains([]rules.Role{rules.Anonymous, rules.Guest, rules.System}, role) {
				t.Errorf("a %s may do %s anywhere, want a bound", role, deed)
			}
			if !slices.Contains(rules.Roles, role) {
				t.Errorf("%s permits %q, which is no role", deed, role)
			}
		}
	}
}
