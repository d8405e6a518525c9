package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type householdSpeaker struct {
	PersonID int64  `json:"person_id" minimum:"0" doc:"0: nobody in particular"`
	Consent  string `json:"consent,omitempty" doc:"how those who share the home said so; whoever lives there leaves it out"`
}

// roll is a roll of homes to be brought in. A file is read, and its columns found, by
// whoever sends it.
type roll struct {
	OrgID   int64                 `json:"org_id" minimum:"1"`
	Version string                `json:"version" maxLength:"64"`
	Rows    []models.HouseholdRow `json:"rows" minItems:"1" maxItems:"5000" nullable:"false"`
}

func (a *API) households() {
	post(a, "previewHouseholds", "/api/v1/households/preview", rules.HouseholdImport, func(ctx context.Context, who models.Actor, in *with[roll]) (*models.RollDiff, error) {
		return a.Forum.PreviewHouseholds(ctx, who, in.Body.OrgID, in.Body.Rows)
	})
	post(a, "importHouseholds", "/api/v1/households", rules.HouseholdImport, func(ctx context.Context, who models.Actor, in *with[roll]) (*models.RollDiff, error) {
		return a.Forum.ImportHouseholds(ctx, who, in.Body.OrgID, in.Body.Version, in.Body.Rows)
	})
	get(a, "listHouseholds", "/api/v1/households", rules.HouseholdRead, func(ctx context.Context, who models.Actor, in *ListedAt) (models.Page[models.HouseholdView], error) {
		return a.Forum.Households(ctx, who, in.Org, in.After, in.Size)
	})
	get(a, "myHomes", "/api/v1/me/homes", rules.PersonSelf, func(ctx context.Context, who models.Actor, _ *nothing) ([]models.HomeView, error) {
		return a.Forum.MyHomes(ctx, who)
	})
	post(a, "nameSpeaker", "/api/v1/households/{id}/speaker", rules.HouseholdSpeaker, func(ctx context.Context, who models.Actor, in *on[householdSpeaker]) (models.None, error) {
		return a.Forum.NameSpeaker(ctx, who, in.ID, in.Body.PersonID, in.Body.Consent)
	})
}
