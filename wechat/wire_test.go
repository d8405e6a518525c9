package wechat_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"yishi/wechat"
)

func TestEndpointMustBeLoopback(t *testing.T) {
	c := &clock{}
	for _, bad := range []string{
		"http://example.org", "https://api.weixin.qq.com", "http://10.0.0.1", "ftp://127.0.0.1", "127.0.0.1:80",
		"http://127.0.0.1.example.org", "http://u:p@127.0.0.1", "http://0.0.0.0", "http://", "%",
	} {
		if _, err := wechat.New(wechat.Config{Endpoint: bad}, wechat.NewMemoryTokens(), c.now); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	for _, good := range []string{"", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"} {
		if _, err := wechat.New(wechat.Config{Endpoint: good}, wechat.NewMemoryTokens(), c.now); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	store, now := wechat.NewMemoryTokens(), (&clock{}).now
	if _, err := wechat.New(wechat.Config{}, nil, now); err == nil {
		t.Error("no store")
	}
	if _, err := wechat.New(wechat.Config{}, store, nil); err == nil {
		t.Error("no clock")
	}
	for _, app := range []wechat.App{{Token: "t"}, {AESKey: newKey}, {Token: "t", AESKey: "short"}, {Token: "t", AESKey: newKey, AESKeyOld: "x"}} {
		if _, err := wechat.New(wechat.Config{Official: app}, store, now); err == nil {
			t.Errorf("%+v", app)
		}
	}
}

func TestNothingElseCanBeReached(t *testing.T) {
	w := newWorld(t)
	var reached atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(other.Close)
	for _, url := range []string{other.URL, "https://example.org/", "http://api.weixin.qq.com/", "https://api.weixin.qq.com:8443/", "https://mp.weixin.qq.com/"} {
		for name, client := range map[string]*http.Client{"ours": w.client.HTTP(), "SDK": util.DefaultHTTPClient} {
			if res, err := client.Get(url); err == nil {
				_ = res.Body.Close()
				t.Errorf("%s client reached %s", name, url)
			}
		}
	}
	if _, err := util.HTTPGet("https://api.weixin.qq.com/cgi-bin/get_api_domain_ip?access_token=call-1"); err == nil {
		t.Error("the SDK sent without a call")
	}
	if reached.Load() != 0 {
		t.Fatal("somebody was reached")
	}
	res, err := w.client.HTTP().Get("https://api.weixin.qq.com/sns/jscode2session")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, _ := io.ReadAll(res.Body); !strings.Contains(string(body), "41008") {
		t.Fatalf("not the fake: %s", body)
	}
}

// TestErrorsHoldNoSecret makes every call fail in every way.
func TestErrorsHoldNoSecret(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	open := w.li.OpenID(official.ID)
	var code, token string
	calls := map[string]func(*wechat.Client) error{
		"login": func(c *wechat.Client) error { _, err := c.Code2Session(ctx, code); return err },
		"phone": func(c *wechat.Client) error { _, err := c.PhoneNumber(ctx, code); return err },
		"point": func(c *wechat.Client) error { _, err := c.PointTicket(ctx, "p"); return err },
		"text":  func(c *wechat.Client) error { _, err := c.CheckText(ctx, open, 1, "x"); return err },
		"image": func(c *wechat.Client) error {
			_, err := c.CheckImage(ctx, open, "https://example.org/"+code)
			return err
		},
		"passing":  func(c *wechat.Client) error { _, err := c.PassingTicket(ctx, "p", time.Hour); return err },
		"menu":     func(c *wechat.Client) error { return c.SetMenu(ctx, []wechat.Button{{Name: "a", Key: code}}) },
		"media":    func(c *wechat.Client) error { _, _, err := c.Media(ctx, code); return err },
		"follower": func(c *wechat.Client) error { _, _, err := c.Follower(ctx, open); return err },
		"web":      func(c *wechat.Client) error { _, err := c.Authorized(ctx, code); return err },
		"page":     func(c *wechat.Client) error { _, err := c.PageConfig(ctx, "https://example.org/"+code); return err },
		"link":     func(c *wechat.Client) error { _, err := c.MiniLink(ctx, "pages/a", nil, 1); return err },
		"mini":     func(c *wechat.Client) error { _, err := c.MiniCode(ctx, "p", ""); return err },
		"send": func(c *wechat.Client) error {
			_, err := c.Send(ctx, wechat.Message{AppID: official.ID, OpenID: open, Title: "x"})
			return err
		},
	}
	code, token = w.fake.LoginCode(w.li, mini.ID), "80_secrettokensecrettoken"
	leak := "invalid " + token + " " + mini.Secret + " " + official.Secret + " " + open + " 13800000001 hint rid: 0123abcd-0123abcd-0123abcd"
	answers := map[string]http.HandlerFunc{
		"gone":    nil,
		"gateway": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"html":    func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("<html>" + r.URL.String())) },
		"cut":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"access_token":"` + token)) },
		"refusal": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"errcode":40013,"errmsg":"` + leak + `"}`))
		},
		"hang up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.org/"+token, http.StatusFound)
		},
		"empty": func(http.ResponseWriter, *http.Request) {},
	}
	for way, answer := range answers {
		for _, withToken := range []bool{false, true} {
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if withToken && r.URL.Path == tokenPath {
					_, _ = rw.Write([]byte(`{"access_token":"` + token + `","expires_in":7200}`))
					return
				}
				if answer != nil {
					answer(rw, r)
				}
			}))
			if answer == nil {
				server.Close()
			}
			c := newClient(t, wechat.Config{Mini: mini, Official: official, Endpoint: server.URL}, w.clock)
			for name, call := range calls {
				err := call(c)
				if err == nil {
					t.Errorf("%s, %s: no error", name, way)
					continue
				}
				for _, secret := range []string{mini.Secret, official.Secret, token, open, code, "13800000001", "access_token", "://"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("%s, %s: %q tells %q", name, way, err, secret)
					}
				}
				if way == "refusal" && !strings.Contains(err.Error(), "0123abcd-0123abcd-0123abcd") {
					t.Errorf("%s: request id lost: %v", name, err)
				}
			}
			server.Close()
		}
	}
}
