package handlers

import (
	"context"
	"fmt"

	"yishi/models"
	"yishi/models/rules"
)

type pairing struct {
	Code string `json:"code" maxLength:"32" doc:"the six digits that the screen shows"`
}

// atScreen is a request of a screen. Its token is in a header: what stands in an
// address is written down on the way.
type atScreen struct {
	Token string `header:"X-Screen" maxLength:"128" doc:"the token that the screen was given"`
}

func (a *API) screens() {
	post(a, "askScreen", "/api/v1/screens", rules.ScreenAsk, func(ctx context.Context, _ models.Actor, _ *nothing) (*models.NewScreen, error) {
		if address, _ := ctx.Value(keyAddress).(string); !a.screenAsks.allow(address) {
			return nil, rules.Refuse(rules.TooMany, "request.many")
		}
		return a.Forum.AskScreen(ctx)
	})
	get(a, "screen", "/api/v1/screens/me", rules.ScreenSee, func(ctx context.Context, _ models.Actor, in *atScreen) (*models.ScreenView, error) {
		v, err := a.Forum.ScreenSees(ctx, in.Token)
		if err != nil {
			return nil, err
		}
		for i := range v.Polls {
			a.finish(&v.Polls[i])
		}
		a.link(v.Code)
		return v, nil
	})
	post(a, "leaveScreen", "/api/v1/screens/me/leave", rules.ScreenLeave, func(ctx context.Context, _ models.Actor, in *atScreen) (models.None, error) {
		return a.Forum.LeaveScreen(ctx, in.Token)
	})
	get(a, "listScreens", "/api/v1/sessions/{id}/screens", rules.ScreenPair, func(ctx context.Context, who models.Actor, in *byID) ([]models.Screen, error) {
		return a.Forum.Screens(ctx, who, in.ID)
	})
	post(a, "pairScreen", "/api/v1/sessions/{id}/screens", rules.ScreenPair, func(ctx context.Context, who models.Actor, in *on[pairing]) (*models.Screen, error) {
		return a.Forum.PairScreen(ctx, who, in.ID, in.Body.Code)
	})
	post(a, "endScreen", "/api/v1/screens/{id}/end", rules.ScreenEnd, func(ctx context.Context, who models.Actor, in *byID) (models.None, error) {
		return a.Forum.EndScreen(ctx, who, in.ID)
	})
}

// finish says the rule of a poll or the reason of its verdict, and where the QR code is once there is one.
func (a *API) finish(p *models.ScreenPoll) {
	p.Rule, p.Reason = a.Text.Say(p.Rule, p.Params), a.Text.Say(p.Reason, p.Params)
	if p.Sealed {
		p.Checkpoint = fmt.Sprintf("/api/v1/polls/%d/checkpoint.svg", p.ID)
	}
}
