// Package page serves the pages that stand by themselves: a document with its
// style and script, and one program that the browser runs, which `make pages`
// builds beside them.
package page

import (
	"io/fs"
	"net/http"
)

// Page is the files of one page: name.html, name.css, name.js, and under dist the
// program and what starts it.
type Page struct {
	Name, Program string
	Files         fs.FS
}

// Handler serves the page under the path /name/. Nothing on it comes from elsewhere,
// and nobody may frame it.
func (p Page) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, file := range map[string]string{
		"/{$}": p.Name + ".html", "/" + p.Name + ".css": p.Name + ".css", "/" + p.Name + ".js": p.Name + ".js",
		"/dist/wasm_exec.js": "dist/wasm_exec.js",
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, p.Files, file) })
	}
	mux.HandleFunc("GET /dist/"+p.Program+".wasm", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/wasm")
		w.Header().Set("Content-Encoding", "gzip")
		http.ServeFileFS(w, r, p.Files, p.packed())
	})
	return http.StripPrefix("/"+p.Name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guard(w.Header(), "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'", false)
		mux.ServeHTTP(w, r)
	}))
}

// Built reports whether the program was built in; the page says so where it was not.
func (p Page) Built() bool {
	_, err := fs.Stat(p.Files, p.packed())
	return err == nil
}

func (p Page) packed() string { return "dist/" + p.Program + ".wasm.gz" }
