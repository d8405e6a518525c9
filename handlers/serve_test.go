package handlers_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yishi/handlers"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestUnknownDeedStopsTheStart builds no door over a route that leads to no deed.
func TestUnknownDeedStopsTheStart(t *testing.T) {
	known := handlers.Route{Method: "GET", Path: "/a", ID: "a", Deed: rules.TopicRead}
	if err := handlers.CheckDeeds([]handlers.Route{known}); err != nil {
		t.Error(err)
	}
	for _, deed := range []rules.Deed{"", "topic.invented"} {
		if handlers.CheckDeeds([]handlers.Route{known, {Method: "GET", Path: "/b", ID: "b", Deed: deed}}) == nil {
			t.Errorf("a route to %q was admitted", deed)
		}
	}
}

// TestReading is what readers get: a tag, nothing when nothing changed, pages
// without gap or double.
func TestReading(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	me := d.resident(t, s.City.Sample.Residents[1].Name)
	for i := range 7 {
		must[models.Raised](t, d, "POST", "/api/v1/topics", me, map[string]any{"text": fmt.Sprintf("第%d件事", i)})
	}
	first := d.ask("GET", "/api/v1/me/topics?size=3", me, nil)
	tag := first.header.Get("ETag")
	if tag == "" || first.status != http.StatusOK {
		t.Fatalf("no tag: %s", first)
	}
	if again := d.ask("GET", "/api/v1/me/topics?size=3", me, nil, "If-None-Match", tag); again.status != http.StatusNotModified || len(again.body) > 0 {
		t.Errorf("what has not changed came again: %s", again)
	}
	seen, after, pages := map[int64]bool{}, int64(0), 0
	for {
		page := must[models.Page[models.TopicView]](t, d, "GET", fmt.Sprintf("/api/v1/me/topics?size=3&after=%d", after), me, nil)
		for _, v := range page.Items {
			if seen[v.ID] {
				t.Errorf("%d came twice", v.ID)
			}
			seen[v.ID] = true
		}
		pages++
		if after = page.Next; after == 0 {
			break
		}
	}
	if len(seen) != 7 || pages != 3 {
		t.Errorf("%d topics on %d pages", len(seen), pages)
	}
	must[models.Raised](t, d, "POST", "/api/v1/topics", me, map[string]any{"text": "又一件事"})
	if changed := d.ask("GET", "/api/v1/me/topics?size=3", me, nil, "If-None-Match", tag); changed.status != http.StatusOK {
		t.Errorf("what has changed did not come: %s", changed)
	}
}

// TestSlowDatabase keeps the database busy for longer than a request may take:
// the request is told to come again, has changed nothing, and succeeds with the
// same key once the database is free.
func TestSlowDatabase(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	me := d.resident(t, s.City.Sample.Residents[1].Name)
	d.api.Deadline = 200 * time.Millisecond
	busy, err := sql.Open("sqlite", s.DSN)
	check(t, err)
	t.Cleanup(func() { _ = busy.Close() })
	conn, err := busy.Conn(t.Context())
	check(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	check(t, err)
	raise := func() said {
		return d.ask(http.MethodPost, "/api/v1/topics", me, map[string]any{"text": "灯坏了"}, "Idempotency-Key", "patient")
	}
	if got := raise(); got.status != http.StatusServiceUnavailable || got.code() != "fault.busy" {
		t.Errorf("while the database is busy: %s", got)
	}
	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	check(t, err)
	d.api.Deadline = 0
	if got := raise(); got.status != http.StatusOK {
		t.Errorf("once it is free: %s", got)
	}
	if page := must[models.Page[models.TopicView]](t, d, "GET", "/api/v1/me/topics", me, nil); len(page.Items) != 1 {
		t.Errorf("%d matters", len(page.Items))
	}
}

// TestLimits lets somebody ask too often.
func TestLimits(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	_, door, err := handlers.New(handlers.Options{Forum: s.Forum, Text: text, Clock: s.Clock.Now, BodyBytes: 1 << 16, PerMinute: 8})
	check(t, err)
	ask := func(from string) int {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/orgs", nil)
		r.RemoteAddr = from + ":1234"
		r.Header.Set("X-Forwarded-For", "203.0.113.9") // nobody's proxy: not believed
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
			t.Error("refused without saying when to come again")
		}
		return w.Code
	}
	if a, b, c := ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.1"); a != 200 || b != 200 || c != http.StatusTooManyRequests {
		t.Errorf("three in a row: %d %d %d", a, b, c)
	}
	if other := ask("192.0.2.2"); other != 200 {
		t.Errorf("another address was refused too: %d", other)
	}
}

// TestPhotos takes a picture in and shows it to those who may see its topic.
func TestPhotos(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	me, other := d.resident(t, s.City.Sample.Residents[1].Name), d.resident(t, s.City.Sample.Residents[2].Name)
	id := must[models.Raised](t, d, "POST", "/api/v1/topics", me, map[string]any{"text": "灯坏了"}).Topic.ID
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.jpg")
	check(t, err)
	check(t, jpeg.Encode(part, image.NewRGBA(image.Rect(0, 0, 30, 20)), nil))
	check(t, w.Close())
	path := fmt.Sprintf("/api/v1/topics/%d/photos", id)
	put := func(token, key string) said {
		return d.ask("POST", path, token, form.String(), "Content-Type", w.FormDataContentType(), "Idempotency-Key", key)
	}
	if got := put(other, "a"); got.code() != "topic.unknown" {
		t.Errorf("to somebody else's topic: %s", got)
	}
	first, again := put(me, "b"), put(me, "b")
	if first.status != http.StatusOK || string(first.body) != string(again.body) {
		t.Fatalf("%s, then %s", first, again)
	}
	photos := must[[]models.Photo](t, d, "GET", path, me, nil)
	if len(photos) != 1 || photos[0].Width != 30 {
		t.Fatalf("%+v", photos)
	}
	shown := d.ask("GET", fmt.Sprintf("%s/%d", path, photos[0].ID), me, nil)
	if cfg, err := jpeg.DecodeConfig(bytes.NewReader(shown.body)); err != nil || cfg.Height != 20 {
		t.Errorf("%v %v", cfg, err)
	}
	if got := d.ask("GET", fmt.Sprintf("%s/%d", path, photos[0].ID), other, nil); got.code() != "topic.unknown" {
		t.Errorf("before review, to a neighbour: %s", got)
	}
}

// TestPrivateListener is what operators see.
func TestPrivateListener(t *testing.T) {
	m := handlers.NewMeters()
	var fault error
	private := m.Private(func(context.Context) error { return fault })
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		private.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	m.Measure("/api/v1/topics/:id", 200, time.Millisecond)
	if code, body := ask("/metrics"); code != 200 || !strings.Contains(body, `yishi_http_seconds_count{route="/api/v1/topics/:id",status="200"} 1`) {
		t.Errorf("metrics: %d", code)
	}
	if code, _ := ask("/readyz"); code != http.StatusNoContent {
		t.Errorf("ready: %d", code)
	}
	fault = errors.New("down")
	if code, _ := ask("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("ready without a database: %d", code)
	}
	fault = nil
	m.Leaving()
	if code, _ := ask("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("ready while leaving: %d", code)
	}
	if code, _ := ask("/healthz"); code != http.StatusNoContent {
		t.Errorf("healthy while leaving: %d", code)
	}
}
