package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/configs/data"
	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/rules"
)

func importCommand() *cobra.Command {
	c := &cobra.Command{Use: "import", Short: "take in files: orgs, households, messages, and the data that the rules need"}
	c.AddCommand(importOrgs(), importHouseholds(), importMessages())
	for _, s := range sets {
		c.AddCommand(s.command())
	}
	return c
}

// told puts a refusal into its sentence, for the command line.
func told(err error) error {
	r, ok := rules.AsRefusal(err)
	if !ok {
		return err
	}
	text, fault := locale.Load("zh-CN")
	if fault != nil {
		return err
	}
	return errors.New(text.Say(r.Code, r.Params))
}

// reading reads a file with one of the readers of configs/data, and prints the
// rows that do not fit.
func reading[T any](c *cobra.Command, path string, read func(io.Reader) ([]T, []data.RowError, error)) ([]T, []data.RowError, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	rows, bad, err := read(file)
	if err != nil {
		return nil, nil, err
	}
	return rows, bad, printBad(c.ErrOrStderr(), bad)
}

func printBad(w io.Writer, bad []data.RowError) error {
	text, err := locale.Load("zh-CN")
	if err != nil {
		return err
	}
	for _, b := range bad {
		if _, err := fmt.Fprintln(w, text.Say(b.Code, map[string]any{"row": b.Row, "column": b.Column})); err != nil {
			return err
		}
	}
	return nil
}

var errRows = errors.New("nothing was imported: mend the rows above and try again")

func importOrgs() *cobra.Command {
	return &cobra.Command{
		Use: "orgs FILE", Short: "the tree of orgs: code, parent, kind, name", Args: cobra.ExactArgs(1),
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, args []string) error {
			orgs, bad, err := reading(c, args[0], data.Orgs)
			if err != nil {
				return err
			}
			if len(bad) > 0 {
				return errRows
			}
			rows := make([]models.OrgRow, len(orgs))
			for i, o := range orgs {
				rows[i] = models.OrgRow{Code: o.Code, Parent: o.Parent, Kind: models.OrgKind(o.Kind), Name: o.Name}
			}
			added, err := f.ImportOrgs(c.Context(), models.Operator, rows)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d rows, %d new\n", len(rows), added)
			return err
		}),
	}
}

func importHouseholds() *cobra.Command {
	var org, version string
	var preview bool
	cmd := &cobra.Command{
		Use: "households FILE", Short: "the roll of homes: org, number, address, head, area_cm2 and, for votes of owners, owner", Args: cobra.ExactArgs(1),
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, args []string) error {
			homes, bad, err := reading(c, args[0], data.Households)
			if err != nil {
				return err
			}
			if len(bad) > 0 {
				return errRows
			}
			id, err := orgByCode(c, f, org)
			if err != nil {
				return err
			}
			rows := make([]models.HouseholdRow, len(homes))
			for i, h := range homes {
				rows[i] = models.HouseholdRow{Org: h.Org, Number: h.Number, Address: h.Address, Head: h.Head, Owner: h.Owner, Area: h.AreaCM2}
			}
			var diff *models.RollDiff
			if preview {
				diff, err = f.PreviewHouseholds(c.Context(), models.Operator, id, rows)
			} else {
				diff, err = f.ImportHouseholds(c.Context(), models.Operator, id, version, rows)
			}
			if err != nil {
				return err
			}
			return tellRoll(c.OutOrStdout(), diff)
		}),
	}
	cmd.Flags().BoolVar(&preview, "dry-run", false, "tell what would change against the roll that is there, and change nothing")
	cmd.Flags().StringVar(&org, "org", "", "code of the org whose roll this is; the root by default")
	cmd.Flags().StringVar(&version, "version", "1", "the roll's version")
	return cmd
}

// shownHomes is how many homes of a kind are named.
const shownHomes = 20

func tellRoll(out io.Writer, d *models.RollDiff) error {
	_, err := fmt.Fprintf(out, "%d new, %d changed, %d the same, %d of the last roll are not in this one\n", len(d.Added), len(d.Changed), d.Same, len(d.Missing))
	for _, of := range []struct {
		what  string
		homes []string
	}{{"new", d.Added}, {"changed", d.Changed}, {"not in this one (kept)", d.Missing}} {
		if n := len(of.homes); err == nil && n > 0 {
			more := ""
			if n > shownHomes {
				more = fmt.Sprintf(" and %d more", n-shownHomes)
			}
			_, err = fmt.Fprintf(out, "  %s: %s%s\n", of.what, strings.Join(of.homes[:min(n, shownHomes)], ", "), more)
		}
	}
	return err
}
