package rules_test

import (
	"testing"
	"time"

	"yishi/models/rules"
)

func TestPetition(t *testing.T) {
	for _, tt := range []struct {
		name         string
		kind         rules.PetitionKind
		signers, due int64
		need         int64
		met          bool
	}{
		{"a tenth of the adults", rules.PetitionAdults, 300, 3000, 300, true},
		{"one adult short", rules.PetitionAdults, 299, 3000, 300, false},
		{"a tenth that is no whole number", rules.PetitionAdults, 300, 3001, 301, false},
		{"a tenth of the households", rules.PetitionHouseholds, 12, 120, 12, true},
		{"one household short", rules.PetitionHouseholds, 11, 120, 12, false},
		{"a third of the representatives", rules.PetitionRepresentatives, 10, 30, 10, true},
		{"one representative short", rules.PetitionRepresentatives, 9, 30, 10, false},
		{"a third that is no whole number", rules.PetitionRepresentatives, 10, 31, 11, false},
		{"a fifth calls the representatives", rules.PetitionAssembly, 6, 30, 6, true},
		{"one short of it", rules.PetitionAssembly, 5, 30, 6, false},
		{"nobody could sign", rules.PetitionAdults, 0, 0, 0, false},
		{"no such petition", "neighbours", 30, 30, 31, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := rules.PetitionCount{Signers: tt.signers, Due: tt.due, Need: tt.need, Met: tt.met}
			if got := rules.Petition(tt.kind, tt.signers, tt.due); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestCheckPetition(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind rules.PetitionKind
		on   bool
		due  int
		want string
	}{
		{"of adults", rules.PetitionAdults, true, 7, ""},
		{"of households", rules.PetitionHouseholds, true, 7, ""},
		{"of representatives", rules.PetitionRepresentatives, true, 7, ""},
		{"for their own meeting", rules.PetitionAssembly, true, 7, ""},
		{"of whom no law knows", "shops", true, 0, "petition.kind"},
		{"by somebody off the register", rules.PetitionAdults, false, 7, "petition.register"},
		{"of whom there is nobody", rules.PetitionAssembly, true, 0, "petition.nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckPetition(tt.kind, tt.on, tt.due)); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckPetitionOpen(t *testing.T) {
	now := at(t, "2026-03-01 20:00")
	for _, tt := range []struct {
		name  string
		state rules.PetitionState
		ends  time.Time
		open  string
		met   string
	}{
		{"open", rules.PetitionOpen, now.Add(time.Second), "", "petition.state"},
		{"at the very end", rules.PetitionOpen, now, "petition.over", "petition.state"},
		{"met", rules.PetitionMet, now.Add(time.Second), "petition.met", ""},
		{"answered", rules.PetitionAnswered, now.Add(time.Second), "petition.met", "petition.state"},
		{"lapsed", rules.PetitionLapsed, now, "petition.over", "petition.state"},
		{"withdrawn", rules.PetitionWithdrawn, now.Add(time.Second), "petition.over", "petition.state"},
		{"taken down", rules.PetitionRemoved, now.Add(time.Second), "petition.over", "petition.state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckPetitionOpen(tt.state, tt.ends, now)); got != tt.open {
				t.Errorf("a signature is refused with %q, want %q", got, tt.open)
			}
			if got := codeOf(t, rules.CheckPetitionMet(tt.state)); got != tt.met {
				t.Errorf("a meeting is refused with %q, want %q", got, tt.met)
			}
		})
	}
}
