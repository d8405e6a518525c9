package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/configs/data"
	"yishi/models"
)

// set is one kind of the data that the rules need, as it is imported.
type set struct{ use, kind, short string }

// sets are the kinds, by the names of their commands.
var sets = []set{
	{"catalogue", data.KindCatalogue, "another version of the reference catalogue, CSV; topics keep the one they have"},
	{"packs", data.KindPacks, "another version of the rule packs, JSON; polls that were opened keep the one they have"},
	{"clocks", data.KindClocks, "another version of the time limits, JSON; clocks that run keep theirs"},
	{"negative", data.KindNegative, "another version of the negative list and the words of danger to life, JSON"},
	{"calendar", data.KindCalendar, "the working days of one or more whole years, CSV (day, worked) or JSON; other years stay"},
	{"words", data.KindWords, "another version of the words that are read before they are published, CSV (word, category, action, pinyin)"},
}

func (s set) command() *cobra.Command {
	d := models.Dataset{Kind: models.DataKind(s.kind)}
	var dry bool
	var messages string
	cmd := &cobra.Command{
		Use: s.use + " FILE", Short: s.short, Args: cobra.ExactArgs(1),
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, args []string) error {
			body, err := s.read(c, args[0])
			if err != nil {
				return err
			}
			d.Body = body
			diff, err := f.PreviewData(c.Context(), models.Operator, d)
			if err != nil {
				return told(err)
			}
			if dry {
				return tellDiff(c.OutOrStdout(), diff)
			}
			made, err := f.ImportData(c.Context(), models.Operator, d)
			if err != nil {
				return told(err)
			}
			if err := tellDiff(c.OutOrStdout(), diff); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "version %s is in force\n", made.Version)
			return err
		}),
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "tell what would change against what is in force, and change nothing")
	cmd.Flags().StringVar(&d.Version, "version", "", "the version's name")
	cmd.Flags().StringVar(&d.Status, "status", "official", "such as official, proposal or draft_reconstruction")
	cmd.Flags().StringVar(&d.Source, "source", "", "where it comes from")
	if s.kind != data.KindWords {
		_ = cmd.MarkFlagRequired("version")
		return cmd
	}
	cmd.Flags().StringVar(&messages, "try", "", "a CSV of messages: tell which of them the list would hold, and import nothing")
	cmd.MarkFlagsOneRequired("version", "try")
	load := cmd.RunE
	cmd.RunE = func(c *cobra.Command, args []string) error {
		if messages != "" {
			return tryWords(c, args[0], messages)
		}
		return load(c, args)
	}
	return cmd
}

// read reads a file whole, and prints everything that is wrong with it.
func (s set) read(c *cobra.Command, name string) (string, error) {
	file, err := os.Open(filepath.Clean(name))
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	body, bad, err := data.Read(s.kind, name, file)
	if err != nil {
		return "", told(err)
	}
	if len(bad) > 0 {
		if err := printBad(c.ErrOrStderr(), bad); err != nil {
			return "", err
		}
		return "", errRows
	}
	return body, nil
}

func tellDiff(out io.Writer, d *models.DataDiff) error {
	against := d.InForce
	if against == "" {
		against = "nothing"
	}
	_, err := fmt.Fprintf(out, "%d entries against %s: %d new, %d changed, %d the same, %d not in this one\n",
		d.Entries, against, len(d.Added), len(d.Changed), d.Same, len(d.Removed))
	for _, of := range []struct {
		what string
		keys []string
	}{{"new", d.Added}, {"changed", d.Changed}, {"not in this one (dropped)", d.Removed}} {
		if err == nil && len(of.keys) > 0 {
			_, err = fmt.Fprintf(out, "  %s: %s\n", of.what, strings.Join(of.keys, ", "))
		}
	}
	return err
}
