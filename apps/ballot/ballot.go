// Package ballot is the page on which people cast secret ballots. What a phone has
// to reckon is done by the voter program, which is built for browsers beside it
// (make build); the page says so where it is missing.
package ballot

import (
	"embed"
	"net/http"
)

//go:embed ballot.html ballot.css ballot.js all:dist
var files embed.FS

// Page serves the page under the path /ballot/. Nothing on it comes from elsewhere,
// and nothing of what is typed there leaves it but sealed.
func Page() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "ballot.html") })
	mux.Handle("GET /ballot.css", http.FileServerFS(files))
	mux.Handle("GET /ballot.js", http.FileServerFS(files))
	mux.Handle("GET /dist/wasm_exec.js", http.FileServerFS(files))
	mux.HandleFunc("GET /dist/voter.wasm", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/wasm")
		w.Header().Set("Content-Encoding", "gzip")
		http.ServeFileFS(w, r, files, "dist/voter.wasm.gz")
	})
	return http.StripPrefix("/ballot", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		mux.ServeHTTP(w, r)
	}))
}

// Ready reports whether the voter program was built in.
func Ready() bool {
	f, err := files.Open("dist/voter.wasm.gz")
	if err != nil {
		return false
	}
	return f.Close() == nil
}
