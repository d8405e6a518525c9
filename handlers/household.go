package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

func (a *API) households() {
	get(a, "listHouseholds", "/api/v1/households", rules.HouseholdRead, func(ctx context.Context, who models.Actor, in *ListedAt) (models.Page[models.HouseholdView], error) {
		return a.Forum.Households(ctx, who, in.Org, in.After, in.Size)
	})
}
