package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

func (a *API) assists() {
	post(a, "assistBallot", "/api/v1/polls/{id}/assists", rules.BallotAssist, func(ctx context.Context, who models.Actor, in *on[models.NewAssist]) (*models.Ballot, error) {
		return a.Forum.AssistBallot(ctx, who, in.ID, in.Body)
	})
}
