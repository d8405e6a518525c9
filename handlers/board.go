package handlers

import (
	"context"
	"encoding/base64"
	"fmt"
	"image/color"
	"io"
	"net/http"

	"github.com/boombuler/barcode/qr"
	"github.com/gin-gonic/gin"

	"yishi/models"
	"yishi/models/rules"
)

type byCode struct {
	ID   int64  `path:"id" minimum:"1"`
	Code string `path:"code" maxLength:"64" doc:"the 8 characters of a receipt"`
}

type twoSizes struct {
	ID   int64 `path:"id" minimum:"1"`
	From int64 `query:"from" minimum:"1" required:"true" doc:"size of a checkpoint"`
	To   int64 `query:"to" minimum:"1" required:"true" doc:"size of a later one"`
}

func (a *API) boards() {
	get(a, "findReceipt", "/api/v1/polls/{id}/receipts/{code}", rules.BoardRead, func(ctx context.Context, who models.Actor, in *byCode) (*models.Found, error) {
		return a.Forum.FindReceipt(ctx, who, in.ID, in.Code)
	})
	get(a, "latestCheckpoint", "/api/v1/polls/{id}/checkpoint", rules.BoardRead, func(ctx context.Context, who models.Actor, in *byID) (*models.Checkpoint, error) {
		return a.Forum.LatestCheckpoint(ctx, who, in.ID)
	})
	get(a, "compareBoards", "/api/v1/polls/{id}/consistency", rules.BoardRead, func(ctx context.Context, who models.Actor, in *twoSizes) (*models.Consistency, error) {
		return a.Forum.CompareBoards(ctx, who, in.ID, in.From, in.To)
	})
}

// board writes the board file of a poll, piece by piece.
func (a *API) board(c *gin.Context) {
	ctx := c.Request.Context()
	id, ok := a.id(c)
	if !ok {
		return
	}
	who, err := a.actor(ctx, http.MethodGet, rules.BoardRead)
	if err == nil {
		_, err = a.Forum.WriteBoard(ctx, who, id, func() io.Writer {
			c.Header("Content-Type", "application/json")
			c.Status(http.StatusOK)
			return c.Writer
		})
	}
	if err != nil && !c.Writer.Written() {
		a.refuseError(c, "board", err)
	}
}

// checkpointCode draws the QR code for the result notice of a poll: the address of
// the page that checks the board, with the last checkpoint as it was signed. So
// whoever scans a notice that was posted compares the board with what is printed
// there, and not with what the forum says today.
func (a *API) checkpointCode(c *gin.Context) {
	ctx := c.Request.Context()
	id, ok := a.id(c)
	if !ok {
		return
	}
	who, err := a.actor(ctx, http.MethodGet, rules.BoardRead)
	if err != nil {
		a.refuseError(c, "checkpointCode", err)
		return
	}
	last, err := a.Forum.LatestCheckpoint(ctx, who, id)
	if err != nil {
		a.refuseError(c, "checkpointCode", err)
		return
	}
	a.drawn(c, "checkpointCode", fmt.Sprintf("%s/board/?poll=%d#%s", a.PublicURL, id, base64.RawURLEncoding.EncodeToString([]byte(last.Note))))
}

// drawn answers with the QR code of a text.
func (a *API) drawn(c *gin.Context, op, text string) {
	code, err := qr.Encode(text, qr.L, qr.Unicode)
	if err != nil {
		a.refuseError(c, op, err)
		return
	}
	c.Header("Content-Type", "image/svg+xml")
	c.Status(http.StatusOK)
	draw(c.Writer, code.Bounds().Dx(), func(x, y int) bool { return code.At(x, y) == color.Black })
}

// quiet is the white rim without which a QR code is not found.
const quiet = 4

// draw writes a square of dots as a picture that is sharp at any size.
func draw(w io.Writer, size int, dark func(x, y int) bool) {
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%d %d %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M-%d-%dh%dv%dH-%dz"/><path d="`,
		-quiet, -quiet, size+2*quiet, size+2*quiet, quiet, quiet, size+2*quiet, size+2*quiet, quiet)
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && dark(x+run, y) {
				run++
			}
			if run > 0 {
				_, _ = fmt.Fprintf(w, "M%d %dh%dv1h-%dz", x, y, run, run)
			}
			x += run
		}
	}
	_, _ = io.WriteString(w, `"/></svg>`)
}
