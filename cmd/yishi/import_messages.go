package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/configs/data"
	"yishi/models"
	"yishi/models/rules"
)

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
	cmd.Flags().StringVar(&m.org, "org", "", "code of the community; not needed with --dry-run")
	cmd.Flags().StringVar(&m.source, "source", "", "name of the other system; the file's name by default")
	cmd.Flags().BoolVar(&m.dry, "dry-run", false, "tell what would be new, there already and left out, and change nothing")
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
	rows := make([]models.MessageRow, len(found))
	for i, r := range found {
		rows[i] = models.MessageRow{
			Row: r.Row, ID: r.ID, At: r.Time, Title: r.Title, Body: r.Body, Likes: r.Likes, Dislikes: r.Dislikes, Reply: r.Reply, Replied: r.Replied,
		}
	}
	hand := func(rows []models.MessageRow) (*models.Imported, error) {
		return f.PreviewMessages(c.Context(), models.Operator, m.source, rows)
	}
	if !m.dry {
		if m.org == "" {
			return errNoOrg
		}
		org, err := orgByCode(c, f, m.org)
		if err != nil {
			return err
		}
		hand = func(rows []models.MessageRow) (*models.Imported, error) {
			return f.ImportMessages(c.Context(), models.Operator, org, m.source, rows)
		}
	}
	total, err := m.load(c, rows, hand)
	if err != nil {
		return fmt.Errorf("%w (what was imported so far stays; run the same again to go on)", told(err))
	}
	return tellMessages(c, total, len(bad), found[:min(len(found), shownMessages)], m.dry)
}

var errNoOrg = errors.New("into which community? name it with --org")

// shownMessages is how many messages a dry run shows.
const shownMessages = 5

// tellMessages tells how it went, or would go, and why rows were left out.
func tellMessages(c *cobra.Command, total models.Imported, bad int, first []data.Message, dry bool) error {
	for _, r := range total.Refused {
		if _, err := fmt.Fprintf(c.ErrOrStderr(), "row %d: %v\n", r.Row, told(r.Reason)); err != nil {
			return err
		}
	}
	would := ""
	if dry {
		would = "would be: "
	}
	w := c.OutOrStdout()
	_, err := fmt.Fprintf(w, "%s%d new, %d there already, %d left out; %d of the new with their answer\n", would, total.Added, total.Already, len(total.Refused)+bad, total.Answered)
	if err != nil || !dry {
		return err
	}
	for _, r := range first {
		if _, err := fmt.Fprintf(w, "row %d  %s  +%d/-%d  %s\n", r.Row, r.Time.In(rules.Beijing).Format("2006-01-02 15:04"), r.Likes, r.Dislikes, r.Title); err != nil {
			return err
		}
	}
	return nil
}

// load hands the messages over in batches, each whole or not at all.
func (m *messages) load(c *cobra.Command, rows []models.MessageRow, hand func([]models.MessageRow) (*models.Imported, error)) (models.Imported, error) {
	var total models.Imported
	if len(rows) == 0 {
		return total, nil
	}
	bar := progressbar.NewOptions(len(rows), progressbar.OptionSetWriter(c.ErrOrStderr()),
		progressbar.OptionShowCount(), progressbar.OptionSetDescription(m.source), progressbar.OptionClearOnFinish())
	for len(rows) > 0 {
		n := min(models.MessageBatch, len(rows))
		part, err := hand(rows[:n])
		if err != nil {
			return total, err
		}
		total.Add(*part)
		rows = rows[n:]
		if err := bar.Add(n); err != nil {
			return total, err
		}
	}
	return total, bar.Finish()
}
