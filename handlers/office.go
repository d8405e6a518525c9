package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newOffice struct {
	PersonID int64      `json:"person_id" minimum:"1"`
	Role     rules.Role `json:"role"`
	OrgID    int64      `json:"org_id" minimum:"1"`
}

func (a *API) offices() {
	get(a, "listOffices", "/api/v1/offices", rules.StaffRead, func(ctx context.Context, who models.Actor, in *atOrg) ([]models.OfficeView, error) {
		return a.Forum.Offices(ctx, who, in.Org)
	})
	post(a, "grantOffice", "/api/v1/offices", rules.OfficeGrant, func(ctx context.Context, who models.Actor, in *with[newOffice]) (models.None, error) {
		return a.Forum.GrantOffice(ctx, who, in.Body.PersonID, in.Body.Role, in.Body.OrgID)
	})
	post(a, "endOffice", "/api/v1/offices/{id}/end", rules.OfficeEnd, func(ctx context.Context, who models.Actor, in *byID) (models.None, error) {
		return a.Forum.EndOffice(ctx, who, in.ID)
	})
}
