package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

func (a *API) orgs() {
	get(a, "listOrgs", "/api/v1/orgs", rules.OrgRead, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.Org, error) {
		return a.Forum.Orgs(ctx, who)
	})
}
