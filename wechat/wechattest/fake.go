// Package wechattest is a fake of WeChat's servers and of residents' phones,
// for tests and for the demo. It is written from the protocol and shares no
// code with package wechat, so the two check each other.
//
// A fake answers API calls with WeChat's own errors, pushes sealed callbacks
// with the five-second rule and three deliveries, and remembers what arrived
// on each phone. Its clock is passed in.
package wechattest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"yishi/wechat"
)

// Fake is WeChat. It is safe for concurrent use.
type Fake struct {
	// Patience is how long a callback may take; WeChat gives it five seconds.
	// Set it before the first push.
	Patience time.Duration

	now    func() time.Time
	routes map[string]endpoint
	pusher *http.Client

	mu        sync.Mutex
	apps      []*app
	residents []*Resident
	codes     map[string]*code
	scenes    []Scene
	faults    map[string][]Fault
	watch     func(path string)
	calls     map[string]int
	words     map[string]wechat.Verdict
	media     []media
	receipts  []receipt
	files     map[string][]byte // by media id
	lose      int               // verdicts that will not be pushed
	lastMsgID uint64
	server    *http.Server
	url       string
}

// app is an app as WeChat knows it.
type app struct {
	wechat.App
	callback        string
	mini            bool
	json            bool // pushes come in JSON
	token           string
	expires         time.Time
	ticket          string // of web pages
	menu            []button
	consented, long map[string]bool     // templates: with consent; with one for any number
	templates       map[string][]string // fields by id; nil takes any template
}

// Scene is a code printed at a point.
type Scene struct {
	Scene string `json:"scene"`
	Label string `json:"label"`
}

// New returns a WeChat without apps and residents.
func New(now func() time.Time) *Fake {
	f := &Fake{
		Patience: 5 * time.Second,
		now:      now,
		pusher: &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		codes:     make(map[string]*code),
		faults:    make(map[string][]Fault),
		calls:     make(map[string]int),
		files:     make(map[string][]byte),
		words:     make(map[string]wechat.Verdict),
		lastMsgID: 24_000_000_000_000_000,
	}
	f.routes = f.endpoints()
	return f
}

// Start serves the API on a free port of 127.0.0.1 until Close.
func (f *Fake) Start() error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("wechattest: %w", err)
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	f.mu.Lock()
	f.server, f.url = server, "http://"+listener.Addr().String()
	f.mu.Unlock()
	go func() { _ = server.Serve(listener) }()
	return nil
}

// URL is the address after Start, for [wechat.Config].Endpoint.
func (f *Fake) URL() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.url
}

// Close ends what Start began.
func (f *Fake) Close() {
	f.mu.Lock()
	server := f.server
	f.server = nil
	f.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// AddApp registers an app. The one with a callback URL is the official account
// that residents chat with. Adding an id again replaces the app, for instance
// to rotate its key or to move its callback.
func (f *Fake) AddApp(a wechat.App, callbackURL string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(app{App: a, callback: callbackURL})
}

// AddMini registers a mini-program, with the URL and the format of its pushes.
// Without a URL it gets none.
func (f *Fake) AddMini(a wechat.App, callbackURL string, inJSON bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(app{App: a, callback: callbackURL, mini: true, json: inJSON})
}

// add keeps the token of a known app; the caller holds the lock.
func (f *Fake) add(a app) {
	for _, known := range f.apps {
		if known.ID == a.ID {
			a.token, a.expires, a.ticket = known.token, known.expires, known.ticket
			a.menu, a.templates = known.menu, known.templates
			*known = a
			return
		}
	}
	f.apps = append(f.apps, &a)
}

// AddScene registers a code printed at a point, to be scanned on the phone
// page.
func (f *Fake) AddScene(scene, label string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scenes = append(f.scenes, Scene{scene, label})
}

// Revoke kills the access token of an app, as a leak or another server would.
func (f *Fake) Revoke(appID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.app(appID); a != nil {
		a.token = ""
	}
}

// Calls is how often an API path was called.
func (f *Fake) Calls(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[path]
}

// messages are WeChat's words for its codes.
var messages = map[int]string{
	-1:    "system error",
	40001: "invalid credential, access_token is invalid or not latest",
	40002: "invalid grant_type",
	40003: "invalid openid",
	40007: "invalid media_id",
	40013: "invalid appid",
	40018: "invalid button name size",
	40023: "invalid sub button size",
	40029: "invalid code",
	40037: "invalid template_id",
	40097: "invalid args",
	40016: "invalid button size",
	40020: "invalid button url size",
	40165: "invalid weapp pagepath",
	85401: "invalid expire interval",
	40125: "invalid appsecret",
	40129: "invalid scene",
	40163: "code been used",
	40164: "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist",
	41008: "missing code",
	41030: "invalid page",
	42001: "access_token expired",
	43004: "require subscribe",
	43101: "user refuse to accept the msg",
	45002: "content size out of limit",
	45009: "reach max api daily quota limit",
	45011: "api minute-quota reach limit, must slower, retry next minute",
	45015: "response out of time limit or subscription is canceled",
	45047: "out of response count limit",
	46003: "menu no exist",
	47001: "data format error",
	47003: "argument invalid!",
	48001: "api unauthorized",
	50002: "user limited",
	61010: "code is expired",
}

// refusal is an error the way WeChat writes it. HTTP says 200.
func refusal(errcode int) map[string]any {
	message := messages[errcode]
	if message == "" {
		message = "unknown error"
	}
	id := make([]byte, 12)
	_, _ = rand.Read(id)
	return map[string]any{
		"errcode": errcode,
		"errmsg":  fmt.Sprintf("%s rid: %x-%x-%x", message, id[:4], id[4:8], id[8:]),
	}
}

// app finds an app; the caller holds the lock.
func (f *Fake) app(id string) *app {
	for _, a := range f.apps {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// owner finds the app whose live token this is; the caller holds the lock.
func (f *Fake) owner(token string) *app {
	for _, a := range f.apps {
		if token != "" && a.token == token && f.now().Before(a.expires) {
			return a
		}
	}
	return nil
}

// mini is the id of the mini-program, "" where there is none.
func (f *Fake) mini() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.apps {
		if a.mini {
			return a.ID
		}
	}
	return ""
}

// official finds the app that residents chat with.
func (f *Fake) official() (app, error) {
	for _, a := range f.apps {
		if a.callback != "" && !a.mini {
			return *a, nil
		}
	}
	return app{}, errors.New("wechattest: no official account has a callback URL")
}
