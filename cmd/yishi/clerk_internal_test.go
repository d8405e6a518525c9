package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"yishi/apps/console"
	"yishi/models"
	"yishi/models/rules"
)

// clerk is the console in a real browser, before a house with the sample city whose
// clock the test holds. It counts what is tapped and what is filled in, and every
// request that leaves the house or error in the browser's console fails the test.
type clerk struct {
	*stage
	clock clock
	page  context.Context
	t     *testing.T

	pass         func(time.Duration)
	taps, fields int
	mu           sync.Mutex
	faults       []string
	expected     string // of which the browser may complain: refusals that a test provokes
}

// newClerk opens a house and a browser before it, on a Monday morning.
func newClerk(t *testing.T) *clerk {
	t.Helper()
	if !console.App.Built() {
		missing(t, "the console is not built: make clients")
	}
	d := &clerk{t: t, clock: newClock(time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)), page: browser(t)}
	var err error
	d.stage, err = newStage(t.Context(), "", "127.0.0.1:0", d.clock.now)
	ok(t, err)
	t.Cleanup(func() { ok(t, d.close()) })
	// The browser learns the time from the answers; the server would tell the machine's.
	house := d.house.public
	d.house.public = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", d.clock.now().UTC().Format(http.TimeFormat))
		house.ServeHTTP(w, r)
	})
	p, shut := d.play(t.Context(), d.clock)
	t.Cleanup(func() { ok(t, shut()) })
	d.pass = func(long time.Duration) { ok(t, p.Pass(t.Context(), long)) }
	d.watch()
	d.run(emulation.SetDeviceMetricsOverride(1280, 900, 1, false))
	t.Cleanup(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, f := range d.faults {
			t.Error(f)
		}
	})
	return d
}

