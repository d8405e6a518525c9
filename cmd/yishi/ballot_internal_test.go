package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yishi/apps/ballot"
	"yishi/configs"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	vote "yishi/models/secret"
)

// TestBallotPage casts a secret ballot in a real browser: by a link from the chat
// a token is taken, a ballot is cast and changed, the page is left and opened
// again, and in the end it tells what came out.
func TestBallotPage(t *testing.T) {
	if !ballot.Ready() {
		missing(t, "the voter program is not built: make voter")
	}
	page := browser(t)
	s := forumtest.New(t, forumtest.SQLite(t))
	people, keepers, poll := secretPoll(t, s)
	cfg := configs.Default()
	cfg.Photos.Folder = t.TempDir()
	h, err := build(cfg, s.Forum, s.Clock.Now)
	ok(t, err)
	web := httptest.NewServer(h.public)
	t.Cleanup(web.Close)
	code, err := s.LinkLogin(t.Context(), people[0])
	ok(t, err)

	url := fmt.Sprintf("%s/ballot/?poll=%d", web.URL, poll.ID)
	var receipt, second, stored string
	ok(t, chromedp.Run(page,
		chromedp.Navigate(url+"#"+code),
		chromedp.Click("#take", chromedp.NodeVisible),
		chromedp.Click(`#options input[value="no"]`, chromedp.NodeVisible),
		chromedp.Click("#cast", chromedp.NodeVisible),
		chromedp.WaitVisible("#done"),
		chromedp.Text("#receipt", &receipt, chromedp.NodeVisible),
		chromedp.Click("#again", chromedp.NodeVisible),
		chromedp.Click(`#options input[value="yes"]`, chromedp.NodeVisible),
		chromedp.Click("#cast", chromedp.NodeVisible),
		chromedp.WaitVisible("#done"),
		chromedp.Text("#receipt", &second, chromedp.NodeVisible),
		chromedp.Evaluate("JSON.stringify(localStorage)", &stored),
	))
	if len(receipt) != 8 || len(second) != 8 || receipt == second {
		t.Errorf("the receipts are %q and %q", receipt, second)
	}
	for _, said := range []string{"yes", "no", code} {
		if strings.Contains(stored, `\"`+said+`\"`) {
			t.Errorf("the browser keeps %q: %s", said, stored)
		}
	}
	for i, p := range people[1:] {
		castSecret(t, s, poll, p, []rules.Choice{rules.Yes, rules.No}[i%2])
	}
	_, err = s.ClosePoll(t.Context(), keepers[0], poll.ID)
	ok(t, err)
	var state, result string
	ok(t, chromedp.Run(page, chromedp.Reload(), chromedp.WaitVisible("#done"), chromedp.Text("#state", &state)))
	for i, k := range keepers[:2] {
		_, err = s.EnterShare(t.Context(), k, poll.ID, shares[i], "")
		ok(t, err)
	}
	ok(t, chromedp.Run(page, chromedp.Reload(), chromedp.WaitVisible("#result"), chromedp.Text("#result", &result)))
	if !strings.Contains(state, "两份钥匙") || !strings.Contains(result, "通过") || !strings.Contains(result, "同意6票，不同意5票，弃权0票，共11票") {
		t.Errorf("the page says %q, then %q", state, result)
	}
	var used string
	ok(t, chromedp.Run(page, chromedp.Evaluate("sessionStorage.clear()", nil), chromedp.Navigate("about:blank"), chromedp.Navigate(url+"#"+code),
		chromedp.WaitVisible("#trouble"), chromedp.Text("#trouble", &used)))
	if !strings.Contains(used, "这个链接用过了") {
		t.Errorf("a used link says %q", used)
	}
}

// shares are those of the poll of this test, as its keepers wrote them down.
var shares []string

