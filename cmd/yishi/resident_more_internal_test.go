package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	control "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"yishi/models"
	"yishi/models/rules"
)

// TestResidentPhoto hands in a photo of more than 20 MB, which goes small from the
// phone, and something that is no photo.
func TestResidentPhoto(t *testing.T) {
	m := newMatter(t)
	files := make(chan string, 2)
	chromedp.ListenTarget(m.ctx, func(event any) {
		if e, ok := event.(*page.EventFileChooserOpened); ok {
			go func() {
				_ = chromedp.Run(m.ctx, dom.SetFileInputFiles([]string{<-files}).WithBackendNodeID(e.BackendNodeID))
			}()
		}
	})
	m.run(page.SetInterceptFileChooserDialog(true))
	m.opens("raise/raise")
	m.types("什么事？", "3号楼门口的路灯坏了")
	fake := filepath.Join(t.TempDir(), "fake.jpg")
	ok(t, os.WriteFile(fake, []byte("no picture"), 0o600))
	files <- fake
	m.taps("加照片")
	m.sees("这张照片打不开")
	files <- noise(t, 20<<20)
	m.taps("加照片")
	m.sees("去掉第1张")
	m.looks("raise-photo")
	m.taps("提交")
	m.sees("收到了", "照片传好了")
	m.taps("看进度")
	var wide int
	m.looked(`document.querySelector('.thumb img')?.naturalWidth`, &wide)
	photos, err := m.forum.Photos(t.Context(), m.who, m.latest().ID)
	ok(t, err)
	if len(photos) != 1 || photos[0].Width != 1600 || photos[0].Height != 1200 || wide != 1600 {
		t.Errorf("the photos are %v, shown %d wide", photos, wide)
	}
}

// noise writes a photo that no camera packs smaller.
func noise(t *testing.T, least int) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(picture.Pix) // never fails, by its contract
	var b bytes.Buffer
	ok(t, jpeg.Encode(&b, picture, &jpeg.Options{Quality: 100}))
	if b.Len() < least {
		t.Fatalf("the photo has %d bytes only", b.Len())
	}
	file := filepath.Join(t.TempDir(), "large.jpg")
	ok(t, os.WriteFile(file, b.Bytes(), 0o600))
	return file
}

// TestMerchant follows a shopkeeper: join the alliance, come to its session, vote.
func TestMerchant(t *testing.T) {
	p := newPhone(t)
	ctx, host := t.Context(), p.city.Officer(rules.Street, street)
	pass, err := p.forum.LoginMini(ctx, p.identify("晚来(示例)"))
	ok(t, err)
	who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
	p.run(
		emulation.SetGeolocationOverride().WithLatitude(33.3025).WithLongitude(118.6035).WithAccuracy(10),
		control.GrantPermissions([]control.PermissionType{control.PermissionTypeGeolocation}),
	)
	p.enters(who)
	p.taps("商户联盟")
	p.sees("6家成员")
	p.types("店名", "晚来面馆(示例)")
	p.types("统一社会信用代码", "92990000MA0DEM0730")
	p.taps("申请加入")
	p.sees("信用代码")
	p.types("统一社会信用代码", "92990000MA0DEM073B")
	p.taps("用我现在的位置")
	p.sees("位置填好了")
	p.looks("join")
	p.taps("申请加入", 2)
	p.sees("您的店：晚来面馆(示例)", "等确认")
	members, err := p.forum.Members(ctx, host, p.city.Alliance.ID)
	ok(t, err)
	shop := members[len(members)-1]
	if shop.State != models.MemberAsked || len(members) != 7 {
		t.Fatalf("the members are %v", members)
	}
	_, err = p.forum.ConfirmMember(ctx, host, shop.ID, true)
	ok(t, err)
	raised, err := p.forum.RaiseTopic(ctx, who, models.NewTopic{OrgID: p.city.Orgs[street].ID, Text: "夜市几点收摊，大家商量一个时间"})
	ok(t, err)
	m := &matter{phone: p, who: who, desk: host, topic: raised.Topic.ID}
	_, err = p.forum.TakeUpTopics(ctx, 10)
	ok(t, err)
	_, err = p.forum.AcceptTopic(ctx, host, m.topic, models.Acceptance{Item: "3.06", Level: "street", Pack: "ALLIANCE"})
	ok(t, err)
	s, err := p.forum.CreateSession(ctx, host, models.NewSession{
		OrgID: p.city.Orgs[street].ID, AllianceID: p.city.Alliance.ID, PointID: p.city.Points["tx-street"].ID, StartsAt: p.clock.now().Add(30 * time.Minute), Due: 7, Topics: []int64{m.topic},
	})
	ok(t, err)
	m.session = s.ID
	_, err = p.forum.AnnounceSession(ctx, host, s.ID, "商户都在，马上就开")
	ok(t, err)
	p.pass(30 * time.Minute)
	_, err = p.forum.OpenSession(ctx, host, s.ID)
	ok(t, err)
	p.opens("alliance/alliance")
	p.sees("联盟议事会")
	p.taps("夜市几点收摊")
	p.types("大屏幕上的6位数字", m.code())
	p.taps("签到")
	p.sees("您已经签到")
	m.asks(models.NewPoll{Question: "十点收摊行不行？"})
	p.opens("alliance/alliance")
	p.sees("等您投的票", "7家成员")
	p.looks("member")
	p.taps("十点收摊行不行？")
	p.taps("同意")
	p.taps("投票")
	p.sees("投好了", "您投的是：同意")
	v, err := p.forum.Poll(ctx, who, m.poll)
	ok(t, err)
	if v.Cast != 1 || v.Mine[0].Unit != fmt.Sprintf("m%d", shop.ID) {
		t.Errorf("%d ballots, for %v", v.Cast, v.Mine)
	}
	p.opens("points/points")
	p.taps("按远近排")
	p.sees("米")
	p.looks("points-near")
}

