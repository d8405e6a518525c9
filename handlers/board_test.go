package handlers_test

import (
	"encoding/base64"
	"fmt"
	"image/color"
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"github.com/boombuler/barcode/qr"

	"yishi/models"
	"yishi/models/forumtest"
)

// TestCheckpointCode reads the picture for the result notice dot by dot: it leads to
// the page that checks the board, with the last checkpoint as it was signed. There
// is none before the board was signed.
func TestCheckpointCode(t *testing.T) {
	t.Parallel()
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	m := forumtest.NewMeeting(t, s, 3)
	p, err := s.OpenPoll(t.Context(), m.Keepers[0], models.NewPoll{SessionID: m.Session, TopicID: m.Topic, Question: "清不清?"})
	check(t, err)
	path := fmt.Sprintf("/api/v1/polls/%d/checkpoint", p.ID)
	for _, p := range []string{path, path + ".svg"} {
		if got := d.ask(http.MethodGet, p, "", nil); got.status != http.StatusNotFound || got.code() != "checkpoint.unknown" {
			t.Errorf("before anything is signed: %s", got)
		}
	}
	_, err = s.SealBoard(t.Context(), p.ID)
	check(t, err)
	last := must[models.Checkpoint](t, d, "GET", path, "", nil)
	want, err := qr.Encode(fmt.Sprintf("https://yishi.example/board/?poll=%d#%s", p.ID, base64.RawURLEncoding.EncodeToString([]byte(last.Note))), qr.L, qr.Unicode)
	check(t, err)
	got := d.ask(http.MethodGet, path+".svg", "", nil)
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/svg+xml" {
		t.Fatalf("the picture is %d %s", got.status, got.header.Get("Content-Type"))
	}
	dots := map[[2]int]bool{}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(string(got.body), -1) {
		var n [4]int
		for i := range n {
			n[i], err = strconv.Atoi(run[i+1])
			check(t, err)
		}
		for x := range n[2] {
			dots[[2]int{n[0] + x, n[1]}] = true
		}
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if dots[[2]int{x, y}] != (want.At(x, y) == color.Black) {
				t.Fatalf("the dot %d, %d is wrong", x, y)
			}
		}
	}
}
