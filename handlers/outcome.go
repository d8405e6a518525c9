package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type outcomeOf struct {
	ID    int64 `path:"id" minimum:"1"`
	Topic int64 `path:"topic" minimum:"1"`
	Body  struct {
		Result rules.State `json:"result" doc:"agreed, partly_agreed or no_consensus"`
		Words  string      `json:"words"`
	}
}

type commitmentOf struct {
	ID    int64 `path:"id" minimum:"1"`
	Topic int64 `path:"topic" minimum:"1"`
	Body  promise
}

func (a *API) outcomes() {
	post(a, "recordOutcome", "/api/v1/sessions/{id}/topics/{topic}/outcome", rules.OutcomeRecord, func(ctx context.Context, who models.Actor, in *outcomeOf) (*models.Outcome, error) {
		return a.Forum.RecordOutcome(ctx, who, in.ID, in.Topic, in.Body.Result, in.Body.Words)
	})
	post(a, "makeCommitment", "/api/v1/sessions/{id}/topics/{topic}/commitments", rules.CommitmentMake, func(ctx context.Context, who models.Actor, in *commitmentOf) (*models.Order, error) {
		return a.Forum.MakeCommitment(ctx, who, in.ID, in.Topic, in.Body.OrgID, in.Body.What, in.Body.PromisedAt)
	})
}