// secretPoll opens a secret poll for eleven people, whose shares are kept.
func secretPoll(t *testing.T, s *forumtest.Stage) (people, keepers []models.Actor, poll *models.PollView) {
	t.Helper()
	const community = "YD-YS-TX-HY"
	ctx, desk, org := t.Context(), s.City.Secretary(community), s.Org(community)
	for i := range 11 {
		pass, err := s.LoginMini(ctx, forumtest.Identify(fmt.Sprint("voter", i)))
		ok(t, err)
		who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
		c, err := s.BindCapacity(ctx, who, org, models.CapacityResident, "")
		ok(t, err)
		_, err = s.ConfirmCapacity(ctx, desk, c.ID, true)
		ok(t, err)
		people = append(people, who)
	}
	raised, err := s.RaiseTopic(ctx, people[0], models.NewTopic{OrgID: org, Text: "楼道里的东西要不要清"})
	ok(t, err)
	_, err = s.TakeUpTopics(ctx, 10)
	ok(t, err)
	topic := raised.Topic.ID
	_, err = s.AcceptTopic(ctx, desk, topic, models.Acceptance{Item: "3.04", Pack: "CONSULT"})
	ok(t, err)
	session, err := s.CreateSession(ctx, desk, models.NewSession{OrgID: org, PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{topic}})
	ok(t, err)
	_, err = s.OpenSession(ctx, desk, session.ID)
	ok(t, err)
	for _, p := range people {
		_, err = s.ConfirmPresence(ctx, desk, session.ID, models.Helped{PersonID: p.PersonID, Consent: "当面认得"})
		ok(t, err)
	}
	watch, err := s.CreateStaff(ctx, models.Operator, models.NewStaff{Name: "督导(示例)", Login: "watch-page", Role: rules.Supervisor, OrgID: org})
	ok(t, err)
	keepers = []models.Actor{desk, {PersonID: watch.PersonID, Door: models.DoorConsole}, people[1]}
	ask := &models.NewSecrecy{Disclosure: rules.DiscloseKey, Crowd: 5}
	for _, k := range keepers {
		ask.Holders = append(ask.Holders, k.PersonID)
	}
	poll, err = s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session.ID, TopicID: topic, Question: "清吗?", Secret: ask})
	ok(t, err)
	shares = nil
	for _, k := range keepers {
		mine, err := s.ShareOf(ctx, k, poll.ID)
		ok(t, err)
		_, err = s.KeepShare(ctx, k, poll.ID, mine.Share)
		ok(t, err)
		shares = append(shares, mine.Share)
	}
	return people, keepers, poll
}

// castSecret votes as a phone does, without a browser.
func castSecret(t *testing.T, s *forumtest.Stage, poll *models.PollView, who models.Actor, choice rules.Choice) {
	t.Helper()
	tokens, err := vote.ReadTokens(poll.Secret.Secrecy.Tokens)
	ok(t, err)
	wish, err := tokens.Wish(fmt.Appendf(nil, "%032d", who.PersonID))
	ok(t, err)
	signed, err := s.SignToken(t.Context(), who, poll.ID, "", wish.Blinded)
	ok(t, err)
	b := vote.Ballot{Token: wish.Token}
	b.Signature, err = wish.Take(signed.Signed)
	ok(t, err)
	b.Sealed, err = vote.SealChoice(poll.Secret.Key, poll.Hash, b.Token, 0, vote.Opened{Tracker: vote.Tracker(), Choice: string(choice)})
	ok(t, err)
	_, err = s.CastSecret(t.Context(), poll.ID, b)
	ok(t, err)
}

// browser starts a browser of its own, or skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		missing(t, "there is no Chromium: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	start, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	bounded, cancel := context.WithTimeout(start, 3*time.Minute)
	t.Cleanup(cancel)
	page, _ := chromedp.NewContext(bounded)
	t.Cleanup(func() { _ = chromedp.Cancel(page) }) // waits until it is gone
	return page
}

// missing skips a test loudly, and fails it where nothing may be missing.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip("NOT RUN: " + what)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
