package bot_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yishi/bot"
	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

// TestUnknownDeedStopsTheStart admits no way in by chat that leads to no deed.
func TestUnknownDeedStopsTheStart(t *testing.T) {
	known := bot.Way{Kind: bot.WayCommand, Name: "a", Deed: rules.TopicRead}
	if err := bot.CheckDeeds([]bot.Way{known}); err != nil {
		t.Error(err)
	}
	for _, deed := range []rules.Deed{"", "topic.invented"} {
		if bot.CheckDeeds([]bot.Way{known, {Kind: bot.WayStep, Name: "b", Deed: deed}}) == nil {
			t.Errorf("a step to %q was admitted", deed)
		}
	}
}

// The communities of the matrix: one's own, one of the same street, one of
// another; and the roles that are none of the table.
const (
	wangta, away, tengxiang = "YD-YS-TX-WT", "YD-YS-XX-AW", "YD-YS-TX"

	banned rules.Role = "banned"
)

// homes are where each role stands.
var homes = map[rules.Role]string{
	rules.Guest: "", banned: huaiying, rules.Resident: huaiying, rules.Leader: huaiying, rules.Merchant: tengxiang,
	rules.Supervisor: huaiying, rules.Secretary: huaiying, rules.Handler: urban, rules.Street: tengxiang, rules.District: "YD-YS", rules.City: "YD",
}

// openings are what somebody types, or does, to take a way; {r} is the receipt
// of a matter that waits for it. A step is reached by the command that leads to
// it, so that it needs no opening of its own.
var openings = map[string]string{
	"command/raise": "提议", "command/progress": "进度 {r}", "command/cosign": "附议 {r}", "command/solved": "解决了 {r}",
	"command/unsolved": "没解决 {r} 还是不亮", "command/supply": "补充 {r} 三号楼", "command/name": "我叫某某", "command/vote": "投票",
	"command/petition": "联名", "command/speak": "发言", "step/speak": "发言", "command/person": "转人工", "command/near": "附近", "command/mine": "我的", "command/app": "网页", "command/register": "登记", "command/join": "加入联盟", "command/tie": "绑定 00000000", "command/help": "帮助", "command/cancel": "取消",
	"event/digits": "{code}", "event/screen": "{scene}", "event/sentence": "大门口的垃圾没人清走", "event/scan": "@scan", "event/follow": "@follow", "event/location": "@location", "event/image": "@image",
	"step/similar": "路灯不亮好多天了", "step/reason": "没解决 {r}", "step/progress": "进度", "step/household": "登记",
	"step/consent": "解决了 {r}", "step/mark": "投票",
	"command/desk": "待办", "step/ask": "待办", "step/item": "待办", "step/merge": "待办", "step/away": "待办", "command/chair": "主持", "step/begin": "主持",
	"step/openpoll": "主持", "step/closing": "主持", "step/proof": "主持", "step/adjourn": "主持", "step/end": "主持",
}

// replies are what is answered to each step. "@location" is a position sent.
var replies = map[string]string{
	"tell": "三单元电梯门总夹东西", "community": "1", "household": "跳过", "similar": "1", "readback": "确认", "progress": "1", "reason": "还是不亮", "consent": "当面问过",
	"poll": "1", "choice": "同意", "mark": "1 2", "unit": "1", "petition": "1", "speak": "1", "alliance": "1", "shop": "小店(示例)", "credit": "{credit}", "site": "@location",
	"desk": "1", "triage": "1", "item": "1", "ask": "哪一栋?", "merge": "1", "away": "2", "meeting": "1", "begin": "确认", "chair": "2", "agenda": "1",
	"question": "同不同意?", "proof": "{totp}", "openpoll": "1", "closing": "{totp}", "adjourn": "停电了", "end": "确认",
}

