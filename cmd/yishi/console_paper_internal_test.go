package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yishi/models"
	"yishi/models/rules"
)

// TestConsoleNames gives an office to a neighbour found by name, and reads who did it
// in the record: those of the desk by name, neighbours by number.
func TestConsoleNames(t *testing.T) {
	d := furnished(t)
	d.enter("huaiying", "/staff")
	d.sees("登录名huaiying-watch")
	d.fill("officer", "何南星")
	d.press("查找")
	d.sees("何南星(示例)，居民")
	d.good("an office that is given")
	d.shot("desk-staff")
	d.press("给职务")
	d.await(`[...document.querySelectorAll('.list li')].some((li) => li.innerText.includes('何南星(示例)') && li.innerText.includes('邻长'))`)
	d.open("/audits")
	d.sees("给职务")
	d.shot("desk-audits")
	text := d.body()
	for _, want := range []string{"柳知微(示例)\t给职务", fmt.Sprintf("编号%d\t提议题\t组织", d.neighbour("许安禾").PersonID), "系统\t"} {
		if !strings.Contains(text, want) {
			t.Errorf("the record has no %q: %s", want, text)
		}
	}
	if strings.Contains(text, "许安禾") {
		t.Error("the record names a neighbour")
	}
	d.enter("street", "/staff")
	d.chooseIn("给谁", "柳知微(示例)（社区书记）")
	d.good("an office that the street gives")
	d.open("/account")
	d.sees("我的编号：")
}

// chooseIn picks from a list by what it says.
func (d *clerk) chooseIn(name, says string) {
	d.t.Helper()
	d.await(fmt.Sprintf(`(() => {
		const list = [...document.querySelectorAll('label')].find((l) => l.innerText.startsWith(%q))?.querySelector('select');
		const one = [...list?.options ?? []].find((o) => o.innerText.trim() === %q);
		if (!one) return false;
		list.value = one.value;
		list.dispatchEvent(new Event('change'));
		return true;
	})()`, name, says))
}

// TestConsoleOwners takes down the ballot of an owner, lets another vote in somebody's
// stead, and counts sheets of paper that two people enter, on a poll of owners.
func TestConsoleOwners(t *testing.T) {
	d, secretary := sitting(t)
	ctx := t.Context()
	q, err := d.forum.OpenPoll(ctx, secretary, models.NewPoll{SessionID: 1, TopicID: 2, Question: "南门加两个分类垃圾桶，同意吗？", Pack: "OWN_GEN"})
	ok(t, err)
	d.press("代录一票")
	d.fill("whose", "许安禾") // who owns nothing here
	d.press("查找")
	d.sees("这次表决的名册上没有")
	d.fill("whose", "何知秋")
	d.press("查找")
	d.sees("何知秋(示例)，1-2-301")
	d.press("同意")
	d.fill("consent", "本人说同意，孔平川在场")
	d.press("记下这一票")
	d.sees("已投1票")

	d.press("登记委托")
	d.fill("principal", "3-1-102")
	d.tap(`//fieldset[.//*[@name="principal"]]//button`)
	d.sees("姜长庚(示例)，3-1-102")
	d.fill("agent", "许安禾")
	d.tap(`//fieldset[.//*[@name="agent"]]//button`)
	d.sees("许安禾(示例)，居民")
	d.fill("paper", "11月30日的委托书，社区档案柜")
	d.good("somebody votes in another's stead")
	d.shot("desk-proxy")
	d.press("登记")
	d.sees("委托已登记")
	_, err = d.forum.CastBallot(ctx, d.neighbour("许安禾"), q.ID, "", rules.No)
	ok(t, err)
	d.sees("已投2票")
	d.onPaper(secretary, q.ID)
}

