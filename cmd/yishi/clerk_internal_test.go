package main

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"yishi/apps/console"
	"yishi/models"
	"yishi/models/rules"
)

// clerk is the console in a real browser. It counts what is tapped and what is filled
// in.
type clerk struct {
	*window
	taps, fields int
}

// newClerk opens a house and a browser before it, on a Monday morning.
func newClerk(t *testing.T) *clerk {
	t.Helper()
	if !console.App.Built() {
		missing(t, "the console is not built: make clients")
	}
	d := &clerk{window: newWindow(t, morning)}
	chromedp.ListenTarget(d.ctx, func(event any) {
		if e, is := event.(*log.EventEntryAdded); is && e.Entry.Level == log.LevelError {
			d.fault(fmt.Sprintf("the browser complains: %s %s", e.Entry.Text, e.Entry.URL))
		}
	})
	d.run(log.Enable(), emulation.SetDeviceMetricsOverride(1280, 900, 1, false))
	return d
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
	d.awaits(expression, nil)
}

// shot keeps what one sees of the page, where pictures are wanted.
func (d *clerk) shot(name string) {
	d.t.Helper()
	d.keeps(name, false)
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

func (d *clerk) neighbour(name string) models.Actor {
	who, found := d.city.Residents[name+"(示例)"]
	if !found {
		d.t.Fatalf("nobody is called %s", name)
	}
	return who
}
