package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type convened struct {
	SessionID int64 `json:"session_id" minimum:"1"`
}

func (a *API) petitions() {
	get(a, "listPetitions", "/api/v1/petitions", rules.PetitionRead, func(ctx context.Context, who models.Actor, in *atOrg) ([]models.PetitionView, error) {
		return a.Forum.Petitions(ctx, who, in.Org)
	})
	post(a, "startPetition", "/api/v1/petitions", rules.PetitionStart, func(ctx context.Context, who models.Actor, in *with[models.NewPetition]) (*models.PetitionView, error) {
		return a.Forum.StartPetition(ctx, who, in.Body)
	})
	get(a, "getPetition", "/api/v1/petitions/{id}", rules.PetitionRead, func(ctx context.Context, who models.Actor, in *byID) (*models.PetitionView, error) {
		return a.Forum.Petition(ctx, who, in.ID)
	})
	post(a, "signPetition", "/api/v1/petitions/{id}/sign", rules.PetitionSign, func(ctx context.Context, who models.Actor, in *byID) (*models.PetitionView, error) {
		return a.Forum.SignPetition(ctx, who, in.ID)
	})
	post(a, "unsignPetition", "/api/v1/petitions/{id}/unsign", rules.PetitionUnsign, func(ctx context.Context, who models.Actor, in *byID) (*models.PetitionView, error) {
		return a.Forum.UnsignPetition(ctx, who, in.ID)
	})
	get(a, "petitionSigners", "/api/v1/petitions/{id}/signers", rules.PetitionSigners, func(ctx context.Context, who models.Actor, in *byID) ([]models.Signer, error) {
		return a.Forum.PetitionSigners(ctx, who, in.ID)
	})
	post(a, "convenePetition", "/api/v1/petitions/{id}/convene", rules.PetitionConvene, func(ctx context.Context, who models.Actor, in *on[convened]) (*models.PetitionView, error) {
		return a.Forum.ConvenePetition(ctx, who, in.ID, in.Body.SessionID)
	})
	post(a, "answerPetition", "/api/v1/petitions/{id}/answer", rules.PetitionAnswer, func(ctx context.Context, who models.Actor, in *on[spoken]) (*models.PetitionView, error) {
		return a.Forum.AnswerPetition(ctx, who, in.ID, in.Body.Words)
	})
	post(a, "removePetition", "/api/v1/petitions/{id}/remove", rules.PetitionRemove, func(ctx context.Context, who models.Actor, in *on[reasoned]) (*models.PetitionView, error) {
		return a.Forum.RemovePetition(ctx, who, in.ID, in.Body.Reason)
	})
}
