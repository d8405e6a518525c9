// Package ballot is the page on which people cast secret ballots. What a phone has
// to reckon is done by the voter program. Nothing of what is typed there leaves the
// page but sealed.
package ballot

import (
	"embed"

	"yishi/apps/page"
)

//go:embed ballot.html ballot.css ballot.js all:dist
var files embed.FS

// Page is served under /ballot/.
var Page = page.Page{Name: "ballot", Program: "voter", Files: files}
