package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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
	t.Cleanup(func() { ok(t, d.stage.close()) })
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
	bounded, cancel := context.WithTimeout(d.page, 20*time.Second)
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
	d.run(chromedp.SetValue(fmt.Sprintf("//label[starts-with(normalize-space(.),%q)]//select", name), fmt.Sprint(value), chromedp.BySearch))
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
		if err := chromedp.Run(d.page, chromedp.Poll(expression, nil, chromedp.WithPollingTimeout(15*time.Second))); err == nil {
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
	ok(d.t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600))
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

// TestConsoleStory is a secretary's whole story in the browser: a matter is triaged,
// a meeting is announced and held, the poll and what it came to are recorded, somebody
// promises to do it, the result is published and the matter archived. What that costs
// in taps and typing is in docs/burden.md, and may not become more.
func TestConsoleStory(t *testing.T) {
	const mostTaps, mostFields = 26, 2
	d := newClerk(t)
	topic := d.raise("许安禾", "小区垃圾桶太少，夏天总是满的，能不能在南门加两个分类垃圾桶？")
	d.shot("desk-login")
	d.signIn("huaiying")
	d.taps, d.fields = 0, 0
	d.sees("答复新议题")
	d.shot("desk-today")
	d.press(topic.Title)
	d.sees("按内容推荐")
	d.shot("desk-triage")
	d.press("受理")
	d.press("给它安排议事会")
	d.sees("够3天公布期的时间")
	d.shot("desk-plan")
	d.fill("due", "10")
	d.press("公布")
	d.sees("开始前半小时起可以点")
	session := d.held(topic.ID)
	d.meet(topic, session)
	d.publish(topic)
	d.do(topic)
	d.press("今天")
	d.press(topic.Title)
	d.press("归档")
	d.sees("留给别处的经验")
	d.press("归档")
	d.sees("已归档")
	after, err := d.forum.Topic(t.Context(), d.city.Secretary("YD-YS-TX-HY"), topic.ID)
	ok(t, err)
	if after.State != rules.TopicArchived {
		t.Errorf("in the end the matter is %s", after.State)
	}
	t.Logf("from triage to archive: %d taps, %d fields", d.taps, d.fields)
	if d.taps > mostTaps || d.fields > mostFields {
		t.Errorf("from triage to archive it takes %d taps and %d typed fields; docs/burden.md says at most %d and %d", d.taps, d.fields, mostTaps, mostFields)
	}
}

// held finds the meeting of a matter.
func (d *clerk) held(topic int64) *models.Session {
	d.t.Helper()
	page, err := d.forum.Sessions(d.t.Context(), d.city.Secretary("YD-YS-TX-HY"), d.city.Orgs["YD-YS-TX-HY"].ID, d.clock.now(), 0, 10)
	ok(d.t, err)
	if len(page.Items) != 1 {
		d.t.Fatalf("there are %d meetings for matter %d", len(page.Items), topic)
	}
	return &page.Items[0]
}

// meet holds the meeting: people check in, one is let in by hand, they vote, and
// what was decided is promised.
func (d *clerk) meet(topic *models.Topic, s *models.Session) {
	d.t.Helper()
	secretary := d.city.Secretary("YD-YS-TX-HY")
	d.later(s.StartsAt.Sub(d.clock.now()) - 10*time.Minute)
	neighbours := []string{"孔平川", "许安禾", "何知秋", "何南星", "华竹音", "姜长庚", "吴向晚", "租客戊"}
	for _, name := range neighbours {
		code, err := d.forum.SessionCode(d.t.Context(), secretary, s.ID)
		ok(d.t, err)
		_, err = d.forum.CheckIn(d.t.Context(), d.neighbour(name), s.ID, 0, code.Code)
		ok(d.t, err)
	}
	d.press("开会")
	d.press("没带手机的人")
	d.fill("guest", "段老太(示例)")
	d.press("记到场")
	d.sees("到了9人")
	d.shot("desk-hall")
	d.press("开始表决")
	d.sees("已投0票")
	polls, err := d.forum.TopicPolls(d.t.Context(), secretary, topic.ID)
	ok(d.t, err)
	for i, name := range neighbours {
		_, err := d.forum.CastBallot(d.t.Context(), d.neighbour(name), polls[0].ID, "", []rules.Choice{rules.Yes, rules.Yes, rules.No}[i%3])
		ok(d.t, err)
	}
	d.sees("已投8票")
	d.shot("desk-poll")
	d.press("结束表决")
	d.sees("通过了。同意6票，不同意2票")
	d.await(`document.querySelector('[name=outcome]')?.value.includes('通过了')`)
	d.shot("desk-verdict")
	d.press("记下")
	d.choose("谁来办", d.city.Orgs["YD-YS-urban"].ID)
	d.press("定下来")
	d.sees("待散会生效")
	d.shot("desk-promise")
	d.press("散会")
	d.sees("已散会")
	d.press("会议记录")
	d.sees("议事会记录")
	d.shot("desk-minutes")
	d.printed("desk-minutes", "主持人", "通过了。同意6票")
}

