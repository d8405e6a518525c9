package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"yishi/apps/resident"
	"yishi/models"
)

// phone is a real browser, as large as a telephone, at a house that is played whole.
type phone struct {
	*stage
	t      *testing.T
	ctx    context.Context
	clock  clock
	pass   func(context.Context, time.Duration) error
	faults chan string // what no page may do: ask outside, or complain
	asked  chan string // every request for a deed
}

// eyes are what a person sees of a page, and where they put their finger.
const eyes = `window.eyes ??= (() => {
	let was = [], aim, hits = 0;
	document.addEventListener('click', (e) => { if (e.composedPath().includes(aim)) hits++ }, true);
	const shown = (e) => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 && getComputedStyle(e).visibility !== 'hidden' };
	const pages = () => [...document.querySelectorAll('.page')].filter(shown);
	const buttons = () => pages().flatMap((p) => [...p.querySelectorAll('uni-button, button')]).concat([...document.querySelectorAll('.uni-page-head-btn, dialog[open] button, #back')]).filter(shown);
	const says = (e) => (e.getAttribute('aria-label') ?? e.innerText).replace(/\s+/g, ' ').trim();
	const field = (label) => pages().flatMap((p) => [...p.querySelectorAll('input, textarea')]).filter(shown).find((e) => (e.getAttribute('aria-label') ?? '').includes(label));
	return {
		text: () => pages().map((p) => p.innerText).join('\n'),
		button(text) {
			const all = buttons().filter((e) => e.getAttribute('aria-disabled') !== 'true' && (e.getAttribute('disabled') ?? 'false') === 'false');
			const b = all.find((e) => says(e) === text) ?? all.find((e) => says(e).includes(text));
			if (!b) return null;
			b.scrollIntoView({ block: 'center' });
			const r = b.getBoundingClientRect(), at = [r.x + r.width / 2, r.y + r.height / 2], still = was[0] === at[0] && was[1] === at[1];
			was = at; aim = b; hits = 0;
			return still ? at : null; // what moves is not tapped yet
		},
		hits: () => (aim ? hits : 1), // a new page came of it
		focus(label) { const f = field(label); if (!f) return null; f.scrollIntoView({ block: 'center' }); f.focus(); f.select(); return [1, 1] },
		value: (label) => field(label)?.value ?? '',
		small() {
			const bad = [];
			for (const e of buttons()) {
				const r = e.getBoundingClientRect(), least = e.closest('.page') ? 60 : 44;
				if (r.height < least || r.width < 44) bad.push(says(e) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height));
			}
			for (const p of pages()) {
				const w = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
				while (w.nextNode()) {
					const at = w.currentNode.parentElement;
					if (w.currentNode.data.trim() && shown(at) && parseFloat(getComputedStyle(at).fontSize) < 18) bad.push('text ' + w.currentNode.data.trim());
				}
			}
			if (document.documentElement.scrollWidth > innerWidth) bad.push('wider than the phone: ' + document.documentElement.scrollWidth);
			return bad;
		},
	};
})();`

// newPhone plays a house and gives a browser to a resident.
func newPhone(t *testing.T) *phone {
	t.Helper()
	if !resident.App.Built() {
		missing(t, "the residents' app is not built: make clients")
	}
	ctx := browser(t)
	c := newClock(time.Now())
	s, err := newStage(t.Context(), "", "127.0.0.1:0", c.now)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.close()) })
	s.showPhones()
	played, shut := s.play(t.Context(), c)
	t.Cleanup(func() { ok(t, shut()) })
	p := &phone{stage: s, t: t, ctx: ctx, clock: c, pass: played.Pass, faults: make(chan string, 100), asked: make(chan string, 1000)}
	p.watch()
	p.run(
		network.Enable(), emulation.SetDeviceMetricsOverride(390, 844, 1, true),
		p.installs(new(page.ScriptIdentifier), eyes),
	)
	return p
}

// watch notes what no page may do.
func (p *phone) watch() {
	note := func(to chan string, what string) {
		select {
		case to <- what:
		default:
		}
	}
	chromedp.ListenTarget(p.ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			to := e.Request.URL
			if !slices.ContainsFunc([]string{p.cfg.PublicURL, p.fake.URL(), "data:", "blob:", "about:"}, func(s string) bool { return strings.HasPrefix(to, s) }) {
				note(p.faults, "asks outside: "+to)
			}
			if e.Request.Method == http.MethodPost {
				note(p.asked, strings.TrimPrefix(to, p.cfg.PublicURL))
			}
		case *runtime.EventExceptionThrown:
			note(p.faults, "throws: "+e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
				said := string(e.Args[0].Value) + e.Args[0].Description
				if strings.Contains(said, "for-list data") {
					return // the framework draws a part once before what it lists is there
				}
				note(p.faults, "complains: "+said)
			}
		}
	})
}

func (p *phone) run(do ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, do...); err != nil {
		p.t.Fatal(err)
	}
}

