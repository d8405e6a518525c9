// Command yishi is the forum: its server, its demonstration and its tools.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	syscall.Umask(0o077) // database, keys, photos and backups are the forum's alone
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "yishi:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use: "yishi", Short: "neighbours decide together, and what they decided gets done",
		SilenceUsage: true, SilenceErrors: true,
	}
	c.PersistentFlags().String("config", "", "YAML file; see configs/example.yaml")
	c.AddCommand(
		serveCommand(), demoCommand(), migrateCommand(), adminCommand(), importCommand(),
		openapiCommand(), codeCommand(), backupCommand(), restoreCommand(), wechatCommand(),
		recountCommand(), auditCommand(), tourCommand(), benchCommand(), tortureCommand(), watchCommand(),
	)
	return c
}
