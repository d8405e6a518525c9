// Package console is the staff's desk, and the big screen.
package console

import (
	"embed"

	"yishi/apps/page"
)

//go:embed all:dist
var files embed.FS

// App is served under /console/.
var App = page.App{Name: "console", Folder: "dist/build", Files: files}
