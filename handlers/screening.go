package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type screened struct {
	ListedAt
	All bool `query:"all" doc:"what was decided, too"`
}

type letStand struct {
	Public bool   `json:"public" doc:"whether everybody may read it"`
	Reason string `json:"reason,omitempty" doc:"needed where something was found, and where it is kept from the public"`
}

func (a *API) screenings() {
	get(a, "listScreenings", "/api/v1/screenings", rules.ScreeningRead, func(ctx context.Context, who models.Actor, in *screened) (models.Page[models.Screening], error) {
		return a.Forum.Screenings(ctx, who, in.Org, in.All, in.After, in.Size)
	})
	post(a, "decideScreening", "/api/v1/screenings/{id}/decide", rules.ScreeningDecide, func(ctx context.Context, who models.Actor, in *on[letStand]) (*models.Screening, error) {
		return a.Forum.DecideScreening(ctx, who, in.ID, in.Body.Public, in.Body.Reason)
	})
}
