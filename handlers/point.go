package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"yishi/models"
	"yishi/models/rules"
)

type nearby struct {
	Org int64   `query:"org" minimum:"0"`
	Lat float64 `query:"lat" minimum:"-90" maximum:"90"`
	Lng float64 `query:"lng" minimum:"-180" maximum:"180"`
}

type byScene struct {
	Scene string `path:"scene" maxLength:"32"`
}

type stops struct {
	Stops []models.Stop `json:"stops" nullable:"false"`
}

func (a *API) points() {
	get(a, "listPoints", "/api/v1/points", rules.PointRead, func(ctx context.Context, who models.Actor, in *nearby) ([]models.PointView, error) {
		var here *models.Position
		if in.Lat != 0 || in.Lng != 0 {
			here = &models.Position{Lat: in.Lat, Lng: in.Lng}
		}
		return a.Forum.Points(ctx, who, in.Org, here)
	})
	get(a, "pointByScene", "/api/v1/scenes/{scene}", rules.PointRead, func(ctx context.Context, who models.Actor, in *byScene) (*models.PointView, error) {
		return a.Forum.PointByScene(ctx, who, in.Scene)
	})
	post(a, "makePoint", "/api/v1/points", rules.PointMake, func(ctx context.Context, who models.Actor, in *with[models.NewPoint]) (*models.Point, error) {
		p, err := a.Forum.MakePoint(ctx, who, in.Body)
		if err != nil || a.Print == nil {
			return p, err
		}
		if url, fault := a.Print(ctx, p.Scene); fault == nil { // else its code can be printed later
			p.URL, who.Key = url, ""
			_, err = a.Forum.PrintPoint(ctx, who, p.ID, url)
		}
		return p, err
	})
	post(a, "movePoint", "/api/v1/points/{id}/stops", rules.PointMove, func(ctx context.Context, who models.Actor, in *on[stops]) (models.None, error) {
		return a.Forum.MovePoint(ctx, who, in.ID, in.Body.Stops)
	})
}

// pointCode draws the QR code that hangs at a point: what the official account gave
// for it, or without one the residents' app, which is told the same.
func (a *API) pointCode(c *gin.Context) {
	ctx := c.Request.Context()
	id, ok := a.id(c)
	if !ok {
		return
	}
	who, err := a.actor(ctx, http.MethodGet, rules.PointRead)
	if err != nil {
		a.refuseError(c, "pointCode", err)
		return
	}
	p, err := a.Forum.PointByScene(ctx, who, fmt.Sprintf("p%d", id))
	if err != nil {
		a.refuseError(c, "pointCode", err)
		return
	}
	text := p.URL
	if text == "" {
		text = a.entrance(p.Scene)
	}
	a.drawn(c, "pointCode", text)
}

// entrance is the address that opens the app with what was scanned. WeChat may be told
// to open the mini-program for it.
func (a *API) entrance(scene string) string {
	return a.PublicURL + "/app/?scene=" + url.QueryEscape(scene)
}
