package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

// toldPack is a rule pack, with what it asks in words.
type toldPack struct {
	rules.Pack
	Rule string `json:"rule" doc:"who votes, and when it passes, in one sentence"`
}

func (a *API) datasets() {
	get(a, "listDatasets", "/api/v1/data", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Dataset, error) {
		return a.Forum.Datasets(ctx, who)
	})
	get(a, "catalogue", "/api/v1/data/catalogue", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Item, error) {
		return a.Forum.Catalogue(ctx, who)
	})
	get(a, "packs", "/api/v1/data/packs", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]toldPack, error) {
		packs, err := a.Forum.Packs(ctx, who)
		out := make([]toldPack, len(packs))
		for i, p := range packs {
			need := p.Rule()
			out[i] = toldPack{p, a.Text.Say(need.Code, need.Params)}
		}
		return out, err
	})
	get(a, "calendar", "/api/v1/data/calendar", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Calendar, error) {
		return a.Forum.Calendar(ctx, who)
	})
	get(a, "reasons", "/api/v1/data/reasons", rules.DataRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Reason, error) {
		return a.Forum.Reasons(ctx, who)
	})
}
