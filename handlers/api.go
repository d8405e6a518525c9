// Package handlers is the HTTP door of the forum: it translates requests into
// deeds and what comes of them into answers, and decides nothing.
package handlers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"

	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/rules"
	"yishi/photos"
)

// Options are what the door needs besides the forum.
type Options struct {
	Forum  *models.Forum
	Text   locale.Catalog
	Photos *photos.Store

	// What WeChat is asked. A refusal is told as it is.
	Identify func(ctx context.Context, code string) (models.Identity, error)
	Phone    func(ctx context.Context, code string) (string, error)
	Print    func(ctx context.Context, scene string) (url string, err error)

	Web *Web // nil without an official account

	MiniApp  string                   // the mini-program's id
	Template func(code string) string // of the mini-program for a notice, "" for none
	Reported bool                     // WeChat reports consents itself

	// Cast stands in for Forum.CastBallot where storing is to be measured against
	// not storing.
	Cast func(ctx context.Context, who models.Actor, poll int64, unit string, choice rules.Choice) (*models.Ballot, error)

	PublicURL  string        // how the outside reaches this door
	Proxies    []string      // whose X-Forwarded-For is believed
	BodyBytes  int64         // of a request, but for photos
	PhotoSize  int64         // bytes of one photo
	PerMinute  int           // requests of one person who is logged in; 0: no bound
	PerAddress int           // requests a minute from one address, logged in or not; 0: no bound
	Deadline   time.Duration // for one request; 0: none
	Measure    func(route string, status int, took time.Duration)
	Clock      func() time.Time
}

// API answers HTTP requests by calling the forum.
type API struct {
	Options
	huma                  huma.API
	routes                []Route
	perPerson, perAddress *limits
	redeems, ties         *limits // of paper codes and of codes that join, from one address
	screenAsks            *limits // of screens that ask for a session, from one address
	feeds                 *feeds
	phones                *otter.Cache[string, string] // by person and code, for a few minutes
	extra                 []*huma.Operation            // past huma
}

// Route is a way in, with the deed that it leads to.
type Route struct {
	Method, Path, ID string
	Deed             rules.Deed
}

// New returns the HTTP door. It refuses to be built with a route whose deed the
// table of permissions does not know.
func New(o Options) (*API, http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	if err := engine.SetTrustedProxies(o.Proxies); err != nil {
		return nil, nil, fmt.Errorf("trusted proxies: %w", err)
	}
	if o.Cast == nil {
		o.Cast = o.Forum.CastBallot
	}
	a := &API{Options: o, perPerson: newLimits(o.PerMinute), perAddress: newLimits(o.PerAddress), phones: newPhones(), redeems: newLimits(RedeemsPerMinute), ties: newLimits(RedeemsPerMinute), screenAsks: newLimits(RedeemsPerMinute), feeds: &feeds{forum: o.Forum, of: map[int64]*feed{}}}
	engine.Use(a.measure, a.recovered, a.secured, a.limited)
	a.watching(engine)
	engine.Use(a.bounded)
	a.raw(engine, "board", "polls/{id}/board", "application/json", rules.BoardRead, a.board)
	a.raw(engine, "checkpointCode", "polls/{id}/checkpoint.svg", "image/svg+xml", rules.BoardRead, a.checkpointCode)
	a.raw(engine, "pointCode", "points/{id}/code.svg", "image/svg+xml", rules.PointRead, a.pointCode)
	engine.Use(a.tagged)
	engine.NoRoute(func(c *gin.Context) { a.refuse(c, http.StatusNotFound, "route.unknown") })
	engine.NoMethod(func(c *gin.Context) { a.refuse(c, http.StatusMethodNotAllowed, "route.method") })
	a.huma = humagin.New(engine, a.config())
	a.register()
	a.describe()
	return a, engine, checkDeeds(a.routes)
}

// checkDeeds refuses a route whose deed the table of permissions does not know.
func checkDeeds(routes []Route) error {
	for _, r := range routes {
		if _, ok := rules.Permits[r.Deed]; !ok {
			return fmt.Errorf("route %s %s names no deed that the table of permissions knows: %q", r.Method, r.Path, r.Deed)
		}
	}
	return nil
}

// Routes returns every way in.
func (a *API) Routes() []Route { return a.routes }

// OpenAPI returns the description of this door, in YAML.
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().YAML() }

func (a *API) config() huma.Config {
	c := huma.DefaultConfig("yishi", "1")
	c.DocsPath, c.SchemasPath, c.OpenAPIPath = "", "", "" // the file is in the repository
	c.CreateHooks = nil
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"login": {Type: "http", Scheme: "bearer"}}
	return c
}

// The shapes of requests that carry little.
type (
	nothing struct{}
	byID    struct {
		ID int64 `path:"id" minimum:"1"`
	}
	with[B any] struct{ Body B }
	on[B any]   struct {
		ID   int64 `path:"id" minimum:"1"`
		Body B
	}
	atOrg struct {
		Org int64 `query:"org" minimum:"1" required:"true"`
	}
)

// Listed is the query of a list. It and ListedAt are exported because huma reads
// no field of an embedded type that is not.
type Listed struct {
	After int64 `query:"after" minimum:"0" doc:"next of the page before"`
	Size  int   `query:"size" minimum:"0" maximum:"100"`
}

// ListedAt is the query of a list at an org.
type ListedAt struct {
	Listed
	Org int64 `query:"org" minimum:"1" required:"true"`
}

// answer is what every handler returns to huma.
type answer[T any] struct{ Body T }

type handle[In, Out any] func(ctx context.Context, who models.Actor, in *In) (Out, error)

func get[In, Out any](a *API, id, path string, deed rules.Deed, fn handle[In, Out]) {
	add(a, http.MethodGet, id, path, deed, fn)
}

func post[In, Out any](a *API, id, path string, deed rules.Deed, fn handle[In, Out]) {
	add(a, http.MethodPost, id, path, deed, fn)
}

func add[In, Out any](a *API, method, id, path string, deed rules.Deed, fn handle[In, Out]) {
	op := a.operation(method, id, path, deed)
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*answer[Out], error) {
		who, err := a.actor(ctx, method, deed)
		if err != nil {
			return nil, a.problem(ctx, id, err)
		}
		out, err := fn(ctx, who, in)
		if err != nil {
			return nil, a.problem(ctx, id, err)
		}
		return &answer[Out]{out}, nil
	})
}

// operation registers a route and describes it.
func (a *API) operation(method, id, path string, deed rules.Deed) huma.Operation {
	a.routes = append(a.routes, Route{method, path, id, deed})
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, MaxBodyBytes: a.BodyBytes,
		Extensions: map[string]any{"x-deed": deed},
		Errors:     []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}
	if rules.Permits[deed][rules.Anonymous] == rules.Nowhere {
		op.Security = []map[string][]string{{"login": {}}}
	}
	if method == http.MethodPost && !keyless[deed] {
		op.Parameters = []*huma.Param{{
			Name: "Idempotency-Key", In: "header", Required: true, Schema: &huma.Schema{Type: "string"},
			Description: "1 to 128 characters; a retry with the same key gets the same answer and does nothing",
		}}
	}
	return op
}
