package page

import (
	"bytes"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// App is a client that `make clients` builds into Folder: a document, and beside it
// files whose names change with what they hold. Name is its path, /name/.
type App struct {
	Name, Folder string
	Files        fs.FS
	Framed       bool // a page of the same server may show it in a frame
}

// Built reports whether the client was built in.
func (a App) Built() bool { return a.shelf()["index.html"] != nil }

// Handler serves the client under /name/. A path that names no file is a place
// inside the client. Where the client was not built, absent is said instead, with
// the status 503.
func (a App) Handler(absent string) http.Handler {
	shelf := a.shelf()
	return http.StripPrefix("/"+a.Name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guard(w.Header(), "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; media-src 'self' blob:", a.Framed)
		name := strings.TrimPrefix(r.URL.Path, "/")
		if shelf[name] == nil && path.Ext(name) == "" {
			name = "index.html"
		}
		switch file := shelf[name]; {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case file != nil:
			hand(w, r, name, file, shelf[name+".gz"])
		case name == "index.html":
			http.Error(w, absent, http.StatusServiceUnavailable)
		default:
			http.NotFound(w, r)
		}
	}))
}

// shelf is what was built, by its path in the folder.
func (a App) shelf() map[string][]byte {
	shelf := map[string][]byte{}
	built, err := fs.Sub(a.Files, a.Folder)
	if err != nil {
		return shelf
	}
	_ = fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		shelf[name], err = fs.ReadFile(built, name)
		return err
	})
	return shelf
}

// hand gives one file, packed where it was built so and the browser takes it.
func hand(w http.ResponseWriter, r *http.Request, name string, file, packed []byte) {
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	if name != "index.html" {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		file = packed
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
}

// guard keeps a page to itself: nothing comes from elsewhere, and nobody may frame it,
// or only the server's own pages.
func guard(h http.Header, policy string, framed bool) {
	by := "'none'"
	if framed {
		by = "'self'"
	}
	h.Set("Content-Security-Policy", policy+"; base-uri 'none'; form-action 'none'; frame-ancestors "+by)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
}
