package handlers_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
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

// TestFullQueue answers a ballot for which there is no room: come again, and when.
func TestFullQueue(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	me := newDoor(t, s).resident(t, s.City.Sample.Residents[1].Name)
	_, door, err := handlers.New(handlers.Options{
		Forum: s.Forum, Text: text, Clock: s.Clock.Now, BodyBytes: 1 << 16,
		Cast: func(context.Context, models.Actor, int64, string, rules.Choice) (*models.Ballot, error) {
			return nil, rules.Refuse(rules.Busy, "poll.busy")
		},
	})
	check(t, err)
	r := httptest.NewRequest(http.MethodPost, "/api/v1/polls/1/ballots", strings.NewReader(`{"choice":"yes"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+me)
	r.Header.Set("Idempotency-Key", "patient")
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "poll.busy") {
		t.Errorf("a full queue is answered %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
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
	if got := raise(); got.status != http.StatusServiceUnavailable || got.code() != "fault.busy" || got.header.Get("Retry-After") == "" {
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

// TestLimits lets people ask too often: an address is bounded whatever token it
// shows, a person wherever they come from.
func TestLimits(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	for _, tt := range []struct {
		name             string
		person, address  int // a minute; a quarter of it at once
		from             func(i int) string
		token            func(i int, mine, other string) string
		method, path     string
		admitted, before int // the status while admitted, and how many are
	}{
		{name: "one address", address: 8, admitted: 200, before: 2},
		{name: "a new made-up token each time", address: 8, token: func(i int, _, _ string) string { return fmt.Sprint("Bearer x", i) }, admitted: 200, before: 2},
		{name: "a new header that is no token", address: 8, token: func(i int, _, _ string) string { return fmt.Sprint("x", i) }, admitted: 200, before: 2},
		{name: "guessing passwords", address: 8, token: func(i int, _, _ string) string { return fmt.Sprint("Bearer x", i) }, method: "POST", path: "/api/v1/logins/staff", admitted: 422, before: 2},
		{name: "with a login", address: 8, token: func(_ int, mine, _ string) string { return "Bearer " + mine }, admitted: 200, before: 2},
		{name: "many addresses", address: 8, from: func(i int) string { return fmt.Sprintf("192.0.2.%d:1234", i+1) }, admitted: 200, before: 9},
		{name: "one subscriber of IPv6", address: 8, from: func(i int) string { return fmt.Sprintf("[2001:db8::%d]:1234", i+1) }, admitted: 200, before: 2},
		{name: "several subscribers of IPv6", address: 8, from: func(i int) string { return fmt.Sprintf("[2001:db8:%d::1]:1234", i+1) }, admitted: 200, before: 9},
		{name: "one person from everywhere", person: 8, address: 40, from: func(i int) string { return fmt.Sprintf("192.0.2.%d:1234", i+1) }, token: func(_ int, mine, _ string) string { return "Bearer " + mine }, path: "/api/v1/me", admitted: 200, before: 2},
		{name: "two people at one address", person: 8, address: 400, token: func(i int, mine, other string) string { return "Bearer " + []string{mine, other}[i%2] }, path: "/api/v1/me", admitted: 200, before: 4},
		{name: "no bound", token: func(_ int, mine, _ string) string { return "Bearer " + mine }, admitted: 200, before: 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDoor(t, s)
			mine, other := d.resident(t, s.City.Sample.Residents[1].Name), d.resident(t, s.City.Sample.Residents[2].Name)
			_, door, err := handlers.New(handlers.Options{Forum: s.Forum, Text: text, Clock: s.Clock.Now, BodyBytes: 1 << 16, PerMinute: tt.person, PerAddress: tt.address})
			check(t, err)
			for i := range 9 {
				r := httptest.NewRequest(cmp.Or(tt.method, "GET"), cmp.Or(tt.path, "/api/v1/orgs"), strings.NewReader("{}"))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("X-Forwarded-For", fmt.Sprint("203.0.113.", i)) // nobody's proxy: not believed
				if r.RemoteAddr = "192.0.2.1:1234"; tt.from != nil {
					r.RemoteAddr = tt.from(i)
				}
				if tt.token != nil {
					r.Header.Set("Authorization", tt.token(i, mine, other))
				}
				w := httptest.NewRecorder()
				door.ServeHTTP(w, r)
				want := tt.admitted
				if i >= tt.before {
					want = http.StatusTooManyRequests
				}
				if tt.path == "" && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer x") && want == 200 {
					want = http.StatusUnauthorized // nobody's token
				}
				if w.Code != want {
					t.Fatalf("request %d: %d, want %d: %s", i+1, w.Code, want, w.Body)
				}
				if told := w.Header().Get("Retry-After") != ""; told != (w.Code == http.StatusTooManyRequests) {
					t.Errorf("request %d, %d: told when to come again: %v", i+1, w.Code, told)
				}
			}
		})
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

// snapshot is an upload of a picture of its own colour; no two have the same
// boundary.
func snapshot(t *testing.T, shade uint8) (body, contentType string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.jpg")
	check(t, err)
	img := image.NewGray(image.Rect(0, 0, 30, 20))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	check(t, jpeg.Encode(part, img, nil))
	check(t, w.Close())
	return form.String(), w.FormDataContentType()
}

// TestPhotoRetry sends pictures again whose answer was lost: the same one gets the
// same answer, though there is no room left by then, and nothing is kept twice;
// another one under the same key is told apart.
func TestPhotoRetry(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	me := d.resident(t, s.City.Sample.Residents[1].Name)
	id := must[models.Raised](t, d, "POST", "/api/v1/topics", me, map[string]any{"text": "灯坏了"}).Topic.ID
	put := func(shade int, key string) said {
		body, contentType := snapshot(t, uint8(shade))
		return d.ask("POST", fmt.Sprintf("/api/v1/topics/%d/photos", id), me, body, "Content-Type", contentType, "Idempotency-Key", key)
	}
	kept := func() int {
		files, err := os.ReadDir(d.folder)
		check(t, err)
		return len(files)
	}
	answers := make([]said, models.MaxPhotos)
	var crowd sync.WaitGroup
	for range 8 { // who is impatient sends it again before there is an answer
		crowd.Go(func() { put(0, "photo0") })
	}
	crowd.Wait()
	if kept() != 1 {
		t.Errorf("one picture sent eight times at once is kept %d times", kept())
	}
	for i := range answers {
		if answers[i] = put(20*i, fmt.Sprint("photo", i)); answers[i].status != http.StatusOK {
			t.Fatal(answers[i])
		}
	}
	seen := forumtest.Fingerprints(t, s.DSN)
	before := seen()
	for i, first := range answers {
		if again := put(20*i, fmt.Sprint("photo", i)); again.status != http.StatusOK || string(again.body) != string(first.body) {
			t.Errorf("photo %d got %s, then %s", i, first, again)
		}
	}
	if got := put(5, "photo0"); got.code() != "request.reused" {
		t.Errorf("another picture under the same key: %s", got)
	}
	if got := put(5, "new"); got.code() != "photo.many" {
		t.Errorf("one too many: %s", got)
	}
	if changed := seen().Changed(before); changed != nil || kept() != models.MaxPhotos {
		t.Errorf("%d files are kept; changed %v", kept(), changed)
	}
}

// TestPhoneRetry introduces somebody whose answer was lost: the code of WeChat is
// spent, and is not asked about again, here or through another instance.
func TestPhoneRetry(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d, other := newDoor(t, s), newDoor(t, s)
	other.spent = d.spent
	me := d.resident(t, s.City.Sample.Residents[1].Name)
	introduce := func(d *door, name, code, key string) said {
		return d.ask("POST", "/api/v1/me", me, map[string]any{"name": name, "phone_code": code}, "Idempotency-Key", key)
	}
	first := introduce(d, "许安禾(示例)", "code1", "k1")
	for name, again := range map[string]*door{"here": d, "another instance": other} {
		if got := introduce(again, "许安禾(示例)", "code1", "k1"); got.status != http.StatusOK || string(got.body) != string(first.body) {
			t.Errorf("%s: %s, then %s", name, first, got)
		}
	}
	if got := introduce(d, "别的名字(示例)", "code1", "k1"); got.code() != "request.reused" {
		t.Errorf("another name under the same key: %s", got)
	}
	// The deed failed after WeChat had answered: the code still stands for the number.
	if got := introduce(d, strings.Repeat("长", rules.MaxName+1), "code2", "k2"); got.code() != "text.long" {
		t.Errorf("an endless name: %s", got)
	}
	if got := introduce(d, "许安禾(示例)", "code2", "k3"); got.status != http.StatusOK {
		t.Errorf("with a name that fits: %s", got)
	}
	stranger := d.resident(t, s.City.Sample.Residents[2].Name)
	if got := d.ask("POST", "/api/v1/me", stranger, map[string]any{"phone_code": "code2"}); got.code() != "phone.code" {
		t.Errorf("somebody else with the same code: %s", got)
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
