package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

type miniLogin struct {
	Code string `json:"code" maxLength:"256" doc:"of wx.login"`
}

type linkLogin struct {
	Code string `json:"code" maxLength:"64" doc:"what stands behind the # of a link that the official account gave"`
}

type staffLogin struct {
	Login    string `json:"login" maxLength:"64"`
	Password string `json:"password" maxLength:"256"`
	Code     string `json:"code" maxLength:"16" doc:"of the authenticator"`
}

func (a *API) logins() {
	post(a, "loginMini", "/api/v1/logins/mini", rules.LoginMini, func(ctx context.Context, _ models.Actor, in *with[miniLogin]) (*models.Pass, error) {
		id, err := a.Identify(ctx, in.Body.Code)
		if err != nil {
			return nil, err
		}
		return a.Forum.LoginMini(ctx, id)
	})
	post(a, "loginLink", "/api/v1/logins/link", rules.LoginMini, func(ctx context.Context, _ models.Actor, in *with[linkLogin]) (*models.Pass, error) {
		return a.Forum.LoginByLink(ctx, in.Body.Code)
	})
	post(a, "loginStaff", "/api/v1/logins/staff", rules.LoginStaff, func(ctx context.Context, _ models.Actor, in *with[staffLogin]) (*models.Pass, error) {
		return a.Forum.LoginStaff(ctx, in.Body.Login, in.Body.Password, in.Body.Code)
	})
	post(a, "logout", "/api/v1/logins/end", rules.LoginEnd, func(ctx context.Context, who models.Actor, _ *nothing) (models.None, error) {
		return a.Forum.Logout(ctx, who)
	})
}
