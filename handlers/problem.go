package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/rules"
)

// Problem is a refusal as RFC 9457 has it: the title is the sentence to show.
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	Where  []string       `json:"where,omitempty" nullable:"false" doc:"the parts of the request that cannot be understood"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statusOf = map[rules.Kind]int{
	rules.Invalid:         http.StatusUnprocessableEntity,
	rules.Unauthenticated: http.StatusUnauthorized,
	rules.Forbidden:       http.StatusForbidden,
	rules.NotFound:        http.StatusNotFound,
	rules.Conflict:        http.StatusConflict,
	rules.TooMany:         http.StatusTooManyRequests,
	rules.Busy:            http.StatusServiceUnavailable,
}

func newProblem(text locale.Catalog, status int, code string, params map[string]any) *Problem {
	return &Problem{Type: "/problems/" + code, Title: text.Say(code, params), Status: status, Code: code, Params: params}
}

// problem turns what a deed returned into what is told.
func (a *API) problem(ctx context.Context, route string, err error) error {
	if r, ok := rules.AsRefusal(err); ok {
		p := newProblem(a.Text, statusOf[r.Kind], r.Code, r.Params)
		if r.Code == "request.many" || r.Kind == rules.Busy {
			return later(p)
		}
		return p
	}
	if ctx.Err() != nil || models.Passing(err) { // the same key may be tried again, whatever became of this one
		slog.WarnContext(ctx, "busy", "route", route, "err", err)
		return later(newProblem(a.Text, http.StatusServiceUnavailable, "fault.busy", nil))
	}
	slog.ErrorContext(ctx, "fault", "route", route, "err", err)
	return newProblem(a.Text, http.StatusInternalServerError, "fault", nil)
}

// later is a refusal that says when to come again.
func later(p *Problem) error {
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {retryAfter}})
}

// refuse answers a request that reaches no handler.
func (a *API) refuse(c *gin.Context, status int, code string) {
	a.tell(c, newProblem(a.Text, status, code, nil))
}

// refuseError answers a request past huma with what a deed returned.
func (a *API) refuseError(c *gin.Context, route string, err error) {
	told := a.problem(c.Request.Context(), route, err)
	if h, ok := errors.AsType[huma.HeadersError](told); ok {
		c.Header("Retry-After", h.GetHeaders().Get("Retry-After"))
	}
	if p, ok := asProblem(told); ok {
		a.tell(c, p)
	}
}

func asProblem(told error) (*Problem, bool) { return errors.AsType[*Problem](told) }

func (a *API) tell(c *gin.Context, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		slog.ErrorContext(c.Request.Context(), "fault", "err", err)
	}
	c.Data(p.Status, "application/problem+json", body)
	c.Abort()
}

// malformed are the codes of what huma refuses before a handler sees it.
var malformed = map[int]string{
	http.StatusBadRequest:            "request.malformed",
	http.StatusRequestEntityTooLarge: "request.big",
	http.StatusUnsupportedMediaType:  "request.type",
	http.StatusUnprocessableEntity:   "request.invalid",
	http.StatusRequestTimeout:        "request.slow",
}

// Speak makes huma's own refusals problems of ours, in the sentences of text. It
// is set once per process, before a door is built.
func Speak(text locale.Catalog) {
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		code, ok := malformed[status]
		if !ok {
			code = "fault"
		}
		p := newProblem(text, status, code, nil)
		for _, err := range errs {
			if d, ok := err.(huma.ErrorDetailer); ok {
				p.Where = append(p.Where, d.ErrorDetail().Location)
			}
		}
		return p
	}
}
