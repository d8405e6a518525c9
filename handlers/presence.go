package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type checkIn struct {
	SessionID int64  `json:"session_id,omitempty"`
	PointID   int64  `json:"point_id,omitempty" doc:"where one is, when the session is not known"`
	Code      string `json:"code" maxLength:"32" doc:"the six digits of the screen, or what its QR code says, which names the session too"`
}

func (a *API) presences() {
	get(a, "sessionCode", "/api/v1/sessions/{id}/code", rules.SessionCode, func(ctx context.Context, who models.Actor, in *byID) (*models.SiteCode, error) {
		code, err := a.Forum.SessionCode(ctx, who, in.ID)
		a.link(code)
		return code, err
	})
	post(a, "checkIn", "/api/v1/presences", rules.PresenceCheckIn, func(ctx context.Context, who models.Actor, in *with[checkIn]) (*models.Presence, error) {
		return a.Forum.CheckIn(ctx, who, in.Body.SessionID, in.Body.PointID, in.Body.Code)
	})
	post(a, "confirmPresence", "/api/v1/sessions/{id}/presences", rules.PresenceConfirm, func(ctx context.Context, who models.Actor, in *on[models.Helped]) (*models.Presence, error) {
		return a.Forum.ConfirmPresence(ctx, who, in.ID, in.Body)
	})
}

// link puts the address on the code of a session by which one checks in with it.
func (a *API) link(code *models.SiteCode) {
	if code != nil {
		code.Link = a.entrance(code.Scene)
	}
}
