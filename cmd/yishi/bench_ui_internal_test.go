package main

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// What every page is asked for: as a phone of a few years ago is slower than this
// machine, so often is each measured.
const (
	benches    = "YISHI_BENCH_UI"
	slowerBy   = 4
	looksAtOne = 5
)

// paints tells when something was first painted, once it was.
const paints = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime`

// listens notes how long each interaction took until it was painted.
const listens = `window.took = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.took = Math.max(window.took, e.duration) })
	.observe({ type: 'event', durationThreshold: 16 }); true`

// TestBenchUI measures, where YISHI_BENCH_UI is set (make bench-ui), how soon pages
// appear and answer a tap in a browser whose processor is made slower. It judges
// nothing: what it prints is written down in docs/performance.md.
func TestBenchUI(t *testing.T) {
	if os.Getenv(benches) == "" {
		t.Skip("a bench, not a test: make bench-ui")
	}
	fmt.Printf("processor %d times slower, medians of %d, no cache\n%-24s %14s %14s\n", slowerBy, looksAtOne, "page", "first paint ms", "tap to paint ms")
	p := newPhone(t)
	p.lives()
	resident := p.city.Residents[p.city.Sample.Matters[0].Raiser]
	p.enters(resident)
	polls, err := p.forum.MyPolls(t.Context(), resident)
	ok(t, err)
	for _, at := range []struct{ name, path, sees, tap string }{
		{"app: home", "home/home", "今天等您办的", "提一件事"},
		{"app: raise", "raise/raise", "什么事", "提交"},
		{"app: my matters", "mine/mine", "编号", ""},
		{"app: points", "points/points", "议事厅", ""},
		{"app: vote", fmt.Sprintf("poll/poll?id=%d", polls[0].ID), "您的选择", "不同意"},
	} {
		measure(at.name, p.run, func() { p.opens("%s", at.path); p.sees(at.sees) }, func() { p.taps(at.tap) }, at.tap != "")
	}

	d := newClerk(t)
	d.lives()
	d.enter("huaiying", "/")
	for _, at := range []struct{ name, path, sees, tap string }{
		{"console: today", "/", "今天", "分办"},
		{"console: triage", "/triage", "归到哪一项", "追问"},
		{"console: sessions", "/sessions", "议事会", ""},
		{"console: catalogue", "/map", "八类事项", ""},
	} {
		measure(at.name, d.run, func() { d.open(at.path); d.sees(at.sees) }, func() { d.run(chromedp.Click(thing(at.tap), chromedp.BySearch)) }, at.tap != "")
	}
}

// measure prints the medians of one page.
func measure(name string, run func(...chromedp.Action), open, tap func(), tapped bool) {
	var first, answers []float64
	run(network.SetCacheDisabled(true), emulation.SetCPUThrottlingRate(slowerBy))
	for range looksAtOne {
		var painted, took float64
		open()
		run(chromedp.Poll(paints, &painted), chromedp.Evaluate(listens, nil))
		if tapped {
			tap()
		}
		run(chromedp.Evaluate(`new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(window.took), 300)))`, &took, awaited))
		first, answers = append(first, painted), append(answers, took)
	}
	run(emulation.SetCPUThrottlingRate(1))
	slices.Sort(first)
	slices.Sort(answers)
	answer := "-"
	if tapped {
		answer = fmt.Sprintf("%.0f", answers[looksAtOne/2])
	}
	fmt.Printf("%-24s %14.0f %16s\n", name, first[looksAtOne/2], answer)
}
