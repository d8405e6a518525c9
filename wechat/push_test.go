package wechat_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"yishi/wechat"
)

// sealedMini is the mini-program with a callback.
var sealedMini = func() wechat.App {
	a := mini
	a.Token, a.AESKey = "minitoken", oldKey
	return a
}()

// office is a world whose mini-program listens.
type office struct {
	*world
	handler http.Handler
	pushes  []wechat.Push
	fail    int // how many pushes go wrong first
}

func newOffice(t *testing.T, inJSON bool, change ...func(*wechat.Config)) *office {
	t.Helper()
	o := &office{}
	change = append([]func(*wechat.Config){func(cfg *wechat.Config) { cfg.Mini = sealedMini }}, change...)
	o.world = newWorld(t, change...)
	o.handler = o.client.MiniCallback(func(_ context.Context, p wechat.Push) error {
		o.pushes = append(o.pushes, p)
		if o.fail > 0 {
			o.fail--
			if o.fail == 0 {
				panic("out of luck")
			}
			return errors.New("database is busy")
		}
		return nil
	})
	server := httptest.NewServer(o.handler)
	t.Cleanup(server.Close)
	o.fake.AddMini(sealedMini, server.URL, inJSON)
	o.fake.Visit(o.li, mini.ID)
	return o
}

// took is the only push since the last look.
func (o *office) took(t *testing.T) wechat.Push {
	t.Helper()
	if len(o.pushes) != 1 {
		t.Fatalf("%d pushes: %+v", len(o.pushes), o.pushes)
	}
	p := o.pushes[0]
	o.pushes = nil
	if p.AppID != mini.ID || !strings.HasPrefix(p.ID, "p") || !p.At.Equal(o.clock.now()) {
		t.Errorf("%+v", p)
	}
	return p
}

// formats runs a test for pushes in XML and in JSON.
func formats(t *testing.T, test func(*testing.T, *office)) {
	t.Helper()
	for name, inJSON := range map[string]bool{"XML": false, "JSON": true} {
		t.Run(name, func(t *testing.T) { test(t, newOffice(t, inJSON)) })
	}
}

func TestMediaVerdicts(t *testing.T) {
	formats(t, func(t *testing.T, o *office) {
		o.fake.Flag("bad", wechat.VerdictRisky)
		o.fake.Flag("odd", wechat.VerdictReview)
		o.fake.Flag("strange", "banned")
		photos := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/gone" {
				http.NotFound(w, r)
				return
			}
			_, _ = w.Write([]byte("picture" + r.URL.Path))
		}))
		t.Cleanup(photos.Close)
		for path, want := range map[string]wechat.MediaVerdict{
			photos.URL + "/fine": {Verdict: wechat.VerdictPass}, photos.URL + "/bad": {Verdict: wechat.VerdictRisky},
			photos.URL + "/odd": {Verdict: wechat.VerdictReview}, photos.URL + "/strange": {Verdict: wechat.VerdictReview},
			photos.URL + "/gone": {Code: -1008}, "https://example.org/far": {Code: -1008},
		} {
			trace, err := o.client.CheckImage(t.Context(), o.li.OpenID(mini.ID), path)
			if err != nil {
				t.Fatal(err)
			}
			if err = o.fake.Settle(); err != nil {
				t.Fatal(err)
			}
			p := o.took(t)
			if want.Trace = trace; p.Kind != wechat.PushMedia || p.Media != want || p.OpenID != "" {
				t.Errorf("%s: %+v, want %+v", path, p, want)
			}
		}
		o.fake.LoseVerdicts(1)
		if _, err := o.client.CheckImage(t.Context(), o.li.OpenID(mini.ID), photos.URL+"/fine"); err != nil {
			t.Fatal(err)
		}
		if err := o.fake.Settle(); err != nil || len(o.pushes) != 0 {
			t.Fatal(err, o.pushes)
		}
	})
}

