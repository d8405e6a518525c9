package main

import (
	"strings"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/rules"
)

// TestResidentFloor asks for the floor in a session, waits, takes it back, has it, and
// reads the minutes when the session is over.
func TestResidentFloor(t *testing.T) {
	m := newMatter(t)
	ctx := t.Context()
	_, err := m.forum.RaiseTopic(ctx, m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	m.meets()
	neighbour := m.city.Residents[leader]
	for _, who := range []models.Actor{m.who, neighbour} {
		_, err = m.forum.CheckIn(ctx, who, m.session, 0, m.code())
		ok(t, err)
	}
	first, err := m.forum.AskFloor(ctx, neighbour, m.session, m.topic, rules.StanceFor)
	ok(t, err)
	m.opens("session/session?id=%d", m.session)
	m.sees("举手发言", "您想说的是")
	m.looks("floor")
	m.taps("举手")
	m.sees("请先选您想说的是")
	m.taps("赞成")
	m.taps("举手", 2)
	m.sees("您在排队，前面还有1位")
	if n := m.deeds("/speakers"); n != 1 {
		t.Errorf("a double tap raised %d hands", n)
	}
	m.looks("floor-waits")
	m.taps("不说了，放下手")
	m.sees("您想说的是")
	m.taps("反对")
	m.taps("举手")
	m.sees("您在排队，前面还有1位")
	_, err = m.forum.GiveFloor(ctx, m.desk, first.ID, models.Floor{})
	ok(t, err)
	m.sees("您排在最前面，下一位就是您") // by itself
	v, err := m.forum.Speakers(ctx, m.desk, m.session)
	ok(t, err)
	mine := v.Topics[0].Queue[0]
	if mine.Stance != rules.StanceAgainst {
		t.Errorf("they asked to speak %s", mine.Stance)
	}
	_, err = m.forum.GiveFloor(ctx, m.desk, mine.ID, models.Floor{InsteadOf: first.ID})
	ok(t, err)
	m.sees("轮到您发言了", "说到")
	m.looks("floor-mine")
	m.taps("我说完了")
	m.sees("您想说的是")
	if v, err = m.forum.Speakers(ctx, m.desk, m.session); err != nil || v.Floor != nil {
		t.Errorf("the floor is still %v, %v", v.Floor, err)
	}

	_, err = m.forum.KeepMinutes(ctx, m.desk, m.session, m.topic, 0, "有人想种花，有人想停车。")
	ok(t, err)
	_, err = m.forum.RecordOutcome(ctx, m.desk, m.session, m.topic, rules.TopicAgreed, "先种花，半年后再看。")
	ok(t, err)
	_, err = m.forum.MakeCommitment(ctx, m.desk, m.session, m.topic, m.city.Orgs[urban].ID, "把空地整平", m.clock.now().Add(72*time.Hour))
	ok(t, err)
	_, err = m.forum.CloseSession(ctx, m.desk, m.session)
	ok(t, err)
	_, err = m.forum.CorrectMinutes(ctx, m.desk, m.session, m.topic, "是三个月后再看。")
	ok(t, err)
	m.opens("session/session?id=%d", m.session)
	m.sees("会议记录", "散会时封存", "有人想种花，有人想停车。", "先种花，半年后再看。", "更正：是三个月后再看。", "城管", "答应：把空地整平", "您那天到场了")
	m.looks("minutes")
	m.enters(m.city.Residents["何知秋(示例)"])
	m.opens("session/session?id=%d", m.session)
	m.sees("要议的事")
	if said := m.text(); strings.Contains(said, "会议记录") || strings.Contains(said, "举手") {
		t.Errorf("who was not there is shown %s", said)
	}
}

// TestResidentPetition starts a petition, which a neighbour signs and leaves.
func TestResidentPetition(t *testing.T) {
	m := newMatter(t)
	ctx := t.Context()
	for _, name := range []string{"新来甲(示例)", "新来乙(示例)", "新来丙(示例)"} { // more than ten: two have to sign
		_, asked := m.comes(name)
		_, err := m.forum.ConfirmCapacity(ctx, m.desk, asked.ID, true)
		ok(t, err)
	}
	m.opens("sessions/sessions")
	m.taps("联名要求开会")
	m.sees("现在没有联名")
	m.taps("发起", 1)
	m.sees("请先写一句想商量什么")
	m.types("想开会商量什么？", "单元门禁要不要统一换")
	m.taps("年满18周岁")
	m.looks("petition")
	m.taps("发起", 2)
	m.sees("发起好了", "单元门禁要不要统一换", "您签过了")
	if n := m.deeds("/petitions"); n != 1 {
		t.Errorf("a double tap started %d petitions", n)
	}
	all, err := m.forum.Petitions(ctx, m.who, m.city.Orgs[home].ID)
	ok(t, err)
	p := all[0]
	if p.Kind != rules.PetitionAdults || p.Count.Signers != 1 || p.Purpose != "单元门禁要不要统一换" {
		t.Errorf("there is %+v", p)
	}
	m.types("想开会商量什么？", "再来一个")
	m.taps("发起")
	m.sees("您已经发起了一个还在征集签名的联名提议")
	m.looks("petitions")
	held, err := m.forum.Screenings(ctx, m.desk, m.city.Orgs[home].ID, true, 0, 10)
	ok(t, err)
	_, err = m.forum.DecideScreening(ctx, m.desk, held.Items[0].ID, true, "")
	ok(t, err)
	m.enters(m.city.Residents[leader])
	m.opens("petitions/petitions")
	m.sees("单元门禁要不要统一换", "已有1方签名，要2方", "可以签到")
	m.taps("我也签名", 2)
	m.sees("够人数了，等开会", "已有2方签名", "社区要在")
	if n := m.deeds("/sign"); n != 1 {
		t.Errorf("a double tap sent %d signatures", n)
	}
	m.looks("petition-met")
}

// TestResidentPetitionLeft takes the only signature back.
func TestResidentPetitionLeft(t *testing.T) {
	m := newMatter(t)
	_, err := m.forum.StartPetition(t.Context(), m.who, models.NewPetition{Kind: rules.PetitionAdults, Purpose: "单元门禁要不要统一换"})
	ok(t, err)
	m.opens("petitions/petitions")
	m.taps("收回签名")
	m.sees("已收回", "已有0方签名")
}

// TestResidentAnswers has the desk ask for more, and the raiser answer, object to what
// came out, and take another matter back.
func TestResidentAnswers(t *testing.T) {
	m := newMatter(t)
	ctx := t.Context()
	raised, err := m.forum.RaiseTopic(ctx, m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	_, err = m.forum.TakeUpTopics(ctx, 10)
	ok(t, err)
	_, err = m.forum.AskTopic(ctx, m.desk, raised.Topic.ID, "是哪一块空地？")
	ok(t, err)
	m.opens("home/home")
	m.sees("社区请您补充")
	m.taps("院子里的空地做什么用")
	m.sees("是哪一块空地？")
	m.types("您的回答", "2号楼后面那一块")
	m.looks("answer")
	m.taps("提交", 2)
	m.sees("等社区答复", "补充说明", "是哪一块空地？", "2号楼后面那一块")
	m.looks("answered")
	if n := m.deeds("/answer"); n != 1 {
		t.Errorf("a double tap answered %d times", n)
	}
	if s := m.latest().State; s != rules.TopicTriage {
		t.Errorf("when it is answered, the matter is %s", s)
	}
	m.taps("撤回这件事")
	m.sees("真的撤回？")
	m.taps("不撤回")
	m.taps("撤回这件事")
	m.looks("withdraw")
	m.taps("撤回")
	m.sees("已经结束，不用再等")
	if s := m.latest().State; s != rules.TopicWithdrawn {
		t.Errorf("taken back, the matter is %s", s)
	}

	m.who = m.city.Residents["何知秋(示例)"]
	_, err = m.forum.RaiseTopic(ctx, m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "3号楼门口的路灯坏了"})
	ok(t, err)
	m.meets()
	_, err = m.forum.RecordOutcome(ctx, m.desk, m.session, m.topic, rules.TopicAgreed, "装声控灯。")
	ok(t, err)
	_, err = m.forum.MakeCommitment(ctx, m.desk, m.session, m.topic, m.city.Orgs[urban].ID, "装好3号楼门口的声控灯", m.clock.now().Add(72*time.Hour))
	ok(t, err)
	_, err = m.forum.CloseSession(ctx, m.desk, m.session)
	ok(t, err)
	_, err = m.forum.PublishTopic(ctx, m.desk, m.topic, "大家同意装声控灯。")
	ok(t, err)
	m.enters(m.who)
	m.opens("board/board")
	m.taps("提异议")
	m.sees("对哪一项有意见")
	m.taps("提交异议")
	m.sees("请写下哪里不对")
	m.taps("装好3号楼门口的声控灯")
	m.types("哪里不对？", "声控灯太吵")
	m.looks("object")
	m.taps("提交异议", 2)
	m.sees("异议收到了")
	all, err := m.forum.Objections(ctx, m.desk, m.topic)
	ok(t, err)
	if len(all) != 1 || all[0].OrderID == 0 || all[0].Words != "声控灯太吵" {
		t.Errorf("the objections are %+v", all)
	}
}

// TestNeighbourLeader has a neighbour leader confirm who lives there and raise a
// matter for somebody without a phone.
func TestNeighbourLeader(t *testing.T) {
	p := newPhone(t)
	who, _ := p.comes("新来(示例)")
	p.enters(p.city.Residents[leader])
	p.taps("帮邻居办")
	p.sees("新来(示例)", "1-2-301")
	p.looks("neighbour-asked")
	p.taps("是，住这里")
	p.sees("没有等确认的邻居")
	me, err := p.forum.Me(t.Context(), who)
	ok(t, err)
	if s := me.Capacities[0].State; s != "confirmed" {
		t.Errorf("the neighbour is %s", s)
	}
	p.types("邻居的名字", "王阿姨(示例)")
	p.types("什么事？", "楼道的扶手松了")
	p.taps("替邻居提交")
	p.sees("名字、怎么同意的、什么事，这三样都要写")
	p.types("邻居怎么同意的？", "今天上门，当面说的")
	p.looks("neighbour")
	p.taps("替邻居提交", 2)
	p.sees("收到了，编号")
	if n := p.deeds("/topics/for"); n != 1 {
		t.Errorf("a double tap raised %d matters", n)
	}
}

// TestResidentScan comes by a printed code of a point, and by the code of a screen.
func TestResidentScan(t *testing.T) {
	m := newMatter(t)
	_, err := m.forum.RaiseTopic(t.Context(), m.who, models.NewTopic{OrgID: m.city.Orgs[home].ID, Text: "院子里的空地做什么用"})
	ok(t, err)
	m.scans(m.city.Points["hy-hall"].Scene)
	m.sees("您在这里扫的码", m.city.Points["hy-hall"].Name)
	m.looks("scanned")
	m.taps("在这里提一件事")
	m.sees("什么事？")
	m.meets()
	m.scans(rules.SiteScene(m.session, m.code()))
	m.sees("您已经签到")
	s, err := m.forum.Session(t.Context(), m.who, m.session)
	ok(t, err)
	if !s.CheckedIn {
		t.Error("the scan checked nobody in")
	}
}

// comes is a newcomer who says that they live at the home of the tests.
func (p *phone) comes(name string) (models.Actor, *models.Capacity) {
	p.t.Helper()
	ctx := p.t.Context()
	pass, err := p.forum.LoginMini(ctx, p.identify(name))
	ok(p.t, err)
	who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
	_, err = p.forum.Introduce(ctx, who, name, "")
	ok(p.t, err)
	asked, err := p.forum.BindCapacity(ctx, who, p.city.Orgs[home].ID, "resident", "1-2-301")
	ok(p.t, err)
	return who, asked
}
