package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

// TestJudge has WeChat judge what a resident raised and put up. Nothing but a pass
// clears it; what WeChat does not answer is for people.
func TestJudge(t *testing.T) {
	text, err := locale.Load("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("down")
	for name, tt := range map[string]struct {
		app     string
		verdict wechat.Verdict
		err     error
		want    rules.ScreeningState
		photo   rules.ScreeningState
	}{
		"a pass":           {forumtest.App, wechat.VerdictPass, nil, rules.ScreeningClear, rules.ScreeningWaiting},
		"to be reviewed":   {forumtest.App, wechat.VerdictReview, nil, rules.ScreeningHeld, rules.ScreeningWaiting},
		"risky":            {forumtest.App, wechat.VerdictRisky, nil, rules.ScreeningHeld, rules.ScreeningWaiting},
		"no verdict":       {forumtest.App, "", nil, rules.ScreeningHeld, rules.ScreeningWaiting},
		"nobody answers":   {forumtest.App, wechat.VerdictPass, down, rules.ScreeningHeld, rules.ScreeningHeld},
		"no account there": {"wx-another", wechat.VerdictPass, nil, rules.ScreeningHeld, rules.ScreeningHeld},
		"no mini-program":  {"", wechat.VerdictPass, nil, rules.ScreeningHeld, rules.ScreeningHeld},
	} {
		t.Run(name, func(t *testing.T) {
			forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
				ctx, asked := t.Context(), ""
				clock := jobs.New(s.Forum, text, nil).Judged(jobs.Judge{
					App: tt.app,
					Text: func(_ context.Context, openID string, scene int, _ string) (wechat.Verdict, error) {
						if openID == "" || scene != wechat.SceneForum {
							t.Errorf("asked of %q in scene %d", openID, scene)
						}
						return tt.verdict, tt.err
					},
					Image: func(_ context.Context, _, url string) (string, error) {
						asked = url
						return "trace", tt.err
					},
					URL: func(file string) string { return "https://example.org/" + file },
				})
				tick := func() {
					t.Helper()
					if _, err := clock.Tick(ctx); err != nil {
						t.Fatal(err)
					}
				}
				me, desk := s.City.Residents[s.City.Sample.Residents[1].Name], s.City.Secretary(huaiying)
				r, err := s.RaiseTopic(ctx, me, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.AddPhoto(ctx, me, models.Photo{TopicID: r.Topic.ID, File: "a.jpg", Width: 1, Height: 1}); err != nil {
					t.Fatal(err)
				}
				states := func() map[rules.Screened]rules.ScreeningState {
					t.Helper()
					rows, err := s.Screenings(ctx, desk, s.Org(huaiying), true, 0, models.MaxPageSize)
					if err != nil {
						t.Fatal(err)
					}
					out := map[rules.Screened]rules.ScreeningState{}
					for _, row := range rows.Items {
						out[row.Noun] = row.State
					}
					return out
				}
				tick()
				if got := states(); got[rules.ScreenedTopic] != tt.want || got[rules.ScreenedPhoto] != tt.photo {
					t.Errorf("asked once: %v", got)
				}
				if tt.app == forumtest.App && asked != "https://example.org/a.jpg" {
					t.Errorf("the picture was to be at %q", asked)
				}
				s.Clock.Pass(models.PictureFor + time.Second)
				tick()
				if got := states()[rules.ScreenedPhoto]; got != rules.ScreeningHeld {
					t.Errorf("without a push the picture is %s", got)
				}
			})
		})
	}
}
