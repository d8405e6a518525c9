package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yishi/models/store"
)

func backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup [FILE]", Short: "a consistent copy of the database, while the forum runs", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := configured(c)
			if err != nil {
				return err
			}
			file := filepath.Join(cfg.Backup.Folder, "yishi-"+time.Now().UTC().Format("20060102-150405")+suffix(string(cfg.Database.DSN)))
			if len(args) == 1 {
				file = args[0]
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				return err
			}
			if err := store.Backup(c.Context(), string(cfg.Database.DSN), file); err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), file)
			return err
		},
	}
}

func restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "a backup into an empty database; the forum must not run", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := configured(c)
			if err != nil {
				return err
			}
			if _, err := os.Stat(cfg.KeyFile); err != nil {
				return errors.New("the key file is missing: a backup can be read only with the key it was made with")
			}
			return store.Restore(c.Context(), string(cfg.Database.DSN), args[0])
		},
	}
}

func suffix(dsn string) string {
	if strings.HasPrefix(dsn, "mysql://") {
		return ".sql"
	}
	return ".db"
}
