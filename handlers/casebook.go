package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type casesOf struct {
	Listed
	Item string `query:"item" maxLength:"16"`
}

type lesson struct {
	Words string `json:"words,omitempty"`
}

func (a *API) cases() {
	get(a, "listCases", "/api/v1/cases", rules.CaseRead, func(ctx context.Context, who models.Actor, in *casesOf) (models.Page[models.Case], error) {
		return a.Forum.Cases(ctx, who, in.Item, in.After, in.Size)
	})
	post(a, "archiveTopic", "/api/v1/topics/{id}/archive", rules.TopicArchive, func(ctx context.Context, who models.Actor, in *on[lesson]) (*models.Case, error) {
		return a.Forum.ArchiveTopic(ctx, who, in.ID, in.Body.Words)
	})
}
