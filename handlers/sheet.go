package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newSheet struct {
	Number string `json:"number" maxLength:"64" doc:"printed on the sheet"`
	Unit   string `json:"unit" maxLength:"32"`
}

type readSheet struct {
	Number string       `json:"number" maxLength:"64"`
	Choice rules.Choice `json:"choice" doc:"what one reads on it, or void: no choice can be read"`
}

type wrongSheet struct {
	Number string `json:"number" maxLength:"64"`
	Reason string `json:"reason"`
}

func (a *API) sheets() {
	get(a, "listSheets", "/api/v1/polls/{id}/sheets", rules.SheetRead, func(ctx context.Context, who models.Actor, in *byID) ([]models.SheetView, error) {
		return a.Forum.Sheets(ctx, who, in.ID)
	})
	post(a, "registerSheet", "/api/v1/polls/{id}/sheets", rules.SheetRegister, func(ctx context.Context, who models.Actor, in *on[newSheet]) (*models.SheetView, error) {
		return a.Forum.RegisterSheet(ctx, who, in.ID, in.Body.Number, in.Body.Unit)
	})
	post(a, "withdrawSheet", "/api/v1/polls/{id}/sheets/withdrawals", rules.SheetWithdraw, func(ctx context.Context, who models.Actor, in *on[wrongSheet]) (*models.SheetView, error) {
		return a.Forum.WithdrawSheet(ctx, who, in.ID, in.Body.Number, in.Body.Reason)
	})
	post(a, "enterSheet", "/api/v1/polls/{id}/sheets/entries", rules.SheetEnter, func(ctx context.Context, who models.Actor, in *on[readSheet]) (*models.SheetView, error) {
		return a.Forum.EnterSheet(ctx, who, in.ID, in.Body.Number, string(in.Body.Choice))
	})
	post(a, "correctSheet", "/api/v1/polls/{id}/sheets/corrections", rules.SheetCorrect, func(ctx context.Context, who models.Actor, in *on[wrongSheet]) (*models.SheetView, error) {
		return a.Forum.CorrectSheet(ctx, who, in.ID, in.Body.Number, in.Body.Reason)
	})
}
