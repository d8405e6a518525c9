package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/models"
)

// errAudit tells that the record of deeds is not what was sealed.
var errAudit = errors.New("the record of deeds is not what was sealed")

func auditCommand() *cobra.Command {
	var kept string
	cmd := &cobra.Command{
		Use: "audit", Short: "check the record of deeds against its hourly seals", Args: cobra.NoArgs,
		RunE: withForum(func(c *cobra.Command, f *models.Forum, _ configs.Config, _ []string) error {
			note := ""
			if kept != "" {
				body, err := os.ReadFile(filepath.Clean(kept))
				if err != nil {
					return err
				}
				note = string(body)
			}
			r, err := f.CheckAudits(c.Context(), models.Operator, note)
			if err != nil {
				return told(err)
			}
			if _, err := fmt.Fprintf(c.OutOrStdout(), "%d lines under %d seals\n", r.Lines, r.Seals); err != nil {
				return err
			}
			if len(r.Broken) > 0 {
				return fmt.Errorf("%w: %s", errAudit, strings.Join(r.Broken, "; "))
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&kept, "seal", "", "file with a seal (its note) that was kept outside")
	return cmd
}
