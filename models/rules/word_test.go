package rules_test

import (
	"strings"
	"testing"

	"yishi/models/rules"
)

func TestWordFlaws(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil       func(*rules.Word)
		field, code string
	}{
		"nothing":                     {func(*rules.Word) {}, "", ""},
		"a warning":                   {func(w *rules.Word) { w.Action = rules.WordWarn }, "", ""},
		"a shape":                     {func(w *rules.Word) { w.Word = rules.ShapePhone }, "", ""},
		"a shape that is not there":   {func(w *rules.Word) { w.Word = "#face" }, "word", "row.choice"},
		"no word":                     {func(w *rules.Word) { w.Word = "\u200b " }, "word", "row.empty"},
		"one letter":                  {func(w *rules.Word) { w.Word = "坏" }, "word", "row.word"},
		"one letter and signs":        {func(w *rules.Word) { w.Word = "坏——!" }, "word", "row.word"},
		"the longest":                 {func(w *rules.Word) { w.Word = strings.Repeat("坏", rules.MaxWord) }, "", ""},
		"longer":                      {func(w *rules.Word) { w.Word = strings.Repeat("坏", rules.MaxWord+1) }, "word", "row.long"},
		"a category that is none":     {func(w *rules.Word) { w.Category = "rude" }, "category", "row.choice"},
		"an action that is not there": {func(w *rules.Word) { w.Action = "burn" }, "action", "row.choice"},
	} {
		t.Run(name, func(t *testing.T) {
			w := rules.Word{Word: "坏话", Category: rules.WordSlur, Action: rules.WordHold}
			tt.spoil(&w)
			flawed(t, w.Flaws(), tt.field, tt.code)
		})
	}
}

func TestHolds(t *testing.T) {
	warn, hold := rules.Finding{Action: rules.WordWarn}, rules.Finding{Action: rules.WordHold}
	if rules.Holds(nil) || rules.Holds([]rules.Finding{warn}) || !rules.Holds([]rules.Finding{warn, hold}) {
		t.Error("what holds is not what was to be held")
	}
}
