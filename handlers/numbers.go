package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

// counted is the query of numbers. A day left out is the beginning of the year, or today.
type counted struct {
	Org   int64  `query:"org" minimum:"1" required:"true"`
	First string `query:"first" doc:"a day, such as 2026-01-31"`
	Last  string `query:"last" doc:"a day, itself included"`
}

func (a *API) numbers() {
	get(a, "numbers", "/api/v1/numbers", rules.OrgNumbers, func(ctx context.Context, who models.Actor, in *counted) (*models.Numbers, error) {
		return a.Forum.Numbers(ctx, who, in.Org, in.First, in.Last)
	})
}
