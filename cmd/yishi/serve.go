package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"yishi/models"
	"yishi/models/samplecity"
)

// How long a server waits: for requests under way when it stops, between two
// rounds of the clock, and for one request.
const (
	patience   = 20 * time.Second
	jobsEvery  = 2 * time.Second
	requestFor = 15 * time.Second
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "run the forum", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := configured(c)
			if err != nil {
				return err
			}
			if err := logTo(cfg.Log.Level); err != nil {
				return err
			}
			if err := prepare(cfg.KeyFile, string(cfg.Database.DSN)); err != nil {
				return err
			}
			ctx := c.Context()
			forum, err := openForum(ctx, cfg, time.Now)
			if err != nil {
				return err
			}
			defer func() { _ = forum.Close() }()
			if err := furnish(ctx, forum); err != nil {
				return err
			}
			h, err := build(cfg, forum, time.Now)
			if err != nil {
				return err
			}
			return h.serve(ctx)
		},
	}
}

// furnish brings a forum what it needs before it opens.
func furnish(ctx context.Context, forum *models.Forum) error {
	if err := forum.CheckClock(ctx); err != nil {
		return err
	}
	if err := samplecity.ImportSets(ctx, forum); err != nil {
		return err
	}
	return warnCalendar(ctx, forum)
}

// warnCalendar says at the start that the working calendar ends soon.
func warnCalendar(ctx context.Context, forum *models.Forum) error {
	c, err := forum.Calendar(ctx, models.Operator)
	if err == nil && c.Ending {
		slog.WarnContext(ctx, "the working calendar ends: import the next year with yishi import calendar", "days_left", c.Left, "until", c.Until, "version", c.Version)
	}
	return err
}

func logTo(level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l})))
	return nil
}

// prepare makes the key and the folder of an embedded database, the first time.
func prepare(keyFile, dsn string) error {
	if err := makeKey(keyFile); err != nil || strings.HasPrefix(dsn, "mysql://") {
		return err
	}
	return os.MkdirAll(filepath.Dir(dsn), 0o700)
}

// serve runs the doors until ctx ends, and then lets what is under way finish.
func (h *house) serve(ctx context.Context) error {
	public, err := listen(ctx, h.cfg.Listen, "listen in the configuration")
	if err != nil {
		return err
	}
	private, err := listen(ctx, h.cfg.Private, "private in the configuration")
	if err != nil {
		return errors.Join(err, public.Close())
	}
	slog.InfoContext(ctx, "listening", "public", public.Addr().String(), "private", private.Addr().String())
	return h.run(ctx, public, private)
}

// listen opens an address, which may be taken; where says by what it is chosen.
func listen(ctx context.Context, address, where string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: something else listens there; end it, or choose another address with %s", err, where)
	}
	return l, err
}

func (h *house) run(ctx context.Context, public, private net.Listener) error {
	front, back := server(h.public), server(h.meters.Private(h.forum.Ready))
	failed := make(chan error, 2)
	go func() { failed <- front.Serve(public) }()
	go func() { failed <- back.Serve(private) }()
	clock, stopClock := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() { defer close(stopped); h.jobs.Run(clock, jobsEvery) }()

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	h.meters.Leaving()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = errors.Join(err, front.Shutdown(end))
	stopClock()
	<-stopped
	h.client.Close()
	return errors.Join(err, back.Shutdown(end))
}

func server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 14,
	}
}