func TestConsentsAndReceipts(t *testing.T) {
	formats(t, func(t *testing.T, o *office) {
		open := o.li.OpenID(mini.ID)
		check := func(err error, want wechat.Push) wechat.Push {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			got := o.took(t)
			want.AppID, want.ID, want.At, want.OpenID = got.AppID, got.ID, got.At, open
			if len(got.Receipts) == 1 && got.Receipts[0].MsgID != "" {
				got.Receipts[0].MsgID = "any"
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			return got
		}
		consent := func(accepted bool) wechat.Push {
			return wechat.Push{Kind: wechat.PushConsent, Consents: []wechat.Consent{{Template: "tmpl-mini", Accepted: accepted}}}
		}
		first := check(o.fake.Consent(o.li, mini.ID, "tmpl-mini", true), consent(true))
		o.clock.pass(time.Second)
		if again := check(o.fake.Consent(o.li, mini.ID, "tmpl-mini", true), consent(true)); again.ID == first.ID {
			t.Error("two consents are one")
		}
		check(o.fake.Consent(o.li, mini.ID, "tmpl-mini", false), consent(false))
		m := wechat.Message{AppID: mini.ID, OpenID: open, Code: "outcome", Title: "办好了", Params: map[string]string{"state": "办结"}}
		if _, err := o.client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		check(o.fake.Settle(), wechat.Push{Kind: wechat.PushReceipt, Receipts: []wechat.Receipt{{Template: "tmpl-mini", MsgID: "any"}}})
		check(o.fake.Withdraw(o.li, mini.ID, "tmpl-mini"), consent(false))
		_, err := o.client.Send(t.Context(), m)
		wantCode(t, err, 43101)
	})
}

func TestPushesAreDeliveredAgain(t *testing.T) {
	formats(t, func(t *testing.T, o *office) {
		o.fail = 2
		if err := o.fake.Consent(o.li, mini.ID, "tmpl-mini", true); err != nil {
			t.Fatal(err)
		}
		if len(o.pushes) != 3 || !reflect.DeepEqual(o.pushes[0], o.pushes[1]) || !reflect.DeepEqual(o.pushes[1], o.pushes[2]) {
			t.Fatalf("%+v", o.pushes)
		}
	})
}

// push delivers a sealed text to the mini-program.
func (o *office) push(t *testing.T, inner string) {
	t.Helper()
	req, err := o.fake.Sealed(t.Context(), mini.ID, "o", inner)
	if err != nil {
		t.Fatal(err)
	}
	if got, said := status(t, o.handler, req); got != 200 || said != "success" {
		t.Errorf("%.60s: %d %q", inner, got, said)
	}
}

func TestPushesAsDocumented(t *testing.T) {
	o := newOffice(t, true)
	for inner, want := range map[string]wechat.Push{
		// A list of two, the time a text.
		`{"ToUserName":"gh_1","FromUserName":"o7","CreateTime":"1620973045","MsgType":"event","Event":"subscribe_msg_popup_event",
		"List":[{"TemplateId":"A","SubscribeStatusString":"accept","PopupScene":"0"},{"TemplateId":"B","SubscribeStatusString":"reject"}]}`: {
			Kind: wechat.PushConsent, OpenID: "o7", Consents: []wechat.Consent{{Template: "A", Accepted: true}, {Template: "B"}},
		},
		// A list of one without brackets.
		`{"FromUserName":"o7","CreateTime":1625575518,"MsgType":"event","Event":"subscribe_msg_change_event","List":{"SubscribeStatusString":"reject","TemplateId":"N"}}`: {
			Kind: wechat.PushConsent, OpenID: "o7", Consents: []wechat.Consent{{Template: "N"}},
		},
		`<xml><FromUserName>o7</FromUserName><CreateTime>1610969440</CreateTime><MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event>
		<SubscribeMsgSentEvent><List><TemplateId>A</TemplateId><MsgID>1864</MsgID><ErrorCode>43101</ErrorCode></List>
		<List><TemplateId>B</TemplateId><MsgID>1865</MsgID><ErrorCode>0</ErrorCode></List></SubscribeMsgSentEvent></xml>`: {
			Kind: wechat.PushReceipt, OpenID: "o7", Receipts: []wechat.Receipt{{Template: "A", MsgID: "1864", Code: 43101}, {Template: "B", MsgID: "1865"}},
		},
		`{"FromUserName":"o7","CreateTime":1,"Event":"subscribe_msg_sent_event","List":{"TemplateId":"A","MsgID":1864,"ErrorCode":"x"}}`: {
			Kind: wechat.PushReceipt, OpenID: "o7", Receipts: []wechat.Receipt{{Template: "A", MsgID: "1864", Code: -1}},
		},
		`{"CreateTime":1,"MsgType":"event","Event":"wxa_media_check","trace_id":"t","errcode":-1008,"errmsg":"download failed"}`: {
			Kind: wechat.PushMedia, Media: wechat.MediaVerdict{Trace: "t", Code: -1008},
		},
		`{"CreateTime":1,"MsgType":"event","Event":"wxa_media_check","trace_id":"t","errcode":0,"result":null}`: {
			Kind: wechat.PushMedia, Media: wechat.MediaVerdict{Trace: "t"},
		},
		// A verdict beside a failure counts for nothing.
		`{"CreateTime":1,"MsgType":"event","Event":"wxa_media_check","trace_id":"t","errcode":"-1008","result":{"suggest":"pass"}}`: {
			Kind: wechat.PushMedia, Media: wechat.MediaVerdict{Trace: "t", Code: -1008},
		},
		`{"FromUserName":"o7","CreateTime":1,"MsgType":"event","Event":"user_enter_tempsession"}`: {Kind: wechat.PushOther, OpenID: "o7"},
	} {
		o.pushes = nil
		if o.push(t, inner); len(o.pushes) != 1 {
			t.Errorf("%.80s: %d pushes", inner, len(o.pushes))
			continue
		}
		got := o.pushes[0]
		want.AppID, want.ID, want.At = mini.ID, got.ID, got.At
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	o.pushes = nil
	for _, inner := range []string{
		"", "nonsense", "{", "{}", "[]", "<xml></xml>", `{"CreateTime":1}`, `{"CreateTime":-1,"Event":"x"}`, `{"CreateTime":true,"Event":"x"}`,
		`{"CreateTime":1,"Event":{}}`, `{"CreateTime":1,"Event":"wxa_media_check"}`, `{"CreateTime":1,"Event":"x","List":7}`,
		`{"CreateTime":1,"Event":"x","List":` + strings.Repeat("[", 20000),
	} {
		o.push(t, inner)
	}
	if len(o.pushes) != 0 {
		t.Fatalf("%+v", o.pushes)
	}
}

// TestDoorsAreApart holds one app's deliveries to the other's door.
func TestDoorsAreApart(t *testing.T) {
	for name, change := range map[string]func(*wechat.Config){
		"other keys": func(*wechat.Config) {},
		"same keys":  func(cfg *wechat.Config) { cfg.Mini.Token, cfg.Mini.AESKey = official.Token, official.AESKey },
	} {
		o := newOffice(t, false, change)
		if got, _ := status(t, o.handler, o.sealedRequest(t, textPush("o", "x"))); got != 403 {
			t.Error(name, got)
		}
	}
	o := newOffice(t, true)
	req, err := o.fake.Sealed(t.Context(), mini.ID, "o", `{"CreateTime":1,"Event":"x"}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := status(t, o.client.Callback(o.take), req); got != 403 {
		t.Error(got)
	}
	closed := newWorld(t)
	h := closed.client.MiniCallback(func(context.Context, wechat.Push) error { return nil })
	if got, _ := status(t, h, closed.sealedRequest(t, textPush("o", "x"))); got != 403 {
		t.Error("a mini-program without keys is open:", got)
	}
}
