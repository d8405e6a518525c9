package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newConfirmation struct {
	Solved bool   `json:"solved"`
	Words  string `json:"words,omitempty"`
}

func (a *API) confirmations() {
	get(a, "myConfirmations", "/api/v1/me/confirmations", rules.TopicMine, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.TopicView, error) {
		return a.Forum.MyConfirmations(ctx, who)
	})
	post(a, "confirmTopic", "/api/v1/topics/{id}/confirmation", rules.ConfirmationGive, func(ctx context.Context, who models.Actor, in *on[newConfirmation]) (*models.Topic, error) {
		return a.Forum.ConfirmTopic(ctx, who, in.ID, in.Body.Solved, in.Body.Words)
	})
}
