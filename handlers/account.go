package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type accountMove struct {
	From int64 `json:"from" minimum:"1" doc:"the record that loses its WeChat accounts"`
}

type tieUse struct {
	Code string `json:"code" maxLength:"32" doc:"8 digits, as the other account was told them"`
}

func (a *API) accounts() {
	post(a, "makeTie", "/api/v1/me/ties", rules.AccountTie, func(ctx context.Context, who models.Actor, _ *nothing) (*models.TieCode, error) {
		return a.Forum.MakeTie(ctx, who)
	})
	post(a, "useTie", "/api/v1/me/ties/use", rules.AccountJoin, func(ctx context.Context, who models.Actor, in *with[tieUse]) (*models.Joined, error) {
		if address, _ := ctx.Value(keyAddress).(string); !a.ties.allow(address) {
			return nil, rules.Refuse(rules.TooMany, "request.many")
		}
		return a.Forum.UseTie(ctx, who, in.Body.Code)
	})
	post(a, "joinTwin", "/api/v1/me/twin", rules.AccountJoin, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Joined, error) {
		return a.Forum.JoinTwin(ctx, who)
	})
	post(a, "moveAccount", "/api/v1/persons/{id}/accounts", rules.AccountMove, func(ctx context.Context, who models.Actor, in *on[accountMove]) (models.None, error) {
		return a.Forum.MoveAccount(ctx, who, in.Body.From, in.ID)
	})
	post(a, "dropAccounts", "/api/v1/persons/{id}/accounts/drop", rules.AccountDrop, func(ctx context.Context, who models.Actor, in *byID) (models.None, error) {
		return a.Forum.DropAccounts(ctx, who, in.ID)
	})
}
