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

// Phone is the mini-program on a stand-in for WeChat. The demo's phone shows it in a
// frame, under /phone/mini/.
var Phone = page.App{Name: "phone/mini", Folder: "dist/build/phone", Files: files, Framed: true}