// watch notes what should never happen in the browser.
func (d *clerk) watch() {
	chromedp.ListenTarget(d.page, func(ev any) {
		fault := ""
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			url := ev.Request.URL
			if !strings.HasPrefix(url, d.cfg.PublicURL) && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:") && url != "about:blank" {
				fault = "a request leaves the house: " + url
			}
		case *log.EventEntryAdded:
			if ev.Entry.Level == log.LevelError {
				fault = fmt.Sprintf("the browser complains: %s %s", ev.Entry.Text, ev.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			fault = "a script fails: " + ev.ExceptionDetails.Error()
		case *runtime.EventConsoleAPICalled:
			if ev.Type == runtime.APITypeError || ev.Type == runtime.APITypeWarning {
				fault = fmt.Sprintf("a script complains: %s", ev.Args[0].Value)
			}
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if fault != "" && (d.expected == "" || !strings.Contains(fault, d.expected)) {
			d.faults = append(d.faults, fault)
		}
	})
	ok(d.t, chromedp.Run(d.page, network.Enable(), log.Enable(), runtime.Enable())) // the browser lives as long as what it was first started with
}

// may lets the browser complain of something that the test provokes.
func (d *clerk) may(complain string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expected = complain
}

// run does things in the browser. What is waited for and does not come is told with
// what is on the page instead.
func (d *clerk) run(actions ...chromedp.Action) {
	d.t.Helper()
	bounded, cancel := context.WithTimeout(d.page, time.Minute)
	defer cancel()
	if err := chromedp.Run(bounded, actions...); err != nil {
		d.t.Fatalf("%v; the page says:\n%s", err, d.body())
	}
}

// body is what can be read on the page.
func (d *clerk) body() (text string) {
	bounded, cancel := context.WithTimeout(d.page, 5*time.Second)
	defer cancel()
	_ = chromedp.Run(bounded, chromedp.Evaluate("location.href + '\\n' + document.body.innerText", &text))
	return text
}

// open goes to a place of the console, as a typed address does.
func (d *clerk) open(path string) {
	d.t.Helper()
	d.run(chromedp.Navigate(d.cfg.PublicURL + "/console" + path))
}

// reload opens the same place again.
func (d *clerk) reload() {
	d.t.Helper()
	var at string
	d.run(chromedp.Location(&at))
	d.run(chromedp.Navigate(at))
}

// thing is an xpath of something to tap, by what it says.
func thing(says string) string {
	return fmt.Sprintf(`//*[self::button or self::a or self::label or self::summary][normalize-space(.)=%q][not(@disabled)]`, says)
}

// press taps what says so, and counts it.
func (d *clerk) press(says string) {
	d.t.Helper()
	d.taps++
	d.tap(thing(says))
}

// tap taps something, found by its xpath, once it can be tapped: it is there, nothing
// lies over it, and it takes a tap. That is looked at and done in one breath, for a
// page that is just read again moves things.
func (d *clerk) tap(xpath string) {
	d.t.Helper()
	d.await(fmt.Sprintf(`(() => {
		const all = document.evaluate(%q, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
		for (let i = 0; i < all.snapshotLength; i++) {
			const e = all.snapshotItem(i);
			if (e.disabled || e.getAttribute('aria-busy') === 'true' || !e.checkVisibility()) continue;
			e.scrollIntoView({ block: 'center' });
			const box = e.getBoundingClientRect();
			if (!e.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2))) continue;
			e.click();
			return true;
		}
		return false;
	})()`, xpath))
}

// fill fills a field in, and counts it.
func (d *clerk) fill(name, text string) {
	d.t.Helper()
	d.fields++
	sel := fmt.Sprintf("[name=%q]", name)
	d.run(chromedp.WaitVisible(sel), chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).select()", sel), nil), chromedp.SendKeys(sel, text))
}

// choose picks from a list by the name beside it, and counts it as a tap.
func (d *clerk) choose(name string, value int64) {
	d.t.Helper()
	d.taps++
	d.run(chromedp.SetValue(fmt.Sprintf("//label[starts-with(normalize-space(.),%q)]//select", name), strconv.FormatInt(value, 10), chromedp.BySearch))
	d.run(chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll('label')].find((l) => l.innerText.startsWith(%q)).querySelector('select').dispatchEvent(new Event('change'))`, name), nil))
}

// sees waits until the page says something.
func (d *clerk) sees(text string) {
	d.t.Helper()
	d.await(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// await waits until an expression is true on the page, or on the one that takes its
// place meanwhile.
func (d *clerk) await(expression string) {
	d.t.Helper()
	for range 3 {
		if err := chromedp.Run(d.page, chromedp.Poll(expression, nil, chromedp.WithPollingTimeout(45*time.Second))); err == nil {
			return
		} else if !strings.Contains(err.Error(), "Cannot find context") {
			d.t.Fatalf("never: %s: %v; the page says:\n%s", expression, err, d.body())
		}
	}
	d.t.Fatalf("no page stays to wait for %s", expression)
}

// shot keeps what the page looks like, where screenshots are wanted.
func (d *clerk) shot(name string) {
	d.t.Helper()
	folder := os.Getenv("YISHI_SCREENS")
	if folder == "" {
		return
	}
	var picture []byte
	d.run(chromedp.CaptureScreenshot(&picture))
	ok(d.t, os.MkdirAll(folder, 0o750))
	ok(d.t, os.WriteFile(filepath.Join(folder, name+".png"), few(d.t, picture), 0o600))
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

// freshPassword is what staff choose at their first login.
const freshPassword = "Lu-guan-2026-xin"

// signIn logs somebody of the staff in on the page, and renews the password.
func (d *clerk) signIn(login string) {
	d.t.Helper()
	c := d.city.Staff[login]
	d.open("/")
	d.fill("login", c.Login)
	d.fill("password", c.Password)
	d.fill("code", d.totp(login))
	d.shot("desk-login")
	d.press("登录")
	d.fill("old", c.Password)
	d.fill("fresh", freshPassword)
	d.fill("again", freshPassword)
	d.press("换密码")
	d.run(chromedp.WaitVisible("nav"))
	c.Password = freshPassword
	d.city.Staff[login] = c
}

// enter logs somebody of the staff in behind the page's back, and opens a place.
func (d *clerk) enter(login, path string) models.Actor {
	d.t.Helper()
	c := d.city.Staff[login]
	who := models.Actor{PersonID: c.PersonID, Door: models.DoorConsole}
	d.clock.pass(time.Minute) // a code is good once
	password := c.Password
	pass, err := d.forum.LoginStaff(d.t.Context(), c.Login, password, d.totp(login))
	ok(d.t, err)
	if pass.Renew {
		pass, err = d.forum.RenewPassword(d.t.Context(), who, password, freshPassword)
		ok(d.t, err)
		c.Password = freshPassword
		d.city.Staff[login] = c
	}
	d.open("/login")
	d.run(chromedp.Evaluate(fmt.Sprintf("sessionStorage.setItem('yishi-login', %q)", pass.Token), nil))
	d.open(path)
	d.run(chromedp.WaitVisible("nav"))
	return who
}

// raise lets a neighbour raise a matter, which the desk takes up.
func (d *clerk) raise(name, text string) *models.Topic {
	d.t.Helper()
	who := d.neighbour(name)
	r, err := d.forum.RaiseTopic(d.t.Context(), who, models.NewTopic{Text: text})
	ok(d.t, err)
	d.pass(time.Minute)
	return &r.Topic
}

// totp is the code that somebody's authenticator shows now.
func (d *clerk) totp(login string) string {
	d.t.Helper()
	code, err := totp.GenerateCode(d.city.Staff[login].Secret, d.clock.now())
	ok(d.t, err)
	return code
}

// stateOf is where a matter stands.
func (d *clerk) stateOf(topic int64) rules.State {
	d.t.Helper()
	v, err := d.forum.Topic(d.t.Context(), d.city.Secretary("YD-YS-TX-HY"), topic)
	ok(d.t, err)
	return v.State
}

// awaited waits for what a script promises.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// onEveryPage runs a script in every page before its own.
func onEveryPage(script string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	})
}

// offline cuts the browser's network, or gives it back.
func offline(cut bool) chromedp.Action {
	return network.EmulateNetworkConditions(cut, 0, -1, -1)
}

func (d *clerk) neighbour(name string) models.Actor {
	who, found := d.city.Residents[name+"(示例)"]
	if !found {
		d.t.Fatalf("nobody is called %s", name)
	}
	return who
}
