package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yishi/configs"
	"yishi/configs/data"
	"yishi/configs/locale"
	"yishi/wechat"
)

// Where WeChat delivers to.
const (
	officialCallback = "/wechat/callback"
	miniCallback     = "/wechat/mini/callback"
)

func wechatCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "wechat", Short: "whether WeChat is configured well, and the official account's menu"}
	cmd.AddCommand(
		&cobra.Command{
			Use: "check", Short: "tests the configuration of WeChat step by step and says what to do", Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return withWeChat(c, (*operator).check) },
		},
		menuCommand(),
		linkCommand(),
	)
	return cmd
}

func menuCommand() *cobra.Command {
	push := false
	cmd := &cobra.Command{
		Use: "menu", Short: "compares the official account's menu with ours", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withWeChat(c, func(o *operator, ctx context.Context) error { return o.menu(ctx, push) })
		},
	}
	cmd.Flags().BoolVar(&push, "push", false, "replace the menu by ours")
	return cmd
}

func linkCommand() *cobra.Command {
	days := 30
	cmd := &cobra.Command{
		Use: "link PAGE[?QUERY]", Short: "makes a URL that opens a page of the mini-program, for a text message to residents", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withWeChat(c, func(o *operator, ctx context.Context) error { return o.link(ctx, args[0], days) })
		},
	}
	cmd.Flags().IntVar(&days, "days", days, "how long it opens, at most 30")
	return cmd
}

// link prints a URL that opens a page of the mini-program.
func (o *operator) link(ctx context.Context, page string, days int) error {
	path, query, _ := strings.Cut(page, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	link, err := o.client.MiniLink(ctx, path, values, days)
	if err != nil {
		o.answered(err)
		return err
	}
	_, err = fmt.Fprintln(o.out, link)
	return err
}

// operator is a person who sets WeChat up, and what they are told.
type operator struct {
	cfg    configs.Config
	text   locale.Catalog
	client *wechat.Client
	out    io.Writer
	wrong  int
}

// withWeChat gives a command the real WeChat, or what stands in for it, with
// tokens of its own.
func withWeChat(c *cobra.Command, run func(*operator, context.Context) error) error {
	cfg, err := configured(c)
	if err != nil {
		return err
	}
	text, err := locale.Load("zh-CN")
	if err != nil {
		return err
	}
	client, err := wechat.New(wechatConfig(cfg.WeChat), wechat.NewMemoryTokens(), time.Now)
	if err != nil {
		return err
	}
	defer client.Close()
	return run(&operator{cfg: cfg, text: text, client: client, out: c.OutOrStdout()}, c.Context())
}

type params = map[string]any

// tell prints a line; what is the code of what it is about.
func (o *operator) tell(kind, what string, p params) {
	_, _ = fmt.Fprintln(o.out, o.text.Say(kind, params{"what": o.text.Say(what, p)}))
}

func (o *operator) good(what string, p params) { o.tell("operator.good", what, p) }
func (o *operator) todo(what string, p params) { o.tell("operator.todo", what, p) }
func (o *operator) fail(what string, p params) { o.wrong++; o.tell("operator.wrong", what, p) }

// answered tells an error of WeChat and what to do about it.
func (o *operator) answered(err error) {
	_, _ = fmt.Fprintln(o.out, o.text.Say("operator.see", params{"said": err.Error()}))
	o.todo(wechat.Advice(err), nil)
}

// check goes through everything that a computer can find out, and names the
// rest.
func (o *operator) check(ctx context.Context) error {
	w := o.cfg.WeChat
	if w.Mini.AppID == "" && w.Official.AppID == "" {
		o.fail("operator.none", nil)
	}
	o.address()
	o.front(ctx)
	if w.Official.AppID != "" {
		app := o.text.Say("operator.official", params{"id": w.Official.AppID})
		if o.app(ctx, app, w.Official, officialCallback) {
			o.kind(ctx, app)
			o.scripts(ctx, app)
		}
		o.todo("operator.web", params{"host": o.host()})
	}
	if w.Mini.AppID != "" {
		app := o.text.Say("operator.mini", params{"id": w.Mini.AppID})
		o.app(ctx, app, w.Mini, miniCallback)
		o.todo("operator.domain", params{"origin": o.cfg.PublicURL, "host": o.host()})
	}
	if w.Mini.AppID != "" && w.Official.AppID != "" {
		o.todo("operator.union", nil)
	}
	_, _ = fmt.Fprintln(o.out, o.text.Say("operator.done", params{"n": o.wrong}))
	if o.wrong > 0 {
		return errors.New("WeChat is not configured well yet")
	}
	return nil
}

func (o *operator) host() string {
	u, err := url.Parse(o.cfg.PublicURL)
	if err != nil {
		return o.cfg.PublicURL
	}
	return u.Hostname()
}

// address checks what WeChat demands of a server's address.
func (o *operator) address() {
	u, err := url.Parse(o.cfg.PublicURL)
	about := params{"url": o.cfg.PublicURL}
	if err == nil && u.Scheme == "https" && u.Port() == "" && strings.Contains(u.Hostname(), ".") {
		if _, ip := netip.ParseAddr(u.Hostname()); ip != nil {
			o.good("operator.address.good", about)
			return
		}
	}
	o.fail("operator.address.wrong", about)
}

// app checks what both kinds of app have; false if WeChat does not know it.
func (o *operator) app(ctx context.Context, name string, a configs.App, path string) bool {
	if err := o.client.Reach(ctx, a.AppID); err != nil {
		o.fail("operator.unreached", params{"app": name})
		o.answered(err)
		return false
	}
	o.good("operator.reached", params{"app": name})
	o.callback(ctx, name, a, path)
	o.templates(ctx, name, a.AppID)
	return true
}

// callback asks our own server what WeChat would ask it.
func (o *operator) callback(ctx context.Context, name string, a configs.App, path string) {
	about := params{"app": name, "url": strings.TrimSuffix(o.cfg.PublicURL, "/") + path}
	if a.Token == "" {
		o.todo("operator.callback.none", about)
		return
	}
	q, want := o.client.EchoQuery(a.AppID)
	if said, err := fetched(ctx, fmt.Sprint(about["url"])+"?"+q.Encode()); err != nil || said != want {
		o.fail("operator.callback.wrong", about)
		return
	}
	o.good("operator.callback.good", about)
	o.todo("operator.callback.todo", about)
}

// fetched is what our own server says, from outside.
func fetched(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := (&http.Client{CheckRedirect: stay}).Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(res.Body, 256))
	return string(said), err
}

