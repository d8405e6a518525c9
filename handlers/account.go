package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type accountMove struct {
	From int64 `json:"from" minimum:"1" doc:"the record that loses its WeChat accounts"`
}

func (a *API) accounts() {
	post(a, "moveAccount", "/api/v1/persons/{id}/accounts", rules.AccountMove, func(ctx context.Context, who models.Actor, in *on[accountMove]) (models.None, error) {
		return a.Forum.MoveAccount(ctx, who, in.Body.From, in.ID)
	})
	post(a, "dropAccounts", "/api/v1/persons/{id}/accounts/drop", rules.AccountDrop, func(ctx context.Context, who models.Actor, in *byID) (models.None, error) {
		return a.Forum.DropAccounts(ctx, who, in.ID)
	})
}
