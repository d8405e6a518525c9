package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"yishi/apps/resident"
	"yishi/models"
)

// phone is a real browser, as large as a telephone.
type phone struct {
	*window
	asked chan string // every request for a deed
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
	p := &phone{window: newWindow(t, morning), asked: make(chan string, 1000)}
	p.may("for-list data") // the framework draws a part once before what it lists is there
	chromedp.ListenTarget(p.ctx, func(event any) {
		if e, is := event.(*network.EventRequestWillBeSent); is && e.Request.Method == http.MethodPost {
			select {
			case p.asked <- strings.TrimPrefix(e.Request.URL, p.cfg.PublicURL):
			default:
			}
		}
	})
	p.run(emulation.SetDeviceMetricsOverride(390, 844, 1, true))
	p.installs(eyes)
	return p
}

// looked waits until what is seen of a page says something, and reads it.
func (p *phone) looked(script string, into any) {
	p.t.Helper()
	p.awaits("window.eyes && ("+script+")", into)
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
		p.looked("eyes.text().includes("+quoted(w)+")", &seen)
	}
}

// taps puts a finger on a button, as often as said. A finger that hit nothing, for
// the page moved under it, is put there again, as a person does.
func (p *phone) taps(text string, times ...int) {
	p.t.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); {
		var at []float64
		p.looked("eyes.button("+quoted(text)+")", &at)
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
	p.looked("eyes.focus("+quoted(label)+")", &at)
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
	p.goes(p.cfg.PublicURL + "/app/#" + code)
	p.sees("今天等您办的")
}

// opens goes to a page of the app.
func (p *phone) opens(where string, args ...any) {
	p.t.Helper()
	p.goes(p.cfg.PublicURL + "/app/#/pages/" + fmt.Sprintf(where, args...))
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
	p.accessible(name, "eyes.small()")
	p.clean(name)
	p.keeps("app-"+name, true)
}

// scans comes by a code that was scanned.
func (p *phone) scans(scene string) {
	p.t.Helper()
	p.goes(p.cfg.PublicURL + "/app/?scene=" + url.QueryEscape(scene))
}
