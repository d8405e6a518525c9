package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"yishi/models"
	"yishi/models/rules"
)

// refusals notes what the house forbids, or does not let somebody find, while a page is
// walked over: what is offered must not be refused for who asks.
type refusals struct {
	mu  sync.Mutex
	all []string
}

func (r *refusals) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.all
	r.all = nil
	return out
}

// listen notes the refusals that reach the browser from now on.
func (d *clerk) listen() *refusals {
	r, asked := &refusals{}, map[network.RequestID]string{}
	chromedp.ListenTarget(d.ctx, func(ev any) {
		r.mu.Lock()
		defer r.mu.Unlock()
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			asked[ev.RequestID] = ev.Request.Method + " " + strings.TrimPrefix(ev.Request.URL, d.cfg.PublicURL)
		case *network.EventResponseReceived:
			if s := ev.Response.Status; (s == http.StatusForbidden || s == http.StatusNotFound || s >= 500) && !strings.HasSuffix(ev.Response.URL, ".svg") {
				r.all = append(r.all, fmt.Sprintf("%d %s", s, asked[ev.RequestID]))
			}
		}
	})
	return r
}

// linksOf are the places that a page leads to, this console's alone.
const linksOf = `[...new Set([...document.querySelectorAll('a[href^="/console/"]')].filter((a) => a.checkVisibility()).map((a) => a.getAttribute('href').replace('/console', '')))]`

// pressAll presses every button of the page that may be pressed, those that open
// something first, then whatever stands in what they opened; fields are filled in with
// something first, so that what waits for words is offered, unless it may stay empty.
const pressAll = `(async () => {
	const wait = (ms) => new Promise((done) => setTimeout(done, ms));
	const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	const main = document.querySelector('main');
	const fill = () => { for (const e of main.querySelectorAll('input:not([type]), input[type=text], textarea')) if (!e.value && !e.readOnly && e.checkVisibility() && !e.closest('label')?.innerText.includes('可以不写')) { e.value = e.inputMode === 'numeric' ? '1' : '试一试'; e.dispatchEvent(new Event('input')); } };
	const open = () => { for (const e of main.querySelectorAll('details:not([open]) > summary, button[aria-expanded=false]')) if (e.checkVisibility()) e.click(); };
	for (let i = 0; i < 3; i++) { open(); await drawn(); fill(); await drawn(); }
	const pressed = [];
	for (const b of [...main.querySelectorAll('button')]) {
		if (!b.isConnected || b.disabled || !b.checkVisibility() || b.hasAttribute('aria-expanded') || b.closest('.el-picker-panel, .el-date-editor')) continue;
		if (b.innerText.trim() === '打印') continue;
		pressed.push(b.innerText.trim());
		b.click();
		await drawn(); // that it is busy is drawn first
		for (let n = 0; n < 800 && b.isConnected && b.getAttribute('aria-busy') === 'true'; n++) await wait(25);
	}
	return pressed;
})()`

// TestConsoleWalk walks over every desk as each kind of staff, and over every page that
// a desk leads to, and presses whatever is offered there: nobody is shown what they may
// not read, or offered what they may not do. That what was filled in is wrong, or comes
// too late, is no matter here.
func TestConsoleWalk(t *testing.T) {
	for _, login := range []string{"huaiying", "street", "district", "city", "urban", "huaiying-watch", "leader"} {
		t.Run(login, func(t *testing.T) {
			d := furnished(t)
			d.busy(t)
			refused := d.listen()
			d.may("Failed to load resource") // a wrong word is refused, and the browser says so
			d.enter(login, "/today")
			for seen, rest := map[string]bool{}, []string{"/today"}; len(rest) > 0; rest = rest[1:] {
				path := rest[0]
				if seen[path] {
					continue
				}
				seen[path] = true
				d.open(path)
				d.await(`document.querySelector('main h1, main [role=alert]') && !document.body.innerText.includes('正在读取')`)
				var links []string
				d.run(chromedp.Evaluate(linksOf, &links))
				rest = append(rest, links...)
				for _, r := range refused.take() {
					t.Errorf("%s shows what it may not: %s", path, r)
				}
				var pressed []string
				d.run(chromedp.Evaluate(pressAll, &pressed, awaited))
				for _, r := range refused.take() {
					t.Errorf("%s offers what is refused: %s; pressed were %v", path, r, pressed)
				}
			}
		})
	}
}

// busy adds to the furnished house what the desks of others have before them: an order
// that is signed, a matter that was sent up, one that is done, an appeal, a shop and a
// neighbour that ask, a poll under way, and a neighbour leader with a login.
func (d *clerk) busy(t *testing.T) {
	t.Helper()
	ctx, desk := t.Context(), d.city.Secretary("YD-YS-TX-HY")
	d.rejoins("拾光理发店(示例)")
	gone := d.raise("许安禾", "楼上的水管漏到我家")
	_, err := d.forum.RedirectTopic(ctx, desk, gone.ID, "N2", "", "")
	ok(t, err)
	_, err = d.forum.AppealTopic(ctx, d.neighbour("许安禾"), gone.ID, "整栋楼都在漏")
	ok(t, err)
	bench := d.raise("何南星", "花园里的长椅断了一条腿，坐不了人。")
	d.finished(bench.ID)
	_, err = d.forum.BindCapacity(ctx, d.neighbour("吴向晚"), d.city.Orgs["YD-YS-TX-HY"].ID, models.CapacityTenant, "1-1-102")
	ok(t, err)
	made, err := d.forum.CreateStaff(ctx, d.city.Officer(rules.District, "YD-YS"), models.NewStaff{Name: "顾长风(示例)", Login: "leader", OrgID: d.city.Orgs["YD-YS-TX-HY"].ID, Role: rules.Leader})
	ok(t, err)
	d.city.Staff["leader"] = *made
	d.seated()
	_, err = d.forum.OpenPoll(ctx, desk, models.NewPoll{SessionID: 1, TopicID: 2, Question: "南门加两个分类垃圾桶，同意吗？"})
	ok(t, err)
}
