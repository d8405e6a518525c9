package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type seatNamed struct {
	ID   int64  `path:"id" minimum:"1"`
	Name string `query:"name" required:"true" minLength:"1" maxLength:"64" doc:"the beginning of a name, the number of a home, or the beginning of a shop's name"`
}

func (a *API) assists() {
	get(a, "pollSeats", "/api/v1/polls/{id}/seats", rules.BallotAssist, func(ctx context.Context, who models.Actor, in *seatNamed) ([]models.SeatView, error) {
		return a.Forum.Seats(ctx, who, in.ID, in.Name)
	})
	post(a, "assistBallot", "/api/v1/polls/{id}/assists", rules.BallotAssist, func(ctx context.Context, who models.Actor, in *on[models.NewAssist]) (*models.Ballot, error) {
		return a.Forum.AssistBallot(ctx, who, in.ID, in.Body)
	})
}
