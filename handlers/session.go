package handlers

import (
	"context"
	"time"

	"yishi/models"
	"yishi/models/rules"
)

type announcement struct {
	ShortReason string `json:"short_reason,omitempty" doc:"why the notice is shorter than the rule asks"`
}

type postponement struct {
	StartsAt    time.Time `json:"starts_at"`
	Reason      string    `json:"reason"`
	ShortReason string    `json:"short_reason,omitempty" doc:"why the notice is shorter than the rule asks"`
}

type newInvitation struct {
	OrgID    int64  `json:"org_id,omitempty"`
	PersonID int64  `json:"person_id,omitempty"`
	Part     string `json:"part"`
}

type reply struct {
	Yes   bool   `json:"yes"`
	Words string `json:"words,omitempty"`
}

type calendar struct {
	ListedAt
	From time.Time `query:"from"`
}

func (a *API) sessions() {
	get(a, "listSessions", "/api/v1/sessions", rules.SessionRead, func(ctx context.Context, who models.Actor, in *calendar) (models.Page[models.Session], error) {
		return a.Forum.Sessions(ctx, who, in.Org, in.From, in.After, in.Size)
	})
	get(a, "session", "/api/v1/sessions/{id}", rules.SessionRead, func(ctx context.Context, who models.Actor, in *byID) (*models.SessionView, error) {
		return a.Forum.Session(ctx, who, in.ID)
	})
	get(a, "quorum", "/api/v1/sessions/{id}/quorum", rules.SessionRead, func(ctx context.Context, who models.Actor, in *byID) (*models.Quorum, error) {
		return a.Forum.Quorum(ctx, who, in.ID)
	})
	post(a, "createSession", "/api/v1/sessions", rules.SessionCreate, func(ctx context.Context, who models.Actor, in *with[models.NewSession]) (*models.Session, error) {
		return a.Forum.CreateSession(ctx, who, in.Body)
	})
	post(a, "announceSession", "/api/v1/sessions/{id}/announce", rules.SessionAnnounce, func(ctx context.Context, who models.Actor, in *on[announcement]) (*models.Session, error) {
		return a.Forum.AnnounceSession(ctx, who, in.ID, in.Body.ShortReason)
	})
	post(a, "postponeSession", "/api/v1/sessions/{id}/postpone", rules.SessionPostpone, func(ctx context.Context, who models.Actor, in *on[postponement]) (*models.Session, error) {
		return a.Forum.PostponeSession(ctx, who, in.ID, in.Body.StartsAt, in.Body.Reason, in.Body.ShortReason)
	})
	post(a, "openSession", "/api/v1/sessions/{id}/open", rules.SessionOpen, func(ctx context.Context, who models.Actor, in *byID) (*models.Session, error) {
		return a.Forum.OpenSession(ctx, who, in.ID)
	})
	post(a, "adjournSession", "/api/v1/sessions/{id}/adjourn", rules.SessionAdjourn, func(ctx context.Context, who models.Actor, in *on[reasoned]) (*models.Session, error) {
		return a.Forum.AdjournSession(ctx, who, in.ID, in.Body.Reason)
	})
	post(a, "closeSession", "/api/v1/sessions/{id}/close", rules.SessionClose, func(ctx context.Context, who models.Actor, in *byID) (*models.Session, error) {
		return a.Forum.CloseSession(ctx, who, in.ID)
	})
	post(a, "cancelSession", "/api/v1/sessions/{id}/cancel", rules.SessionCancel, func(ctx context.Context, who models.Actor, in *on[reasoned]) (*models.Session, error) {
		return a.Forum.CancelSession(ctx, who, in.ID, in.Body.Reason)
	})
	post(a, "remarkSession", "/api/v1/sessions/{id}/remarks", rules.SessionRemark, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.Remark, error) {
		return a.Forum.RemarkSession(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "invite", "/api/v1/sessions/{id}/invitations", rules.SessionInvite, func(ctx context.Context, who models.Actor, in *on[newInvitation]) (*models.Invitation, error) {
		return a.Forum.Invite(ctx, who, in.ID, in.Body.OrgID, in.Body.PersonID, in.Body.Part)
	})
	get(a, "myInvitations", "/api/v1/me/invitations", rules.TopicMine, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.MyInvitation, error) {
		return a.Forum.MyInvitations(ctx, who)
	})
	post(a, "replyInvitation", "/api/v1/invitations/{id}/reply", rules.SessionReply, func(ctx context.Context, who models.Actor, in *on[reply]) (*models.Invitation, error) {
		return a.Forum.ReplyInvitation(ctx, who, in.ID, in.Body.Yes, in.Body.Words)
	})
}