// later lets time pass, opens the page again and answers the login that ran out
// meanwhile. What that takes is no part of what a story costs.
func (d *clerk) later(long time.Duration) {
	d.t.Helper()
	taps, fields := d.taps, d.fields
	d.may("401 (Unauthorized)")
	d.pass(long)
	d.reload()
	d.await("document.querySelector('nav, [name=login]') !== null")
	var out bool
	d.run(chromedp.Evaluate("document.querySelector('[name=login]') !== null", &out))
	if out {
		d.fill("login", "huaiying")
		d.fill("password", freshPassword)
		d.fill("code", d.totp("huaiying"))
		d.press("登录")
		d.run(chromedp.WaitVisible("nav"))
	}
	d.taps, d.fields = taps, fields
	d.may("")
}

// publish puts the result on the notice board, and prints it.
func (d *clerk) publish(topic *models.Topic) {
	d.t.Helper()
	d.pass(time.Minute) // the record of the vote is sealed
	d.press("今天")
	d.press(topic.Title)
	d.press("公示结果")
	d.await(`document.querySelector('textarea')?.value.includes('承办')`)
	d.shot("desk-topic")
	d.press("贴出去")
	d.press("打印公示")
	d.sees("协商结果公示")
	d.await(`document.querySelector('.check img')?.complete`)
	d.shot("desk-notice")
	d.printed("desk-notice", "公示期", "扫码核对")
}

// printed looks at a page as the printer does: A4, what it is about, no navigation.
func (d *clerk) printed(name string, says ...string) {
	d.t.Helper()
	var text string
	var wide bool
	var paper []byte
	d.run(
		emulation.SetEmulatedMedia().WithMedia("print"),
		chromedp.Evaluate("document.body.innerText", &text),
		chromedp.Evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth", &wide),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			paper, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
			return err
		}),
		emulation.SetEmulatedMedia().WithMedia("screen"),
	)
	for _, want := range says {
		if !strings.Contains(text, want) {
			d.t.Errorf("%s is printed without %q: %s", name, want, text)
		}
	}
	for _, none := range []string{"分办", "退出", "打印时没有菜单"} {
		if strings.Contains(text, none) {
			d.t.Errorf("%s is printed with %q: %s", name, none, text)
		}
	}
	if wide || !regexp.MustCompile(`/MediaBox \[0 0 59[45][.0-9]* 84[12][.0-9]*\]`).Match(paper) {
		d.t.Errorf("%s does not fit on A4 (too wide: %v, %d bytes of PDF)", name, wide, len(paper))
	}
	if folder := os.Getenv("YISHI_SCREENS"); folder != "" {
		ok(d.t, os.WriteFile(filepath.Join(folder, name+".pdf"), paper, 0o600))
	}
}

// do lets the department do what was promised, and who raised it say that it is solved.
func (d *clerk) do(topic *models.Topic) {
	d.t.Helper()
	secretary := d.city.Secretary("YD-YS-TX-HY")
	orders, err := d.forum.TopicOrders(d.t.Context(), secretary, topic.ID)
	ok(d.t, err)
	if len(orders) != 1 {
		d.t.Fatalf("there are %d orders", len(orders))
	}
	handler := models.Actor{}
	for login, s := range d.city.Staff {
		for _, row := range d.city.Sample.Staff {
			if row.Login == login && d.city.Orgs[row.Org].ID == orders[0].OrgID {
				handler = models.Actor{PersonID: s.PersonID, Door: models.DoorConsole}
			}
		}
	}
	_, err = d.forum.SignOrder(d.t.Context(), handler, orders[0].ID)
	ok(d.t, err)
	_, err = d.forum.FinishOrder(d.t.Context(), handler, orders[0].ID, "已清完，楼道通了。")
	ok(d.t, err)
	d.later(16 * 24 * time.Hour)
	_, err = d.forum.ConfirmTopic(d.t.Context(), d.neighbour("许安禾"), topic.ID, true, "")
	ok(d.t, err)
	d.later(time.Minute)
}
