package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
	"yishi/models/secret"
)

type kept struct {
	Share string `json:"share" maxLength:"200" doc:"as it was written down"`
}

type entered struct {
	Share    string `json:"share" maxLength:"200"`
	Envelope string `json:"envelope,omitempty" doc:"why it comes out of another holder's sealed envelope"`
}

type newToken struct {
	Unit    string `json:"unit,omitempty" maxLength:"32" doc:"for whom, when one may vote for several"`
	Blinded string `json:"blinded" maxLength:"1000" doc:"the blinded token, base64 (RFC 9474)"`
}

type sealedBallot struct {
	Token     string `json:"token" maxLength:"200"`
	Signature string `json:"signature" maxLength:"1000"`
	Turn      int    `json:"turn" minimum:"0" doc:"0, and one more each time the vote is changed"`
	Sealed    string `json:"sealed" maxLength:"1000" doc:"the choice, sealed to the key of the poll (RFC 9180)"`
}

func (a *API) secrets() {
	get(a, "myShare", "/api/v1/polls/{id}/share", rules.ShareHold, func(ctx context.Context, who models.Actor, in *byID) (*models.KeyShare, error) {
		return a.Forum.ShareOf(ctx, who, in.ID)
	})
	post(a, "keepShare", "/api/v1/polls/{id}/share", rules.ShareHold, func(ctx context.Context, who models.Actor, in *on[kept]) (models.None, error) {
		return a.Forum.KeepShare(ctx, who, in.ID, in.Body.Share)
	})
	post(a, "enterShare", "/api/v1/polls/{id}/opening", rules.ShareEnter, func(ctx context.Context, who models.Actor, in *on[entered]) (*toldPoll, error) {
		return a.told(a.Forum.EnterShare(ctx, who, in.ID, in.Body.Share, in.Body.Envelope))
	})
	post(a, "voidPoll", "/api/v1/polls/{id}/void", rules.PollVoid, func(ctx context.Context, who models.Actor, in *on[spoken]) (*toldPoll, error) {
		return a.told(a.Forum.VoidPoll(ctx, who, in.ID, in.Body.Words))
	})
	post(a, "signToken", "/api/v1/polls/{id}/token", rules.SecretToken, func(ctx context.Context, who models.Actor, in *on[newToken]) (*models.Signed, error) {
		return a.Forum.SignToken(ctx, who, in.ID, in.Body.Unit, in.Body.Blinded)
	})
	post(a, "castSecret", "/api/v1/polls/{id}/secret", rules.SecretCast, func(ctx context.Context, _ models.Actor, in *on[sealedBallot]) (*models.SecretReceipt, error) {
		return a.Forum.CastSecret(ctx, in.ID, secret.Ballot(in.Body))
	})
}
