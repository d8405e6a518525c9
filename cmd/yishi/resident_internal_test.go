package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yishi/models"
	"yishi/models/rules"
)

const (
	home   = "YD-YS-TX-HY"
	street = "YD-YS-TX"
	urban  = "YD-YS-urban"
	wan    = "许安禾(示例)"
)

// matter is what one resident follows from its first word to its end.
type matter struct {
	*phone
	who, desk models.Actor
	topic     int64
	session   int64
	poll      int64
}

func newMatter(t *testing.T) *matter {
	t.Helper()
	p := newPhone(t)
	m := &matter{phone: p, who: p.city.Residents[wan], desk: p.city.Secretary(home)}
	p.enters(m.who)
	return m
}

// latest is the newest matter that somebody raised.
func (m *matter) latest() models.TopicView {
	m.t.Helper()
	mine, err := m.forum.MyTopics(m.t.Context(), m.who, 0, 1)
	ok(m.t, err)
	return mine.Items[0]
}

// meets has the desk take the matter up and open a session about it.
func (m *matter) meets() {
	m.t.Helper()
	ctx := m.t.Context()
	m.topic = m.latest().ID
	_, err := m.forum.TakeUpTopics(ctx, 10)
	ok(m.t, err)
	_, err = m.forum.AcceptTopic(ctx, m.desk, m.topic, models.Acceptance{Item: "3.04", Pack: "CONSULT"})
	ok(m.t, err)
	s, err := m.forum.CreateSession(ctx, m.desk, models.NewSession{
		OrgID: m.city.Orgs[home].ID, PointID: m.city.Points["hy-hall"].ID, StartsAt: m.clock.now(), Due: 1, Topics: []int64{m.topic},
	})
	ok(m.t, err)
	m.session = s.ID
	_, err = m.forum.OpenSession(ctx, m.desk, m.session)
	ok(m.t, err)
}

// code is what the session's screen shows.
func (m *matter) code() string {
	m.t.Helper()
	c, err := m.forum.SessionCode(m.t.Context(), m.desk, m.session)
	ok(m.t, err)
	return c.Code
}

// asks opens a poll in the session.
func (m *matter) asks(n models.NewPoll) {
	m.t.Helper()
	n.SessionID, n.TopicID = m.session, m.topic
	q, err := m.forum.OpenPoll(m.t.Context(), m.desk, n)
	ok(m.t, err)
	m.poll = q.ID
}

// agrees notes what the session came to and who does it, and ends the session.
func (m *matter) agrees() *models.Order {
	m.t.Helper()
	ctx := m.t.Context()
	_, err := m.forum.RecordOutcome(ctx, m.desk, m.session, m.topic, rules.TopicAgreed, "装声控灯，三天内装好。")
	ok(m.t, err)
	order, err := m.forum.MakeCommitment(ctx, m.desk, m.session, m.topic, m.city.Orgs[urban].ID, "装好3号楼门口的声控灯", m.clock.now().Add(72*time.Hour))
	ok(m.t, err)
	_, err = m.forum.CloseSession(ctx, m.desk, m.session)
	ok(m.t, err)
	return order
}

// publishes hangs out what was agreed.
func (m *matter) publishes() {
	m.t.Helper()
	_, err := m.forum.PublishTopic(m.t.Context(), m.desk, m.topic, "大家同意装声控灯，由城管局三天内装好。")
	ok(m.t, err)
}

// finishes has the department do what was agreed, and lets the notice hang its time.
func (m *matter) finishes(order int64) {
	m.t.Helper()
	ctx, handler := m.t.Context(), m.city.Officer(rules.Handler, urban)
	_, err := m.forum.SignOrder(ctx, handler, order)
	ok(m.t, err)
	_, err = m.forum.FinishOrder(ctx, handler, order, "装好了，晚上有人经过就亮。")
	ok(m.t, err)
	m.pass(16 * 24 * time.Hour) // the notice hangs for fifteen days
}

// concludes closes the poll and has what was agreed done by a department.
func (m *matter) concludes() {
	m.t.Helper()
	_, err := m.forum.ClosePoll(m.t.Context(), m.desk, m.poll)
	ok(m.t, err)
	order := m.agrees()
	m.publishes()
	m.opens("board/board")
	m.sees("大家同意装声控灯", "提异议")
	m.looks("board")
	m.finishes(order.ID)
	m.enters(m.who)
}

