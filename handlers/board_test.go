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

// TestCheckpointCode reads the picture for the result notice: it leads to
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
	showsCode(t, d, path+".svg", fmt.Sprintf("https://yishi.example/board/?poll=%d#%s", p.ID, base64.RawURLEncoding.EncodeToString([]byte(last.Note))))
}

// TestPointCode reads what hangs at a point: the official account's code for it, or
// without one the residents' app, which is told the same scene.
func TestPointCode(t *testing.T) {
	t.Parallel()
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	p := s.City.Points["hy-hall"]
	path := fmt.Sprintf("/api/v1/points/%d/code.svg", p.ID)
	showsCode(t, d, path, "https://yishi.example/app/?scene="+p.Scene)
	_, err := s.PrintPoint(t.Context(), s.City.Secretary(huaiying), p.ID, "http://weixin.qq.com/q/point")
	check(t, err)
	showsCode(t, d, path, "http://weixin.qq.com/q/point")
	if got := d.ask(http.MethodGet, "/api/v1/points/999/code.svg", "", nil); got.status != http.StatusNotFound || got.code() != "point.unknown" {
		t.Errorf("a point that is not there: %s", got)
	}
}

// showsCode reads a picture dot by dot: it is the QR code of a text.
func showsCode(t *testing.T, d *door, path, text string) {
	t.Helper()
	want, err := qr.Encode(text, qr.L, qr.Unicode)
	check(t, err)
	got := d.ask(http.MethodGet, path, "", nil)
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
