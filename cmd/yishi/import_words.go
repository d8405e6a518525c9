package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"yishi/configs/data"
	"yishi/models/rules"
	"yishi/models/wordlist"
)

// tryWords tells how many of the messages of a file a list of words would hold
// and warn of, and which. Nothing is imported, and no database is needed.
func tryWords(c *cobra.Command, words, messages string) error {
	entries, bad, err := reading(c, words, data.Words)
	if err != nil {
		return told(err)
	}
	if len(bad) > 0 {
		return errRows
	}
	list, err := wordlist.New(entries)
	if err != nil {
		return err
	}
	rows, _, err := reading(c, messages, data.Messages)
	if err != nil {
		return told(err)
	}
	held, warned := 0, 0
	for _, row := range rows {
		found := list.Find(row.Title + "\n" + row.Body)
		what := "warn"
		switch {
		case rules.Holds(found):
			what = "hold"
			held++
		case len(found) > 0:
			warned++
		default:
			continue
		}
		names := make([]string, len(found))
		for i, f := range found {
			names[i] = f.Word
		}
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%s  row %d  %s\n", what, row.Row, strings.Join(names, ", ")); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d messages: %d held (%.2f %%), %d with a warning (%.2f %%)\n",
		len(rows), held, percent(held, len(rows)), warned, percent(warned, len(rows)))
	return err
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
