package rules_test

import (
	"strings"
	"testing"

	"yishi/models/rules"
)

func TestCheckCreditCode(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string // want is empty: refused
	}{
		{"a firm", "914403001922038216", "914403001922038216"},
		{"a letter as check character", "91110108551385082Q", "91110108551385082Q"},
		{"letters in the middle", "91350100M000100Y43", "91350100M000100Y43"},
		{"lower case and blanks", " 9144030071526726xg ", "9144030071526726XG"},
		{"empty", "", ""},
		{"one too short", "91440300192203821", ""},
		{"one too long", "9144030019220382160", ""},
		{"a wrong check character", "914403001922038217", ""},
		{"a letter that no code uses", "91440300I922038216", ""},
		{"a check character that no code uses", "91440300192203821O", ""},
		{"18 bytes that are no 18 characters", "中中中中中中", ""},
		{"full-width digits", "９１４４０３００１９２２０３８２１６", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rules.CheckCreditCode(tt.in)
			if code := codeOf(t, err); got != tt.want || (code == "credit.wrong") != (tt.want == "") {
				t.Errorf("CheckCreditCode(%q) = %q, refused with %q, want %q", tt.in, got, code, tt.want)
			}
		})
	}
}

func TestCreditCodeNoticesSlips(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY" // GB 32100: no I, O, S, V, Z
	for _, good := range []string{"914403001922038216", "91110108551385082Q", "91350100M000100Y43"} {
		for i := range good {
			for _, r := range alphabet {
				refuseSlip(t, good, good[:i]+string(r)+good[i+1:])
			}
			if i > 0 {
				refuseSlip(t, good, good[:i-1]+good[i:i+1]+good[i-1:i]+good[i+1:])
			}
		}
	}
}

func refuseSlip(t *testing.T, good, typed string) {
	t.Helper()
	if _, err := rules.CheckCreditCode(typed); err == nil && !strings.EqualFold(typed, good) {
		t.Errorf("%s was typed for %s and not noticed", typed, good)
	}
}
