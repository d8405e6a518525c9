package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"yishi/models/samplecity"
)

// window is a real browser before a house with the sample city, whose clock the test
// holds. What no page may do, ask outside or complain, fails the test.
type window struct {
	*stage
	t     *testing.T
	ctx   context.Context
	clock clock
	pass  func(time.Duration) // with what the clock's door does meanwhile

	mu       sync.Mutex
	faults   []string
	expected string // of which the browser may complain: what a test provokes
}

// morning is when the tests begin: nine o'clock in Beijing, on a Monday.
var morning = time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)

// newWindow opens a house at some moment, and a browser before it.
func newWindow(t *testing.T, at time.Time) *window {
	t.Helper()
	w := &window{t: t, ctx: browser(t), clock: newClock(at)}
	var err error
	w.stage, err = newStage(t.Context(), "", "127.0.0.1:0", w.clock.now)
	ok(t, err)
	t.Cleanup(func() { ok(t, w.close()) })
	w.showPhones()
	// The browser learns the time from the answers; the server would tell the machine's.
	house := w.house.public
	w.house.public = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Date", w.clock.now().UTC().Format(http.TimeFormat))
		house.ServeHTTP(rw, r)
	})
	played, shut := w.play(t.Context(), w.clock)
	t.Cleanup(func() { ok(t, shut()) })
	w.pass = func(long time.Duration) { t.Helper(); ok(t, played.Pass(t.Context(), long)) }
	chromedp.ListenTarget(w.ctx, w.watch)
	t.Cleanup(func() { w.clean("the end") })
	// The browser lives as long as what it was first started with, so that is not bounded.
	ok(t, chromedp.Run(w.ctx, network.Enable(), runtime.Enable()))
	return w
}

// watch notes what no page may do.
func (w *window) watch(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		to := e.Request.URL
		if !slices.ContainsFunc([]string{w.cfg.PublicURL, w.fake.URL(), "data:", "blob:", "about:"}, func(s string) bool { return strings.HasPrefix(to, s) }) {
			w.fault("asks outside: " + to)
		}
	case *runtime.EventExceptionThrown:
		w.fault("throws: " + e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			w.fault("complains: " + string(e.Args[0].Value) + e.Args[0].Description)
		}
	}
}

func (w *window) fault(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.expected == "" || !strings.Contains(what, w.expected) {
		w.faults = append(w.faults, what)
	}
}

// may lets the browser complain of something that the test provokes.
func (w *window) may(complain string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = complain
}

// clean fails for what no page may do, and forgets it.
func (w *window) clean(where string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.faults {
		w.t.Errorf("%s: %s", where, f)
	}
	w.faults = nil
}

// run does things in the browser. What is waited for and does not come is told with
// what is on the page instead.
func (w *window) run(actions ...chromedp.Action) {
	w.t.Helper()
	bounded, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Run(bounded, actions...); err != nil {
		w.t.Fatalf("%v; the page says\n%s", err, w.body())
	}
}

// body is all that can be read on the page.
func (w *window) body() (text string) {
	bounded, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	_ = chromedp.Run(bounded, chromedp.Evaluate("location.href + '\\n' + document.body.innerText", &text))
	return text
}

// awaits waits until a script says something, and reads it. A page that goes away
// meanwhile takes the waiting with it: then it begins again on the next one.
func (w *window) awaits(script string, into any) {
	w.t.Helper()
	for until := time.Now().Add(patience); ; {
		err := chromedp.Run(w.ctx, chromedp.Poll(script, into, chromedp.WithPollingTimeout(patience), chromedp.WithPollingInterval(30*time.Millisecond)))
		if err == nil {
			return
		}
		if errors.Is(err, chromedp.ErrPollingTimeout) || time.Now().After(until) {
			w.clean("before that")
			w.t.Fatalf("waited for %s: %v; the page says\n%s", script, err, w.body())
		}
	}
}

// goes sends the browser to an address and does not wait for its load to end: a page
// that is left while it still loads may never tell. What is there is waited for.
func (w *window) goes(address string) {
	w.t.Helper()
	for _, to := range []string{"about:blank", address} {
		w.run(chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, _, _, err := page.Navigate(to).Do(ctx)
			return err
		}))
	}
}

