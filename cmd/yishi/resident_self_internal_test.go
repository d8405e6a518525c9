package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	control "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yishi/models"
	"yishi/models/rules"
)

// leader is the neighbour leader of the home of the tests.
const leader = "孔平川(示例)"

// TestResidentData reads what is kept about somebody, in words, and keeps the file.
func TestResidentData(t *testing.T) {
	m := newMatter(t)
	_, err := m.forum.RaiseTopic(t.Context(), m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	folder, saved := t.TempDir(), make(chan struct{})
	chromedp.ListenTarget(m.ctx, func(event any) {
		if e, is := event.(*control.EventDownloadProgress); is && e.State == control.DownloadProgressStateCompleted {
			close(saved)
		}
	})
	m.run(control.SetDownloadBehavior(control.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(folder).WithEventsEnabled(true))
	m.opens("me/me")
	m.taps("我的资料")
	m.sees("记着的", wan)
	copied, err := m.forum.CopyMe(t.Context(), m.who)
	ok(t, err)
	said := m.text()
	for _, trace := range copied.Traces {
		if strings.Contains(said, trace.Kind) || strings.Contains(said, "其他记录") {
			t.Errorf("what is called %q has no name on the page", trace.Kind)
		}
	}
	m.taps("提的事")
	m.sees("院子里的空地做什么用")
	m.taps("登录")
	m.sees("小程序")
	m.looks("data")
	m.taps("存成文件")
	m.sees("存好了")
	<-saved
	files, err := filepath.Glob(folder + "/*.json")
	ok(t, err)
	if len(files) != 1 {
		t.Fatalf("the files are %v", files)
	}
	kept, err := os.ReadFile(files[0])
	ok(t, err)
	if !strings.Contains(string(kept), "院子里的空地做什么用") || filepath.Base(files[0]) != "我的议事资料.json" {
		t.Errorf("%s says %s", files[0], kept)
	}
}

// TestResidentErase ends a person's record after they were asked twice; whoever holds
// an office is told why not.
func TestResidentErase(t *testing.T) {
	m := newMatter(t)
	raised, err := m.forum.RaiseTopic(t.Context(), m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	m.opens("erase/erase")
	m.sees("这些会没有", "这些会留下，但不写您的名字")
	m.looks("erase")
	m.taps("我要注销", 2)
	m.sees("真的注销？找不回来。")
	m.taps("注销", 2)
	m.sees("请先勾选上面这一句")
	if n := m.deeds("/me/erase"); n != 0 {
		t.Fatalf("erased after %d requests without a second word", n)
	}
	m.taps("不注销")
	m.taps("我要注销")
	m.taps("我知道：")
	m.looks("erase-sure")
	m.taps("注销", 2)
	m.sees("已经注销了", "撤回了1件没人接手的事")
	if n := m.deeds("/me/erase"); n != 1 {
		t.Errorf("a double tap sent %d requests", n)
	}
	m.looks("erased")
	var left []string
	m.run(chromedp.Evaluate(`Object.keys(localStorage).filter((k) => k === 'login' || k.startsWith('draft:'))`, &left))
	if len(left) > 0 {
		t.Errorf("%v stays on the phone", left)
	}
	m.taps("好")
	m.sees("提一件事")
	if strings.Contains(m.text(), "今天等您办的") {
		t.Error("somebody is still signed in")
	}
	topic, err := m.forum.Topic(t.Context(), m.desk, raised.Topic.ID)
	ok(t, err)
	if topic.State != rules.TopicWithdrawn {
		t.Errorf("the matter that nobody had taken up is %s", topic.State)
	}

	m.enters(m.city.Residents[leader])
	m.opens("erase/erase")
	m.taps("我要注销")
	m.taps("我知道：")
	m.taps("注销")
	m.sees("您还担任职务，先请上级免去职务，再注销。")
	m.looks("erase-office")
	m.opens("me/me")
	m.sees(leader)
}

// TestResidentKeeper refuses to erase whoever keeps a part of the key of a secret poll,
// says until when, and changes nothing.
func TestResidentKeeper(t *testing.T) {
	m := newMatter(t)
	ctx := t.Context()
	_, err := m.forum.RaiseTopic(ctx, m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	m.meets()
	here := []models.Actor{m.who}
	for i := range 9 { // fewer would be seen through
		who, asked := m.comes(fmt.Sprintf("邻居%d(示例)", i))
		_, err = m.forum.ConfirmCapacity(ctx, m.desk, asked.ID, true)
		ok(t, err)
		here = append(here, who)
	}
	for _, who := range here {
		_, err = m.forum.CheckIn(ctx, who, m.session, 0, m.code())
		ok(t, err)
	}
	m.asks(models.NewPoll{Question: "种花行不行？", Secret: &models.NewSecrecy{
		Disclosure: rules.DiscloseKey, Crowd: 5, Holders: []int64{m.desk.PersonID, m.city.Officer(rules.Supervisor, home).PersonID, m.who.PersonID},
	}})
	kept := func() string {
		t.Helper()
		c, err := m.forum.CopyMe(ctx, m.who)
		ok(t, err)
		c.At = m.clock.now()
		b, err := json.Marshal(c)
		ok(t, err)
		return string(b)
	}
	m.opens("erase/erase")
	m.taps("我要注销")
	m.taps("我知道：")
	before := kept()
	m.taps("注销", 2)
	m.sees("您保管着一次表决的钥匙", "交回", "再来注销")
	m.looks("erase-keeper")
	if after := kept(); after != before {
		t.Errorf("a refusal changed what is kept from\n%s\nto\n%s", before, after)
	}
	m.opens("home/home")
	m.sees("种花行不行？", "请您保管或交回钥匙")
	m.opens("me/me")
	m.sees(wan)
}

// TestResidentLong tells somebody who wrote too much how much that is, keeps all of it,
// and takes what they make of it: pictures among the letters too.
func TestResidentLong(t *testing.T) {
	m := newMatter(t)
	whole := strings.Repeat("路灯坏了👨‍👩‍👧‍👦", 1100) // what joins the four is a character too
	m.opens("raise/raise")
	m.types("什么事？", whole)
	m.taps("提交", 2)
	m.sees("太长了：最多8000个字，现在有12100个字")
	m.looks("raise-long")
	if got := m.field("什么事？"); got != whole {
		t.Errorf("of %d bytes that were typed, %d are left", len(whole), len(got))
	}
	if mine, err := m.forum.MyTopics(t.Context(), m.who, 0, 1); err != nil || len(mine.Items) != 0 {
		t.Errorf("too long a text raised %v, %v", mine, err)
	}
	m.opens("home/home")
	m.sees("今天没有等您办的事")
	m.opens("raise/raise")
	m.sees("这是您上次没写完的")
	if got := m.field("什么事？"); got != whole {
		t.Errorf("of the draft %d bytes are left of %d", len(got), len(whole))
	}
	short := "🚦路灯坏了👨‍👩‍👧‍👦，晚上看不见😭"
	m.types("什么事？", short)
	m.types("在哪儿？", "3号楼🏠门口")
	m.taps("提交")
	m.sees("收到了")
	if got := m.latest(); got.Body != short || got.Place != "3号楼🏠门口" {
		t.Errorf("raised %q at %q", got.Body, got.Place)
	}
	m.taps("看进度")
	m.sees(short, "3号楼🏠门口")
	m.looks("topic-emoji")
}

// TestResidentVoice has two who share a home say which of them votes for it.
func TestResidentVoice(t *testing.T) {
	p := newPhone(t)
	ctx, desk := t.Context(), p.city.Secretary(home)
	two := make([]models.Actor, 2)
	for i, name := range []string{"新来甲(示例)", "新来乙(示例)"} {
		who, asked := p.comes(name)
		_, err := p.forum.ConfirmCapacity(ctx, desk, asked.ID, true)
		ok(t, err)
		two[i] = who
	}
	speaks := func(want int64) {
		t.Helper()
		homes, err := p.forum.MyHomes(ctx, two[0])
		ok(t, err)
		if got := homes[0].SpeakerID; got != want {
			t.Errorf("%d votes for the home, want %d", got, want)
		}
	}
	p.enters(two[0])
	p.opens("capacity/capacity")
	p.sees("1-2-301由谁投票", "一家只有一票", "现在没有定，谁先投就算谁的。")
	if said := p.text(); strings.Contains(said, "由新来甲(示例)投") {
		t.Errorf("one may name oneself:\n%s", said)
	}
	p.taps("定下来")
	p.sees("请先选由谁投")
	p.taps("由新来乙(示例)投")
	p.looks("voice")
	p.taps("定下来", 2)
	p.sees("现在由新来乙(示例)投。", "定好了")
	if n := p.deeds("/speaker"); n != 1 {
		t.Errorf("a double tap named %d times", n)
	}
	speaks(two[1].PersonID)
	p.enters(two[1])
	p.opens("capacity/capacity")
	p.sees("现在由您投。")
	p.taps("不定，谁先投就算谁的")
	p.taps("定下来")
	p.sees("现在没有定，谁先投就算谁的。")
	speaks(0)
	p.looks("voice-none")
	p.enters(p.city.Residents[wan])
	p.opens("capacity/capacity")
	p.sees("加一个身份")
	if said := p.text(); strings.Contains(said, "由谁投票") {
		t.Errorf("who shares a home with nobody is asked who votes for it:\n%s", said)
	}
}

// TestResidentAloud reads pages aloud and stops; a browser that cannot has no button.
func TestResidentAloud(t *testing.T) {
	m := newMatter(t)
	raised, err := m.forum.RaiseTopic(t.Context(), m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	gone := m.installs(`window.said = []; Object.defineProperty(window, 'speechSynthesis', { configurable: true, value: {
		speak: (one) => { said.push(one) }, cancel: () => { said.push('hush') } } });
		window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } };`)
	m.opens("topic/topic?id=%d", raised.Topic.ID)
	m.sees("现在谁在办")
	m.taps("读给我听")
	var heard bool
	m.looked(`said.some((s) => s.text?.includes('院子里的空地做什么用')) && !said.some((s) => ['读给我听', '撤回这件事'].includes(s.text))`, &heard)
	m.looks("aloud")
	m.taps("不读了")
	m.looked(`said.at(-1) === 'hush'`, &heard)
	m.taps("读给我听")
	m.sees("不读了")
	m.run(chromedp.Evaluate(`said.at(-1).onend()`, nil))
	m.sees("读给我听")
	for _, where := range []string{"board", "petitions", "me"} {
		m.opens("%s/%s", where, where)
		m.sees("读给我听")
	}
	m.run(page.RemoveScriptToEvaluateOnNewDocument(gone))
	m.installs(`delete window.SpeechSynthesisUtterance`)
	m.opens("topic/topic?id=%d", raised.Topic.ID)
	m.sees("现在谁在办")
	if strings.Contains(m.text(), "读给我听") {
		t.Error("a browser that cannot read aloud offers to")
	}
}
