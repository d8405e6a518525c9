package main

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"yishi/apps/board"
	"yishi/configs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestBoardPage looks at a poll's public record in a real browser: a receipt is
// found, what came out is told in words, the verifier finds nothing wrong, also not
// with the checkpoint of a printed notice, and finds what was changed behind the
// forum's back.
func TestBoardPage(t *testing.T) {
	if !board.Page.Built() {
		missing(t, "the verifier is not built for browsers: make pages")
	}
	page := browser(t)
	s := forumtest.New(t, forumtest.SQLite(t))
	m := forumtest.NewMeeting(t, s, 5)
	q, err := s.OpenPoll(t.Context(), m.Keepers[0], models.NewPoll{SessionID: m.Session, TopicID: m.Topic, Question: "楼道堆物清不清？"})
	ok(t, err)
	var receipt string
	for i, who := range m.People {
		b, err := s.CastBallot(t.Context(), who, q.ID, "", []rules.Choice{rules.Yes, rules.Yes, rules.Yes, rules.No, rules.Abstain}[i])
		ok(t, err)
		receipt = b.Receipt
	}
	seal := func() {
		_, err := s.SealBoard(t.Context(), q.ID)
		ok(t, err)
	}
	seal()
	url := serveBoard(t, s, q.ID)
	var open, found, lost string
	ok(t, chromedp.Run(page,
		chromedp.Navigate(url),
		chromedp.SendKeys("#code", strings.ToLower(receipt[:4])+"－"+receipt[4:], chromedp.NodeVisible),
		chromedp.Click("#find button:enabled", chromedp.NodeVisible),
		chromedp.WaitVisible("#found.good"), chromedp.Text("#found", &found), chromedp.Text("#says", &open),
		chromedp.Evaluate(`$("code").value = "22222222"`, nil),
		chromedp.Click("#find button:enabled"),
		chromedp.WaitVisible("#found.bad"), chromedp.Text("#found", &lost),
	))
	if !strings.Contains(found, "在公开记录里，是第") || !strings.Contains(open, "还没有结束") || !strings.Contains(lost, "没有找到") {
		t.Errorf("the page says %q, %q, %q", found, open, lost)
	}
	_, err = s.ClosePoll(t.Context(), m.Keepers[0], q.ID)
	ok(t, err)
	seal()
	var says, counts, report string
	ok(t, chromedp.Run(page,
		chromedp.Navigate("about:blank"), chromedp.Navigate(url),
		chromedp.WaitVisible("#counts"), chromedp.Text("#says", &says), chromedp.Text("#counts tbody", &counts),
		chromedp.SendKeys("#code", receipt), chromedp.Click("#find button:enabled"), chromedp.WaitVisible("#found.good"),
		chromedp.Click("#verify:enabled"), chromedp.WaitVisible("#verdict.good"), chromedp.Text("#report", &report),
	))
	if !strings.Contains(says, "通过了。同意3票，不同意1票，弃权1票") || strings.Join(strings.Fields(counts), " ") != "同意 3票 不同意 1票 弃权 1票" {
		t.Errorf("closed, the page says %q, %q", says, counts)
	}
	if !strings.Contains(report, "全部核对无误") || !strings.Contains(report, receipt) {
		t.Errorf("the verifier says %s", report)
	}
	scanned(t, s, q.ID, func(hash, class string) (report string) {
		ok(t, chromedp.Run(page, chromedp.Navigate("about:blank"), chromedp.Navigate(url+hash), chromedp.WaitVisible("#verdict."+class), chromedp.Text("#report", &report)))
		return report
	})
}

// scanned opens the page as a printed notice does, before and after somebody
// changed a ballot and, with it, all that follows from it.
func scanned(t *testing.T, s *forumtest.Stage, poll int64, at func(hash, class string) string) {
	t.Helper()
	last, err := s.LatestCheckpoint(t.Context(), models.Actor{}, poll)
	ok(t, err)
	hash := "#" + base64.RawURLEncoding.EncodeToString([]byte(last.Note))
	if report := at(hash, "good"); !strings.Contains(report, "检查点") {
		t.Errorf("the verifier says %s", report)
	}
	old := strings.Replace(last.Note, fmt.Sprint("\n", last.Size, "\n"), fmt.Sprint("\n", last.Size-1, "\n"), 1)
	at("#"+base64.RawURLEncoding.EncodeToString([]byte(old)), "bad")
	db, err := sql.Open("sqlite", s.DSN)
	ok(t, err)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(t.Context(), "UPDATE ballots SET choice = 'no' WHERE choice = 'yes'")
	ok(t, err)
	at(hash, "bad")
}

// serveBoard serves a forum and returns the address of a poll's page.
func serveBoard(t *testing.T, s *forumtest.Stage, poll int64) string {
	t.Helper()
	cfg := configs.Default()
	cfg.Photos.Folder = t.TempDir()
	var public http.Handler
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { public.ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	cfg.PublicURL = web.URL
	h, err := build(cfg, s.Forum, s.Clock.Now)
	ok(t, err)
	public = h.public
	return fmt.Sprintf("%s/board/?poll=%d", web.URL, poll)
}
