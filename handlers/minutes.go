package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type minutesOf[B any] struct {
	ID    int64 `path:"id" minimum:"1"`
	Topic int64 `path:"topic" minimum:"1"`
	Body  B
}

type toKeep struct {
	Version int    `json:"version" minimum:"0" doc:"the one that was read, 0 if there was none"`
	Words   string `json:"words"`
}

func (a *API) minutes() {
	get(a, "minutes", "/api/v1/sessions/{id}/minutes", rules.MinutesRead, func(ctx context.Context, who models.Actor, in *byID) (*models.MinutesView, error) {
		return a.Forum.Minutes(ctx, who, in.ID)
	})
	post(a, "keepMinutes", "/api/v1/sessions/{id}/topics/{topic}/minutes", rules.MinutesKeep, func(ctx context.Context, who models.Actor, in *minutesOf[toKeep]) (*models.MinutesText, error) {
		return a.Forum.KeepMinutes(ctx, who, in.ID, in.Topic, in.Body.Version, in.Body.Words)
	})
	post(a, "correctMinutes", "/api/v1/sessions/{id}/topics/{topic}/corrections", rules.MinutesCorrect, func(ctx context.Context, who models.Actor, in *minutesOf[spoken]) (*models.MinutesCorrection, error) {
		return a.Forum.CorrectMinutes(ctx, who, in.ID, in.Topic, in.Body.Words)
	})
}
