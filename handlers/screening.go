package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yishi/models"
	"yishi/models/rules"
)

type screened struct {
	ListedAt
	All bool `query:"all" doc:"what was decided, too"`
}

type letStand struct {
	Public bool   `json:"public" doc:"whether everybody may read it"`
	Reason string `json:"reason,omitempty" doc:"needed where something was found, and where it is kept from the public"`
}

// PicturePath is where WeChat fetches a picture that it is to judge, by its name.
const PicturePath = "/api/v1/pictures/"

type pictureNamed struct {
	File string `path:"file" maxLength:"100"`
}

// judgedPicture serves a picture to WeChat as long as that has to judge it.
func (a *API) judgedPicture(ctx context.Context, in *pictureNamed) (*picture, error) {
	who, err := a.actor(ctx, http.MethodGet, rules.ScreeningFetch)
	if err != nil {
		return nil, err
	}
	if err := a.Forum.PictureToJudge(ctx, who, in.File); err != nil {
		return nil, err
	}
	return a.shown(ctx, in.File)
}

func (a *API) screenings() {
	op := a.operation(http.MethodGet, "judgedPicture", PicturePath+"{file}", rules.ScreeningFetch)
	huma.Register(a.huma, op, func(ctx context.Context, in *pictureNamed) (*picture, error) {
		p, err := a.judgedPicture(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, "picture", err)
		}
		return p, nil
	})
	get(a, "listScreenings", "/api/v1/screenings", rules.ScreeningRead, func(ctx context.Context, who models.Actor, in *screened) (models.Page[models.Screening], error) {
		return a.Forum.Screenings(ctx, who, in.Org, in.All, in.After, in.Size)
	})
	post(a, "decideScreening", "/api/v1/screenings/{id}/decide", rules.ScreeningDecide, func(ctx context.Context, who models.Actor, in *on[letStand]) (*models.Screening, error) {
		return a.Forum.DecideScreening(ctx, who, in.ID, in.Body.Public, in.Body.Reason)
	})
}
