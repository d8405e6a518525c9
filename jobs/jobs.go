// Package jobs is the clock door of the forum: every so often it asks what is
// due. Rows are claimed in the database, so any number of instances may run it.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/rules"
	"yishi/wechat"
)

// batch is how many rows one round of a job deals with.
const batch = 100

// Post hands messages to WeChat.
type Post interface {
	Ways(appID, code string) []wechat.Channel
	Send(ctx context.Context, m wechat.Message, by wechat.Channel) error
}

// Jobs is what the clock does.
type Jobs struct {
	forum *models.Forum
	text  locale.Catalog
	post  Post
	apps  []string // in the order in which they are tried
	judge Judge
	media Media
	asks  Asks
}

// New returns the clock door. apps are the WeChat apps that may carry a notice,
// the one to be tried first first; with none notices stay in the apps' inbox.
func New(forum *models.Forum, text locale.Catalog, post Post, apps ...string) *Jobs {
	return &Jobs{forum: forum, text: text, post: post, apps: apps}
}

// Run asks every interval what is due, until ctx ends. A job that fails is
// logged and tried again; the others go on.
func (j *Jobs) Run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if _, err := j.Tick(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "jobs", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Tick does everything that is due at this moment and returns how much that was.
func (j *Jobs) Tick(ctx context.Context) (int, error) {
	total := 0
	var errs []error
	for _, job := range []struct {
		name string
		run  func(context.Context) (int, error)
	}{
		{"take up", func(ctx context.Context) (int, error) { return j.forum.TakeUpTopics(ctx, batch) }},
		{"polls", j.closePolls},
		{"boards", j.sealBoards},
		{"publications", func(ctx context.Context) (int, error) { return j.forum.EndPublications(ctx, batch) }},
		{"confirmations", func(ctx context.Context) (int, error) { return j.forum.RemindConfirmations(ctx, batch) }},
		{"keepers", func(ctx context.Context) (int, error) { return j.forum.RemindKeepers(ctx, batch) }},
		{"petitions", func(ctx context.Context) (int, error) { return j.forum.EndPetitions(ctx, batch) }},
		{"late verdicts", func(ctx context.Context) (int, error) { return j.forum.HoldScreenings(ctx, batch) }},
		{"photos", j.photos},
		{"screenings", j.screenings},
		{"archive", j.archive},
		{"clocks", func(ctx context.Context) (int, error) { return j.forum.LapseClocks(ctx, batch) }},
		{"calendar", func(ctx context.Context) (int, error) { _, err := j.forum.WarnCalendar(ctx); return 0, err }},
		{"accounts", j.accounts},
		{"sweep", func(ctx context.Context) (int, error) { _, err := j.forum.SweepLogins(ctx); return 0, err }},
		{"seal", func(ctx context.Context) (int, error) { _, err := j.forum.SealAudits(ctx); return 0, err }},
		{"outbox", j.outbox},
	} {
		n, err := untilDone(ctx, job.run)
		total += n
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", job.name, err))
		}
	}
	return total, errors.Join(errs...)
}

// untilDone runs a job until a round finds less than a whole batch.
func untilDone(ctx context.Context, run func(context.Context) (int, error)) (int, error) {
	total := 0
	for {
		n, err := run(ctx)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

func (j *Jobs) closePolls(ctx context.Context) (int, error) {
	return walk(ctx, j.forum.PollsDue, func(id int64) error {
		_, err := j.forum.ClosePoll(ctx, models.Clock, id)
		return err
	})
}

func (j *Jobs) sealBoards(ctx context.Context) (int, error) {
	return walk(ctx, j.forum.BoardsDue, func(id int64) error {
		_, err := j.forum.SealBoard(ctx, id)
		return err
	})
}

func (j *Jobs) archive(ctx context.Context) (int, error) {
	return walk(ctx, j.forum.TopicsToArchive, func(id int64) error {
		_, err := j.forum.ArchiveTopic(ctx, models.Clock, id, "")
		return err
	})
}

// walk does something to everything that is due, batch by batch in the order of
// the ids, and returns how often it was done. What stays due, because it is
// refused or fails again and again, does not hide what comes after it.
func walk(ctx context.Context, due func(ctx context.Context, after int64, n int) ([]int64, error), fn func(int64) error) (int, error) {
	total, after := 0, int64(0)
	var errs []error
	for {
		ids, err := due(ctx, after, batch)
		if err != nil {
			return total, errors.Join(append(errs, err)...)
		}
		n, err := each(ctx, ids, fn)
		total += n
		if err != nil {
			errs = append(errs, err)
		}
		if len(ids) < batch || ctx.Err() != nil {
			return total, errors.Join(errs...)
		}
		after = ids[len(ids)-1]
	}
}

// each does something to every id and returns how often it was done. A refusal
// means that another instance was faster. One that fails does not hold up the
// others.
func each(ctx context.Context, ids []int64, fn func(int64) error) (int, error) {
	done := 0
	var errs []error
	for _, id := range ids {
		err := fn(id)
		_, refused := rules.AsRefusal(err)
		switch {
		case ctx.Err() != nil:
			return done, ctx.Err()
		case err == nil:
			done++
		case !refused:
			errs = append(errs, fmt.Errorf("%d: %w", id, err))
		}
	}
	return done, errors.Join(errs...)
}
