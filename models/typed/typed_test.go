package typed_test

import (
	"testing"

	"yishi/models/typed"
)

func TestCode(t *testing.T) {
	for _, tt := range []struct {
		typed, want string
		ok          bool
	}{
		{"23AZ", "23AZ", true},
		{"", "", true},
		{"2 3\t-a‐z\n", "23AZ", true},
		{"２３－ａＺ\u3000", "23AZ", true},
		{"2O3", "", false},
		{"203", "", false},
		{"2I", "", false},
		{"2槐", "", false},
		{"2_3", "", false},
	} {
		if got, ok := typed.Code(typed.Letters, tt.typed); got != tt.want || ok != tt.ok {
			t.Errorf("%q is read as %q, %v", tt.typed, got, ok)
		}
	}
	if got, ok := typed.Code("AB", "c"); ok {
		t.Errorf("another alphabet has %q", got)
	}
}
