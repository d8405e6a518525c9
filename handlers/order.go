package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type ordered struct {
	ListedAt
	State []models.OrderState `query:"state" maxItems:"10"`
}

type report struct {
	Report string `json:"report"`
}

func (a *API) orders() {
	get(a, "listOrders", "/api/v1/orders", rules.OrderRead, func(ctx context.Context, who models.Actor, in *ordered) (models.Page[models.Order], error) {
		return a.Forum.Orders(ctx, who, in.Org, in.State, in.After, in.Size)
	})
	post(a, "signOrder", "/api/v1/orders/{id}/sign", rules.OrderSign, func(ctx context.Context, who models.Actor, in *byID) (*models.Order, error) {
		return a.Forum.SignOrder(ctx, who, in.ID)
	})
	post(a, "finishOrder", "/api/v1/orders/{id}/finish", rules.OrderDone, func(ctx context.Context, who models.Actor, in *on[report]) (*models.Order, error) {
		return a.Forum.FinishOrder(ctx, who, in.ID, in.Body.Report)
	})
}
