package handlers

import (
	"context"

	"yishi/models"
	"yishi/models/rules"
)

// noticeView is a notice with its sentence.
type noticeView struct {
	models.Notice
	Sentence string `json:"sentence"`
}

func (a *API) notices() {
	get(a, "myNotices", "/api/v1/me/notices", rules.NoticeRead, func(ctx context.Context, who models.Actor, in *Listed) (models.Page[noticeView], error) {
		page, err := a.Forum.Notices(ctx, who, in.After, in.Size)
		return a.sentences(page), err
	})
	get(a, "stuckNotices", "/api/v1/notices/stuck", rules.NoticeStuck, func(ctx context.Context, who models.Actor, _ *nothing) (models.Page[noticeView], error) {
		page, err := a.Forum.StuckNotices(ctx, who)
		return a.sentences(page), err
	})
}

// asked is one notice for which the mini-program asks consent.
type asked struct {
	Code     string `json:"code"`
	Template string `json:"template" doc:"for wx.requestSubscribeMessage"`
}

type tapped struct {
	Tap rules.Tap `query:"tap" required:"true" enum:"raise,vote,join" doc:"what the finger has just done"`
}

type answered struct {
	Answers []models.Consent `json:"answers" minItems:"1" maxItems:"5" nullable:"false"`
}

func (a *API) consents() {
	get(a, "consentPlan", "/api/v1/me/consents", rules.PersonSelf, func(ctx context.Context, who models.Actor, in *tapped) ([]asked, error) {
		out := []asked{}
		codes, err := a.Forum.ConsentPlan(ctx, who, a.MiniApp, in.Tap, func(code string) bool { return a.template(code) != "" })
		for _, code := range codes {
			out = append(out, asked{code, a.template(code)})
		}
		return out, err
	})
	post(a, "giveConsents", "/api/v1/me/consents", rules.PersonSelf, func(ctx context.Context, who models.Actor, in *with[answered]) (models.None, error) {
		if a.Reported { // WeChat says the same, and is believed
			return models.None{}, nil
		}
		return a.Forum.GiveConsents(ctx, who, a.MiniApp, in.Body.Answers)
	})
	get(a, "wishes", "/api/v1/me/wishes", rules.PersonSelf, func(ctx context.Context, who models.Actor, _ *nothing) (*models.Wish, error) {
		return a.Forum.Wishes(ctx, who)
	})
	post(a, "wish", "/api/v1/me/wishes", rules.PersonSelf, func(ctx context.Context, who models.Actor, in *with[models.Wish]) (*models.Wish, error) {
		return a.Forum.WishFor(ctx, who, in.Body)
	})
}

// template is the mini-program's template for a notice, "" if there is none.
func (a *API) template(code string) string {
	if a.Template == nil {
		return ""
	}
	return a.Template(code)
}

func (a *API) sentences(page models.Page[models.Notice]) models.Page[noticeView] {
	out := models.Page[noticeView]{Items: make([]noticeView, 0, len(page.Items)), Next: page.Next}
	for _, n := range page.Items {
		out.Items = append(out.Items, noticeView{n, a.Text.Say(n.Code, n.Data)})
	}
	return out
}
