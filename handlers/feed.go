package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"yishi/models"
	"yishi/models/rules"
)

// feeds are the polls that somebody watches. What a poll's watchers are sent is
// made once and handed to all.
type feeds struct {
	forum *models.Forum
	mu    sync.Mutex
	of    map[int64]*feed
}

// feed is one poll and those who watch it.
type feed struct {
	mu       sync.Mutex
	watchers map[chan []byte]struct{}
	last     []byte
	tag      string
	stop     context.CancelFunc
}

// How long one watcher may take to take in an update, and how often one that has
// nothing to hear is told that the line still stands. A watched poll is looked at
// every lookEvery; after an update there is a rest for each watcher, so that what
// they are sent leaves the machine half of its time for those who vote.
const (
	sendFor   = 10 * time.Second
	heartbeat = 20 * time.Second
	lookEvery = 100 * time.Millisecond
	restAfter = 10 * time.Microsecond
)

// watch joins the watchers of a poll. The channel holds the latest update only:
// who is slow misses what came between.
func (fs *feeds) watch(id int64, first *models.Glimpse) (chan []byte, *feed) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.of[id]
	if f == nil {
		ctx, stop := context.WithCancel(context.Background())
		f = &feed{watchers: map[chan []byte]struct{}{}, last: event(first.Body), tag: first.Tag, stop: stop}
		fs.of[id] = f
		go fs.follow(ctx, id, f)
	}
	ch := make(chan []byte, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[ch] = struct{}{}
	ch <- f.last
	return ch, f
}

// leave ends a watch; the last one out ends the feed.
func (fs *feeds) leave(id int64, f *feed, ch chan []byte) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, ch)
	if len(f.watchers) == 0 {
		f.stop()
		if fs.of[id] == f {
			delete(fs.of, id)
		}
	}
}

// follow looks at a poll while anybody watches. It makes what it shows anew, not
// as old as a glimpse may be: this is what decides how late watchers are.
func (fs *feeds) follow(ctx context.Context, id int64, f *feed) {
	next := time.NewTimer(lookEvery)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		rest := lookEvery
		g, err := fs.forum.Glance(ctx, id)
		if err == nil && g.Tag != f.tag { // a database that is away for a moment is asked again
			rest += time.Duration(f.send(g)) * restAfter
		}
		next.Reset(rest)
	}
}

// send hands an update to all watchers and returns how many they are.
func (f *feed) send(g *models.Glimpse) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.tag = event(g.Body), g.Tag
	for ch := range f.watchers {
		select {
		case <-ch: // what was not taken yet is out of date
		default:
		}
		ch <- f.last
	}
	return len(f.watchers)
}

// event is a body as a server-sent event.
func event(body []byte) []byte {
	return append(append([]byte("data: "), body...), "\n\n"...)
}

// id reads the id of the thing that a route past huma is about, and refuses what is
// none.
func (a *API) id(c *gin.Context) (int64, bool) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		a.refuse(c, http.StatusUnprocessableEntity, "request.invalid")
		return 0, false
	}
	return id, true
}

// feed sends what changes of a poll for as long as somebody listens.
func (a *API) feed(c *gin.Context) {
	id, ok := a.id(c)
	if !ok {
		return
	}
	first, err := a.Forum.Glimpse(c.Request.Context(), models.Actor{}, id)
	if err != nil {
		a.refuseError(c, "feed", err)
		return
	}
	ch, f := a.feeds.watch(id, first)
	defer a.feeds.leave(id, f, ch)
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	a.stream(c, ch)
}

func (a *API) stream(c *gin.Context, ch chan []byte) {
	line := http.NewResponseController(c.Writer)
	if line.SetWriteDeadline(time.Time{}) != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	stuck := time.AfterFunc(sendFor, func() { _ = line.SetWriteDeadline(time.Unix(1, 0)) })
	defer stuck.Stop()
	for {
		update := []byte(": \n\n")
		stuck.Stop()
		select {
		case <-c.Request.Context().Done():
			return
		case update = <-ch:
		case <-beat.C:
		}
		stuck.Reset(sendFor)
		_, err := c.Writer.Write(update)
		if err == nil {
			err = line.Flush()
		}
		if err != nil {
			return
		}
	}
}

// glimpse answers those who ask instead of listening.
func (a *API) glimpse(c *gin.Context) {
	id, ok := a.id(c)
	if !ok {
		return
	}
	g, err := a.Forum.Glimpse(c.Request.Context(), models.Actor{}, id)
	if err != nil {
		a.refuseError(c, "glimpse", err)
		return
	}
	tag := `"` + g.Tag + `"`
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, "application/json", g.Body)
}

// watching registers what watchers ask for: answers that are made once for all of
// them, so they go past huma and past what holds back or ends other answers.
func (a *API) watching(engine *gin.Engine) {
	a.raw(engine, "watchPoll", "polls/{id}/feed", "text/event-stream", rules.PollRead, a.feed)
	a.raw(engine, "glimpsePoll", "polls/{id}/tally", "application/json", rules.PollRead, a.glimpse)
}

func (a *API) raw(engine *gin.Engine, id, what, kind string, deed rules.Deed, fn gin.HandlerFunc) {
	path := "/api/v1/" + what
	op := a.operation(http.MethodGet, id, path, deed)
	op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "integer", Format: "int64"}}}
	op.Responses = map[string]*huma.Response{"200": {Description: "made once for all who ask", Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: "object"}}}}}
	a.extra = append(a.extra, &op)
	engine.GET(strings.Replace(path, "{id}", ":id", 1), fn)
}

// describe adds what goes past huma to the description of the door.
func (a *API) describe() {
	for _, op := range a.extra {
		a.huma.OpenAPI().AddOperation(op)
	}
}
