package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newBallot struct {
	Unit   string       `json:"unit,omitempty" maxLength:"32" doc:"for whom, when one may vote for several"`
	Choice rules.Choice `json:"choice"`
}

// toldPoll is a poll, with its rule or its verdict in words.
type toldPoll struct {
	models.PollView
	Says string `json:"says,omitempty" doc:"closed: the verdict in one sentence, with what was missing"`
	Rule string `json:"rule,omitempty" doc:"open: when it passes, in one sentence, with how many must still take part"`
}

func (a *API) told(v *models.PollView, err error) (*toldPoll, error) {
	if err != nil {
		return nil, err
	}
	told := a.inWords(*v)
	return &told, nil
}

func (a *API) inWords(v models.PollView) toldPoll {
	return toldPoll{v, a.Text.Say(v.Reason()), a.Text.Say(v.Need())}
}

func (a *API) polls() {
	get(a, "poll", "/api/v1/polls/{id}", rules.PollRead, func(ctx context.Context, who models.Actor, in *byID) (*toldPoll, error) {
		return a.told(a.Forum.Poll(ctx, who, in.ID))
	})
	get(a, "topicPolls", "/api/v1/topics/{id}/polls", rules.TopicRead, func(ctx context.Context, who models.Actor, in *byID) ([]toldPoll, error) {
		polls, err := a.Forum.TopicPolls(ctx, who, in.ID)
		out := make([]toldPoll, len(polls))
		for i, p := range polls {
			out[i] = a.inWords(p)
		}
		return out, err
	})
	get(a, "myPolls", "/api/v1/me/polls", rules.TopicMine, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.PollView, error) {
		return a.Forum.MyPolls(ctx, who)
	})
	post(a, "nameProxy", "/api/v1/polls/{id}/proxies", rules.ProxyName, func(ctx context.Context, who models.Actor, in *on[models.NewProxy]) (*models.Proxy, error) {
		return a.Forum.NameProxy(ctx, who, in.ID, in.Body)
	})
	get(a, "recountPoll", "/api/v1/polls/{id}/recount", rules.PollRecount, func(ctx context.Context, who models.Actor, in *byID) (*models.Recount, error) {
		return a.Forum.RecountPoll(ctx, who, in.ID)
	})
	post(a, "openPoll", "/api/v1/polls", rules.PollOpening, func(ctx context.Context, who models.Actor, in *with[models.NewPoll]) (*models.PollView, error) {
		return a.Forum.OpenPoll(ctx, who, in.Body)
	})
	post(a, "closePoll", "/api/v1/polls/{id}/close", rules.PollClosing, func(ctx context.Context, who models.Actor, in *byID) (*toldPoll, error) {
		return a.told(a.Forum.ClosePoll(ctx, who, in.ID))
	})
	post(a, "castBallot", "/api/v1/polls/{id}/ballots", rules.BallotCast, func(ctx context.Context, who models.Actor, in *on[newBallot]) (*models.Ballot, error) {
		return a.Cast(ctx, who, in.ID, in.Body.Unit, in.Body.Choice)
	})
}