// kind finds out whether the official account may make codes for points.
func (o *operator) kind(ctx context.Context, name string) {
	if _, err := o.client.PassingTicket(ctx, "check", time.Minute); err != nil {
		o.fail("operator.kind.wrong", params{"app": name})
		o.answered(err)
		return
	}
	o.good("operator.kind.good", params{"app": name})
}

// front opens one of our own pages from outside, as a phone does: name, certificate
// and proxy have to be right.
func (o *operator) front(ctx context.Context) {
	about := params{"url": o.page()}
	if said, err := fetched(ctx, o.page()); err != nil || !strings.Contains(said, "<html") {
		o.fail("operator.front.wrong", about)
		return
	}
	o.good("operator.front.good", about)
}

func (o *operator) page() string { return strings.TrimSuffix(o.cfg.PublicURL, "/") + "/ballot/" }

// scripts finds out whether the official account may sign our web pages.
func (o *operator) scripts(ctx context.Context, name string) {
	if _, err := o.client.PageConfig(ctx, o.page()); err != nil {
		o.fail("operator.scripts.wrong", params{"app": name})
		o.answered(err)
		return
	}
	o.good("operator.scripts.good", params{"app": name})
}

// templates compares the configured templates with those of the account.
func (o *operator) templates(ctx context.Context, name, appID string) {
	mine := o.templatesOf(appID)
	if len(mine) == 0 {
		o.todo("operator.templates.none", params{"app": name})
		return
	}
	there := map[bool]map[string]wechat.TemplateInfo{}
	for _, code := range slices.Sorted(maps.Keys(mine)) {
		t := mine[code]
		consented := t.Consented || appID == o.cfg.WeChat.Mini.AppID
		if there[consented] == nil {
			list, err := o.client.Templates(ctx, appID, consented)
			if err != nil {
				o.fail("operator.templates.failed", params{"app": name})
				o.answered(err)
				return
			}
			there[consented] = list
		}
		about := params{"app": name, "code": code, "id": t.ID}
		if info, known := there[consented][t.ID]; known {
			o.template(t, info, consented, about)
			continue
		}
		o.fail(o.elsewhere(ctx, appID, t, consented), about)
	}
}

