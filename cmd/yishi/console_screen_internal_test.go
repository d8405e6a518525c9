package main

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"yishi/models"
	"yishi/models/rules"
)

// TestConsoleScreen pairs a screen with a meeting and looks at it from the back of
// the room: digits, quorum, poll and verdict, in letters that can be read from there,
// with the network cut in between.
func TestConsoleScreen(t *testing.T) {
	d := furnished(t)
	secretary := d.city.Secretary("YD-YS-TX-HY")
	d.pass(5*24*time.Hour - 10*time.Minute)
	d.run(emulation.SetDeviceMetricsOverride(1920, 1080, 2./3, false))
	d.open("/screen")
	d.await(`/^[0-9]{6}$/.test(document.querySelector('.digits')?.innerText)`)
	d.good("the screen that waits")
	d.shot("screen-pairing")
	var digits string
	d.run(chromedp.Text(".digits", &digits))
	_, err := d.forum.PairScreen(t.Context(), secretary, 1, digits)
	ok(t, err)
	d.sees("今天议的事")
	d.sees("还没有开始")
	d.good("the screen")
	d.shot("screen-agenda")
	for _, name := range []string{"孔平川", "许安禾", "何知秋", "何南星", "华竹音", "姜长庚"} {
		code, err := d.forum.SessionCode(t.Context(), secretary, 1)
		ok(t, err)
		_, err = d.forum.CheckIn(t.Context(), d.neighbour(name), 1, 0, code.Code)
		ok(t, err)
	}
	d.sees("到了6人，应到8人")
	d.await(`document.querySelector('img.scan')?.naturalWidth > 0`)
	_, err = d.forum.OpenSession(t.Context(), secretary, 1)
	ok(t, err)
	q, err := d.forum.OpenPoll(t.Context(), secretary, models.NewPoll{SessionID: 1, TopicID: 2, Question: "南门加两个分类垃圾桶，同意吗？"})
	ok(t, err)
	d.sees("已投0票")

	// The network is cut: the last state stays and says so.
	d.may("net::ERR_INTERNET_DISCONNECTED")
	d.offline(true)
	_, err = d.forum.CastBallot(t.Context(), d.neighbour("许安禾"), q.ID, "", rules.Yes)
	ok(t, err)
	d.sees("网络断了")
	d.sees("已投0票")
	d.shot("screen-cut")
	d.offline(false)
	d.sees("已投1票")
	d.sees("同意就通过。")
	d.await(`!document.body.innerText.includes('网络断了')`)
	d.may("")

	for i, name := range []string{"孔平川", "何知秋", "何南星", "华竹音", "姜长庚"} {
		_, err = d.forum.CastBallot(t.Context(), d.neighbour(name), q.ID, "", []rules.Choice{rules.Yes, rules.Yes, rules.No}[i%3])
		ok(t, err)
	}
	_, err = d.forum.ClosePoll(t.Context(), secretary, q.ID)
	ok(t, err)
	d.pass(time.Minute)
	d.sees("通过了。")
	d.await(`document.querySelector('figure img')?.naturalWidth > 0`)
	d.good("the verdict")
	d.shot("screen-verdict")
	d.readable()
	d.steady()
}

// readable measures the letters against the room: a thirtieth of the height of the
// picture and more, but for the small print, at 1080p as at 4K.
func (d *clerk) readable() {
	d.t.Helper()
	for _, wide := range []int64{1920, 3840} {
		d.run(emulation.SetDeviceMetricsOverride(wide, wide*9/16, 1, false))
		var small []string
		d.run(chromedp.Evaluate(`(() => {
			const out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			while (walk.nextNode()) {
				const e = walk.currentNode.parentElement;
				if (walk.currentNode.nodeValue.trim() && e.checkVisibility() && !e.closest('figcaption, .said') && parseFloat(getComputedStyle(e).fontSize) < innerHeight / 30) out.push(e.outerHTML.slice(0, 120));
			}
			if (document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth) out.push('it does not fit: ' + document.documentElement.scrollHeight);
			return out;
		})()`, &small))
		for _, s := range small {
			d.t.Errorf("at %d px: %s", wide, s)
		}
	}
}

// steady runs the screen through 300 looks, their timers made quick, and counts what
// is left behind: the one timer of the next look, and no more elements than at first.
func (d *clerk) steady() {
	d.t.Helper()
	var grown struct{ Timers, Nodes int }
	d.run(chromedp.Navigate("about:blank"))
	d.installs(`(() => {
		const set = window.setTimeout, clear = window.clearTimeout, on = new Set();
		window.looks = 0;
		window.fetch = ((real) => (...a) => { window.looks++; return real(...a); })(window.fetch);
		window.setTimeout = (f, ms, ...a) => { if (ms > 10000) return set(f, ms, ...a); const id = set(() => { on.delete(id); f(...a); }, Math.min(ms, 5)); on.add(id); return id; };
		window.clearTimeout = (id) => { on.delete(id); clear(id); };
		window.timers = () => on.size;
	})()`)
	d.open("/screen")
	d.sees("通过了。")
	var before int
	d.run(chromedp.Evaluate("document.querySelectorAll('*').length", &before))
	d.await("window.looks > 300")
	d.run(chromedp.Evaluate("({Timers: window.timers(), Nodes: document.querySelectorAll('*').length})", &grown))
	if grown.Timers > 1 || grown.Nodes > before+20 {
		d.t.Errorf("after 300 looks there are %d timers and %d elements, at first %d elements", grown.Timers, grown.Nodes, before)
	}
}
