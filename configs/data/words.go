package data

import (
	"io"
	"slices"
	"strings"

	"yishi/models/rules"
)

// Words reads words from CSV: word, category, action and pinyin, which is
// "yes" for a word that is found by its sound too, else empty.
func Words(r io.Reader) ([]rules.Word, []RowError, error) {
	return rowsOf(r, []string{"word", "category", "action"}, []string{"word"}, func(row *reading) rules.Word {
		w := rules.Word{
			Word: row.Get("word"), Category: rules.WordCategory(row.Get("category")), Action: rules.WordAction(row.Get("action")),
			Pinyin: strings.EqualFold(row.Get("pinyin"), "yes"),
		}
		if !w.Pinyin && !slices.Contains([]string{"", "no"}, strings.ToLower(row.Get("pinyin"))) {
			row.wrong("pinyin", "row.choice")
		}
		for _, f := range w.Flaws() {
			row.wrong(f.Field, f.Code)
		}
		return w
	})
}
