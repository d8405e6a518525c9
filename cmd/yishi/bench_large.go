package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"yishi/proving"
)

func benchFeedCommand() *cobra.Command {
	return benchOf("feed", "how soon all who watch a poll know of a change, and what each of them costs", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		most, err := mostLines()
		if err != nil {
			return err
		}
		return onCrash(c, dsn, func(child *crash, offered *proving.Crash) error {
			return proving.BenchFeed(c.Context(), c.OutOrStdout(), proving.FeedBench{Crash: offered, Memory: child.memory, Most: most, Watch: child.watch}, o)
		})
	})
}

func benchPollCommand() *cobra.Command {
	voters := 0
	cmd := benchOf("poll", "a large poll: how long its close, its verdict, its receipts and its recount take", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		return onCrash(c, dsn, func(_ *crash, offered *proving.Crash) error {
			return proving.BenchPoll(c.Context(), c.OutOrStdout(), offered, voters, o)
		})
	})
	cmd.Flags().IntVar(&voters, "voters", 0, "how many cast the ballots; as many as can be brought in within a minute or so by default")
	return cmd
}

// onCrash does something with a stage that is prepared in this process and then
// served in another.
func onCrash(c *cobra.Command, dsn string, fn func(*crash, *proving.Crash) error) error {
	if err := logTo("error"); err != nil {
		return err
	}
	clock := newClock(time.Now().Add(-lead))
	s, err := newStage(c.Context(), dsn, "127.0.0.1:0", clock.now)
	if err != nil {
		return err
	}
	child, err := s.crash()
	if err != nil {
		return errors.Join(err, s.close())
	}
	offered := child.later(c.Context(), clock)
	return errors.Join(fn(child, offered), offered.Stop())
}

// lead is by how much the clock of a stage is behind on which a bench prepares
// what the child will serve. There nobody waits for the next one-time code.
const lead = 10 * time.Minute

// later offers a stage that is played in this process until its server is started
// in its own.
func (c *crash) later(ctx context.Context, clock clock) *proving.Crash {
	p, shut := c.play(ctx, clock)
	out := sync.OnceValue(func() error { return errors.Join(shut(), c.leave()) })
	p.Stop = func() error { return errors.Join(out(), c.close()) }
	return &proving.Crash{Server: p, Kill: c.kill, Again: func(ctx context.Context) error {
		if err := out(); err != nil {
			return err
		}
		return c.again(ctx)
	}}
}

// mostLines is how many lines a process may hold, with some files beside them.
// Go raises the soft limit to the hard one by itself, here and in the server.
func mostLines() (int, error) {
	const beside = 200
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return int(min(l.Max, 1<<20)) - beside, err
}

// memory is what the child holds of the machine's memory.
func (c *crash) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.child.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("the memory of a process is told on Linux alone: %w", err)
	}
	_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
	kib, _, _ := bytes.Cut(bytes.TrimSpace(after), []byte(" "))
	n, err := strconv.ParseInt(string(kib), 10, 64)
	return n << 10, err
}

// watch starts the watchers of a poll.
func (c *crash) watch(ctx context.Context, poll int64, n int) (io.ReadCloser, error) {
	w := exec.CommandContext(ctx, c.program, "watch", c.cfg.PublicURL, strconv.FormatInt(poll, 10), strconv.Itoa(n)) //nolint:gosec // this very program
	w.Stderr = os.Stderr
	out, err := w.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &crowd{out, w}, w.Start()
}

// crowd is a process of watchers. Closing it ends them.
type crowd struct {
	io.ReadCloser
	process *exec.Cmd
}

func (c *crowd) Close() error {
	err := c.process.Process.Signal(os.Interrupt)
	_, _ = io.Copy(io.Discard, c.ReadCloser)
	return errors.Join(err, c.process.Wait())
}

// watchCommand is the other side of the bench of the watchers.
func watchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch URL POLL N", Hidden: true, Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			poll, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(args[2])
			if err != nil {
				return err
			}
			return proving.Watch(c.Context(), c.OutOrStdout(), args[0], poll, n, time.Now)
		},
	}
}
