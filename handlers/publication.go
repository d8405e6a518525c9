package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newObjection struct {
	OrderID int64  `json:"order_id,omitempty"`
	Words   string `json:"words"`
}

func (a *API) publications() {
	get(a, "listPublications", "/api/v1/publications", rules.PublicationRead, func(ctx context.Context, who models.Actor, in *atOrg) ([]models.Board, error) {
		return a.Forum.Publications(ctx, who, in.Org)
	})
	post(a, "publishTopic", "/api/v1/topics/{id}/publication", rules.PublicationMake, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.Publication, error) {
		return a.Forum.PublishTopic(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "objectTopic", "/api/v1/topics/{id}/objections", rules.ObjectionRaise, func(ctx context.Context, who models.Actor, in *on[newObjection]) (*models.Objection, error) {
		return a.Forum.ObjectTopic(ctx, who, in.ID, in.Body.OrderID, in.Body.Words)
	})
	get(a, "listObjections", "/api/v1/topics/{id}/objections", rules.ObjectionAnswer, func(ctx context.Context, who models.Actor, in *byID) ([]models.Objection, error) {
		return a.Forum.Objections(ctx, who, in.ID)
	})
	post(a, "answerObjection", "/api/v1/objections/{id}/answer", rules.ObjectionAnswer, func(ctx context.Context, who models.Actor, in *on[ruling]) (*models.Objection, error) {
		return a.Forum.AnswerObjection(ctx, who, in.ID, in.Body.Upheld, in.Body.Answer)
	})
}
