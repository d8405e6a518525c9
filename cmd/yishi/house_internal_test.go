package main

import (
	"testing"
	"time"

	"yishi/configs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

// TestConsentsThatWeChatReports counts each report once, of those templates that
// stand for a notice; what was taken back closes all.
func TestConsentsThatWeChatReports(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	client, err := wechat.New(wechat.Config{
		Mini:      wechat.App{ID: forumtest.App, Secret: "s"},
		Templates: map[string]wechat.Template{forumtest.App + "/notice.verdict": {ID: "T"}, "notice.confirm": {ID: "U"}, "other/notice.share": {ID: "V"}},
	}, wechat.NewMemoryTokens(), s.Clock.Now)
	ok(t, err)
	h := &house{forum: s.Forum, client: client}
	id := forumtest.Identify("subscriber")
	account := models.Account{AppID: id.AppID, OpenID: id.OpenID}
	push := func(id string, consents ...wechat.Consent) {
		t.Helper()
		for range 3 {
			ok(t, h.pushed(t.Context(), wechat.Push{AppID: account.AppID, OpenID: account.OpenID, ID: id, Kind: wechat.PushConsent, Consents: consents}))
		}
	}
	may := func(code string, want int) {
		t.Helper()
		n := 0
		for {
			spent, err := s.SpendRight(t.Context(), account, rules.ChannelSubscribe, code)
			ok(t, err)
			if !spent {
				break
			}
			n++
		}
		if n != want {
			t.Errorf("%d of %s may be sent, want %d", n, code, want)
		}
	}
	push("1", wechat.Consent{Template: "T", Accepted: true}, wechat.Consent{Template: "U"}, wechat.Consent{Template: "V", Accepted: true}, wechat.Consent{Template: "W", Accepted: true})
	push("2", wechat.Consent{Template: "T", Accepted: true}, wechat.Consent{Template: "U", Accepted: true})
	may("notice.verdict", 2)
	may("notice.confirm", 1)
	may("notice.share", 0)
	push("3", wechat.Consent{Template: "T", Accepted: true})
	push("4", wechat.Consent{Template: "T", Revoked: true})
	may("notice.verdict", 0)
}

// TestConsentedTemplates sends a notice by a template that is configured to need
// consent: as often as the resident has let it through, at the sheet of the official
// account.
func TestConsentedTemplates(t *testing.T) {
	s, err := newStage(t.Context(), "", "127.0.0.1:0", time.Now)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.close()) })
	cfg := s.cfg
	cfg.WeChat.Templates = map[string]configs.Template{sampleOfficial + "/notice.verdict": {ID: "tmpl-biz", Consented: true}}
	h, err := build(cfg, s.forum, time.Now)
	ok(t, err)
	front := server(h.public)
	go func() { _ = front.Serve(s.public) }()
	t.Cleanup(func() { ok(t, front.Close()) })
	name := s.city.Sample.Residents[1].Name
	account := models.Account{AppID: sampleOfficial, OpenID: s.residents[name].OpenID(sampleOfficial)}
	ok(t, s.fake.Consent(s.residents[name], sampleOfficial, "tmpl-biz", true))
	ok(t, s.fake.Consent(s.residents[name], sampleOfficial, "tmpl-biz", false))
	if ways := h.client.Ways(sampleOfficial, "notice.verdict"); ways[0] != wechat.ChannelConsented {
		t.Errorf("the ways are %v", ways)
	}
	for _, want := range []bool{true, false} {
		if spent, err := s.forum.SpendRight(t.Context(), account, rules.ChannelConsented, "notice.verdict"); err != nil || spent != want {
			t.Errorf("may be sent: %v, %v; want %v", spent, err, want)
		}
	}
}
