package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
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

// messages is one import of messages.
type messages struct {
	org, source string
	dry         bool
}

func importMessages() *cobra.Command {
	var m messages
	cmd := &cobra.Command{
		Use: "messages FILE", Short: "messages of another system into a community's triage queue; a second run adds nothing", Args: cobra.ExactArgs(1),
		RunE: withForum(m.run),
	}
	cmd.Flags().StringVar(&m.org, "org", "", "code of the community")
	cmd.Flags().StringVar(&m.source, "source", "", "name of the other system; the file's name by default")
	cmd.Flags().BoolVar(&m.dry, "dry-run", false, "only show what would be imported")
	_ = cmd.MarkFlagRequired("org")
	return cmd
}

func (m *messages) run(c *cobra.Command, f *models.Forum, _ configs.Config, args []string) error {
	found, bad, err := reading(c, args[0], data.Messages)
	if err != nil {
		return err
	}
	if m.source == "" {
		m.source = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
	}
	if m.dry {
		return preview(c.OutOrStdout(), found, bad)
	}
	org, err := orgByCode(c, f, m.org)
	if err != nil {
		return err
	}
	rows := make([]models.MessageRow, len(found))
	for i, r := range found {
		rows[i] = models.MessageRow{Row: r.Row, ID: r.ID, At: r.Time, Title: r.Title, Body: r.Body, Likes: r.Likes, Dislikes: r.Dislikes}
	}
	total, err := m.load(c, f, org, rows)
	if err != nil {
		return fmt.Errorf("%w (what was imported so far stays; run the same again to go on)", told(err))
	}
	for _, r := range total.Refused {
		if _, err := fmt.Fprintf(c.ErrOrStderr(), "row %d: %v\n", r.Row, told(r.Reason)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d new, %d there already, %d left out\n", total.Added, total.Already, len(total.Refused)+len(bad))
	return err
}

// load hands the messages over in batches, each whole or not at all.
func (m *messages) load(c *cobra.Command, f *models.Forum, org int64, rows []models.MessageRow) (models.Imported, error) {
	var total models.Imported
	if len(rows) == 0 {
		return total, nil
	}
	bar := progressbar.NewOptions(len(rows), progressbar.OptionSetWriter(c.ErrOrStderr()),
		progressbar.OptionShowCount(), progressbar.OptionSetDescription(m.source), progressbar.OptionClearOnFinish())
	for len(rows) > 0 {
		n := min(models.MessageBatch, len(rows))
		part, err := f.ImportMessages(c.Context(), models.Operator, org, m.source, rows[:n])
		if err != nil {
			return total, err
		}
		total.Added += part.Added
		total.Already += part.Already
		total.Refused = append(total.Refused, part.Refused...)
		rows = rows[n:]
		if err := bar.Add(n); err != nil {
			return total, err
		}
	}
	return total, bar.Finish()
}

// preview shows what an import would do.
func preview(w io.Writer, rows []data.Message, bad []data.RowError) error {
	if _, err := fmt.Fprintf(w, "%d messages, %d rows left out\n", len(rows), len(bad)); err != nil {
		return err
	}
	for _, r := range rows[:min(len(rows), 5)] {
		if _, err := fmt.Fprintf(w, "row %d  %s  +%d/-%d  %s\n", r.Row, r.Time.In(rules.Beijing).Format("2006-01-02 15:04"), r.Likes, r.Dislikes, r.Title); err != nil {
			return err
		}
	}
	return nil
}
