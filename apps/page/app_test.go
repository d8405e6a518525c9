package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"yishi/apps/page"
)

// TestApp asks for what a client has, what it has packed, places inside it, and what
// is not there.
func TestApp(t *testing.T) {
	app := page.App{Name: "app", Folder: "dist/build", Files: fstest.MapFS{
		"dist/build/index.html":       {Data: []byte("the document")},
		"dist/build/assets/a-1.js":    {Data: []byte("plain")},
		"dist/build/assets/a-1.js.gz": {Data: []byte("packed")},
		"dist/secret":                 {Data: []byte("outside")},
	}}
	for _, tt := range []struct {
		method, path, accept string
		status               int
		body, kind, encoding string
		kept                 bool // by the browser, for good
	}{
		{"GET", "/app/", "", 200, "the document", "text/html; charset=utf-8", "", false},
		{"GET", "/app/topics/3", "", 200, "the document", "text/html; charset=utf-8", "", false},
		{"GET", "/app/assets/a-1.js", "", 200, "plain", "text/javascript; charset=utf-8", "", true},
		{"GET", "/app/assets/a-1.js", "br, gzip", 200, "packed", "text/javascript; charset=utf-8", "gzip", true},
		{"GET", "/app/assets/a-2.js", "", 404, "", "", "", false},
		{"GET", "/app/assets", "", 200, "the document", "text/html; charset=utf-8", "", false},
		{"GET", "/app/%2e%2e/%2e%2e/secret", "", 200, "the document", "", "", false},
		{"POST", "/app/", "", 405, "", "", "", false},
	} {
		got := ask(app, tt.method, tt.path, tt.accept)
		h := got.Header()
		if got.Code != tt.status || tt.body != "" && got.Body.String() != tt.body || h.Get("Content-Encoding") != tt.encoding ||
			tt.kind != "" && h.Get("Content-Type") != tt.kind || strings.Contains(h.Get("Cache-Control"), "immutable") != tt.kept {
			t.Errorf("%s %s answers %d %q, %v", tt.method, tt.path, got.Code, got.Body, h)
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s %s has the policy %q", tt.method, tt.path, csp)
		}
	}
	absent := page.App{Name: "app", Folder: "dist/build", Files: fstest.MapFS{}}
	if got := ask(absent, "GET", "/app/", ""); absent.Built() || got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "absent") {
		t.Errorf("a client that was not built answers %d %q", got.Code, got.Body)
	}
}

func ask(app page.App, method, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, http.NoBody)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	app.Handler("absent").ServeHTTP(w, r)
	return w
}
