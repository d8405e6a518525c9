package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/handlers"
	"yishi/models"
	"yishi/models/ballots"
	"yishi/models/rules"
	"yishi/models/yardstick"
	"yishi/proving"
)

func benchVoteCommand() *cobra.Command {
	return benchOf("vote", "how many can vote at once, against a door that stores nothing and one that stores in the plain way", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		var beside yardsticks
		set := func(s *stage) (err error) {
			if beside, err = s.yardsticks(c.Context()); err != nil {
				return err
			}
			return s.besides(beside)
		}
		return onStage(c, dsn, set, func(s *proving.Server) error {
			v := proving.VoteBench{Null: "/null", Naive: "/naive", Untallied: "/untallied", Maria: strings.HasPrefix(dsn, "mysql://")}
			return errors.Join(proving.BenchVote(c.Context(), c.OutOrStdout(), s, v, o), beside.plain.Close(), beside.untallied.Close())
		})
	})
}

func benchSecretCommand() *cobra.Command {
	return benchOf("secret", "a secret poll: how fast tokens and ballots are taken, and how long opening all of them takes", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		return onServer(c, dsn, func(s *proving.Server) error {
			return proving.BenchSecret(c.Context(), c.OutOrStdout(), s, o)
		})
	})
}

// yardsticks are what the vote is measured against besides a door that stores
// nothing: ballots in the plain way, and the product without its tally.
type yardsticks struct {
	plain     *yardstick.Box
	untallied *models.Forum
}

func (s *stage) yardsticks(ctx context.Context) (yardsticks, error) {
	dsn := string(s.cfg.Database.DSN)
	key, err := configs.LoadKey(s.cfg.KeyFile)
	if err != nil {
		return yardsticks{}, err
	}
	plain, err := yardstick.Open(dsn, s.now)
	if err != nil {
		return yardsticks{}, err
	}
	untallied, err := models.Open(ctx, models.Options{DSN: dsn, Key: key, Now: s.now, Untallied: true})
	return yardsticks{plain, untallied}, err
}

// besides puts doors beside the public one that differ from it in what they do
// with a ballot: one keeps nothing, one keeps it in the plain way, one does not
// count it.
func (s *stage) besides(of yardsticks) error {
	answer := func(who models.Actor, poll int64, choice rules.Choice) *models.Ballot {
		return &models.Ballot{
			Ballot:     ballots.Ballot{PollID: poll, Unit: "p1", Choice: choice, Door: string(who.Door), Receipt: "23456789", At: s.now().UTC()},
			Definition: strings.Repeat("0", 64), Proof: strings.Repeat("0", 560),
		}
	}
	null, naive, untallied := s.door, s.door, s.door
	null.Cast = func(_ context.Context, who models.Actor, poll int64, _ string, choice rules.Choice) (*models.Ballot, error) {
		return answer(who, poll, choice), nil
	}
	naive.Cast = func(ctx context.Context, who models.Actor, poll int64, _ string, choice rules.Choice) (*models.Ballot, error) {
		return answer(who, poll, choice), of.plain.Cast(ctx, poll, who.PersonID, string(choice))
	}
	untallied.Cast = of.untallied.CastBallot
	s.beside = map[string]http.Handler{}
	for path, o := range map[string]handlers.Options{"/null": null, "/naive": naive, "/untallied": untallied} {
		_, door, err := handlers.New(o)
		if err != nil {
			return err
		}
		s.beside[path] = door
	}
	return nil
}