// TestResidentStory follows a resident in a browser from one sentence to the end of
// the matter: raise, come, check in, vote, keep the receipt, and say that it is
// solved.
func TestResidentStory(t *testing.T) {
	m := newMatter(t)
	m.looks("home")
	m.taps("提一件事")
	m.sees("什么事？")
	m.taps("提交")
	m.sees("请先写一句是什么事")
	m.types("什么事？", "3号楼门口的路灯坏了，晚上看不见路")
	m.types("在哪儿？", "3号楼1单元门口")
	m.looks("raise")
	m.taps("提交", 2)
	m.sees("收到了", "编号")
	if n := m.deeds("/api/v1/topics"); n != 1 {
		t.Errorf("a double tap raised %d matters", n)
	}
	m.sees(m.latest().Receipt)
	m.looks("receipt")
	m.taps("看进度")
	m.sees("3号楼门口的路灯坏了", "现在谁在办")
	m.looks("topic")

	m.meets()
	m.opens("session/session?id=%d", m.session)
	m.sees("正在开会", "大屏幕上的6位数字")
	m.looks("session")
	m.types("大屏幕上的6位数字", "000000")
	m.taps("签到")
	m.sees("现场码不对")
	code := m.code()
	m.types("大屏幕上的6位数字", code)
	if got := m.field("大屏幕上的6位数字"); got != code {
		t.Errorf("typed %q, the field says %q", code, got)
	}
	m.taps("签到")
	m.sees("您已经签到")

	m.asks(models.NewPoll{Question: "装不装声控灯？"})
	m.opens("home/home")
	m.sees("身边正在发生")
	if said := m.text(); strings.Count(said, "3号楼门口的路灯坏了") != 1 {
		t.Errorf("a matter and its session stand there twice:\n%s", said)
	}
	m.taps("装不装声控灯？")
	m.sees("您的选择", "到场1人，1人同意就通过。")
	m.taps("投票")
	m.sees("请先选好再投")
	m.taps("同意")
	m.looks("poll")
	m.taps("投票", 2)
	m.sees("投好了", "您投的是：同意")
	if n := m.deeds("/ballots"); n != 1 {
		t.Errorf("a double tap sent %d ballots", n)
	}
	v, err := m.forum.Poll(t.Context(), m.who, m.poll)
	ok(t, err)
	m.sees(v.Mine[0].Receipt)
	m.looks("voted")
	m.run(chromedp.NavigateBack())
	m.sees("今天没有等您办的事")
	m.run(chromedp.NavigateForward())
	m.sees("投好了", v.Mine[0].Receipt)

	m.concludes()
	m.opens("poll/poll?id=%d", m.poll)
	m.sees("结果：通过", "同意 1")
	m.looks("result")
	m.opens("home/home")
	m.taps("请您说说解决没有")
	m.taps("提交")
	m.sees("请先选“解决了”或“没解决”")
	m.taps("解决了")
	m.looks("confirm")
	m.taps("提交")
	m.sees("谢谢您")
	if s := m.latest().State; s != rules.TopicConfirmed {
		t.Errorf("the matter is %s", s)
	}
}

// TestResidentPages looks at every page as somebody finds it who is known, and at
// the first page as somebody finds it who is not.
func TestResidentPages(t *testing.T) {
	p := newPhone(t)
	p.opens("raise/raise")
	p.sees("请先登录", "用微信登录")
	p.looks("signin")
	p.enters(p.city.Residents[leader])
	for name, says := range map[string]string{
		"mine": "您还没有提过事", "sessions": "最近没有安排议事会", "points": "槐影议事厅", "alliance": "6家成员", "neighbours": "替邻居提一件事",
		"capacity": "加一个身份", "inbox": "您在槐影社区(示例)的身份已经确认", "ties": "绑定码", "me": "字的大小", "board": "现在没有",
	} {
		p.opens("%s/%s", name, name)
		p.sees(says)
		p.looks(name)
	}
	p.opens("me/me")
	p.sees("怎么通知您")
	p.taps("最大")
	var size string
	p.looked(`getComputedStyle(document.querySelector('.page')).fontSize === '30px' && '30px'`, &size)
	p.looks("me-30")
	p.opens("home/home")
	p.sees("今天没有等您办的事")
	p.looks("home-30")
}

// TestResidentBadNetwork takes the network away in the middle of a vote, ends a login
// in the middle of a matter, and has a phone whose clock is wrong by a day.
func TestResidentBadNetwork(t *testing.T) {
	m := newMatter(t)
	m.installs(`{ const D = Date; Date = class extends D {
			constructor(...a) { a.length ? super(...a) : super(D.now() + 864e5) } static now() { return D.now() + 864e5 } } }`)
	long := strings.Repeat("楼道里堆满了东西👨‍👩‍👧‍👦，走不过去。", 60)
	m.opens("raise/raise")
	m.types("什么事？", long)
	m.opens("home/home")
	m.sees("今天没有等您办的事")
	m.opens("raise/raise")
	m.sees("这是您上次没写完的")
	if got := m.field("什么事？"); got != long {
		t.Errorf("the draft is %q", got)
	}
	_, err := m.forum.Logout(t.Context(), m.login())
	ok(t, err)
	m.taps("提交")
	m.sees("登录过期了", "用微信登录")
	if got := m.field("什么事？"); got != long {
		t.Errorf("when the login ended, what was typed became %q", got)
	}
	m.taps("用微信登录")
	m.run(chromedp.WaitVisible(`//a[contains(., "`+wan+`")]`), chromedp.Click(`//a[contains(., "`+wan+`")]`))
	m.sees("这是您上次没写完的")
	m.taps("提交")
	m.sees("收到了")
	if got := m.latest(); got.Body != long || len([]rune(got.Title)) > rules.MaxTitle {
		t.Errorf("raised %q as %q", got.Body, got.Title)
	}
	m.taps("看进度")
	m.sees("今天")
	m.looks("topic-long")

	m.meets()
	_, err = m.forum.CheckIn(t.Context(), m.who, m.session, 0, m.code())
	ok(t, err)
	m.asks(models.NewPoll{Question: "清不清？"})
	m.opens("poll/poll?id=%d", m.poll)
	m.taps("不同意")
	m.offline(true)
	m.taps("投票")
	m.sees("网络不好，正在再试")
	m.sees("记在这部手机上了")
	m.offline(false)
	m.sees("投好了", "您投的是：不同意")
	v, err := m.forum.Poll(t.Context(), m.who, m.poll)
	ok(t, err)
	if v.Cast != 1 || v.Mine[0].Turn != 0 {
		t.Errorf("%d ballots, turn %d", v.Cast, v.Mine[0].Turn)
	}
}

// login is who holds the phone's token, as the server knows them.
func (m *matter) login() models.Actor {
	m.t.Helper()
	var token string
	m.run(chromedp.Evaluate(`localStorage.getItem('login')`, &token))
	who, err := m.forum.Recognize(m.t.Context(), token)
	ok(m.t, err)
	return who
}