// awaits waits until a script says something, and reads it. A page that goes away
// meanwhile takes the waiting with it: then it begins again on the next one.
func (p *phone) awaits(script string, into any) {
	p.t.Helper()
	for until := time.Now().Add(patience); ; {
		err := chromedp.Run(p.ctx, chromedp.Poll("window.eyes && ("+script+")", into, chromedp.WithPollingTimeout(patience), chromedp.WithPollingInterval(30*time.Millisecond)))
		if err == nil {
			return
		}
		if errors.Is(err, chromedp.ErrPollingTimeout) || time.Now().After(until) {
			p.clean("before that")
			p.t.Fatalf("waited for %s: %v; the page says\n%s", script, err, p.text())
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always is
	return string(b)
}

func (p *phone) text() (said string) {
	_ = chromedp.Run(p.ctx, chromedp.Evaluate("window.eyes ? eyes.text() : document.body.innerText", &said))
	return said
}

// sees waits until the page says all that.
func (p *phone) sees(words ...string) {
	p.t.Helper()
	for _, w := range words {
		var seen bool
		p.awaits("eyes.text().includes("+quoted(w)+")", &seen)
	}
}

// taps puts a finger on a button, as often as said. A finger that hit nothing, for
// the page moved under it, is put there again, as a person does.
func (p *phone) taps(text string, times ...int) {
	p.t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); {
		var at []float64
		p.awaits("eyes.button("+quoted(text)+")", &at)
		for range append(times, 1)[0] {
			p.run(chromedp.MouseClickXY(at[0], at[1]))
		}
		hits := 0
		if err := chromedp.Run(p.ctx, chromedp.Evaluate("window.eyes ? eyes.hits() : 1", &hits)); err != nil || hits > 0 {
			return
		}
	}
	p.t.Fatalf("no tap reaches %s; the page says\n%s", text, p.text())
}

// types writes into a field, in the place of what stood there.
func (p *phone) types(label, text string) {
	p.t.Helper()
	var at []float64
	p.awaits("eyes.focus("+quoted(label)+")", &at)
	p.run(chromedp.ActionFunc(func(ctx context.Context) error { return input.InsertText(text).Do(ctx) }))
}

func (p *phone) field(label string) (value string) {
	p.t.Helper()
	p.run(chromedp.Evaluate("eyes.value("+quoted(label)+")", &value))
	return value
}

// enters comes by a link that the official account gave.
func (p *phone) enters(who models.Actor) {
	p.t.Helper()
	code, err := p.forum.LinkLogin(p.t.Context(), who)
	ok(p.t, err)
	p.goes("about:blank")
	p.goes(p.cfg.PublicURL + "/app/#" + code)
	p.sees("今天等您办的")
}

// opens goes to a page of the app.
func (p *phone) opens(where string, args ...any) {
	p.t.Helper()
	p.goes("about:blank")
	p.goes(p.cfg.PublicURL + "/app/#/pages/" + fmt.Sprintf(where, args...))
}

// goes sends the browser to an address and does not wait for its load to end: a page
// that is left while it still loads may never tell. What is there is waited for.
func (p *phone) goes(address string) {
	p.t.Helper()
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, _, err := page.Navigate(address).Do(ctx)
		return err
	}))
}

// installs runs a script in every page from now on.
func (p *phone) installs(id *page.ScriptIdentifier, script string) chromedp.ActionFunc {
	return func(ctx context.Context) (err error) {
		*id, err = page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}
}

// offline takes the network away, or gives it back.
func (p *phone) offline(away bool) {
	p.t.Helper()
	down := -1.0
	p.run(network.EmulateNetworkConditions(away, 0, down, down))
}

// deeds counts the requests for a deed since it was asked last.
func (p *phone) deeds(path string) (n int) {
	for {
		select {
		case got := <-p.asked:
			if strings.HasSuffix(got, path) {
				n++
			}
		default:
			return n
		}
	}
}

// looks checks the page as it is: nothing is in the way of anybody, nothing is too
// small, nothing went wrong. It is kept as a picture where pictures are wanted.
func (p *phone) looks(name string) {
	p.t.Helper()
	axe, err := os.ReadFile("../../apps/console/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(p.t, "axe-core is not installed: make clients")
	}
	var wrong, small []string
	p.run(
		chromedp.Evaluate(string(axe)+";0", nil),
		chromedp.Evaluate(`axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } }).then((r) =>
			r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 200))))`, &wrong, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
		chromedp.Evaluate("eyes.small()", &small),
	)
	if len(wrong)+len(small) > 0 {
		p.t.Errorf("%s: %s", name, strings.Join(append(wrong, small...), "\n\t"))
	}
	p.clean(name)
	folder := os.Getenv("YISHI_SCREENS")
	if folder == "" {
		return
	}
	var picture []byte
	p.run(chromedp.Evaluate("document.activeElement?.blur(); scrollTo(0, 0)", nil), chromedp.FullScreenshot(&picture, 100))
	ok(p.t, os.WriteFile(filepath.Join(folder, "app-"+name+".png"), picture, 0o600))
}

// clean fails for what no page may do.
func (p *phone) clean(where string) {
	p.t.Helper()
	for {
		select {
		case fault := <-p.faults:
			p.t.Errorf("%s: %s", where, fault)
		default:
			return
		}
	}
}

// scans comes by a code that was scanned.
func (p *phone) scans(scene string) {
	p.t.Helper()
	p.goes("about:blank")
	p.goes(p.cfg.PublicURL + "/app/?scene=" + url.QueryEscape(scene))
}
