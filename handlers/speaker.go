package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type hand struct {
	TopicID int64        `json:"topic_id" minimum:"1"`
	Stance  rules.Stance `json:"stance" doc:"for, against or other"`
}

func (a *API) speakers() {
	get(a, "listSpeakers", "/api/v1/sessions/{id}/speakers", rules.SpeakerRead, func(ctx context.Context, who models.Actor, in *byID) (*models.FloorView, error) {
		return a.Forum.Speakers(ctx, who, in.ID)
	})
	post(a, "askFloor", "/api/v1/sessions/{id}/speakers", rules.SpeakerAsk, func(ctx context.Context, who models.Actor, in *on[hand]) (*models.Speaker, error) {
		return a.Forum.AskFloor(ctx, who, in.ID, in.Body.TopicID, in.Body.Stance)
	})
	post(a, "noteSpeaker", "/api/v1/sessions/{id}/speakers/noted", rules.SpeakerNote, func(ctx context.Context, who models.Actor, in *on[models.NewSpeaker]) (*models.Speaker, error) {
		return a.Forum.NoteSpeaker(ctx, who, in.ID, in.Body)
	})
	post(a, "giveFloor", "/api/v1/speakers/{id}/give", rules.SpeakerGive, func(ctx context.Context, who models.Actor, in *on[models.Floor]) (*models.Speaker, error) {
		return a.Forum.GiveFloor(ctx, who, in.ID, in.Body)
	})
	post(a, "endFloor", "/api/v1/speakers/{id}/end", rules.SpeakerEnd, func(ctx context.Context, who models.Actor, in *byID) (*models.Speaker, error) {
		return a.Forum.EndFloor(ctx, who, in.ID)
	})
	post(a, "leaveFloor", "/api/v1/speakers/{id}/leave", rules.SpeakerLeave, func(ctx context.Context, who models.Actor, in *byID) (*models.Speaker, error) {
		return a.Forum.LeaveFloor(ctx, who, in.ID)
	})
}
