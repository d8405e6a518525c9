package jobs

import (
	"context"
	"log/slog"

	"yishi/models"
	"yishi/wechat"
)

// Asks asks WeChat who the followers of its official account App are across apps.
type Asks struct {
	App      string
	Follower func(ctx context.Context, openID string) (id wechat.Identity, following bool, err error)
}

// Asking returns the clock with WeChat to ask. Without, nobody is.
func (j *Jobs) Asking(of Asks) *Jobs {
	j.asks = of
	return j
}

// accounts asks who those are of whom WeChat has not said it yet. That is done here
// and not while they wait for an answer.
func (j *Jobs) accounts(ctx context.Context) (int, error) {
	if j.asks.App == "" {
		return 0, nil
	}
	waiting, err := j.forum.ClaimAccounts(ctx, j.asks.App, batch)
	if err != nil {
		return 0, err
	}
	for i, a := range waiting {
		id, _, err := j.asks.Follower(ctx, a.OpenID)
		if wechat.NeedsOperator(err) { // the others would fare no better
			slog.ErrorContext(ctx, "WeChat needs the operator", "advice", j.text.Say(wechat.Advice(err), nil), "err", err)
			return i, nil
		}
		if err != nil {
			slog.WarnContext(ctx, "wechat", "err", err)
			continue // it is asked again when the claim is over
		}
		if _, err := j.forum.HearAccount(ctx, models.Identity{AppID: id.AppID, OpenID: id.OpenID, UnionID: id.UnionID}); err != nil {
			return i, err
		}
	}
	return len(waiting), nil
}
