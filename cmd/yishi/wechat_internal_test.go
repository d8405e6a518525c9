package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"yishi/bot"
	"yishi/configs"
	"yishi/configs/data"
	"yishi/configs/locale"
	"yishi/models/forumtest"
	"yishi/wechat"
	"yishi/wechat/wechattest"
)

// desk is an operator before a WeChat, with a server of their own.
type desk struct {
	*operator
	fake *wechattest.Fake
	said *bytes.Buffer
}

func newDesk(t *testing.T, change func(*configs.Config)) *desk {
	t.Helper()
	text, err := locale.Load("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{fake: wechattest.New(time.Now), said: &bytes.Buffer{}}
	if err := d.fake.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.fake.Close)
	cfg := configs.Default()
	cfg.WeChat = configs.WeChat{
		Endpoint: d.fake.URL(), Mini: sampleApp(sampleMini), Official: sampleApp(sampleOfficial),
		Templates: map[string]configs.Template{sampleOfficial + "/notice.outcome": {ID: "tmpl-oa"}, sampleMini + "/notice.outcome": {ID: "tmpl-mini"}},
	}
	right := wechatConfig(cfg.WeChat)
	d.fake.AddApp(right.Official, "")
	d.fake.AddMini(right.Mini, "", true)
	d.fake.AddTemplate(sampleOfficial, "tmpl-oa", "thing1", "time2")
	d.fake.AddTemplate(sampleMini, "tmpl-mini", "thing1")
	served, err := wechat.New(right, wechat.NewMemoryTokens(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(served.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/ballot/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	mux.Handle(officialCallback, served.Callback(func(context.Context, wechat.Event) (string, error) { return "", nil }))
	mux.Handle(miniCallback, served.MiniCallback(func(context.Context, wechat.Push) error { return nil }))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	cfg.PublicURL = server.URL
	if change != nil {
		change(&cfg)
	}
	client, err := wechat.New(wechatConfig(cfg.WeChat), wechat.NewMemoryTokens(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	d.operator = &operator{cfg: cfg, text: text, client: client, out: d.said}
	return d
}

var rawCode = regexp.MustCompile(`operator\.[a-z]|\{[a-z]+\}`)

// told is what the operator was told, without anything that they must not see.
func (d *desk) told(t *testing.T) string {
	t.Helper()
	said := d.said.String()
	d.said.Reset()
	w := d.cfg.WeChat
	for _, secret := range []configs.Secret{w.Mini.Secret, w.Mini.Token, w.Mini.AESKey, w.Official.Secret, w.Official.Token, w.Official.AESKey} {
		if secret != "" && strings.Contains(said, string(secret)) {
			t.Errorf("a secret was told: %s", said)
		}
	}
	if rawCode.MatchString(said) {
		t.Errorf("a sentence is missing: %s", said)
	}
	return said
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	consented := func(c *configs.Config) {
		c.WeChat.Templates[sampleOfficial+"/notice.outcome"] = configs.Template{ID: "tmpl-oa", Consented: true}
	}
	const address = 1 // a test's own server has no https, which is always found
	for name, tt := range map[string]struct {
		change func(*configs.Config)
		faults func(*wechattest.Fake)
		wrong  int
		want   []string
	}{
		"nothing": {nil, nil, 0, []string{"拿到了访问凭据", "Token 也对", "认证过的服务号", "模板 tmpl-oa 在", "是模板消息", "自己的网页", "JS 接口", "模板 tmpl-mini 在", "网页授权域名", "服务器域名", "开放平台"}},
		"no app":  {func(c *configs.Config) { c.WeChat.Mini, c.WeChat.Official = configs.App{}, configs.App{} }, nil, 1, []string{"没有小程序，也没有公众号"}},
		"secret":  {func(c *configs.Config) { c.WeChat.Official.Secret = "0123456789abcdef" }, nil, 1, []string{"errcode 40125", "重置 AppSecret"}},
		"app id":  {func(c *configs.Config) { c.WeChat.Mini.AppID = "wx-other" }, nil, 1, []string{"errcode 40013", "AppID 不对"}},
		"whitelist": {
			nil, func(f *wechattest.Fake) { f.Fail("/cgi-bin/stable_token", 40164, 1) }, 1,
			[]string{"203.0.113.9", "白名单"},
		},
		"account type": {
			nil, func(f *wechattest.Fake) { f.Fail("/cgi-bin/qrcode/create", 48001, 1) }, 1,
			[]string{"不能生成带参数的二维码", "认证过的服务号才有"},
		},
		"server": {func(c *configs.Config) { c.PublicURL = "http://127.0.0.1:1" }, nil, 3, []string{"没有正确回答", "自己的网页 http://127.0.0.1:1/ballot/ 打不开"}},
		"scripts": {
			nil, func(f *wechattest.Fake) { f.Fail("/cgi-bin/ticket/getticket", 48001, 1) }, 1,
			[]string{"不能给网页签名", "认证过的服务号才有"},
		},
		"a subscribe notice taken for a template message": {
			nil, func(f *wechattest.Fake) { f.AddConsented(sampleOfficial, "tmpl-oa", false, "thing1") }, 1,
			[]string{"请在配置里给这个模板写上 consented: true"},
		},
		"a template message taken for a subscribe notice": {consented, nil, 1, []string{"是模板消息，不是订阅通知"}},
		"a subscribe notice":                              {consented, func(f *wechattest.Fake) { f.AddConsented(sampleOfficial, "tmpl-oa", false, "thing1") }, 0, []string{"是一次性订阅"}},
		"a subscribe notice for good":                     {consented, func(f *wechattest.Fake) { f.AddConsented(sampleOfficial, "tmpl-oa", true, "thing1") }, 0, []string{"是长期订阅"}},
		"a field that is left empty":                      {consented, func(f *wechattest.Fake) { f.AddConsented(sampleOfficial, "tmpl-oa", true, "thing1", "time2") }, 1, []string{"有字段 time2，配置没有说填什么"}},
		"token":                                           {func(c *configs.Config) { c.WeChat.Official.Token = "another-token-1" }, nil, 1, []string{"没有正确回答"}},
		"no pushes": {
			func(c *configs.Config) { c.WeChat.Mini.Token, c.WeChat.Mini.AESKey = "", "" }, nil, 0,
			[]string{"收不到图片检测结果"},
		},
		"template of the other app": {
			func(c *configs.Config) {
				c.WeChat.Templates[sampleMini+"/notice.outcome"] = configs.Template{ID: "tmpl-oa"}
			}, nil, 1,
			[]string{"模板 tmpl-oa 不在这个账号里"},
		},
		"template without its field": {
			nil, func(f *wechattest.Fake) { f.AddTemplate(sampleMini, "tmpl-mini", "phrase1") }, 1,
			[]string{"没有字段 thing1，只有 phrase1"},
		},
		"no templates": {func(c *configs.Config) { c.WeChat.Templates = nil }, nil, 0, []string{"没有配置通知模板"}},
		"templates not readable": {
			nil, func(f *wechattest.Fake) { f.Fail("/wxaapi/newtmpl/gettemplate", 45009, 1) }, 1,
			[]string{"读不出账号里的模板", "零点以后自动恢复"},
		},
		"line": {nil, func(f *wechattest.Fake) { f.Close() }, 2, []string{"连不上微信"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, tt.change)
			if tt.faults != nil {
				tt.faults(d.fake)
			}
			err := d.check(t.Context())
			said := d.told(t)
			if err == nil || d.wrong != tt.wrong+address {
				t.Errorf("%d things are wrong, want %d; %v", d.wrong, tt.wrong+address, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q was not told:\n%s", want, said)
				}
			}
		})
	}
}

// TestLink makes a URL for a text message, of a page that the mini-program can have.
func TestLink(t *testing.T) {
	d := newDesk(t, nil)
	if err := d.link(t.Context(), "pages/topic/index?id=12", 30); err != nil || !strings.HasPrefix(d.told(t), "https://wxaurl.cn/") {
		t.Errorf("%v: %s", err, d.told(t))
	}
	for page, days := range map[string]int{"/pages/topic/index": 30, "pages/topic/index": 31, "": 1, "pages/topic/index?%zz": 1} {
		if err := d.link(t.Context(), page, days); err == nil {
			t.Errorf("%q for %d days: %s", page, days, d.told(t))
		}
	}
}

func TestCheckOfTheAddress(t *testing.T) {
	for url, good := range map[string]bool{
		"https://yishi.example.gov.cn": true, "https://yishi.example.gov.cn/": true, "http://yishi.example.gov.cn": false,
		"https://yishi.example.gov.cn:8443": false, "https://203.0.113.9": false, "https://localhost": false, "https://[2001:db8::1]": false, "": false,
	} {
		d := newDesk(t, func(c *configs.Config) { c.PublicURL = url })
		if d.address(); (d.wrong == 0) != good {
			t.Errorf("%q: %s", url, d.told(t))
		}
	}
}

func TestMenuIsComparedThenPushed(t *testing.T) {
	d := newDesk(t, nil)
	menu := func(push bool) string {
		t.Helper()
		if err := d.menu(t.Context(), push); err != nil {
			t.Fatal(err)
		}
		return d.told(t)
	}
	if said := menu(false); !strings.Contains(said, "+ 我要提议 raise\n") || !strings.Contains(said, "--push") || d.fake.Calls("/cgi-bin/menu/create") != 0 {
		t.Errorf("%s", said)
	}
	if said := menu(true); !strings.Contains(said, "已经换好") || d.fake.Calls("/cgi-bin/menu/create") != 1 {
		t.Errorf("%s", said)
	}
	if said := menu(true); !strings.Contains(said, "不用改") || d.fake.Calls("/cgi-bin/menu/create") != 1 {
		t.Errorf("%s", said)
	}
	if err := d.client.SetMenu(t.Context(), []wechat.Button{{Name: "旧的", Key: "help"}}); err != nil {
		t.Fatal(err)
	}
	if said := menu(false); !strings.Contains(said, "- 旧的 help\n") {
		t.Errorf("%s", said)
	}
	d.fake.Fail("/cgi-bin/menu/get", 48001, 1)
	if err := d.menu(t.Context(), true); wechat.Code(err) != 48001 || !strings.Contains(d.told(t), "认证过的服务号") {
		t.Error(err)
	}
}

// TestMenuCommandsAreKnown presses every button: none of them is a word that the
// bot does not know.
func TestMenuCommandsAreKnown(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		text, err := locale.Load("zh-CN")
		if err != nil {
			t.Fatal(err)
		}
		b, err := bot.New(s.Forum, text, "https://yishi.example.gov.cn")
		if err != nil {
			t.Fatal(err)
		}
		resident := "o-" + strings.ToLower(s.City.Sample.Residents[1].Name)
		n := 0
		press := func(key string) string {
			t.Helper()
			reply := ""
			for _, key := range []string{"cancel", key} {
				n++
				if reply, err = b.Answer(t.Context(), wechat.Event{
					AppID: forumtest.App, OpenID: resident, MsgID: strconv.Itoa(n), Kind: wechat.KindClick, Key: key, At: s.Clock.Now(),
				}); err != nil {
					t.Fatal(key, err)
				}
			}
			return strings.ReplaceAll(reply, key, "")
		}
		unknown := press("launch")
		menu, err := data.Menu()
		if err != nil {
			t.Fatal(err)
		}
		for _, top := range menu {
			for _, b := range append(top.Sub, top) {
				if (b.Command == "") == (len(b.Sub) == 0) {
					t.Errorf("%s has no command, or too much", b.Name)
				}
				if b.Command != "" && press(b.Command) == unknown {
					t.Errorf("the bot does not know %s: %s", b.Command, unknown)
				}
			}
		}
	})
}
