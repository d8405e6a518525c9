package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type householdSpeaker struct {
	PersonID int64  `json:"person_id" minimum:"0" doc:"0: nobody in particular"`
	Consent  string `json:"consent" doc:"how those who share the home said so"`
}

func (a *API) households() {
	get(a, "listHouseholds", "/api/v1/households", rules.HouseholdRead, func(ctx context.Context, who models.Actor, in *ListedAt) (models.Page[models.HouseholdView], error) {
		return a.Forum.Households(ctx, who, in.Org, in.After, in.Size)
	})
	post(a, "nameSpeaker", "/api/v1/households/{id}/speaker", rules.HouseholdSpeaker, func(ctx context.Context, who models.Actor, in *on[householdSpeaker]) (models.None, error) {
		return a.Forum.NameSpeaker(ctx, who, in.ID, in.Body.PersonID, in.Body.Consent)
	})
}
