package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

// RedeemsPerMinute is how many paper codes one address may try in a minute: a
// whole stairwell at one point, but nobody who guesses.
const RedeemsPerMinute = 30

type unitList struct {
	Units []string `json:"units" maxItems:"200" doc:"names of units on the roll"`
}

type withdrawal struct {
	Unit   string `json:"unit" maxLength:"32"`
	Reason string `json:"reason"`
}

type redemption struct {
	Code   string       `json:"code" maxLength:"64" doc:"as it is printed on the paper"`
	Choice rules.Choice `json:"choice"`
}

func (a *API) papers() {
	get(a, "listPaperCodes", "/api/v1/polls/{id}/codes", rules.PaperRead, func(ctx context.Context, who models.Actor, in *byID) ([]models.PaperCode, error) {
		return a.Forum.PaperCodes(ctx, who, in.ID)
	})
	post(a, "issuePaperCodes", "/api/v1/polls/{id}/codes", rules.PaperIssue, func(ctx context.Context, who models.Actor, in *on[unitList]) ([]models.IssuedCode, error) {
		return a.Forum.IssuePaperCodes(ctx, who, in.ID, in.Body.Units)
	})
	post(a, "withdrawPaperCode", "/api/v1/polls/{id}/codes/withdraw", rules.PaperWithdraw, func(ctx context.Context, who models.Actor, in *on[withdrawal]) (*models.PaperCode, error) {
		return a.Forum.WithdrawPaperCode(ctx, who, in.ID, in.Body.Unit, in.Body.Reason)
	})
	post(a, "redeemPaperCode", "/api/v1/polls/{id}/codes/redeem", rules.PaperRedeem, func(ctx context.Context, who models.Actor, in *on[redemption]) (*models.Ballot, error) {
		if address, _ := ctx.Value(keyAddress).(string); !a.redeems.allow(address) {
			return nil, rules.Refuse(rules.TooMany, "request.many")
		}
		return a.Forum.RedeemPaperCode(ctx, who, in.ID, in.Body.Code, string(in.Body.Choice))
	})
}
