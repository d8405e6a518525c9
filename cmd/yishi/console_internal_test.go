package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yishi/models"
	"yishi/models/rules"
)

// TestConsoleStory is a secretary's whole story in the browser: a matter is triaged,
// a meeting is announced and held, the poll and what it came to are recorded, somebody
// promises to do it, the result is published and the matter archived. What that costs
// in taps and typing is in docs/burden.md, and may not become more.
func TestConsoleStory(t *testing.T) {
	const mostTaps, mostFields = 26, 2
	d := newClerk(t)
	topic := d.raise("许安禾", "小区垃圾桶太少，夏天总是满的，能不能在南门加两个分类垃圾桶？")
	d.signIn("huaiying")
	d.taps, d.fields = 0, 0
	d.sees("答复新议题")
	d.shot("desk-today")
	d.press(topic.Title)
	d.sees("按内容推荐")
	d.sees("规则：到场的人投票，三分之二以上参加才有结果，参加的三分之二以上同意就通过。提前3天公布。")
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
	d.sees("同意就通过。")
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
	d.good("the minutes")
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
	d.good("the notice")
	d.shot("desk-notice")
	d.printed("desk-notice", "公示期", "扫码核对")
}

// unprintable is what paper has no use for, and what is cut off at its edge or within
// a box.
const unprintable = `(async () => {
	await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	const out = [];
	const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().right > 0;
	for (const e of document.querySelectorAll('nav, aside, button, input, select, textarea, summary, [role=button]')) if (shown(e)) out.push('something to press: ' + e.outerHTML.slice(0, 120));
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const range = document.createRange();
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.nodeValue.trim() || !shown(e)) continue;
		range.selectNodeContents(walk.currentNode);
		const box = range.getBoundingClientRect();
		if (box.left < 0 || box.right > innerWidth + 1) out.push('words cut off: ' + e.outerHTML.slice(0, 120));
		for (let up = e; up && up !== document.body; up = up.parentElement) {
			const over = getComputedStyle(up).overflow;
			if (over !== 'visible' && !(up instanceof SVGElement) && up.clientHeight + 1 < up.scrollHeight) out.push('a box that cuts off: ' + up.outerHTML.slice(0, 120));
		}
	}
	if (document.documentElement.scrollWidth > innerWidth) out.push('what is too wide: ' + document.documentElement.scrollWidth);
	return [...new Set(out)];
})()`

// printed looks at a page as the printer does: A4, what it is about, no navigation.
func (d *clerk) printed(name string, says ...string) {
	d.t.Helper()
	var text string
	var faults []string
	var paper, picture []byte
	d.run(
		emulation.SetEmulatedMedia().WithMedia("print"),
		emulation.SetDeviceMetricsOverride(673, 950, 1, false), // A4 within its margins
		chromedp.Evaluate("document.body.innerText", &text),
		chromedp.Evaluate(unprintable, &faults, chromedp.EvalAsValue, awaited),
		chromedp.FullScreenshot(&picture, 100),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			paper, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
			return err
		}),
		emulation.SetDeviceMetricsOverride(1280, 900, 1, false),
		emulation.SetEmulatedMedia().WithMedia("screen"),
	)
	for _, f := range faults {
		d.t.Errorf("%s is printed with %s", name, f)
	}
	for _, want := range says {
		if !strings.Contains(text, want) {
			d.t.Errorf("%s is printed without %q: %s", name, want, text)
		}
	}
	for _, none := range []string{"议事工作台", "退出", "打印时没有菜单"} {
		if strings.Contains(text, none) {
			d.t.Errorf("%s is printed with %q: %s", name, none, text)
		}
	}
	if !regexp.MustCompile(`/MediaBox \[0 0 59[45][.0-9]* 84[12][.0-9]*\]`).Match(paper) {
		d.t.Errorf("%s does not come on A4 (%d bytes of PDF)", name, len(paper))
	}
	if folder := os.Getenv("YISHI_SCREENS"); folder != "" {
		ok(d.t, os.WriteFile(filepath.Join(folder, name+".pdf"), paper, 0o600))
		ok(d.t, os.WriteFile(filepath.Join(folder, name+"-printed.png"), picture, 0o600))
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
