package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

func (a *API) audits() {
	get(a, "listAudits", "/api/v1/audits", rules.AuditRead, func(ctx context.Context, who models.Actor, in *ListedAt) (models.Page[models.AuditLine], error) {
		return a.Forum.Audits(ctx, who, in.Org, in.After, in.Size)
	})
}
