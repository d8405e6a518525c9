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

func (a *API) sentences(page models.Page[models.Notice]) models.Page[noticeView] {
	out := models.Page[noticeView]{Items: make([]noticeView, 0, len(page.Items)), Next: page.Next}
	for _, n := range page.Items {
		out.Items = append(out.Items, noticeView{n, a.Text.Say(n.Code, n.Data)})
	}
	return out
}
