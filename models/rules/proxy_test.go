package rules_test

import (
	"testing"

	"yishi/models/rules"
)

func TestCheckProxy(t *testing.T) {
	for _, tt := range []struct {
		name             string
		held             int
		agent, principal int64
		want             string
	}{
		{"the first", 0, 1, 2, ""},
		{"the third", rules.MaxPrincipals - 1, 1, 2, ""},
		{"the fourth", rules.MaxPrincipals, 1, 2, "proxy.many"},
		{"oneself", 0, 1, 1, "proxy.self"},
		{"oneself, and full", 9, 1, 1, "proxy.self"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckProxy(tt.held, tt.agent, tt.principal)); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
	if rules.MaxPrincipals != 3 {
		t.Errorf("the law says three, not %d", rules.MaxPrincipals)
	}
}
