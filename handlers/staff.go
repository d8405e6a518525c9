package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newPassword struct {
	Old   string `json:"old" maxLength:"256"`
	Fresh string `json:"fresh" maxLength:"256"`
}

type reasoned struct {
	Reason string `json:"reason"`
}

func (a *API) staff() {
	post(a, "createStaff", "/api/v1/staff", rules.StaffCreate, func(ctx context.Context, who models.Actor, in *with[models.NewStaff]) (*models.Credentials, error) {
		return a.Forum.CreateStaff(ctx, who, in.Body)
	})
	post(a, "renewPassword", "/api/v1/me/password", rules.StaffRenew, func(ctx context.Context, who models.Actor, in *with[newPassword]) (*models.Pass, error) {
		return a.Forum.RenewPassword(ctx, who, in.Body.Old, in.Body.Fresh)
	})
	post(a, "askReset", "/api/v1/staff/{id}/resets", rules.StaffReset, func(ctx context.Context, who models.Actor, in *on[reasoned]) (*models.Reset, error) {
		return a.Forum.AskReset(ctx, who, in.ID, in.Body.Reason)
	})
	post(a, "approveReset", "/api/v1/staff/{id}/resets/approve", rules.StaffApprove, func(ctx context.Context, who models.Actor, in *byID) (*models.Credentials, error) {
		return a.Forum.ApproveReset(ctx, who, in.ID)
	})
	post(a, "leaveStaff", "/api/v1/staff/{id}/leave", rules.StaffReset, func(ctx context.Context, who models.Actor, in *byID) (models.None, error) {
		return a.Forum.LeaveStaff(ctx, who, in.ID)
	})
}