// turnings are the other replies, by which a way turns off to its own step.
var turnings = map[string]map[string]string{
	"desk": {"desk": "取消"}, "chair": {"meeting": "取消"}, "mark": {"poll": "3"}, "ask": {"triage": "2"}, "merge": {"triage": "3"}, "away": {"triage": "4"},
	"begin": {"meeting": "2", "chair": "取消"}, "openpoll": {"chair": "3"}, "proof": {"meeting": "2"}, "closing": {"meeting": "2", "chair": "3"},
	"adjourn": {"meeting": "2", "chair": "4"}, "end": {"meeting": "2", "chair": "5"},
}

// TestWhoMayByAnyWay takes every way in by chat as every role, about a matter of
// one's own, of one's own community, of the sibling's, of another street's and
// about nothing. What comes of it is what the table of permissions says; what is
// done is the deed that the way names, and no other. No way is left out.
func TestWhoMayByAnyWay(t *testing.T) {
	reached := map[string]bool{}
	for role := range homes {
		t.Run(string(role), func(t *testing.T) { newMatrix(t, role, reached).play(t) })
	}
	for _, w := range newStage(t, sentences(t)).bot.Ways() {
		if !reached[w.Kind+"/"+w.Name] {
			t.Errorf("nobody came to the %s %q", w.Kind, w.Name)
		}
	}
	for _, deed := range []rules.Deed{
		rules.TopicRaise, rules.TopicCosign, rules.TopicAnswer, rules.ConfirmationGive, rules.ConfirmationFor, rules.PersonSelf, rules.CapacityBind,
		rules.TopicAccept, rules.TopicAsk, rules.TopicMerge, rules.TopicRedirect, rules.SessionOpen, rules.SessionAdjourn, rules.PollOpening, rules.PollClosing,
		rules.MemberJoin, rules.PresenceCheckIn, rules.PetitionSign, rules.SpeakerAsk, // a ballot is in the record of its poll, not among the audits
	} {
		if !reached[string(deed)] {
			t.Errorf("nobody did %s", deed)
		}
	}
}

// matrix is one role before every way.
type matrix struct {
	*stage
	role     rules.Role
	standing rules.Standing
	receipts map[string]map[string]string // relation, way: the matter that waits
	paths    map[string]string            // of the relations
	reached  map[string]bool
	audits   *sql.DB
	text     locale.Catalog
	seen     int64 // the last line of the audit that was read
	said     int
	office   models.Credentials // of staff
}

const player = "player"

