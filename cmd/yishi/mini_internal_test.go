package main

import (
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"yishi/apps/resident"
	"yishi/models"
)

// TestMiniProgram raises a matter and votes in the built mini-program, on the component
// framework that WeChat is built on. WeChat itself is stood in for: its login, its
// sheets, its storage.
func TestMiniProgram(t *testing.T) {
	p := newPhone(t)
	if !resident.Phone.Built() {
		missing(t, "the mini-program is not packed: make clients")
	}
	m := &matter{phone: p, who: p.city.Residents[wan], desk: p.city.Secretary(home)}
	var phone string
	m.run(chromedp.Navigate(p.cfg.PublicURL+"/phone/"), chromedp.Evaluate(`fetch('/phone/api/state').then((r) => r.json()).then((s) => s.residents.find((r) => r.name === `+quoted(wan)+`).id)`,
		&phone, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	m.run(chromedp.Navigate(p.cfg.PublicURL + "/phone/mini/?scale=1.4&resident=" + phone))
	m.sees("今天没有等您办的事")
	var size string
	m.awaits(`getComputedStyle(document.querySelector('.page')).fontSize`, &size)
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
