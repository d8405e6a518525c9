// Package resident is the residents' app for browsers. The mini-program is built
// from the same source.
package resident

import (
	"embed"

	"yishi/apps/page"
)

//go:embed all:dist
var files embed.FS

// App is served under /app/.
var App = page.App{Name: "app", Folder: "dist/build/h5", Files: files}
