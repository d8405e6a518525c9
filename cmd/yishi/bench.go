package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"yishi/handlers"
	"yishi/models"
	"yishi/models/ballots"
	"yishi/models/rules"
	"yishi/models/yardstick"
	"yishi/proving"
)

func benchVoteCommand() *cobra.Command {
	return benchOf("vote", "how many can vote at once, against a door that stores nothing and one that stores in the plain way", func(c *cobra.Command, dsn string, o proving.BenchOptions) error {
		var plain *yardstick.Box
		set := func(s *stage) (err error) {
			if plain, err = yardstick.Open(string(s.cfg.Database.DSN), s.now); err != nil {
				return err
			}
			return s.besides(plain)
		}
		return onStage(c, dsn, set, func(s *proving.Server) error {
			v := proving.VoteBench{Null: "/null", Naive: "/naive", Maria: strings.HasPrefix(dsn, "mysql://")}
			return errors.Join(proving.BenchVote(c.Context(), c.OutOrStdout(), s, v, o), plain.Close())
		})
	})
}

// besides puts two doors beside the public one that differ from it in what they
// do with a ballot: one keeps nothing, one keeps it in the plain way.
func (s *stage) besides(plain *yardstick.Box) error {
	answer := func(who models.Actor, poll int64, choice rules.Choice) *models.Ballot {
		return &models.Ballot{
			Ballot:     ballots.Ballot{PollID: poll, Unit: "p1", Choice: choice, Door: string(who.Door), Receipt: "23456789", At: s.now().UTC()},
			Definition: strings.Repeat("0", 64), Proof: strings.Repeat("0", 560),
		}
	}
	null, naive := s.door, s.door
	null.Cast = func(_ context.Context, who models.Actor, poll int64, _ string, choice rules.Choice) (*models.Ballot, error) {
		return answer(who, poll, choice), nil
	}
	naive.Cast = func(ctx context.Context, who models.Actor, poll int64, _ string, choice rules.Choice) (*models.Ballot, error) {
		return answer(who, poll, choice), plain.Cast(ctx, poll, who.PersonID, string(choice))
	}
	s.beside = map[string]http.Handler{}
	for path, o := range map[string]handlers.Options{"/null": null, "/naive": naive} {
		_, door, err := handlers.New(o)
		if err != nil {
			return err
		}
		s.beside[path] = door
	}
	return nil
}
