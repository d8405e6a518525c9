package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"yishi/models"
	"yishi/models/rules"
)

// reach goes by Tab to what says so, from where the keyboard is.
func (d *clerk) reach(says string) {
	d.t.Helper()
	d.sees(says)
	d.await(fmt.Sprintf(`document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue !== null`, thing(says)))
	d.tabTo(says, fmt.Sprintf(`document.activeElement?.innerText?.trim() === %q && document.activeElement !== document.body`, says))
}

// tabTo goes by Tab until something is so; a page has far fewer stops than these.
func (d *clerk) tabTo(what, so string) {
	d.t.Helper()
	for range 150 {
		var there bool
		d.run(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(so, &there))
		if there {
			return
		}
	}
	d.t.Fatalf("%s is not reached by Tab; the page says:\n%s", what, d.body())
}

// hit reaches a button or a link, and presses Enter.
func (d *clerk) hit(says string) {
	d.t.Helper()
	d.reach(says)
	d.run(chromedp.KeyEvent(kb.Enter))
}

// TestConsoleKeyboardStory leads a matter by keyboard alone from the list of what is
// accepted to the end of its meeting: it is planned and announced, opened, a poll is put
// and closed, what came of it is recorded, somebody promises it, and the meeting ends.
func TestConsoleKeyboardStory(t *testing.T) {
	d := newClerk(t)
	ctx, secretary := t.Context(), d.city.Secretary("YD-YS-TX-HY")
	topic := d.raise("许安禾", "小区垃圾桶太少，夏天总是满的，能不能在南门加两个分类垃圾桶？")
	items, err := d.forum.SuggestItems(ctx, secretary, topic.ID)
	ok(t, err)
	_, err = d.forum.AcceptTopic(ctx, secretary, topic.ID, models.Acceptance{Item: items[0].Code})
	ok(t, err)
	d.enter("huaiying", "/sessions")
	d.hit("安排议事会")
	d.sees("够3天公布期的时间")
	d.tabTo("the time of the meeting", `document.activeElement?.closest('.el-date-editor') !== null`)
	d.tabTo("how many are due", `document.activeElement?.name === 'due'`)
	for range 10 { // from 20 down
		d.run(chromedp.KeyEvent(kb.ArrowDown))
	}
	d.hit("公布")
	d.sees("开始前半小时起可以点")
	s := d.held(topic.ID)
	if s.State != models.SessionAnnounced || s.Due != 10 {
		t.Errorf("announced was %+v", s)
	}
	d.later(s.StartsAt.Sub(d.clock.now()) - 10*time.Minute)
	d.gather(s.ID, "孔平川", "许安禾", "何知秋", "何南星", "华竹音", "姜长庚", "吴向晚", "租客戊")
	d.hit("没带手机的人")
	for i, name := range []string{"段老太(示例)", "段老爷(示例)", "段小妹(示例)"} {
		d.tabTo("the name of who is there", `document.activeElement?.name === 'guest'`)
		d.run(chromedp.KeyEvent(name))
		d.hit("记到场")
		d.sees(fmt.Sprintf("到了%d人", 9+i))
	}
	d.hit("开会")
	d.sees("正在开会")
	d.hit("开始表决")
	d.sees("已投0票")
	d.vote(topic.ID, "孔平川", "许安禾", "何知秋", "何南星", "华竹音", "姜长庚", "吴向晚", "租客戊")
	d.sees("已投8票")
	d.hit("结束表决")
	d.await(`document.querySelector('[name=outcome]')?.value.includes('通过了')`)
	d.hit("记下")
	d.tabTo("who does it", `document.activeElement?.tagName === 'SELECT' && document.activeElement.closest('label').innerText.includes('谁来办')`)
	d.run(chromedp.KeyEvent("映山区城管局"))
	d.hit("定下来")
	d.sees("待散会生效")
	d.hit("散会")
	d.sees("已散会")
	orders, err := d.forum.TopicOrders(ctx, secretary, topic.ID)
	ok(t, err)
	if len(orders) != 1 || orders[0].OrgID != d.city.Orgs["YD-YS-urban"].ID || orders[0].State != models.OrderIssued {
		t.Errorf("promised was %+v", orders)
	}
}

// gather lets neighbours check in.
func (d *clerk) gather(session int64, names ...string) {
	d.t.Helper()
	for _, name := range names {
		code, err := d.forum.SessionCode(d.t.Context(), d.city.Secretary("YD-YS-TX-HY"), session)
		ok(d.t, err)
		_, err = d.forum.CheckIn(d.t.Context(), d.neighbour(name), session, 0, code.Code)
		ok(d.t, err)
	}
}

// vote lets neighbours say yes.
func (d *clerk) vote(topic int64, names ...string) {
	d.t.Helper()
	polls, err := d.forum.TopicPolls(d.t.Context(), d.city.Secretary("YD-YS-TX-HY"), topic)
	ok(d.t, err)
	for _, name := range names {
		_, err := d.forum.CastBallot(d.t.Context(), d.neighbour(name), polls[0].ID, "", rules.Yes)
		ok(d.t, err)
	}
}

// TestConsoleKeyboardDialog: the login that ran out takes the keyboard, keeps it while
// it stands, and gives it back to where it was.
func TestConsoleKeyboardDialog(t *testing.T) {
	d := furnished(t)
	d.may("Failed to load resource")
	d.enter("huaiying", "/topics/2")
	d.hit("暂缓")
	d.await(`document.activeElement?.tagName === 'TEXTAREA'`)
	d.run(chromedp.KeyEvent("等天暖了再办"))
	d.clock.pass(30 * 24 * time.Hour)
	d.hit("暂缓")
	d.sees("登录已经到期")
	d.await(`document.activeElement?.closest('.el-dialog') !== null`)
	for range 12 {
		var in bool
		d.run(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`document.activeElement?.closest('.el-overlay') !== null`, &in))
		if !in {
			t.Fatal("Tab leaves the dialog")
		}
	}
	for _, f := range [][2]string{{"password", freshPassword}, {"code", d.totp("huaiying")}} {
		d.tabTo(f[0], fmt.Sprintf(`document.activeElement?.name === %q`, f[0]))
		d.run(chromedp.KeyEvent(f[1]))
	}
	d.run(chromedp.KeyEvent(kb.Enter))
	d.await(`!document.querySelector('.el-dialog')?.checkVisibility()`)
	d.await(`document.activeElement?.innerText?.trim() === '暂缓'`)
	d.run(chromedp.KeyEvent(kb.Enter))
	d.sees("恢复办理")
	if state := d.stateOf(2); state != rules.TopicSuspended {
		t.Errorf("the matter is %s", state)
	}
}

// TestConsolePrint prints what hangs on walls and lies in files: the invitation, the
// minutes, the notice, and what was talked about this year.
func TestConsolePrint(t *testing.T) {
	d, _ := sitting(t)
	for _, p := range []struct{ path, ready, says string }{
		{"/sessions/1/agenda", "议事会通知", "要议的事"},
		{"/sessions/1/minutes", "议事会记录", "主持人"},
		{"/topics/3/notice", "协商结果公示", "受理号"},
		{"/map", "今年共提了", "八类事项"},
		{"/board", "公示", "公示栏"},
	} {
		d.open(p.path)
		d.sees(p.ready)
		d.await(`!document.querySelector('.bars') || document.querySelector('.bars svg') !== null`)
		d.printed("print"+strings.ReplaceAll(p.path, "/", "-"), p.says)
	}
}
