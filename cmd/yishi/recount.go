package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/models"
)

// errRecount tells that something is told of a poll that its record does not say.
var errRecount = errors.New("not everything agrees with the record of ballots")

func recountCommand() *cobra.Command {
	return &cobra.Command{
		Use: "recount POLL", Short: "count a poll anew from its ballots, and compare tally, verdict, snapshot and board with that", Args: cobra.ExactArgs(1),
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not the number of a poll", args[0])
			}
			r, err := f.RecountPoll(c.Context(), models.Operator, id)
			if err != nil {
				return told(err)
			}
			if _, err := io.WriteString(c.OutOrStdout(), recounted(r)); err != nil {
				return err
			}
			if len(r.Faults) > 0 {
				return errRecount
			}
			return nil
		}),
	}
}

// recounted writes a recount down for people.
func recounted(r *models.Recount) string {
	var b strings.Builder
	fmt.Fprintf(&b, "poll %d: %d units have voted, %d ballots are on record, the board is signed at %d leaves\n", r.PollID, r.Units, r.Ballots, r.BoardAt)
	for _, m := range r.Marks {
		fmt.Fprintf(&b, "  %-12s %8d ballots %14d cm²\n", m.Choice, m.Ballots, m.Area)
	}
	for _, fault := range r.Faults {
		fmt.Fprintf(&b, "  FAULT %s: it says %s, the record says %s\n", fault.What, fault.Told, fault.Is)
	}
	return b.String()
}
