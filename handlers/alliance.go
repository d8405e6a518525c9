package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type newAlliance struct {
	OrgID int64  `json:"org_id" minimum:"1"`
	Name  string `json:"name"`
}

func (a *API) alliances() {
	get(a, "listAlliances", "/api/v1/alliances", rules.AllianceRead, func(ctx context.Context, who models.Actor, in *atOrg) ([]models.Alliance, error) {
		return a.Forum.Alliances(ctx, who, in.Org)
	})
	post(a, "foundAlliance", "/api/v1/alliances", rules.AllianceFound, func(ctx context.Context, who models.Actor, in *with[newAlliance]) (*models.Alliance, error) {
		return a.Forum.FoundAlliance(ctx, who, in.Body.OrgID, in.Body.Name)
	})
	get(a, "listMembers", "/api/v1/alliances/{id}/members", rules.AllianceRead, func(ctx context.Context, who models.Actor, in *byID) ([]models.Member, error) {
		return a.Forum.Members(ctx, who, in.ID)
	})
	post(a, "joinAlliance", "/api/v1/members", rules.MemberJoin, func(ctx context.Context, who models.Actor, in *with[models.NewMember]) (*models.Member, error) {
		return a.Forum.JoinAlliance(ctx, who, in.Body)
	})
	post(a, "confirmMember", "/api/v1/members/{id}/confirm", rules.MemberConfirm, func(ctx context.Context, who models.Actor, in *on[decision]) (*models.Member, error) {
		return a.Forum.ConfirmMember(ctx, who, in.ID, in.Body.Yes)
	})
	post(a, "leaveAlliance", "/api/v1/members/{id}/leave", rules.MemberLeave, func(ctx context.Context, who models.Actor, in *byID) (*models.Member, error) {
		return a.Forum.LeaveAlliance(ctx, who, in.ID)
	})
}
