package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"yishi/models"
	"yishi/models/rules"
)

// faultsOf is what is wrong with a page for people who see badly, tap badly, or use no
// mouse: targets under 44 px, text under 16 px, and what is wider than the window.
const faultsOf = `(() => {
	const out = [];
	const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().left > -500;
	for (const e of document.querySelectorAll('a, button, input, select, textarea, summary, [role=button]')) {
		const whole = e.closest('label.pick, .el-input__wrapper, .el-textarea, .el-input-number__decrease, .el-input-number__increase') ?? e;
		const box = whole.getBoundingClientRect();
		if (shown(e) && (box.height < 43.5 || box.width < 43.5) && !e.closest('p.words')) out.push('small target ' + Math.round(box.width) + 'x' + Math.round(box.height) + ': ' + e.outerHTML.slice(0, 120));
	}
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (walk.currentNode.nodeValue.trim() && shown(e) && parseFloat(getComputedStyle(e).fontSize) < 15.9) out.push('small text: ' + e.outerHTML.slice(0, 120));
	}
	if (document.documentElement.scrollWidth > innerWidth) out.push('wider than the window: ' + document.documentElement.scrollWidth);
	return out;
})()`

// good looks for what is wrong with the page as it stands.
func (d *clerk) good(name string) {
	d.t.Helper()
	d.run(chromedp.Evaluate(`Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0))).then(() => 1)`, nil, awaited))
	d.accessible(name, faultsOf, "best-practice")
}

// furnished is a house in which every desk has something on it.
func furnished(t *testing.T) *clerk {
	t.Helper()
	d := newClerk(t)
	secretary := d.city.Secretary("YD-YS-TX-HY")
	d.raise("何知秋", "电动车在楼道里充电，能不能在楼下建一个充电棚？")
	topic := d.raise("许安禾", "小区垃圾桶太少，夏天总是满的，能不能在南门加两个分类垃圾桶？")
	items, err := d.forum.SuggestItems(t.Context(), secretary, topic.ID)
	ok(t, err)
	_, err = d.forum.AcceptTopic(t.Context(), secretary, topic.ID, models.Acceptance{Item: items[0].Code})
	ok(t, err)
	s, err := d.forum.CreateSession(t.Context(), secretary, models.NewSession{
		OrgID: d.city.Orgs["YD-YS-TX-HY"].ID, PointID: d.city.Points["hy-hall"].ID, StartsAt: d.clock.now().Add(5 * 24 * time.Hour), Due: 8, Topics: []int64{topic.ID},
	})
	ok(t, err)
	_, err = d.forum.AnnounceSession(t.Context(), secretary, s.ID, "")
	ok(t, err)
	lamp := d.raise("华竹音", "南门路灯坏了三天，晚上看不见路。")
	_, err = d.forum.OrderTopic(t.Context(), secretary, lamp.ID, d.city.Orgs["YD-YS-urban"].ID, "修好南门路灯", d.clock.now().Add(72*time.Hour))
	ok(t, err)
	return d
}

// TestConsolePages looks at every page that a secretary, a street, a department and a
// city see, and at the screen: no faults, and each says what it is for.
func TestConsolePages(t *testing.T) {
	d := furnished(t)
	d.open("/login")
	d.run(chromedp.WaitVisible("[name=login]"))
	d.good("/login")
	for _, of := range []struct {
		login string
		paths []string
	}{
		{"huaiying", []string{"/today", "/triage", "/topics", "/topics/1", "/topics/2", "/sessions", "/sessions/new", "/sessions/1", "/sessions/1/agenda", "/points", "/points/1/code", "/board", "/orders", "/alliance", "/screenings", "/people", "/staff", "/map", "/audits", "/data", "/account", "/nowhere"}},
		{"urban", []string{"/today", "/orders"}},
		{"street", []string{"/today", "/staff"}},
		{"city", []string{"/staff", "/operator"}},
		{"huaiying-watch", []string{"/today", "/sessions/1"}},
	} {
		d.enter(of.login, of.paths[0])
		for _, path := range of.paths {
			d.open(path)
			d.await(`document.querySelector('main h1') && !document.body.innerText.includes('正在读取')`)
			d.good(of.login + " " + path)
			d.shot("page-" + of.login + strings.ReplaceAll(path, "/", "-"))
		}
	}
}

