package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yishi/proving"
)

const dbUsage = "an empty database; a throw-away embedded one by default"

func tourCommand() *cobra.Command {
	var dsn, messages string
	cmd := &cobra.Command{
		Use: "tour", Short: "play the product's story through its doors, on a throw-away server", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return onServer(c, dsn, func(s *proving.Server) error {
				return proving.Tour(c.Context(), c.OutOrStdout(), s, messages, time.Now)
			})
		},
	}
	cmd.Flags().StringVar(&dsn, "db", "", dbUsage)
	cmd.Flags().StringVar(&messages, "messages", "", "CSV of real messages to be brought in after the story")
	return cmd
}

// sharedMessages are real messages, where they lie beside the project.
const sharedMessages = "../shared/data/messages.csv"

func benchCommand() *cobra.Command {
	messages := ""
	cmd := benchOf("bench", "how fast the product is, through its doors", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		o.Messages = messages
		if _, err := os.Stat(sharedMessages); err == nil && o.Messages == "" {
			o.Messages = sharedMessages
		}
		return onServer(c, dsn, func(s *proving.Server) error {
			return proving.Bench(c.Context(), c.OutOrStdout(), s, o)
		})
	})
	cmd.Flags().StringVar(&messages, "messages", "", "CSV of messages to be imported; made-up ones by default")
	cmd.AddCommand(benchVoteCommand(), benchFeedCommand(), benchPollCommand(), benchSecretCommand(), benchWeChatCommand())
	return cmd
}

// benchOf is a bench; all of them have the same flags.
func benchOf(use, short string, run func(c *cobra.Command, dsn string, o proving.BenchOptions) error) *cobra.Command {
	var dsn string
	o := proving.BenchOptions{Clock: time.Now}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return run(c, dsn, o) },
	}
	cmd.Flags().StringVar(&dsn, "db", "", dbUsage)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "one object a line")
	cmd.Flags().BoolVar(&o.Strict, "strict", false, "fail where an aim is missed")
	cmd.Flags().BoolVar(&o.Quick, "quick", false, "fewer, smaller or shorter rounds: within 40 seconds")
	return cmd
}

// onServer does something with a throw-away server.
func onServer(c *cobra.Command, dsn string, fn func(*proving.Server) error) error {
	return onStage(c, dsn, nil, fn)
}

func onStage(c *cobra.Command, dsn string, set func(*stage) error, fn func(*proving.Server) error) error {
	if err := logTo("error"); err != nil {
		return err
	}
	s, err := start(c.Context(), dsn, set)
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.Stop())
}

func tortureCommand() *cobra.Command {
	var dsn string
	rounds := 20
	cmd := &cobra.Command{
		Use: "torture", Short: "crowd a poll while it closes, kill the server while ballots are cast: nothing acknowledged may be lost", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := logTo("error"); err != nil {
				return err
			}
			if rounds < 1 {
				return errors.New("--rounds is at least 1")
			}
			s, err := newCrash(c.Context(), dsn)
			if err != nil {
				return err
			}
			err = proving.Torture(c.Context(), c.OutOrStdout(), s.offer(), rounds, time.Now)
			return errors.Join(err, s.close())
		},
	}
	cmd.Flags().StringVar(&dsn, "db", "", dbUsage)
	cmd.Flags().IntVar(&rounds, "rounds", rounds, "races of a crowd against the closing of its poll; a quarter as many kills")
	return cmd
}

// crash is a stage whose server is "yishi serve" in a process of its own.
type crash struct {
	*stage
	program, file string
	child         *exec.Cmd
}

// newCrash settles the sample city and leaves the database to the child.
func newCrash(ctx context.Context, dsn string) (*crash, error) {
	s, err := newStage(ctx, dsn, "127.0.0.1:0", time.Now)
	if err != nil {
		return nil, err
	}
	c, err := s.crash()
	if err == nil {
		err = errors.Join(c.leave(), c.again(ctx))
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return c, nil
}

// crash is the stage, whose server will be a child.
func (s *stage) crash() (*crash, error) {
	program, err := os.Executable()
	return &crash{stage: s, program: program, file: filepath.Join(s.folder, "serve.yaml")}, err
}

// leave leaves database and addresses to the child.
func (c *crash) leave() error {
	return errors.Join(c.forum.Close(), c.hangUp(), os.WriteFile(c.file, []byte(c.settings()), 0o600))
}

// settings is the configuration of the child: the same addresses each time, the
// fake WeChat, and no bound on how fast its few users may be.
func (c *crash) settings() string {
	w := c.cfg.WeChat
	return fmt.Sprintf(`listen: %q
private: %q
public_url: %q
key_file: %q
database: {dsn: %q}
photos: {folder: %q}
wechat:
  endpoint: %q
  mini: {app_id: %q, secret: %q}
limits: {per_minute: 1000000, per_address: 1000000}
log: {level: error}
`, c.public.Addr(), c.private.Addr(), c.cfg.PublicURL, c.cfg.KeyFile, string(c.cfg.Database.DSN), c.cfg.Photos.Folder,
		w.Endpoint, w.Mini.AppID, string(w.Mini.Secret))
}

// again starts the child and waits until it answers.
func (c *crash) again(ctx context.Context) error {
	c.child = exec.CommandContext(ctx, c.program, "--config", c.file, "serve") //nolint:gosec // this very program
	c.child.Stderr = os.Stderr
	c.child.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "YISHI_") })
	if err := c.child.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.private.Addr().String()+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusNoContent {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(errors.New("the server does not come up"), c.kill())
}

// kill ends the child at once; that it was killed is no error.
func (c *crash) kill() error {
	if c.child == nil {
		return nil
	}
	err := c.child.Process.Kill()
	_ = c.child.Wait() // "signal: killed"
	c.child = nil
	return err
}

func (c *crash) close() error { return errors.Join(c.kill(), c.stage.close()) }

// offer is the child as it is proven.
func (c *crash) offer() *proving.Crash {
	s := c.proven(time.Now)
	s.Pass = func(_ context.Context, d time.Duration) error { time.Sleep(d); return nil }
	s.Stop = c.close
	return &proving.Crash{Server: s, Kill: c.kill, Again: c.again}
}
