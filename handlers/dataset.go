package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

func (a *API) datasets() {
	get(a, "listDatasets", "/api/v1/data", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Dataset, error) {
		return a.Forum.Datasets(ctx, who)
	})
	get(a, "catalogue", "/api/v1/data/catalogue", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Item, error) {
		return a.Forum.Catalogue(ctx, who)
	})
	get(a, "packs", "/api/v1/data/packs", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]rules.Pack, error) {
		return a.Forum.Packs(ctx, who)
	})
	get(a, "calendar", "/api/v1/data/calendar", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Calendar, error) {
		return a.Forum.Calendar(ctx, who)
	})
	get(a, "reasons", "/api/v1/data/reasons", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Reason, error) {
		return a.Forum.Reasons(ctx, who)
	})
}
