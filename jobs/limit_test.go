package jobs_test

import (
	"testing"
	"time"

	"yishi/configs/locale"
	"yishi/jobs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/wechat"
	"yishi/wechat/wechattest"
)

// TestOutboxWaitsForTheLimit holds a notice back until the day's limit of WeChat
// is over, instead of wearing out its tries.
func TestOutboxWaitsForTheLimit(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		text, err := locale.Load("zh-CN")
		if err != nil {
			t.Fatal(err)
		}
		fake := wechattest.New(s.Clock.Now)
		if err := fake.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fake.Close)
		app := wechat.App{ID: forumtest.App, Secret: "s"}
		fake.AddApp(app, "")
		client, err := wechat.New(wechat.Config{Official: app, Endpoint: fake.URL()}, wechat.NewMemoryTokens(), s.Clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		tries := 0
		clock := jobs.New(s.Forum, text, post(func(m wechat.Message) error {
			if m.Code != "notice.topic_lapsed" {
				return nil
			}
			tries++
			return client.Send(ctx, m, wechat.ChannelCustomer)
		}), forumtest.App)
		tick := func() {
			t.Helper()
			if _, err := clock.Tick(ctx); err != nil {
				t.Fatal(err)
			}
		}
		tick()
		fake.Fail("/cgi-bin/message/custom/send", 45009, 100)
		me := s.City.Residents[s.City.Sample.Residents[1].Name]
		if _, err := s.WishFor(ctx, me, models.Wish{}); err != nil { // who has no quiet hours
			t.Fatal(err)
		}
		if _, err := s.RaiseTopic(ctx, me, models.NewTopic{OrgID: s.Org(huaiying), Text: "灯坏了"}); err != nil {
			t.Fatal(err)
		}
		tick()
		s.Clock.Pass(3 * 24 * time.Hour)
		tick()
		first := tries
		if first == 0 {
			t.Fatal("nothing was to be sent")
		}
		now := s.Clock.Now().UTC()
		midnight := time.Date(now.Year(), now.Month(), now.Day(), 16, 0, 0, 0, time.UTC) // in Beijing
		if !midnight.After(now) {
			midnight = midnight.Add(24 * time.Hour)
		}
		for _, wait := range []time.Duration{time.Minute, time.Hour} {
			s.Clock.Pass(wait)
			tick()
		}
		s.Clock.Pass(midnight.Sub(s.Clock.Now()) - time.Second)
		if tick(); tries != first {
			t.Errorf("tried %d times before the limit was over", tries-first)
		}
		s.Clock.Pass(time.Second)
		if tick(); tries == first {
			t.Error("not tried when the limit was over")
		}
	})
}