// elsewhere says why a template is not among those that it should be among.
func (o *operator) elsewhere(ctx context.Context, appID string, t wechat.Template, consented bool) string {
	if appID == o.cfg.WeChat.Official.AppID {
		others, err := o.client.Templates(ctx, appID, !consented)
		if _, there := others[t.ID]; err == nil && there && consented {
			return "operator.templates.message"
		} else if err == nil && there {
			return "operator.templates.consented"
		}
	}
	return "operator.templates.missing"
}

// template compares one template with what is configured of it.
func (o *operator) template(t wechat.Template, info wechat.TemplateInfo, consented bool, about params) {
	about["fields"] = strings.Join(info.Fields, ", ")
	lacks := false
	for _, field := range slices.Sorted(maps.Keys(t.Fields)) {
		if about["field"] = field; !slices.Contains(info.Fields, field) {
			lacks = true
			o.fail("operator.templates.field", about)
		}
	}
	for _, field := range info.Fields { // a subscribe message that leaves one empty is refused
		if about["field"] = field; consented && !lacks && t.Fields[field] == "" {
			lacks = true
			o.fail("operator.templates.empty", about)
		}
	}
	if lacks {
		return
	}
	kind := "operator.templates.followers"
	if consented && info.Long {
		kind = "operator.templates.long"
	} else if consented {
		kind = "operator.templates.once"
	}
	about["kind"] = o.text.Say(kind, nil)
	o.good("operator.templates.good", about)
}

// templatesOf are the templates that are configured for an app, by notice.
func (o *operator) templatesOf(appID string) map[string]wechat.Template {
	mine := map[string]wechat.Template{}
	all := wechatConfig(o.cfg.WeChat).Templates
	for key, t := range all {
		if !strings.Contains(key, "/") && all[appID+"/"+key].ID == "" {
			mine[key] = t
		}
		if code, ok := strings.CutPrefix(key, appID+"/"); ok {
			mine[code] = t
		}
	}
	return mine
}

// menu shows how the official account's menu differs from ours, and replaces it.
func (o *operator) menu(ctx context.Context, push bool) error {
	ours, err := data.Menu()
	if err != nil {
		return err
	}
	theirs, err := o.client.Menu(ctx)
	if err != nil {
		o.answered(err)
		return err
	}
	want := buttons(ours)
	changes := differences(menuLines(theirs), menuLines(want))
	if len(changes) == 0 {
		_, err = fmt.Fprintln(o.out, o.text.Say("operator.menu.same", nil))
		return err
	}
	for _, line := range changes {
		_, _ = fmt.Fprintln(o.out, line)
	}
	if !push {
		_, err = fmt.Fprintln(o.out, o.text.Say("operator.menu.hint", nil))
		return err
	}
	if err := o.client.SetMenu(ctx, want); err != nil {
		o.answered(err)
		return err
	}
	_, err = fmt.Fprintln(o.out, o.text.Say("operator.menu.pushed", nil))
	return err
}

func buttons(list []data.Button) []wechat.Button {
	out := make([]wechat.Button, len(list))
	for i, b := range list {
		out[i] = wechat.Button{Name: b.Name, Key: b.Command}
		if len(b.Sub) > 0 {
			out[i].Sub = buttons(b.Sub)
		}
	}
	return out
}

// menuLines is a menu as text, a button a line.
func menuLines(list []wechat.Button) []string {
	var out []string
	for _, b := range list {
		out = append(out, strings.TrimSpace(b.Name+" "+b.Key+" "+b.URL+" "+b.Page))
		for _, line := range menuLines(b.Sub) {
			out = append(out, "  "+line)
		}
	}
	return out
}

// differences shows both menus whole unless they are the same: menus are short,
// and their order counts.
func differences(theirs, ours []string) []string {
	if slices.Equal(theirs, ours) {
		return nil
	}
	var out []string
	for _, line := range theirs {
		if !slices.Contains(ours, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range ours {
		sign := "  "
		if !slices.Contains(theirs, line) {
			sign = "+ "
		}
		out = append(out, sign+line)
	}
	return out
}