func newMatrix(t *testing.T, role rules.Role, reached map[string]bool) *matrix {
	t.Helper()
	m := &matrix{
		stage: newStage(t, sentences(t)), role: role, reached: reached, text: sentences(t),
		receipts: map[string]map[string]string{"missing": {}}, paths: map[string]string{"missing": ""},
	}
	ctx := t.Context()
	check[int](t)(m.ImportOrgs(ctx, models.Operator, []models.OrgRow{
		{Code: "YD-YS-XX", Parent: "YD-YS", Kind: models.OrgStreet, Name: "别的街道(示例)"},
		{Code: away, Parent: "YD-YS-XX", Kind: models.OrgCommunity, Name: "别的社区(示例)"},
	}))
	for _, o := range check[[]models.Org](t)(m.Orgs(ctx, models.Operator)) {
		m.City.Orgs[o.Code] = o
	}
	check[*models.Alliance](t)(m.FoundAlliance(ctx, models.Operator, m.Org(tengxiang), "又一个联盟(示例)"))
	db, err := sql.Open("sqlite", m.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	m.audits = db
	who := m.cast(t)
	for relation, org := range map[string]string{"own": huaiying, "sibling": wangta, "other": away} {
		raiser := m.known(t, "raiser-"+org, org, models.CapacityResident, "")
		m.furnish(t, relation, org, raiser)
	}
	if slices.Contains([]rules.Role{rules.Resident, rules.Leader, rules.Merchant, banned}, role) {
		m.furnish(t, "mine", huaiying, who)
	}
	m.put(t, who)
	if role == banned {
		check[models.None](t)(m.BanPerson(ctx, models.Operator, who.PersonID, true))
	}
	return m
}

// cast makes the player of a role and says where they stand.
func (m *matrix) cast(t *testing.T) models.Actor {
	t.Helper()
	ctx, home := t.Context(), m.City.Orgs[homes[m.role]]
	who := check[models.Actor](t)(m.RecognizeChat(ctx, m.identity(player)))
	m.standing = rules.Standing{Banned: m.role == banned, Places: []rules.Place{{Role: rules.Guest}, {Role: m.role, Path: home.Path}}}
	switch m.role { //nolint:exhaustive // the rest are staff
	case rules.Guest:
		m.standing.Places = m.standing.Places[:1]
	case rules.Resident, banned, rules.Leader:
		m.known(t, player, huaiying, models.CapacityOwner, "1-1-102")
		m.known(t, player, huaiying, models.CapacityResident, "1-1-201")
		if m.role == rules.Leader {
			check[models.None](t)(m.GrantOffice(ctx, models.Operator, who.PersonID, rules.Leader, home.ID))
			m.standing.Places = append(m.standing.Places, rules.Place{Role: rules.Resident, Path: home.Path})
		}
	case rules.Merchant:
		shop := models.NewMember{AllianceID: m.City.Alliance.ID, Kind: models.MemberMerchant, Name: "铺子(示例)", CreditCode: credit(t, 1)}
		joined := check[*models.Member](t)(m.JoinAlliance(ctx, who, shop))
		check[*models.Member](t)(m.ConfirmMember(ctx, models.Operator, joined.ID, true))
	default: // staff who follow the official account
		c := check[*models.Credentials](t)(m.CreateStaff(ctx, models.Operator, models.NewStaff{Name: "某某(示例)", Login: player, Role: m.role, OrgID: home.ID}))
		check[models.None](t)(m.MoveAccount(ctx, models.Operator, who.PersonID, c.PersonID))
		who.PersonID, m.office = c.PersonID, *c
		check[*models.Pass](t)(m.RenewPassword(ctx, models.Actor{PersonID: c.PersonID, Door: models.DoorConsole, Renew: true}, c.Password, "Sample-Password-7"))
	}
	return who
}

// credit is a made-up credit code that is right.
func credit(t *testing.T, n int) string {
	t.Helper()
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	for _, last := range digits {
		if code, err := rules.CheckCreditCode(fmt.Sprintf("92990000MA0DEM0%02d%c", n, last)); err == nil {
			return code
		}
	}
	t.Fatal("no digit makes the code right")
	return ""
}

// known makes somebody known in a community.
func (m *matrix) known(t *testing.T, name, org string, kind models.CapacityKind, household string) models.Actor {
	t.Helper()
	who := check[models.Actor](t)(m.RecognizeChat(t.Context(), m.identity(name)))
	c := check[*models.Capacity](t)(m.BindCapacity(t.Context(), who, m.Org(org), kind, household))
	check[*models.Capacity](t)(m.ConfirmCapacity(t.Context(), models.Actor{Door: models.DoorConsole, PersonID: m.deskOf(t, org).PersonID}, c.ID, true))
	return who
}

// deskOf is a secretary of a community, made when first asked for.
func (m *matrix) deskOf(t *testing.T, org string) models.Actor {
	t.Helper()
	c, ok := m.City.Staff["desk-"+org]
	if !ok {
		c = *check[*models.Credentials](t)(m.CreateStaff(t.Context(), models.Operator, models.NewStaff{Name: "某某(示例)", Login: "desk-" + org, Role: rules.Secretary, OrgID: m.Org(org)}))
		m.City.Staff["desk-"+org] = c
	}
	return models.Actor{PersonID: c.PersonID, Door: models.DoorConsole}
}

// furnish raises a matter for each way that is about one, and brings it to where
// it waits for that.
func (m *matrix) furnish(t *testing.T, relation, org string, raiser models.Actor) {
	t.Helper()
	ctx, desk := t.Context(), m.deskOf(t, org)
	m.paths[relation], m.receipts[relation] = m.City.Orgs[org].Path, map[string]string{}
	for way, bring := range map[string]func(id int64){
		"command/progress": func(int64) {},
		"command/cosign": func(id int64) {
			check[*models.Topic](t)(m.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.04", Pack: "CONSULT"}))
		},
		"command/supply":   func(id int64) { check[*models.Topic](t)(m.AskTopic(ctx, desk, id, "哪一栋?")) },
		"command/solved":   func(id int64) { m.repair(t, desk, org, id) },
		"command/unsolved": func(id int64) { m.repair(t, desk, org, id) },
		"step/reason":      func(id int64) { m.repair(t, desk, org, id) },
		"step/consent":     func(id int64) { m.repair(t, desk, org, id) },
	} {
		n := models.NewTopic{OrgID: m.Org(org), Text: "路灯不亮好多天了 " + way}
		var r *models.Raised
		if way == "step/consent" {
			helper := desk
			if m.helps(relation) {
				helper = raiser
			}
			r = check[*models.Raised](t)(m.RaiseTopicFor(ctx, helper, n, models.Helped{Name: "某老人(示例)", Consent: "当面说的"}))
		} else {
			r = check[*models.Raised](t)(m.RaiseTopic(ctx, raiser, n))
		}
		check[int](t)(m.TakeUpTopics(ctx, 100))
		bring(r.Topic.ID)
		m.receipts[relation][way] = r.Topic.Receipt
	}
}

// helps reports whether the player writes matters down for others: a neighbour
// leader, in their own community.
func (m *matrix) helps(relation string) bool { return relation == "mine" && m.role == rules.Leader }

// repair has a matter done, so that its raiser is asked.
func (m *matrix) repair(t *testing.T, desk models.Actor, org string, id int64) {
	t.Helper()
	ctx := t.Context()
	check[*models.Topic](t)(m.OrderTopic(ctx, desk, id, m.Org(org), "换灯", m.Clock.Now().AddDate(0, 0, 5)))
	for _, o := range check[[]models.Order](t)(m.TopicOrders(ctx, desk, id)) {
		check[*models.Order](t)(m.SignOrder(ctx, desk, o.ID))
		check[*models.Order](t)(m.FinishOrder(ctx, desk, o.ID, "换了"))
	}
}

// put opens a session with three polls, on which the player stands where the role
// may stand on one.
func (m *matrix) put(t *testing.T, who models.Actor) {
	t.Helper()
	ctx, desk := t.Context(), m.desk()
	var ids []int64
	for _, text := range []string{"门禁换不换", "长椅装哪里", "花坛种什么"} {
		id := check[*models.Raised](t)(m.RaiseTopic(ctx, m.named(t, huaiying, 1).who, models.NewTopic{OrgID: m.Org(huaiying), Text: text})).Topic.ID
		check[int](t)(m.TakeUpTopics(ctx, 100))
		check[*models.Topic](t)(m.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.04", Pack: "STAKE"}))
		ids = append(ids, id)
	}
	asks := models.NewPetition{OrgID: m.Org(huaiying), Kind: rules.PetitionHouseholds, Purpose: "门禁换不换"}
	petition := check[*models.PetitionView](t)(m.StartPetition(ctx, m.named(t, huaiying, 1).who, asks))
	letStand(t, m.Stage, m.desk(), petition.ID)
	m.session = check[*models.Session](t)(m.CreateSession(ctx, desk, models.NewSession{
		OrgID: m.Org(huaiying), PointID: m.City.Points["hy-hall"].ID, StartsAt: m.Clock.Now(), Due: 1, Topics: ids,
	}))
	m.session = check[*models.Session](t)(m.OpenSession(ctx, desk, m.session.ID))
	m.wait(t)
	signs := fmt.Sprintf("p%d", m.named(t, huaiying, 1).who.PersonID)
	if m.standing.Places[len(m.standing.Places)-1].Role == rules.Resident {
		signs = fmt.Sprintf("p%d", who.PersonID)
	}
	check[*models.PollView](t)(m.OpenPoll(ctx, desk, models.NewPoll{SessionID: m.session.ID, TopicID: ids[0], Question: "换不换?", Pack: "DOOR"}))
	check[*models.PollView](t)(m.OpenPoll(ctx, desk, models.NewPoll{SessionID: m.session.ID, TopicID: ids[1], Question: "装不装?", Stakeholders: []string{signs}}))
	check[*models.PollView](t)(m.OpenPoll(ctx, desk, models.NewPoll{SessionID: m.session.ID, TopicID: ids[2], Question: "种什么?", Pack: "DOOR", Method: rules.MethodChoose, Options: []string{"月季", "桂花"}, Most: 2}))
}

// wait leaves matters that wait for the desk, and a session that is to be opened.
func (m *matrix) wait(t *testing.T) {
	t.Helper()
	ctx, desk := t.Context(), m.desk()
	for i := range 6 {
		text := fmt.Sprintf("%d号楼的路灯不亮好多天了", i)
		check[*models.Raised](t)(m.RaiseTopic(ctx, m.named(t, huaiying, 1).who, models.NewTopic{OrgID: m.Org(huaiying), Text: text}))
	}
	later := check[*models.Raised](t)(m.RaiseTopic(ctx, m.named(t, huaiying, 1).who, models.NewTopic{OrgID: m.Org(huaiying), Text: "旧衣柜往哪里放"})).Topic.ID
	check[int](t)(m.TakeUpTopics(ctx, 100))
	check[*models.Topic](t)(m.AcceptTopic(ctx, desk, later, models.Acceptance{Item: "3.04", Pack: "DOOR"}))
	s := check[*models.Session](t)(m.CreateSession(ctx, desk, models.NewSession{
		OrgID: m.Org(huaiying), PointID: m.City.Points["hy-hall"].ID, StartsAt: m.Clock.Now().Add(20 * time.Minute), Due: 1, Topics: []int64{later},
	}))
	check[*models.Session](t)(m.AnnounceSession(ctx, desk, s.ID, "急事"))
}

// play takes every way that has an opening; those that make one known somewhere
// or add matters come last.
func (m *matrix) play(t *testing.T) {
	ways := m.bot.Ways()
	late := []string{
		"command/raise", "event/sentence", "step/similar", "command/register", "step/household",
		"step/begin", "step/openpoll", "step/proof", "step/closing", "step/end", "step/adjourn",
	}
	slices.SortStableFunc(ways, func(a, b bot.Way) int {
		return slices.Index(late, a.Kind+"/"+a.Name) - slices.Index(late, b.Kind+"/"+b.Name)
	})
	m.done(t) // what the setting left behind
	for _, w := range ways {
		opening, ok := openings[w.Kind+"/"+w.Name]
		if !ok {
			continue
		}
		if !strings.Contains(opening, "{r}") {
			m.take(t, w, opening, "", rules.Object{Path: m.City.Orgs[huaiying].Path, Own: true})
			continue
		}
		for relation, path := range m.paths {
			receipt := m.receipts[relation][w.Kind+"/"+w.Name]
			if relation == "missing" {
				receipt = rules.Receipt(7)
			}
			m.take(t, w, strings.ReplaceAll(opening, "{r}", receipt), relation, rules.Object{Path: path, Own: relation == "mine" && w.Name != "consent" || m.helps(relation)})
		}
	}
}

// take takes one way to its end and holds what came of it against the table.
func (m *matrix) take(t *testing.T, w bot.Way, opening, relation string, object rules.Object) {
	t.Helper()
	way := fmt.Sprintf("%s %s %s", w.Kind, w.Name, relation)
	m.reached[w.Kind+"/"+w.Name] = true
	named, did := []rules.Deed{w.Deed}, false
	var told strings.Builder
	next := opening
	for range 8 {
		if strings.Contains(next, "{code}") {
			m.send(t, "@scan")
		}
		told.WriteString(m.send(t, next) + "\n")
		for _, deed := range m.done(t) {
			did = did || deed == w.Deed
			if !slices.Contains(named, deed) {
				t.Errorf("%s: %q did %s, which is none of %v", way, next, deed, named)
			}
		}
		step := m.step(t)
		if next = replies[step]; next == "" {
			break
		}
		next = cmp.Or(turnings[w.Name][step], next)
		m.reached["step/"+step] = true
		named = append(named, m.deedOf(step))
	}
	m.send(t, "取消")
	if slices.Contains(named, rules.CapacityBind) { // who is known nowhere makes themselves known on the way
		m.standing.Places = append(m.standing.Places, rules.Place{Role: rules.Guest, Path: object.Path})
	}
	var want error = rules.Refuse(rules.NotFound, "topic.unknown") // the receipt is read first, which anybody may
	if relation != "missing" {
		want = rules.May(m.standing, w.Deed, object)
	}
	if why := m.differs(told.String(), want, did); why != "" {
		t.Errorf("%s: %s: %q answered %q", way, why, opening, told.String())
	}
}

// differs tells how what came of a way differs from what the table says.
func (m *matrix) differs(told string, want error, did bool) string {
	text := m.text
	forbidden := strings.Contains(told, text["deed.forbidden"])
	shut := strings.Contains(told, text["person.banned"])
	missing := strings.Contains(told, text["topic.unknown"]) || strings.Contains(told, text["confirmation.unknown"])
	r, refused := rules.AsRefusal(want)
	switch {
	case refused && did:
		return "done, although the table does not admit it"
	case !refused && (forbidden || shut || missing):
		return "refused, although the table admits it"
	case refused && r.Code == "person.banned" && !shut, refused && r.Code == "deed.forbidden" && !forbidden, refused && r.Kind == rules.NotFound && !missing:
		return "not told " + r.Code
	}
	return ""
}

// send does what somebody types or does, and returns the answer.
func (m *matrix) send(t *testing.T, what string) string {
	t.Helper()
	m.said++
	point := fmt.Sprintf("p%d", m.City.Points["hy-hall"].ID)
	if what == "{totp}" {
		m.Clock.Pass(30 * time.Second) // a code works once
		what = check[string](t)(totp.GenerateCode(m.office.Secret, m.Clock.Now()))
	}
	e := wechat.Event{Kind: wechat.KindText, Text: m.filled(t, what)}
	if strings.Contains(e.Text, "{") {
		e.Text = strings.ReplaceAll(e.Text, "{credit}", credit(t, m.said%90+5))
	}
	switch what {
	case "@scan":
		e = wechat.Event{Kind: wechat.KindScan, Scene: point}
	case "@follow":
		e = wechat.Event{Kind: wechat.KindSubscribe, Scene: point}
	case "@location":
		e = wechat.Event{Kind: wechat.KindLocation, Lat: 33.96, Lng: 118.28}
	case "@image":
		e = wechat.Event{Kind: wechat.KindImage, MediaID: "medium"}
	}
	return check[string](t)(m.say(t, player, e))
}

// done returns the deeds that were done by chat since it was last asked, but for
// what every message does.
func (m *matrix) done(t *testing.T) []rules.Deed {
	t.Helper()
	rows, err := m.audits.Query("SELECT id, deed FROM audits WHERE id > ? AND door = 'chat' AND deed NOT IN ('dialogue.turn', 'login.mini') ORDER BY id", m.seen)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []rules.Deed
	for rows.Next() {
		var deed rules.Deed
		if err := rows.Scan(&m.seen, &deed); err != nil {
			t.Fatal(err)
		}
		out = append(out, deed)
		m.reached[string(deed)] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// step is what the bot waits for.
func (m *matrix) step(t *testing.T) string {
	t.Helper()
	id := m.identity(player)
	d, _, err := m.Hear(t.Context(), models.Identity{AppID: forumtest.App, OpenID: id.OpenID}, "")
	if err != nil {
		t.Fatal(err)
	}
	return d.Step
}

func (m *matrix) deedOf(step string) rules.Deed {
	for _, w := range m.bot.Ways() {
		if w.Kind == bot.WayStep && w.Name == step {
			return w.Deed
		}
	}
	return ""
}
