// Package board is the page of a poll's public record: what came out, whether a
// ballot is in, and the independent verifier, run in the reader's own browser. It
// prints as the result notice.
package board

import (
	"embed"

	"yishi/apps/page"
)

//go:embed board.html board.css board.js all:dist
var files embed.FS

// Page is served under /board/.
var Page = page.Page{Name: "board", Program: "verify", Files: files}
