package rules_test

import (
	"testing"

	"yishi/models/rules"
)

func TestWeigh(t *testing.T) {
	const (
		none     = rules.AnswerNone
		solved   = rules.AnswerSolved
		unsolved = rules.AnswerUnsolved
		silent   = rules.AnswerSilent
	)
	for _, tt := range []struct {
		name     string
		answers  []rules.Answer
		reopened int
		want     rules.Event // empty: nothing follows yet
	}{
		{"nobody was asked", nil, 0, ""},
		{"nobody has answered", []rules.Answer{none, none}, 0, ""},
		{"everyone is content", []rules.Answer{solved, solved}, 0, rules.OnConfirm},
		{"one is still to answer", []rules.Answer{solved, none}, 0, ""},
		{"the rest is silent", []rules.Answer{solved, silent}, 0, rules.OnConfirm},
		{"all are silent", []rules.Answer{silent, silent}, 0, rules.OnConfirm},
		{"one says no", []rules.Answer{solved, unsolved}, 0, rules.OnReopen},
		{"one says no while others have not answered", []rules.Answer{none, unsolved, none}, 0, rules.OnReopen},
		{"one says no after the reopening", []rules.Answer{solved, unsolved}, 1, rules.OnEscalate},
		{"one says no after the reopening, one has not answered", []rules.Answer{unsolved, none}, 1, rules.OnEscalate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := rules.Weigh(tt.answers, tt.reopened)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("Weigh = %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}