// onPaper registers a sheet for a home in which nobody is known, ends the poll, and has
// the sheet entered by the desk and by the supervisor, which is the verdict.
func (d *clerk) onPaper(secretary models.Actor, poll int64) {
	d.t.Helper()
	d.press("纸票")
	d.fill("sheet", "1-1-102")
	d.tap(`//fieldset[.//*[@name="sheet"]]//button`)
	d.sees("没有人确认住在这里，1-1-102")
	d.fill("sheet-number", "A-1")
	d.good("a sheet that is registered")
	d.shot("desk-paper")
	d.press("登记纸票")
	d.sees("录了0遍")
	d.press("结束表决")
	d.sees("还有1张纸票没有录完")
	d.read("A-1")
	d.sees("录了1遍")
	d.enter("huaiying-watch", "/sessions/1")
	d.press("纸票")
	d.read("A-1")
	d.await(`document.body.innerText.includes('已经结束') || document.querySelector('.verdict')`)
	if v, err := d.forum.Poll(d.t.Context(), secretary, poll); err != nil || v.Verdict == nil || v.Verdict.Count.Yes != 2 || v.Verdict.Count.No != 1 {
		d.t.Errorf("the poll is %+v, %v", v.Verdict, err)
	}
}

// read enters what is read on a sheet.
func (d *clerk) read(number string) {
	d.t.Helper()
	d.fill("sheet-number", number)
	d.tap(`//*[contains(@class,"in")]//label[normalize-space(.)="同意"]`)
	d.press("录入")
}

// TestConsoleAlliance confirms a shop, plans a meeting of the street's alliance, opens a
// poll of its members, and takes down the ballot of a shop that is found by its name.
func TestConsoleAlliance(t *testing.T) {
	d := newClerk(t)
	ctx, street := t.Context(), d.city.Officer(rules.Street, "YD-YS-TX")
	asks := d.rejoins("拾光理发店(示例)")
	topic := d.raise("许安禾", "街口的外摆怎么排，大家都走得过去？")
	_, err := d.forum.AcceptTopic(ctx, d.city.Secretary("YD-YS-TX-HY"), topic.ID, models.Acceptance{Item: "3.04", Pack: "ALLIANCE", Level: rules.LevelStreet})
	ok(t, err)
	d.raise("何知秋", "只是社区的事，不是街道的事")
	_, err = d.forum.AcceptTopic(ctx, d.city.Secretary("YD-YS-TX-HY"), topic.ID+1, models.Acceptance{Item: "3.04"})
	ok(t, err)

	d.enter("street", "/alliance")
	d.sees("5家成员")
	d.good("an alliance that is asked to take in a shop")
	d.shot("desk-alliance")
	d.press("确认")
	d.sees("6家成员")
	if m := d.member(asks.AllianceID, asks.Name); m.State != models.MemberConfirmed {
		t.Errorf("the shop is %s", m.State)
	}
	d.press("安排联盟议事会")
	d.sees("联盟成员一家一票")
	d.await(`document.querySelector('[name=due]')?.value === '6'`)
	if strings.Contains(d.body(), "只是社区的事") {
		t.Error("the street is offered what is the community's to deliberate")
	}
	d.good("a meeting of the alliance")
	d.shot("desk-alliance-plan")
	d.press("公布")
	d.sees("开始前半小时起可以点")
	page, err := d.forum.Sessions(ctx, street, d.city.Orgs["YD-YS-TX"].ID, d.clock.now(), 0, 10)
	ok(t, err)
	if len(page.Items) != 1 || page.Items[0].AllianceID != asks.AllianceID {
		t.Fatalf("the meetings are %+v", page.Items)
	}
	d.shops(street, &page.Items[0])
}

// shops holds the meeting of the alliance.
func (d *clerk) shops(street models.Actor, s *models.Session) {
	d.t.Helper()
	d.run(chromedp.Navigate("about:blank")) // a page that stays open asks on, when its login has run out too
	d.pass(s.StartsAt.Sub(d.clock.now()) - 10*time.Minute)
	code, err := d.forum.SessionCode(d.t.Context(), street, s.ID)
	ok(d.t, err)
	_, err = d.forum.CheckIn(d.t.Context(), d.city.Shops["一盏茶馆(示例)"], s.ID, 0, code.Code)
	ok(d.t, err)
	d.enter("street", fmt.Sprintf("/sessions/%d", s.ID))
	d.press("开会")
	d.press("开始表决")
	d.press("代录一票")
	d.fill("whose", "一盏茶馆")
	d.press("查找")
	d.sees("茶言(示例)，一盏茶馆(示例)")
	d.press("弃权")
	d.fill("consent", "店主当面说弃权")
	d.shot("desk-alliance-poll")
	d.press("记下这一票")
	d.sees("已投1票，应投6票")
	d.press("结束表决")
	d.sees("参加的人不够")
	v, err := d.forum.Session(d.t.Context(), street, s.ID)
	ok(d.t, err)
	if c := v.Polls[0].Verdict.Count; c.Cast != 1 || c.Abstain != 1 {
		d.t.Errorf("counted %+v", c)
	}
}

