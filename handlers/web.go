package handlers

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yishi/models"
	"yishi/models/rules"
)

// Web is the official account as web pages inside WeChat need it. A refusal is told
// as it is.
type Web struct {
	// Authorize is where to send a visitor so that WeChat says who they are. They come
	// back to an address of ours, with a state that tells their browser.
	Authorize func(back, state string) (string, error)
	// Identify turns the code with which they came back into who they are.
	Identify func(ctx context.Context, code string) (models.Identity, error)
	// Sign lets the scripts of a page use the phone.
	Sign func(ctx context.Context, page string) (PageSignature, error)
}

// PageSignature is what a page hands to wx.config.
type PageSignature struct {
	AppID     string `json:"appId"`
	Timestamp int64  `json:"timestamp"`
	Nonce     string `json:"nonceStr"`
	Signature string `json:"signature"`
}

const (
	webLogin = "/api/v1/logins/web"
	webBack  = webLogin + "/back"
)

// pages are where people may be sent after they have logged in, and what may be
// signed: nothing else is ours.
var pages = []string{"/ballot/", "/board/", "/app/"}

// webFor is how long a visitor may take to let WeChat say who they are.
const webFor = 10 * time.Minute

type webStart struct {
	Poll int64 `query:"poll" minimum:"0" doc:"whose page the visitor comes back to; 0: the residents' app"`
}

// webReturn is how a visitor comes back. The cookie has the name of either kind of
// address; see [API.webCookie].
type webReturn struct {
	Code   string `query:"code" maxLength:"256"`
	State  string `query:"state" maxLength:"128"`
	Secure string `cookie:"__Host-yishi-web"`
	Plain  string `cookie:"yishi-web"`
}

type signed struct {
	URL string `query:"url" maxLength:"1024" required:"true" doc:"of the page, as its location says"`
}

// sent is an answer to a browser: a redirect, or a page.
type sent struct {
	Status   int
	Location string      `header:"Location"`
	Cookie   http.Cookie `header:"Set-Cookie"`
	Type     string      `header:"Content-Type"`
	Body     []byte
}

func (a *API) webs() {
	visit(a, "loginWeb", webLogin, a.startWeb)
	visit(a, "loginWebBack", webBack, a.endWeb)
	get(a, "signPage", "/api/v1/logins/web/signature", rules.LoginMini, func(ctx context.Context, _ models.Actor, in *signed) (PageSignature, error) {
		if a.Web == nil {
			return PageSignature{}, rules.Refuse(rules.NotFound, "web.none")
		}
		if !a.ours(in.URL) {
			return PageSignature{}, rules.Refuse(rules.Invalid, "web.page")
		}
		return a.Web.Sign(ctx, in.URL)
	})
}

// visit registers a way in for browsers: what is refused is told on a page.
func visit[In any](a *API, id, path string, fn func(context.Context, *In) (*sent, error)) {
	op := a.operation(http.MethodGet, id, path, rules.LoginMini)
	op.Responses = map[string]*huma.Response{"302": {Description: "goes on"}}
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*sent, error) {
		if a.Web == nil {
			return a.page(ctx, id, rules.Refuse(rules.NotFound, "web.none")), nil
		}
		out, err := fn(ctx, in)
		if err != nil {
			return a.page(ctx, id, err), nil
		}
		out.Status = http.StatusFound
		return out, nil
	})
}

// startWeb sends a visitor to WeChat, with a state that their browser alone holds.
func (a *API) startWeb(_ context.Context, in *webStart) (*sent, error) {
	state := rand.Text()
	to, err := a.Web.Authorize(strings.TrimSuffix(a.PublicURL, "/")+webBack, state)
	if err != nil {
		return nil, err
	}
	return &sent{Location: to, Cookie: a.webCookie(state+"."+strconv.FormatInt(in.Poll, 10), webFor)}, nil
}

// endWeb takes a visitor who came back from WeChat. They must have the cookie of the
// state with which they come, which is gone then: nobody is logged in by a link that
// another sent. They go on to a page of ours, with a code that is good once.
func (a *API) endWeb(ctx context.Context, in *webReturn) (*sent, error) {
	held := in.Plain
	if a.secure() {
		held = in.Secure
	}
	state, poll, _ := strings.Cut(held, ".")
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(in.State)) != 1 {
		return nil, rules.Refuse(rules.Forbidden, "web.state")
	}
	id, err := strconv.ParseUint(poll, 10, 63)
	if err != nil {
		return nil, rules.Refuse(rules.Forbidden, "web.state")
	}
	if in.Code == "" {
		return nil, rules.Refuse(rules.Forbidden, "web.denied")
	}
	who, err := a.Web.Identify(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	code, err := a.Forum.LoginWeb(ctx, who)
	if err != nil {
		return nil, err
	}
	to := "/app/"
	if id > 0 {
		to = "/ballot/?poll=" + strconv.FormatUint(id, 10)
	}
	return &sent{Location: to + "#" + code, Cookie: a.webCookie("", 0)}, nil
}

func (a *API) secure() bool { return strings.HasPrefix(a.PublicURL, "https://") }

// webCookie binds a visit to a browser; one that lasts no time is deleted. Its name
// keeps other hosts of the same domain from setting it.
func (a *API) webCookie(value string, lasts time.Duration) http.Cookie {
	c := http.Cookie{ //nolint:gosec // it is secure where the address is; the demo's is on loopback
		Name: "yishi-web", Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: a.secure(), MaxAge: int(lasts / time.Second),
	}
	if c.Secure {
		c.Name = "__Host-" + c.Name
	}
	if lasts == 0 {
		c.MaxAge = -1
	}
	return c
}

// ours reports whether a URL is that of one of our pages.
func (a *API) ours(page string) bool {
	u, err := url.Parse(page)
	home, bad := url.Parse(a.PublicURL)
	return err == nil && bad == nil && u.User == nil && u.Opaque == "" && u.Scheme == home.Scheme && u.Host == home.Host && slices.Contains(pages, u.Path)
}

var told = template.Must(template.New("").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.}}</title></head>
<body><p role="alert">{{.}}</p></body></html>
`))

// page tells a person why they do not go on.
func (a *API) page(ctx context.Context, route string, err error) *sent {
	status, sentence := http.StatusInternalServerError, a.Text.Say("fault", nil)
	if p, ok := asProblem(a.problem(ctx, route, err)); ok {
		status, sentence = p.Status, p.Title
	}
	body := &strings.Builder{}
	if err := told.Execute(body, sentence); err != nil {
		slog.ErrorContext(ctx, "fault", "err", err)
	}
	return &sent{Status: status, Type: "text/html; charset=utf-8", Cookie: a.webCookie("", 0), Body: []byte(body.String())}
}
