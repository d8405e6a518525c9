package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yishi/models"
)

// TestConsoleHall leads a meeting as it goes: a hand is noted and the floor given, what
// was said is written down, not over somebody's newer words, and a screen is paired.
func TestConsoleHall(t *testing.T) {
	d := furnished(t)
	secretary := d.city.Secretary("YD-YS-TX-HY")
	d.pass(5*24*time.Hour - 10*time.Minute)
	code, err := d.forum.SessionCode(t.Context(), secretary, 1)
	ok(t, err)
	_, err = d.forum.CheckIn(t.Context(), d.neighbour("许安禾"), 1, 0, code.Code)
	ok(t, err)
	_, err = d.forum.OpenSession(t.Context(), secretary, 1)
	ok(t, err)
	d.enter("huaiying", "/sessions/1")

	d.press("替人记举手")
	d.run(chromedp.SendKeys(".floor input[maxlength]", "许安禾(示例)", chromedp.NodeVisible))
	d.press("记下举手")
	d.press("请发言")
	d.sees("正在发言（赞成）")
	d.sees("还有")
	d.good("somebody speaks")
	d.shot("desk-floor")
	d.press("讲完了")
	d.sees("赞成1人次")

	d.press("边议边记")
	d.run(chromedp.SendKeys(".minutes textarea", "有人说南门最缺。", chromedp.NodeVisible))
	d.press("存下")
	d.sees("已存下")
	_, err = d.forum.KeepMinutes(t.Context(), secretary, 1, 2, 1, "有人说南门最缺，也有人担心气味。")
	ok(t, err)
	d.may("409 (Conflict)")
	d.run(chromedp.SendKeys(".minutes textarea", "要盖子。", chromedp.NodeVisible))
	d.press("存下")
	d.sees("也有人担心气味")
	var typed string
	d.run(chromedp.Value(".minutes textarea", &typed))
	if !strings.Contains(typed, "要盖子") {
		t.Errorf("what was typed is lost: %q", typed)
	}
	d.may("422 (")
	d.fill("pair", "000000")
	d.press("配对")
	d.sees("配对码不对")
	asked, err := d.forum.AskScreen(t.Context())
	ok(t, err)
	d.fill("pair", asked.Code)
	d.press("配对")
	d.sees("大屏已配对")
	d.press("会议通知")
	d.sees("议事会通知")
	d.printed("desk-agenda", "要议的事")
}

// TestConsolePlanLater announces from a page that stood open for days: its login has
// run out, and its time leaves no notice any more. The next time that does is proposed.
func TestConsolePlanLater(t *testing.T) {
	d := furnished(t)
	secretary := d.city.Secretary("YD-YS-TX-HY")
	items, err := d.forum.SuggestItems(t.Context(), secretary, 1)
	ok(t, err)
	_, err = d.forum.AcceptTopic(t.Context(), secretary, 1, models.Acceptance{Item: items[0].Code, Pack: "CONSULT23"})
	ok(t, err)
	d.enter("huaiying", "/sessions/new?topic=1")
	d.sees("天公布期的时间")
	d.clock.pass(4 * 24 * time.Hour)
	d.may("401 (Unauthorized)")
	d.press("公布")
	d.sees("登录已经到期")
	d.fill("login", "huaiying")
	d.fill("password", freshPassword)
	d.fill("code", d.totp("huaiying"))
	d.press("登录")
	d.await(`!document.querySelector('.el-dialog')?.checkVisibility()`)
	d.press("公布")
	d.sees("开始前半小时起可以点")
	page, err := d.forum.Sessions(t.Context(), secretary, d.city.Orgs["YD-YS-TX-HY"].ID, d.clock.now().Add(48*time.Hour), 0, 10)
	ok(t, err)
	if len(page.Items) != 1 || page.Items[0].State != models.SessionAnnounced || page.Items[0].StartsAt.Before(d.clock.now().AddDate(0, 0, 3)) {
		t.Errorf("the meetings to come are %+v", page.Items)
	}
}

// sitting is the furnished house's meeting, begun, with everybody there.
func sitting(t *testing.T) (*clerk, models.Actor) {
	t.Helper()
	d := furnished(t)
	d.seated()
	return d, d.enter("huaiying", "/sessions/1")
}

// seated begins the furnished house's meeting, with everybody there.
func (d *clerk) seated() {
	d.t.Helper()
	secretary := d.city.Secretary("YD-YS-TX-HY")
	d.pass(5*24*time.Hour - 10*time.Minute)
	for _, who := range d.city.Residents {
		code, err := d.forum.SessionCode(d.t.Context(), secretary, 1)
		ok(d.t, err)
		_, err = d.forum.CheckIn(d.t.Context(), who, 1, 0, code.Code)
		ok(d.t, err)
	}
	_, err := d.forum.OpenSession(d.t.Context(), secretary, 1)
	ok(d.t, err)
}

// TestConsoleSecret opens a poll unseen: it does not begin before the shares of the key
// have their three keepers.
func TestConsoleSecret(t *testing.T) {
	d, secretary := sitting(t)
	d.press("换规则、换表决方式")
	d.press("不记名表决")
	d.sees("钥匙分给三方各一份")
	d.await(`[...document.querySelectorAll('button')].find((b) => b.innerText.trim() === '开始表决').disabled`)
	d.fill("holder", "何知秋")
	d.press("查找")
	d.good("the keepers of a secret poll")
	d.shot("desk-secret")
	d.press("开始表决")
	d.sees("钥匙领了0份")
	d.good("a secret poll under way")
	polls, err := d.forum.TopicPolls(t.Context(), secretary, 2)
	ok(t, err)
	if len(polls) != 1 || polls[0].Secret == nil || len(polls[0].Secret.Missing) != 3 || polls[0].Secret.Crowd != 5 {
		t.Errorf("the polls are %+v", polls)
	}
}

// TestConsoleAssist takes down the ballot of somebody who is there without a telephone.
func TestConsoleAssist(t *testing.T) {
	d, secretary := sitting(t)
	d.press("开始表决")
	d.sees("已投0票")
	d.press("代录一票")
	d.fill("whose", "许安禾")
	d.press("查找")
	d.sees("许安禾(示例)，1-1-202")
	d.press("不同意")
	d.fill("consent", "本人说不同意，孔平川在场")
	d.good("a ballot that is taken down")
	d.shot("desk-assist")
	d.press("记下这一票")
	d.sees("已投1票")
	polls, err := d.forum.TopicPolls(t.Context(), secretary, 2)
	ok(t, err)
	_, err = d.forum.ClosePoll(t.Context(), secretary, polls[0].ID)
	ok(t, err)
	d.sees("不同意1票")
}
