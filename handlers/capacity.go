package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newCapacity struct {
	OrgID     int64               `json:"org_id" minimum:"1"`
	Kind      models.CapacityKind `json:"kind"`
	Household string              `json:"household,omitempty" doc:"its number, such as 1-2-301"`
}

type decision struct {
	Yes bool `json:"yes"`
}

type named struct {
	Org  int64  `query:"org" minimum:"1" required:"true"`
	Name string `query:"name" required:"true" minLength:"1" maxLength:"64" doc:"the beginning of a name, or the number of a home"`
}

func (a *API) capacities() {
	get(a, "askedCapacities", "/api/v1/capacities", rules.CapacityConfirm, func(ctx context.Context, who models.Actor, in *atOrg) ([]models.CapacityView, error) {
		return a.Forum.AskedCapacities(ctx, who, in.Org)
	})
	get(a, "namedCapacities", "/api/v1/capacities/named", rules.HouseholdRead, func(ctx context.Context, who models.Actor, in *named) ([]models.CapacityView, error) {
		return a.Forum.NamedCapacities(ctx, who, in.Org, in.Name)
	})
	post(a, "bindCapacity", "/api/v1/capacities", rules.CapacityBind, func(ctx context.Context, who models.Actor, in *with[newCapacity]) (*models.Capacity, error) {
		return a.Forum.BindCapacity(ctx, who, in.Body.OrgID, in.Body.Kind, in.Body.Household)
	})
	post(a, "confirmCapacity", "/api/v1/capacities/{id}/confirm", rules.CapacityConfirm, func(ctx context.Context, who models.Actor, in *on[decision]) (*models.Capacity, error) {
		return a.Forum.ConfirmCapacity(ctx, who, in.ID, in.Body.Yes)
	})
	post(a, "moveHouse", "/api/v1/capacities/{id}/move", rules.CapacityMove, func(ctx context.Context, who models.Actor, in *on[newCapacity]) (*models.Capacity, error) {
		return a.Forum.MoveHouse(ctx, who, in.ID, in.Body.OrgID, in.Body.Kind, in.Body.Household)
	})
	post(a, "endCapacity", "/api/v1/capacities/{id}/end", rules.CapacityEnd, func(ctx context.Context, who models.Actor, in *byID) (models.None, error) {
		return a.Forum.EndCapacity(ctx, who, in.ID)
	})
}
