package rules_test

import (
	"testing"

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
