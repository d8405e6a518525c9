package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type introduction struct {
	Name      string `json:"name,omitempty"`
	PhoneCode string `json:"phone_code,omitempty" maxLength:"256" doc:"of the button getPhoneNumber"`
}

type ban struct {
	Banned bool `json:"banned"`
}

func (a *API) persons() {
	get(a, "me", "/api/v1/me", rules.PersonSelf, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Me, error) {
		return a.Forum.Me(ctx, who)
	})
	post(a, "introduce", "/api/v1/me", rules.PersonSelf, func(ctx context.Context, who models.Actor, in *with[introduction]) (models.None, error) {
		phone := ""
		if in.Body.PhoneCode != "" {
			var err error
			if phone, err = a.Phone(ctx, in.Body.PhoneCode); err != nil {
				return models.None{}, err
			}
		}
		return a.Forum.Introduce(ctx, who, in.Body.Name, phone)
	})
	post(a, "banPerson", "/api/v1/persons/{id}/ban", rules.PersonBan, func(ctx context.Context, who models.Actor, in *on[ban]) (models.None, error) {
		return a.Forum.BanPerson(ctx, who, in.ID, in.Body.Banned)
	})
}
