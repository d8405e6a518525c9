package main

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"yishi/apps/resident"
	"yishi/models"
	"yishi/models/rules"
)

// mini is the built mini-program in somebody's hand.
type mini struct {
	*matter
	number string
}

func newMini(t *testing.T) *mini {
	t.Helper()
	p := newPhone(t)
	if !resident.Phone.Built() {
		missing(t, "the mini-program is not packed: make clients")
	}
	return &mini{matter: &matter{phone: p, who: p.city.Residents[wan], desk: p.city.Secretary(home)}}
}

// holds gives the telephone to somebody.
func (m *mini) holds(name string) {
	m.t.Helper()
	m.goes(m.cfg.PublicURL + "/phone/")
	m.looked(`fetch('/phone/api/state').then((r) => r.json()).then((s) => s.residents.find((r) => r.name === `+quoted(name)+`).id)`, &m.number)
}

// visits opens the mini-program, at its first page or at the one that is named.
func (m *mini) visits(where string, args ...any) {
	m.t.Helper()
	if where != "" {
		where = "#pages/" + fmt.Sprintf(where, args...)
	}
	m.goes(m.cfg.PublicURL + "/phone/mini/?scale=1.4&resident=" + m.number + where)
}

// TestMiniProgram raises a matter and votes in the built mini-program, on the component
// framework that WeChat is built on. WeChat itself is stood in for: its login, its
// sheets, its storage.
func TestMiniProgram(t *testing.T) {
	m := newMini(t)
	m.holds(wan)
	m.visits("")
	m.sees("今天没有等您办的事")
	var size string
	m.looked(`getComputedStyle(document.querySelector('.page')).fontSize`, &size)
	if size != "25px" {
		t.Errorf("WeChat's letters are 1.4 times as large, these are %s", size)
	}
	m.looks("mini-home")
	m.taps("提一件事")
	m.types("什么事？", "3号楼门口的路灯坏了，晚上看不见路")
	m.looks("mini-raise")
	m.taps("提交")
	m.taps("允许") // to be told how it goes on, asked in the same tap
	m.sees("收到了")
	m.sees(m.latest().Receipt)
	m.taps("看进度")
	m.sees("现在谁在办")

	m.meets()
	_, err := m.forum.CheckIn(t.Context(), m.who, m.session, 0, m.code())
	ok(t, err)
	m.asks(models.NewPoll{Question: "装不装声控灯？"})
	m.taps("返回")
	m.taps("返回")
	m.taps("装不装声控灯？")
	m.taps("同意")
	m.looks("mini-poll")
	m.taps("投票")
	m.taps("允许")
	m.sees("投好了", "您投的是：同意")
	v, err := m.forum.Poll(t.Context(), m.who, m.poll)
	ok(t, err)
	m.sees(v.Mine[0].Receipt)
	_, err = m.forum.Logout(t.Context(), m.who)
	ok(t, err)
	m.taps("改票")
	m.taps("不同意")
	m.taps("投票")
	m.taps("取消") // whatever is answered, the ballot goes on; the login that has ended is renewed unseen
	m.sees("您投的是：不同意")
	m.looks("mini-voted")
}

// TestMiniPages looks at every other page of the mini-program: as somebody finds it
// who is known, and in the course of a matter from its session to its end.
func TestMiniPages(t *testing.T) {
	m := newMini(t)
	m.holds(leader)
	for name, says := range map[string]string{
		"mine": "您还没有提过事", "sessions": "最近没有安排议事会", "petitions": "现在没有联名", "points": "槐影议事厅", "alliance": "6家成员", "neighbours": "替邻居提一件事",
		"capacity": "加一个身份", "inbox": "您在槐影社区(示例)的身份已经确认", "ties": "绑定码", "me": "字的大小", "board": "现在没有", "data": "记着的",
	} {
		m.visits("%s/%s", name, name)
		m.sees(says)
		m.looks("mini-" + name)
	}
	m.visits("erase/erase")
	m.sees("这些会没有")
	m.looks("mini-erase")
	m.taps("我要注销")
	m.taps("我知道：")
	m.looks("mini-erase-sure")
	m.taps("不注销")
	m.shares()
	m.holds(wan)
	m.comesTo()
	m.ends()
}

// shares has one of two who share a home name the other to vote for it.
func (m *mini) shares() {
	m.t.Helper()
	for _, name := range []string{"新来甲(示例)", "新来乙(示例)"} {
		_, asked := m.comes(name)
		_, err := m.forum.ConfirmCapacity(m.t.Context(), m.desk, asked.ID, true)
		ok(m.t, err)
	}
	m.holds("新来甲(示例)")
	m.visits("capacity/capacity")
	m.sees("1-2-301由谁投票")
	m.taps("由新来乙(示例)投")
	m.taps("定下来")
	m.sees("现在由新来乙(示例)投。", "定好了")
	m.looks("mini-voice")
}

// comesTo comes to a session, asks for the floor and reads the minutes.
func (m *mini) comesTo() {
	m.t.Helper()
	ctx := m.t.Context()
	_, err := m.forum.RaiseTopic(ctx, m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "3号楼门口的路灯坏了"})
	ok(m.t, err)
	m.meets()
	m.visits("session/session?id=%d", m.session)
	m.sees("扫大屏幕上的码")
	m.looks("mini-session")
	scanned := m.cfg.PublicURL + "/app/?scene=" + url.QueryEscape(rules.SiteScene(m.session, m.code())) // what the screen shows
	m.run(chromedp.Evaluate(`wx.scanCode = (options) => options.success({ result: `+quoted(scanned)+`, path: '' })`, nil, chromedp.EvalIgnoreExceptions))
	m.taps("扫大屏幕上的码")
	m.sees("您已经签到")
	m.taps("赞成")
	m.looks("mini-floor")
	m.taps("举手")
	m.sees("您排在最前面，下一位就是您")
	m.looks("mini-floor-waits")
	m.taps("不说了，放下手")
	m.sees("您想说的是")
}

// ends has what was agreed done, and is asked whether it is.
func (m *mini) ends() {
	m.t.Helper()
	_, err := m.forum.KeepMinutes(m.t.Context(), m.desk, m.session, m.topic, 0, "大家都说太暗。")
	ok(m.t, err)
	order := m.agrees()
	m.visits("session/session?id=%d", m.session)
	m.sees("会议记录", "大家都说太暗。")
	m.looks("mini-minutes")
	m.publishes()
	m.visits("board/board")
	m.taps("提异议")
	m.sees("对哪一项有意见")
	m.looks("mini-object")
	m.taps("返回")
	m.looks("mini-board-full")
	m.finishes(order.ID)
	m.visits("")
	m.taps("请您说说解决没有")
	m.taps("没解决")
	m.looks("mini-confirm")
	m.taps("提交")
	m.sees("谢谢您")
	m.visits("mine/mine")
	m.sees("3号楼门口的路灯坏了")
	m.looks("mini-mine-full")
	m.visits("erase/erase")
	m.taps("我要注销")
	m.taps("我知道：")
	m.taps("注销")
	m.sees("已经注销了")
	m.looks("mini-erased")
	m.taps("好")
	var shut bool
	m.looked(`eyes.text() === ''`, &shut) // a page that opened would log somebody new in
}
