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

type confirmationFor struct {
	Solved  bool   `json:"solved"`
	Words   string `json:"words,omitempty"`
	Consent string `json:"consent" doc:"how the raiser, who has no phone, was asked"`
}

func (a *API) confirmations() {
	get(a, "myConfirmations", "/api/v1/me/confirmations", rules.TopicMine, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.TopicView, error) {
		return a.Forum.MyConfirmations(ctx, who)
	})
	post(a, "confirmTopic", "/api/v1/topics/{id}/confirmation", rules.ConfirmationGive, func(ctx context.Context, who models.Actor, in *on[newConfirmation]) (*models.Topic, error) {
		return a.Forum.ConfirmTopic(ctx, who, in.ID, in.Body.Solved, in.Body.Words)
	})
	post(a, "confirmTopicFor", "/api/v1/topics/{id}/confirmation/for", rules.ConfirmationFor, func(ctx context.Context, who models.Actor, in *on[confirmationFor]) (*models.Topic, error) {
		return a.Forum.ConfirmTopicFor(ctx, who, in.ID, in.Body.Solved, in.Body.Words, in.Body.Consent)
	})
}
