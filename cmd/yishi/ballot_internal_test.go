package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"yishi/apps/ballot"
	"yishi/configs"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// TestBallotPage casts a secret ballot in a real browser: by a link from the chat
// a token is taken, a ballot is cast and changed, the page is left and opened
// again, and in the end it tells what came out.
func TestBallotPage(t *testing.T) {
	if !ballot.Page.Built() {
		missing(t, "the voter program is not built: make pages")
	}
	page := browser(t)
	s := forumtest.New(t, forumtest.SQLite(t))
	p := forumtest.NewSecretPoll(t, s, 11, rules.DiscloseKey)
	for _, k := range p.Keepers[:2] {
		p.KeepOne(k)
	}
	cfg := configs.Default()
	cfg.Photos.Folder = t.TempDir()
	h, err := build(cfg, s.Forum, s.Clock.Now)
	ok(t, err)
	web := httptest.NewServer(h.public)
	t.Cleanup(web.Close)
	code, err := s.LinkLogin(t.Context(), p.People[0])
	ok(t, err)
	var third string

	url := fmt.Sprintf("%s/ballot/?poll=%d", web.URL, p.View.ID)
	var receipt, second, stored string
	ok(t, chromedp.Run(page,
		chromedp.Navigate(url+"#"+code),
		chromedp.Click("#fetch", chromedp.NodeVisible), // the first of the people keeps a share
		chromedp.WaitVisible("#give"),
		chromedp.Text("#share", &third, chromedp.NodeVisible),
		chromedp.SendKeys("#typed", "2222", chromedp.NodeVisible),
		chromedp.Click("#enter", chromedp.NodeVisible),
		chromedp.WaitVisible("#trouble"),
		chromedp.Evaluate(`$("typed").value = ""`, nil),
	))
	ok(t, chromedp.Run(page,
		chromedp.SendKeys("#typed", strings.ToLower(third), chromedp.NodeVisible),
		chromedp.Click("#enter", chromedp.NodeVisible),
		chromedp.WaitVisible("#key-kept"),
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
	for _, said := range []string{`\"yes\"`, `\"no\"`, code, third} {
		if strings.Contains(stored, said) {
			t.Errorf("the browser keeps %q: %s", said, stored)
		}
	}
	marks(t, func(script string) (said string) {
		ok(t, chromedp.Run(page, chromedp.Evaluate(script, &said)))
		return said
	})
	for i, who := range p.People[1:] {
		p.Drop(p.Say(p.Token(who), 0, []rules.Choice{rules.Yes, rules.No}[i%2]))
	}
	_, err = s.ClosePoll(t.Context(), p.Keepers[0], p.View.ID)
	ok(t, err)
	var state, result string
	ok(t, chromedp.Run(page, chromedp.Reload(), chromedp.WaitVisible("#done"), chromedp.Text("#state", &state)))
	_, err = s.EnterShare(t.Context(), p.Keepers[0], p.View.ID, p.Shares[0], "")
	ok(t, err)
	ok(t, chromedp.Run(page, chromedp.SendKeys("#typed", third, chromedp.NodeVisible), chromedp.Click("#enter", chromedp.NodeVisible), chromedp.WaitVisible("#result"), chromedp.Text("#result", &result)))
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

// marks fills in ballots of every method on the page. What it makes of them is the
// mark that the rulebook knows, or nothing where something is missing.
func marks(t *testing.T, evaluate func(script string) string) {
	t.Helper()
	options := []string{"甲", "乙", "丙"}
	for _, tt := range []struct {
		method rules.Method
		most   int
		filled []string // "x" checks a box
		want   rules.Choice
	}{
		{rules.MethodYesNo, 0, []string{"", "x"}, "no"},
		{rules.MethodYesNo, 0, []string{"", "", "x"}, "abstain"},
		{rules.MethodYesNo, 0, nil, ""},
		{rules.MethodChoose, 2, []string{"x", "", "x"}, "1+3"},
		{rules.MethodChoose, 2, []string{"x", "x", "x"}, ""},
		{rules.MethodChoose, 2, []string{"", "", "", "x"}, "abstain"},
		{rules.MethodChoose, 2, nil, ""},
		{rules.MethodRank, 0, []string{"2", "3", "1"}, "3>1>2"},
		{rules.MethodRank, 0, []string{"", "1", "2"}, "2>3"},
		{rules.MethodRank, 0, []string{"1", "1", ""}, ""},
		{rules.MethodRank, 0, []string{"1", "3", ""}, ""},
		{rules.MethodRank, 0, nil, ""},
		{rules.MethodRank, 0, []string{"", "", "", "x"}, "abstain"},
		{rules.MethodScore, 5, []string{"5", "0", "03"}, "5,0,3"},
		{rules.MethodScore, 5, []string{"5", "6", "1"}, ""},
		{rules.MethodScore, 5, []string{"5", "", "1"}, ""},
		{rules.MethodEach, 0, []string{"y", "n", "a"}, "y,n,a"},
		{rules.MethodEach, 0, []string{"y", "", "a"}, ""},
	} {
		ask := rules.Ask{Method: tt.method, Most: tt.most, Options: []string{}}
		if tt.method != rules.MethodYesNo {
			ask.Options = options
		}
		in, err := json.Marshal([]any{ask, tt.filled})
		ok(t, err)
		got := evaluate(`(([ask, filled]) => {
			const kept = view;
			view = ask;
			options(null);
			[...$('options').querySelectorAll('input, select')].forEach((e, i) => {
				if (filled?.[i] === 'x') e.checked = true; else if (filled?.[i]) e.value = filled[i];
			});
			const said = mark();
			view = kept;
			draw();
			return said;
		})(` + string(in) + `)`)
		if rules.Choice(got) != tt.want || got != "" && rules.ReadSealed(ask, got) != tt.want {
			t.Errorf("%s filled in as %q is marked %q, want %q", tt.method, tt.filled, got, tt.want)
		}
	}
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