// TestResidentBallots votes by every way of asking, with a keyboard alone by the
// first, and is led to the booth by a secret poll.
func TestResidentBallots(t *testing.T) {
	m := newMatter(t)
	raised, err := m.forum.RaiseTopic(t.Context(), m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	m.topic = raised.Topic.ID
	m.meets()
	_, err = m.forum.CheckIn(t.Context(), m.who, m.session, 0, m.code())
	ok(t, err)
	three := []string{"种花", "停车", "晒衣服"}
	for _, tt := range []struct {
		n    models.NewPoll
		taps []string
		want rules.Choice
		told string
	}{
		{models.NewPoll{Question: "选两样"}, nil, "no", "不同意"},
		{models.NewPoll{Question: "最多选两样", Method: rules.MethodChoose, Options: three, Most: 2}, []string{"种花", "晒衣服"}, "1+3", "种花、晒衣服"},
		{models.NewPoll{Question: "排个先后", Method: rules.MethodRank, Options: three}, []string{"停车", "种花"}, "2>1", "停车 → 种花"},
		{models.NewPoll{Question: "打个分", Method: rules.MethodScore, Options: three, Most: 5}, []string{"种花加一分", "种花加一分", "停车加一分", "停车减一分", "晒衣服加一分"}, "1,0,0", "种花 1"},
		{models.NewPoll{Question: "一样一样问", Method: rules.MethodEach, Options: three}, nil, "y,n,a", "种花 同意；停车 不同意；晒衣服 弃权"},
	} {
		m.asks(tt.n)
		m.opens("poll/poll?id=%d", m.poll)
		m.sees(tt.n.Question, "您的选择")
		if tt.n.Method == "" { // a keyboard: to the choices, to the second, to the button below
			m.keys("uni-button[role=radio]", kb.ArrowDown, " ")
			m.keys(".do uni-button", kb.Enter)
		}
		if tt.n.Method == rules.MethodEach {
			m.run(chromedp.Evaluate(`[...document.querySelectorAll('[role=radiogroup]')].forEach((g, i) => g.querySelectorAll('uni-button')[i].click())`, nil))
		}
		for _, b := range tt.taps {
			m.taps(b)
		}
		if tt.n.Method != "" {
			m.looks("ballot-" + string(tt.n.Method))
			m.taps("投票")
		}
		m.sees("投好了", tt.told)
		v, err := m.forum.Poll(t.Context(), m.who, m.poll)
		ok(t, err)
		if v.Mine[0].Choice != tt.want {
			t.Errorf("%s: the ballot says %q, want %q", tt.n.Question, v.Mine[0].Choice, tt.want)
		}
		m.sees(v.Mine[0].Receipt)
		_, err = m.forum.ClosePoll(t.Context(), m.desk, m.poll)
		ok(t, err)
	}
	m.taps("查我的票")
	m.run(chromedp.WaitVisible("#code"))
}

// keys goes on with Tab until the focus is on what a selector names, and presses keys there.
func (p *phone) keys(at string, keys ...string) {
	p.t.Helper()
	p.tabs("document.activeElement.matches("+quoted(at)+")", keys...)
}

// presses goes on with Tab until the focus is on what is called so, and presses keys there.
func (p *phone) presses(name string, keys ...string) {
	p.t.Helper()
	var there bool
	p.looked("eyes.text().includes("+quoted(name)+") || !!document.querySelector('[aria-label*="+quoted(name)+"]')", &there)
	p.tabs("(document.activeElement.ariaLabel ?? document.activeElement.innerText).includes("+quoted(name)+")", keys...)
}

func (p *phone) tabs(at string, keys ...string) {
	p.t.Helper()
	var there, seen bool
	for range 60 {
		p.run(chromedp.KeyEvent(kb.Tab), chromedp.Evaluate("document.activeElement !== document.body && "+at, &there))
		if there {
			break
		}
	}
	if !there {
		p.t.Fatalf("no Tab leads to where %s; the page says\n%s", at, p.text())
	}
	p.run(chromedp.Evaluate(outlined, &seen))
	if !seen {
		p.t.Errorf("where %s, nothing shows that the focus is there", at)
	}
	for _, k := range keys {
		p.run(chromedp.KeyEvent(k))
	}
}

// outlined says whether one sees where the focus is.
const outlined = `(() => { for (let e = document.activeElement, i = 0; e && i < 4; e = e.parentElement, i++) if (getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 2) return true; return false })()`

// TestResidentKeyboard goes through a matter with a keyboard alone: raise it, come to
// its session, vote, and say that it is solved.
func TestResidentKeyboard(t *testing.T) {
	m := newMatter(t)
	m.presses("提一件事", kb.Enter)
	m.sees("什么事？")
	m.presses("提交", kb.Enter)
	m.sees("请先写一句是什么事")
	m.keys(`[aria-label="什么事？"]`)
	m.run(input.InsertText("3号楼门口的路灯坏了"))
	m.presses("提交", kb.Enter)
	m.sees("收到了")
	m.presses("看进度", " ")
	m.sees("现在谁在办")
	m.meets()
	m.presses("返回", kb.Enter)
	m.sees("记住这个编号")
	m.presses("返回", kb.Enter)
	m.presses("去议事", kb.Enter)
	m.sees("正在开")
	m.presses("3号楼门口的路灯坏了", kb.Enter)
	m.sees("大屏幕上的6位数字")
	m.keys(`[aria-label="大屏幕上的6位数字"]`, m.code())
	m.presses("签到", kb.Enter)
	m.sees("您已经签到")
	m.asks(models.NewPoll{Question: "装不装声控灯？"})
	m.presses("返回", kb.Enter)
	m.sees("什么时候、在哪儿议事")
	m.presses("返回", kb.Enter)
	m.presses("装不装声控灯？", kb.Enter)
	m.presses("同意", " ")
	m.presses("投票", kb.Enter)
	m.sees("投好了", "您投的是：同意")
	m.concludes()
	m.presses("请您说说解决没有", kb.Enter)
	m.sees("您说了算")
	m.presses("解决了", kb.ArrowDown, kb.ArrowUp, " ")
	m.presses("提交", kb.Enter)
	m.sees("谢谢您")
	if s := m.latest().State; s != rules.TopicConfirmed {
		t.Errorf("the matter is %s", s)
	}
}

// firstScript is the script that must be there before the first page is.
const firstScript, wholeMini = 150 << 10, 600 << 10

// TestResidentSize keeps the app small: what the first page of a browser needs, and
// the package that WeChat loads.
func TestResidentSize(t *testing.T) {
	built := os.DirFS("../../apps/resident/dist/build")
	index, err := fs.ReadFile(built, "h5/index.html")
	if err != nil {
		missing(t, "the residents' app is not built: make clients")
	}
	names := regexp.MustCompile(`(?:src|href)="/app/(assets/[^"]+\.js)"`).FindAllStringSubmatch(string(index), -1)
	home, err := fs.Glob(built, "h5/assets/pages-home-home*.js")
	ok(t, err)
	labels, err := fs.Glob(built, "h5/assets/labels*.js")
	ok(t, err)
	files := append(home, labels...)
	for _, n := range names {
		files = append(files, "h5/"+n[1])
	}
	size := 0
	for _, name := range files {
		body, err := fs.ReadFile(built, name)
		ok(t, err)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err = z.Write(body)
		ok(t, err)
		ok(t, z.Close())
		size += b.Len()
	}
	if len(files) < 3 || size > firstScript {
		t.Errorf("the first page needs %v: %d bytes", files, size)
	}
	mini := int64(0)
	ok(t, fs.WalkDir(built, "mp-weixin", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		mini += info.Size()
		return err
	}))
	if mini > wholeMini {
		t.Errorf("the mini-program has %d bytes", mini)
	}
	t.Logf("the first page of a browser needs %d bytes packed, the mini-program %d", size, mini)
}