// installs runs a script in every page from now on, before its own.
func (w *window) installs(script string) (id page.ScriptIdentifier) {
	w.t.Helper()
	w.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		id, err = page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
	return id
}

// offline takes the network away, or gives it back.
func (w *window) offline(away bool) {
	w.t.Helper()
	w.run(network.EmulateNetworkConditions(away, 0, -1, -1))
}

// lives gives the sample city its past.
func (w *window) lives() {
	w.t.Helper()
	ok(w.t, w.city.Live(w.t.Context(), w.forum, samplecity.Clock{Now: w.clock.now, Pass: func(_ context.Context, by time.Duration) error { w.pass(by); return nil }}))
}

// accessible looks for what is in the way of anybody (WCAG 2.2 AA, and good practice
// where that is asked for), and for what a script of one's own finds besides.
func (w *window) accessible(name, besides string, more ...string) {
	w.t.Helper()
	axe, err := os.ReadFile("../../apps/console/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(w.t, "axe-core is not installed: make clients")
	}
	var faults []string
	w.run(
		chromedp.Evaluate(string(axe)+";0", nil),
		chromedp.Evaluate(`(async () => {
			const found = await axe.run(document, { runOnly: `+quoted(slices.Concat(wcag, more))+` });
			return found.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 200))).concat(`+besides+`);
		})()`, &faults, awaited),
	)
	for _, f := range faults {
		w.t.Errorf("%s: %s", name, f)
	}
}

// wcag are the rules that every page keeps.
var wcag = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"}

// keeps keeps what the page looks like, where pictures are wanted, whole or what one
// sees of it.
func (w *window) keeps(name string, whole bool) {
	w.t.Helper()
	folder := os.Getenv("YISHI_SCREENS")
	if folder == "" {
		return
	}
	var picture []byte
	if whole {
		w.run(chromedp.Evaluate("document.activeElement?.blur(); scrollTo(0, 0)", nil), chromedp.FullScreenshot(&picture, 100))
	} else {
		w.run(chromedp.CaptureScreenshot(&picture))
	}
	ok(w.t, os.MkdirAll(folder, 0o750))
	ok(w.t, os.WriteFile(filepath.Join(folder, name+".png"), few(w.t, picture), 0o600))
}

// few gives a picture 48 colours, so that a gallery of them weighs little.
func few(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	ok(t, err)
	used := map[color.Color]int{}
	for y := full.Bounds().Min.Y; y < full.Bounds().Max.Y; y++ {
		for x := full.Bounds().Min.X; x < full.Bounds().Max.X; x++ {
			r, g, b, _ := full.At(x, y).RGBA()
			used[color.RGBA{R: uint8(r>>8) &^ 7, G: uint8(g>>8) &^ 7, B: uint8(b>>8) &^ 7, A: 255}]++
		}
	}
	palette := slices.SortedFunc(maps.Keys(used), func(a, b color.Color) int { return used[b] - used[a] })
	palette = append(palette[:min(46, len(palette))], color.White, color.Black)
	out := image.NewPaletted(full.Bounds(), palette)
	draw.Draw(out, full.Bounds(), full, full.Bounds().Min, draw.Src)
	var small bytes.Buffer
	ok(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, out))
	return small.Bytes()
}

// awaited waits for what a script promises.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// quoted writes texts as a script does.
func quoted[T string | []string](v T) string {
	b, _ := json.Marshal(v) // texts always are
	return string(b)
}

// browser starts a browser of its own, or skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	if underRace {
		t.Skip("NOT RUN under the race detector: everything that needs a browser")
	}
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
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("force-prefers-reduced-motion", true)) // what is looked at is not on its way in
	start, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	bounded, cancel := context.WithTimeout(start, 3*time.Minute)
	t.Cleanup(cancel)
	page, _ := chromedp.NewContext(bounded)
	t.Cleanup(func() { _ = chromedp.Cancel(page) }) // waits until it is gone
	return page
}
