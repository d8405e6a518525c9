package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yishi/models/rules"
)

func TestCheckAsk(t *testing.T) {
	statutory := rules.Pack{Methods: []rules.Method{rules.MethodYesNo, rules.MethodEach}}
	for _, tt := range []struct {
		name string
		pack rules.Pack
		ask  rules.Ask
		want string
	}{
		{"yes or no", consult, yesNo, ""},
		{"yes or no with options", consult, ask(rules.MethodYesNo, 2, 0), "poll.options"},
		{"two to choose from", consult, ask(rules.MethodChoose, 2, 1), ""},
		{"nine to choose from", consult, ask(rules.MethodChoose, 9, 9), ""},
		{"one to choose from", consult, ask(rules.MethodChoose, 1, 1), "poll.options"},
		{"ten to choose from", consult, ask(rules.MethodChoose, 10, 1), "poll.options"},
		{"choose none", consult, ask(rules.MethodChoose, 3, 0), "poll.limit"},
		{"choose more than there are", consult, ask(rules.MethodChoose, 3, 4), "poll.limit"},
		{"choose less than none", consult, ask(rules.MethodChoose, 3, -1), "poll.limit"},
		{"two to rank", consult, ask(rules.MethodRank, 2, 0), ""},
		{"one to rank", consult, ask(rules.MethodRank, 1, 0), "poll.options"},
		{"up to ten points", consult, ask(rules.MethodScore, 2, 10), ""},
		{"up to eleven points", consult, ask(rules.MethodScore, 2, 11), "poll.limit"},
		{"no points", consult, ask(rules.MethodScore, 2, 0), "poll.limit"},
		{"each of one", consult, ask(rules.MethodEach, 1, 0), ""},
		{"each of none", consult, ask(rules.MethodEach, 0, 0), "poll.options"},
		{"each of ten", consult, ask(rules.MethodEach, 10, 0), "poll.options"},
		{"an option twice", consult, rules.Ask{Method: rules.MethodRank, Options: []string{"东头", " 东头\u200b"}}, "poll.same"},
		{"an option that says nothing", consult, rules.Ask{Method: rules.MethodRank, Options: []string{"东头", " "}}, "text.empty"},
		{"an option that is too long", consult, rules.Ask{Method: rules.MethodRank, Options: []string{"东头", strings.Repeat("长", rules.MaxOption+1)}}, "text.long"},
		{"an option as long as may be", consult, rules.Ask{Method: rules.MethodRank, Options: []string{"东头", strings.Repeat("长", rules.MaxOption)}}, ""},
		{"no method", consult, rules.Ask{}, "poll.method"},
		{"no such method", consult, rules.Ask{Method: "lot"}, "poll.method"},
		{"a pack that does not admit it", statutory, ask(rules.MethodRank, 2, 0), "poll.method"},
		{"a pack that admits it", statutory, ask(rules.MethodEach, 2, 0), ""},
		{"signatures under options", stake, ask(rules.MethodEach, 2, 0), "poll.method"},
		{"signatures under one question", stake, yesNo, ""},
		{"areas in an order", ownGen, ask(rules.MethodRank, 2, 0), "poll.method"},
		{"areas option by option", ownGen, ask(rules.MethodEach, 2, 0), ""},
		{"a pack without methods", rules.Pack{}, yesNo, "poll.method"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rules.CheckAsk(tt.pack, tt.ask)
			if got := codeOf(t, err); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCheckAskCleans holds what is frozen: clean options, no bound where none
// applies, and the caller's list untouched.
func TestCheckAskCleans(t *testing.T) {
	typed := rules.Ask{Method: rules.MethodEach, Options: []string{" 装\u200b电梯", "装  灯"}, Most: 7}
	kept := slices.Clone(typed.Options)
	got, err := rules.CheckAsk(consult, typed)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rules.Ask{Method: rules.MethodEach, Options: []string{"装电梯", "装 灯"}}, got); d != "" {
		t.Error(d)
	}
	if !slices.Equal(kept, typed.Options) {
		t.Errorf("the caller's options became %q", typed.Options)
	}
	if got, err := rules.CheckAsk(consult, yesNo); err != nil || got.Options == nil {
		t.Errorf("yes or no has the options %#v, want an empty list: %v", got.Options, err)
	}
}