// TestConsoleKeyboard triages a matter by keyboard alone.
func TestConsoleKeyboard(t *testing.T) {
	d := furnished(t)
	d.enter("huaiying", "/triage")
	d.sees("按内容推荐")
	var tag string
	for range 60 {
		d.run(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate("document.activeElement.innerText ?? ''", &tag))
		if strings.TrimSpace(tag) == "受理" {
			break
		}
	}
	if strings.TrimSpace(tag) != "受理" {
		t.Fatalf("the button is not reached by Tab; the focus is at %q", tag)
	}
	d.run(chromedp.KeyEvent(kb.Enter))
	d.sees("已经受理")
}

// TestConsoleFirstPage weighs the script of the first page.
func TestConsoleFirstPage(t *testing.T) {
	d := newClerk(t)
	d.enter("huaiying", "/today")
	d.sees("今天")
	var size int
	d.run(chromedp.Evaluate(`Promise.all(performance.getEntriesByType('resource').map((r) => r.name).filter((n) => n.endsWith('.js')).map(async (n) => {
		const packed = new Response((await fetch(n)).body.pipeThrough(new CompressionStream('gzip')));
		return (await packed.arrayBuffer()).byteLength;
	})).then((all) => all.reduce((a, b) => a + b, 0))`, &size, awaited))
	t.Logf("the first page has %d bytes of packed script", size)
	if size == 0 || size > 500_000 {
		t.Errorf("the first page has %d bytes of packed script", size)
	}
}

// inPanel is the button of the words that stand open.
const inPanel = `//*[contains(@class,"ask")]//*[contains(@class,"deed")]//button`

// TestConsoleBadInput provokes refusals: each is told in words, nothing typed is lost,
// and a second tap does nothing twice.
func TestConsoleBadInput(t *testing.T) {
	d := furnished(t)
	secretary := d.enter("huaiying", "/triage")
	d.sees("按内容推荐")
	d.may("Failed to load resource")

	// Two people at the same matter: the second is told.
	_, err := d.forum.AskTopic(t.Context(), secretary, 1, "在哪一栋？")
	ok(t, err)
	d.press("受理")
	d.await(`document.querySelector('[role=alert]')?.innerText.includes('等您补充')`)

	d.expired("等冬天过了再看")
	d.run(chromedp.Evaluate(`(() => { const b = document.querySelector('.ask .in .deed button'); b.click(); b.click(); })()`, nil))
	d.sees("暂缓办理")
	hops, err := d.forum.Timeline(t.Context(), secretary, 3)
	ok(t, err)
	times := len(slices.DeleteFunc(hops, func(h models.Hop) bool { return h.Event != rules.OnSuspend }))
	if times != 1 {
		t.Errorf("a double tap suspends %d times", times)
	}

	// No network: what was typed stays, and it says what to do.
	d.open("/topics/2")
	d.press("暂缓")
	d.run(chromedp.SendKeys(".ask textarea", "先等一等", chromedp.NodeVisible))
	d.offline(true)
	d.tap(inPanel)
	d.sees("没有连上服务器")
	d.offline(false)
	d.tap(inPanel)
	d.sees("恢复办理")
	if state := d.stateOf(2); state != rules.TopicSuspended {
		t.Errorf("after the retry the matter is %s", state)
	}
}

// expired types into a page whose login runs out meanwhile: the page stays, a wrong
// password is told, and after the new login what was typed is still there.
func (d *clerk) expired(words string) {
	d.t.Helper()
	d.open("/topics/3")
	d.press("暂缓")
	d.run(chromedp.SendKeys(".ask textarea", words, chromedp.NodeVisible))
	d.clock.pass(30 * 24 * time.Hour)
	d.tap(inPanel)
	d.sees("登录已经到期")
	d.good("the login that ran out")
	d.shot("desk-expired")
	d.fill("login", "huaiying")
	d.fill("password", "wrong-password")
	d.fill("code", "000000")
	d.press("登录")
	d.await(`document.querySelector('.el-dialog [role=alert]')?.innerText.length > 3`)
	d.fill("password", freshPassword)
	d.fill("code", d.totp("huaiying"))
	d.press("登录")
	d.await(`!document.querySelector('.el-dialog')?.checkVisibility()`)
	var typed string
	d.run(chromedp.Value(".ask textarea", &typed))
	if typed != words {
		d.t.Errorf("after the new login the page holds %q", typed)
	}
}