// rejoins lets a shop of the sample leave its alliance and ask again.
func (d *clerk) rejoins(name string) *models.Member {
	d.t.Helper()
	ctx := d.t.Context()
	who, alliance := d.city.Shops[name], d.city.Alliance.ID
	m := d.member(alliance, name)
	code := *m.CreditCode
	_, err := d.forum.LeaveAlliance(ctx, who, m.ID)
	ok(d.t, err)
	asks, err := d.forum.JoinAlliance(ctx, who, models.NewMember{AllianceID: alliance, Kind: models.MemberMerchant, Name: name, CreditCode: code})
	ok(d.t, err)
	return asks
}

// member finds a shop of an alliance by its name.
func (d *clerk) member(alliance int64, name string) models.Member {
	d.t.Helper()
	all, err := d.forum.Members(d.t.Context(), d.city.Officer(rules.Street, "YD-YS-TX"), alliance)
	ok(d.t, err)
	for _, m := range all {
		if m.Name == name {
			return m
		}
	}
	d.t.Fatalf("no member %s", name)
	return models.Member{}
}

// TestConsoleFor takes a matter down by telephone for somebody who has none of the apps,
// has it done, rings them up, and notes that they say it is solved. Nobody may say so
// for a neighbour who can say it themselves.
func TestConsoleFor(t *testing.T) {
	d := furnished(t)
	d.enter("huaiying", "/topics")
	d.press("替人提一件事")
	d.fill("raiser", "段老太(示例)")
	d.fill("raised", "3栋门口的台阶缺了一角，老人走着不稳。")
	d.press("打电话说的，让社区记下。")
	d.good("a matter that is taken down")
	d.shot("desk-raise-for")
	d.press("记下这件事")
	d.sees("已记下：")
	d.pass(time.Minute)
	d.press("替人提一件事")
	d.fill("raiser", "段老太(示例)")
	d.fill("raised", "楼道里煤气味很重，怕是漏了。")
	d.press("记下这件事")
	d.sees("有危险，请他马上打")
	d.finished(4)
	d.finished(3)
	d.open("/topics/3")
	d.sees("办完，等确认")
	if strings.Contains(d.body(), "替没有手机的提出人说") {
		t.Error("the desk may answer for somebody who has the app")
	}
	d.open("/topics/4")
	d.press("替没有手机的提出人说：已解决")
	d.press("打电话问的，本人这样说。")
	d.await(`document.querySelector('.ask textarea').value.includes('打电话')`)
	d.good("an answer by telephone")
	d.shot("desk-confirm-for")
	d.tap(inPanel)
	d.await(`!document.body.innerText.includes('替没有手机的提出人说')`)
	if state := d.stateOf(4); state != rules.TopicConfirmed {
		t.Errorf("the matter is %s", state)
	}
}

// finished has a matter done by the department.
func (d *clerk) finished(topic int64) {
	d.t.Helper()
	ctx, desk, handler := d.t.Context(), d.city.Secretary("YD-YS-TX-HY"), d.city.Officer(rules.Handler, "YD-YS-urban")
	if d.stateOf(topic) == rules.TopicTriage {
		_, err := d.forum.OrderTopic(ctx, desk, topic, d.city.Orgs["YD-YS-urban"].ID, "修好台阶", d.clock.now().Add(72*time.Hour))
		ok(d.t, err)
	}
	orders, err := d.forum.TopicOrders(ctx, desk, topic)
	ok(d.t, err)
	_, err = d.forum.SignOrder(ctx, handler, orders[0].ID)
	ok(d.t, err)
	_, err = d.forum.FinishOrder(ctx, handler, orders[0].ID, "修好了。")
	ok(d.t, err)
}
