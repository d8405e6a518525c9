package jobs

import (
	"context"
	"slices"

	"yishi/models"
	"yishi/models/rules"
	"yishi/wechat"
)

// Judge asks WeChat what it thinks of what residents write in its mini-program App.
// Every error means that there is no verdict, which is no pass.
type Judge struct {
	App   string
	Text  func(ctx context.Context, openID string, scene int, text string) (wechat.Verdict, error)
	Image func(ctx context.Context, openID, url string) (trace string, err error)
	URL   func(file string) string // where WeChat finds a picture
}

// Judged returns the clock with somebody to ask. Without, everything is for people.
func (j *Jobs) Judged(by Judge) *Jobs {
	j.judge = by
	return j
}

// scenes say where something is shown.
var scenes = map[rules.Screened]int{
	rules.ScreenedTopic: wechat.SceneForum, rules.ScreenedPetition: wechat.SceneForum, rules.ScreenedRemark: wechat.SceneComment,
}

// screenings has WeChat judge what waits for that.
func (j *Jobs) screenings(ctx context.Context) (int, error) {
	waiting, err := j.forum.ClaimScreenings(ctx, batch)
	if err != nil {
		return 0, err
	}
	for i, s := range waiting {
		verdict, trace := j.ask(ctx, s)
		if ctx.Err() != nil {
			return i, ctx.Err() // another asks when this claim is over
		}
		_, err := j.forum.SettleScreening(ctx, s.ID, verdict, trace)
		if _, decided := rules.AsRefusal(err); err != nil && !decided {
			return i, err
		}
	}
	return len(waiting), nil
}

// ask asks WeChat about one thing. Neither a verdict nor a trace means that people
// have to look.
func (j *Jobs) ask(ctx context.Context, s models.Specimen) (verdict, trace string) {
	at := slices.IndexFunc(s.Accounts, func(a models.Account) bool { return a.AppID == j.judge.App && a.AppID != "" })
	if at < 0 {
		return "", ""
	}
	openID := s.Accounts[at].OpenID
	if s.Noun == rules.ScreenedPhoto {
		if trace, err := j.judge.Image(ctx, openID, j.judge.URL(s.File)); err == nil {
			return "", trace
		}
		return "", ""
	}
	if v, err := j.judge.Text(ctx, openID, scenes[s.Noun], s.Words); err == nil {
		return string(v), ""
	}
	return "", ""
}
