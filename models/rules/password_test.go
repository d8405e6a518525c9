package rules_test

import (
	"strings"
	"testing"

	"yishi/models/rules"
)

func TestCheckPassword(t *testing.T) {
	for _, tt := range []struct{ name, login, password, want string }{
		{"three kinds", "zhang", "abcdefg123!", ""},
		{"lower, upper, digit", "zhang", "Abcdefgh12", ""},
		{"all kinds", "zhang", "Abcdefg12!", ""},
		{"exactly ten characters", "zhang", "Abcdefgh1!", ""},
		{"nine characters", "zhang", "Abcdefg1!", "password.length"},
		{"nine characters of many bytes", "zhang", "议事厅议事厅Ab1", "password.length"},
		{"ten characters, some Chinese", "zhang", "议事厅议事厅议Ab1", ""},
		{"exactly 128 characters", "zhang", "Aa1" + strings.Repeat("x", 125), ""},
		{"129 characters", "zhang", "Aa1" + strings.Repeat("x", 126), "password.length"},
		{"empty", "zhang", "", "password.length"},
		{"two kinds", "zhang", "abcdefgh12", "password.kinds"},
		{"one kind", "zhang", "aaaaaaaaaaaa", "password.kinds"},
		{"many signs are one kind", "zhang", "!@#$%^&*()", "password.kinds"},
		{"holds the login name", "zhang", "my-zhang-2026", "password.login"},
		{"holds it in other letters", "Zhang", "my-zHANG-2026", "password.login"},
		{"no login name yet", "", "Abcdefgh12", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckPassword(tt.login, tt.password)); got != tt.want {
				t.Errorf("CheckPassword refused with %q, want %q", got, tt.want)
			}
		})
	}
}
