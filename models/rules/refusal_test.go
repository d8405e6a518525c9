package rules_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yishi/models/rules"
)

// codeOf is the code of the refusal that err is; empty when nothing was refused.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	r, ok := rules.AsRefusal(err)
	if !ok {
		t.Fatalf("got the fault %v, want a refusal or nothing", err)
	}
	return r.Code
}

func TestRefuse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		params []any
		want   map[string]any
	}{
		{"without params", nil, nil},
		{"names and values", []any{"field", "title", "max", 60}, map[string]any{"field": "title", "max": 60}},
		{"a name without a value is left out", []any{"field", "title", "max"}, map[string]any{"field": "title"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rules.Refuse(rules.Invalid, "text.long", tt.params...)
			want := &rules.Refusal{Kind: rules.Invalid, Code: "text.long", Params: tt.want}
			if d := cmp.Diff(want, r); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAsRefusal(t *testing.T) {
	refusal := rules.Refuse(rules.Conflict, "poll.closed", "question", "加装电梯")
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"a refusal", refusal, true},
		{"a wrapped refusal", fmt.Errorf("cast: %w", refusal), true},
		{"a fault", errors.New("disk full"), false},
		{"nothing", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := rules.AsRefusal(tt.err)
			if ok != tt.want || ok && r != refusal {
				t.Errorf("AsRefusal = %v, %v, want a refusal: %v", r, ok, tt.want)
			}
		})
	}
	if got := refusal.Error(); got != "refused: poll.closed" {
		t.Errorf("Error() = %q, want the code and none of the params", got)
	}
}
