package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"yishi/handlers"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// away is a community of another street, made for the matrix.
const away = "YD-YS-XX-AW"

// furniture is one thing of every noun in one community.
type furniture struct {
	org   models.Org
	path  string
	nouns map[string]int64
}

// furnish puts one thing of every noun into a community, by the deeds of its
// own people.
func furnish(t *testing.T, s *forumtest.Stage, org string) furniture {
	t.Helper()
	ctx := t.Context()
	o := s.City.Orgs[org]
	f := furniture{org: o, nouns: map[string]int64{"orgs": o.ID}}
	staffer := func(role rules.Role) models.Actor {
		t.Helper()
		c, err := s.CreateStaff(ctx, models.Operator, models.NewStaff{Name: "某某(示例)", Login: fmt.Sprintf("%s-%s", role, org), Role: role, OrgID: o.ID})
		check(t, err)
		f.nouns["staff"] = c.PersonID
		return models.Actor{PersonID: c.PersonID, Door: models.DoorConsole}
	}
	desk := staffer(rules.Secretary)
	staffer(rules.Supervisor)
	_, err := s.ImportHouseholds(ctx, models.Operator, o.ID, "probe", []models.HouseholdRow{{Org: org, Number: "9-9-999", Address: "九号楼(示例)", Head: "某某(示例)", Area: 500_000}})
	check(t, err)
	homes, err := s.Households(ctx, desk, o.ID, 0, models.MaxPageSize)
	check(t, err)
	f.nouns["households"] = homes.Items[len(homes.Items)-1].ID // where nobody lives
	pass, err := s.LoginMini(ctx, forumtest.Identify("raiser-"+org))
	check(t, err)
	who := models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
	c, err := s.BindCapacity(ctx, who, o.ID, models.CapacityResident, "")
	check(t, err)
	_, err = s.ConfirmCapacity(ctx, desk, c.ID, true)
	check(t, err)
	f.nouns["capacities"], f.nouns["persons"] = c.ID, who.PersonID
	_, err = s.GrantOffice(ctx, desk, who.PersonID, rules.Leader, o.ID)
	check(t, err)
	offices, err := s.Offices(ctx, models.Operator, o.ID)
	check(t, err)
	f.nouns["offices"] = offices[len(offices)-1].ID
	raise := func() int64 {
		t.Helper()
		r, err := s.RaiseTopic(ctx, who, models.NewTopic{OrgID: o.ID, Text: "楼道灯不亮"})
		check(t, err)
		_, err = s.TakeUpTopics(ctx, 10)
		check(t, err)
		return r.Topic.ID
	}
	ordered, topic := raise(), raise()
	_, err = s.OrderTopic(ctx, desk, ordered, o.ID, "换灯", s.Clock.Now().AddDate(0, 0, 5))
	check(t, err)
	f.nouns["ordered"] = ordered
	orders, err := s.TopicOrders(ctx, models.Actor{}, ordered)
	check(t, err)
	f.nouns["orders"] = orders[0].ID
	_, err = s.AcceptTopic(ctx, desk, topic, models.Acceptance{Item: "3.04", Pack: "STAKE"})
	check(t, err)
	f.nouns["topics"] = topic
	point, err := s.MakePoint(ctx, desk, models.NewPoint{OrgID: o.ID, Name: "议事厅(示例)", Kind: models.PointFixed, Stops: []models.Stop{{Weekday: 1, Begins: "19:00", Ends: "21:00", Address: "一楼(示例)"}}})
	check(t, err)
	f.nouns["points"] = point.ID
	session, err := s.CreateSession(ctx, desk, models.NewSession{OrgID: o.ID, PointID: point.ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{topic}})
	check(t, err)
	f.nouns["sessions"] = session.ID
	invitation, err := s.Invite(ctx, desk, session.ID, o.ID, 0, "列席")
	check(t, err)
	f.nouns["invitations"] = invitation.ID
	_, err = s.OpenSession(ctx, desk, session.ID)
	check(t, err)
	_, err = s.ConfirmPresence(ctx, desk, session.ID, models.Helped{PersonID: who.PersonID, Consent: "本人到场"})
	check(t, err)
	speaker, err := s.AskFloor(ctx, who, session.ID, topic, rules.StanceFor)
	check(t, err)
	f.nouns["speakers"] = speaker.ID
	asked, err := s.AskScreen(ctx)
	check(t, err)
	screen, err := s.PairScreen(ctx, desk, session.ID, asked.Code)
	check(t, err)
	f.nouns["screens"] = screen.ID
	poll, err := s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session.ID, TopicID: topic, Question: "清不清?", Stakeholders: []string{fmt.Sprintf("p%d", who.PersonID)}})
	check(t, err)
	f.nouns["polls"] = poll.ID
	alliance, err := s.FoundAlliance(ctx, desk, o.ID, "街区联盟(示例)")
	check(t, err)
	f.nouns["alliances"] = alliance.ID
	member, err := s.JoinAlliance(ctx, who, models.NewMember{AllianceID: alliance.ID, Kind: models.MemberMerchant, Name: "小店(示例)", CreditCode: s.City.Sample.Shops[0].CreditCode})
	check(t, err)
	f.nouns["members"] = member.ID
	petition, err := s.StartPetition(ctx, who, models.NewPetition{OrgID: o.ID, Kind: rules.PetitionHouseholds, Purpose: "换门禁"})
	check(t, err)
	f.nouns["petitions"] = petition.ID
	screenings, err := s.Screenings(ctx, desk, o.ID, true, 0, models.MaxPageSize)
	check(t, err)
	f.nouns["screenings"] = screenings.Items[len(screenings.Items)-1].ID
	_, err = s.DecideScreening(ctx, desk, f.nouns["screenings"], true, "")
	check(t, err)
	f.nouns["objections"] = object(t, s, desk, who, o)
	return f
}

// object brings a topic to the notice board and objects to it.
func object(t *testing.T, s *forumtest.Stage, desk, who models.Actor, o models.Org) int64 {
	t.Helper()
	ctx := t.Context()
	r, err := s.RaiseTopic(ctx, who, models.NewTopic{OrgID: o.ID, Text: "自行车乱停"})
	check(t, err)
	_, err = s.TakeUpTopics(ctx, 10)
	check(t, err)
	_, err = s.AcceptTopic(ctx, desk, r.Topic.ID, models.Acceptance{Item: "3.04", Pack: "STAKE"})
	check(t, err)
	points, err := s.Points(ctx, desk, o.ID, nil)
	check(t, err)
	session, err := s.CreateSession(ctx, desk, models.NewSession{OrgID: o.ID, PointID: points[0].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{r.Topic.ID}})
	check(t, err)
	_, err = s.OpenSession(ctx, desk, session.ID)
	check(t, err)
	_, err = s.RecordOutcome(ctx, desk, session.ID, r.Topic.ID, rules.TopicAgreed, "划线停放")
	check(t, err)
	_, err = s.MakeCommitment(ctx, desk, session.ID, r.Topic.ID, o.ID, "划线", s.Clock.Now().AddDate(0, 0, 5))
	check(t, err)
	_, err = s.CloseSession(ctx, desk, session.ID)
	check(t, err)
	_, err = s.PublishTopic(ctx, desk, r.Topic.ID, "划线停放")
	check(t, err)
	objection, err := s.ObjectTopic(ctx, who, r.Topic.ID, 0, "位置太窄")
	check(t, err)
	return objection.ID
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// known is the id of a thing, or one that nothing has.
func known(f furniture, noun string) int64 {
	if id := f.nouns[noun]; id != 0 {
		return id
	}
	return 424242
}

// bodies are the least that each writing route understands.
func bodies(f furniture, later time.Time) map[string]any {
	words := map[string]any{"words": "好"}
	promise := map[string]any{"org_id": f.org.ID, "what": "修", "promised_at": later}
	home := map[string]any{"org_id": f.org.ID, "version": "2", "rows": []any{map[string]any{"org": f.org.Code, "number": "9-9-909", "address": "某楼(示例)", "head": "某某(示例)", "area": 700000}}}
	return map[string]any{
		"giveConsents": map[string]any{"answers": []any{map[string]any{"code": "notice.verdict", "answer": "accept"}}}, "wish": map[string]any{"quiet_from": 21, "quiet_to": 8, "digest": false},
		"introduce": map[string]any{"name": "某某"}, "banPerson": map[string]any{"banned": false}, "moveAccount": map[string]any{"from": 424242}, "useTie": map[string]any{"code": "00000000"},
		"createStaff":   map[string]any{"name": "某某", "login": fmt.Sprint("n", f.org.ID), "role": "supervisor", "org_id": f.org.ID},
		"renewPassword": map[string]any{"old": "x", "fresh": "y"}, "askReset": map[string]any{"reason": "忘了"},
		"grantOffice":  map[string]any{"person_id": known(f, "persons"), "role": "supervisor", "org_id": f.org.ID},
		"bindCapacity": map[string]any{"org_id": f.org.ID, "kind": "rider"}, "confirmCapacity": map[string]any{"yes": true}, "moveHouse": map[string]any{"org_id": f.org.ID, "kind": "rider", "household": "none such"},
		"raiseTopic": map[string]any{"text": "灯坏了", "org_id": f.org.ID}, "raiseTopicFor": map[string]any{"topic": map[string]any{"text": "灯坏了", "org_id": f.org.ID}, "for": map[string]any{"name": "某某", "consent": "口头同意"}},
		"editTopic": map[string]any{"text": "灯坏了"}, "answerTopic": words, "appealTopic": map[string]any{"reason": "不服"},
		"acceptTopic": map[string]any{"item": "3.02"}, "askTopic": words, "mergeTopic": map[string]any{"into": known(f, "ordered")}, "redirectTopic": map[string]any{"reason": "N4"},
		"orderTopic": promise, "studyTopic": map[string]any{"done": true}, "ruleAppeal": map[string]any{"upheld": true, "answer": "好"},
		"suspendTopic": map[string]any{"reason": "等", "review": later.Add(-1e6 * time.Hour)}, "escalateTopic": words, "decideTopic": words, "explainTopic": words,
		"referTopic": map[string]any{"event": "refer", "words": "好"},
		"makePoint":  map[string]any{"org_id": f.org.ID, "name": "点", "kind": "fixed", "stops": []any{}}, "movePoint": map[string]any{"stops": []any{}},
		"createSession":   map[string]any{"org_id": f.org.ID, "point_id": 424242, "starts_at": later, "due": 1, "topics": []int64{}},
		"announceSession": map[string]any{}, "postponeSession": map[string]any{"starts_at": later, "reason": "停电"}, "adjournSession": map[string]any{"reason": "人不够"}, "remarkSession": words, "cancelSession": map[string]any{"reason": "下雨"},
		"invite": map[string]any{"part": "列席"}, "replyInvitation": map[string]any{"yes": true},
		"checkIn": map[string]any{"session_id": 424242, "code": "000000"}, "confirmPresence": map[string]any{"name": "某某", "consent": ""},
		"askFloor": map[string]any{"topic_id": 424242, "stance": "for"}, "noteSpeaker": map[string]any{"topic_id": 424242, "name": "某某", "stance": "for"}, "giveFloor": map[string]any{}, "pairScreen": map[string]any{"code": "000000"}, "keepMinutes": map[string]any{"version": 0, "words": "好"}, "correctMinutes": words,
		"openPoll": map[string]any{"session_id": f.nouns["sessions"], "topic_id": 424242, "question": "好?"}, "castBallot": map[string]any{"choice": "yes"},
		"nameProxy": map[string]any{"unit": "p1", "principal_id": 1, "agent_id": 424242, "consent": "委托书"},
		"keepShare": map[string]any{"share": "2222"}, "enterShare": map[string]any{"share": "2222"}, "voidPoll": words,
		"signToken": map[string]any{"blinded": "AAAA"}, "castSecret": map[string]any{"token": "00", "signature": "AAAA", "turn": 0, "sealed": "AAAA"},
		"issuePaperCodes": map[string]any{"units": []string{"p1"}}, "withdrawPaperCode": map[string]any{"unit": "p1", "reason": "丢了"}, "redeemPaperCode": map[string]any{"code": "23456-789AB", "choice": "yes"},
		"previewHouseholds": home, "importHouseholds": home, "startPetition": map[string]any{"org_id": f.org.ID, "kind": "households", "purpose": "换门禁"}, "convenePetition": map[string]any{"session_id": 424242}, "answerPetition": words, "removePetition": map[string]any{"reason": "不实"}, "decideScreening": map[string]any{"public": true},
		"registerSheet": map[string]any{"number": "1", "unit": "p1"}, "enterSheet": map[string]any{"number": "1", "choice": "yes"}, "withdrawSheet": map[string]any{"number": "1", "reason": "登记到别人家了"}, "correctSheet": map[string]any{"number": "1", "reason": "录错了"},
		"assistBallot":  map[string]any{"unit": "p1", "person_id": 424242, "choice": "yes", "consent": "本人口述"},
		"nameSpeaker":   map[string]any{"person_id": 424242, "consent": "全家商量过"},
		"recordOutcome": map[string]any{"result": "agreed", "words": "好"}, "makeCommitment": promise,
		"finishOrder": map[string]any{"report": "修了"}, "publishTopic": words, "objectTopic": words, "answerObjection": map[string]any{"upheld": false, "answer": "好"},
		"confirmTopic": map[string]any{"solved": true}, "confirmTopicFor": map[string]any{"solved": true, "consent": "口头同意"}, "archiveTopic": map[string]any{}, "foundAlliance": map[string]any{"org_id": f.org.ID, "name": "盟"},
		"joinAlliance":  map[string]any{"alliance_id": f.nouns["alliances"], "kind": "unit", "name": "某单位", "credit_code": "x", "lat": 0, "lng": 0},
		"confirmMember": map[string]any{"yes": true},
		"loginMini":     map[string]any{"code": "somebody"}, "loginLink": map[string]any{"code": "used"}, "loginStaff": map[string]any{"login": "x", "password": "x", "code": "x"},
	}
}

// players are one person in each role, in or above the community that is ours.
func players(t *testing.T, d *door) map[rules.Role]string {
	t.Helper()
	out := map[rules.Role]string{rules.Anonymous: "", rules.Guest: d.resident(t, "stranger")}
	for _, r := range d.City.Sample.Residents {
		switch {
		case r.Org != huaiying:
		case r.Office == "leader":
			out[rules.Leader] = d.resident(t, r.Name)
		default:
			out[rules.Resident] = d.resident(t, r.Name)
		}
	}
	out[rules.Merchant] = d.resident(t, d.City.Sample.Shops[0].Person)
	out[banned] = d.resident(t, d.City.Sample.Shops[1].Person)
	me := must[models.Me](t, d, "GET", "/api/v1/me", out[banned], nil)
	_, err := d.BanPerson(t.Context(), models.Operator, me.Person.ID, true)
	check(t, err)
	offices := map[rules.Role]string{
		rules.Secretary: huaiying, rules.Supervisor: huaiying, rules.Street: tengxiang, rules.District: "YD-YS", rules.City: "YD", rules.Handler: urban,
	}
	for _, role := range slices.Sorted(maps.Keys(offices)) {
		c, err := d.CreateStaff(t.Context(), models.Operator, models.NewStaff{Name: "某某(示例)", Login: "player-" + string(role), Role: role, OrgID: d.Org(offices[role])})
		check(t, err)
		out[role] = d.login(t, *c)
	}
	return out
}

// homes are where each player stands.
var homes = map[rules.Role]string{
	rules.Resident: huaiying, rules.Leader: huaiying, rules.Secretary: huaiying, rules.Supervisor: huaiying, rules.Merchant: tengxiang,
	rules.Street: tengxiang, rules.District: "YD-YS", rules.City: "YD", rules.Handler: urban,
}

// paths rebuilds the paths of orgs, which are not told outside.
func paths(orgs map[string]models.Org) map[int64]string {
	byID := map[int64]models.Org{}
	for _, o := range orgs {
		byID[o.ID] = o
	}
	out := map[int64]string{}
	for id, o := range byID {
		path := fmt.Sprintf("%d/", id)
		for o.ParentID != 0 {
			o = byID[o.ParentID]
			path = fmt.Sprintf("%d/%s", o.ID, path)
		}
		out[id] = "/" + path
	}
	return out
}

// TestWhoMay asks every route as every role about a thing of one's own
// community, of the sibling's, of another street's and about nothing, and
// expects what the table of permissions says.
func TestWhoMay(t *testing.T) {
	for role := range homes {
		t.Run(string(role), func(t *testing.T) { whoMay(t, role) })
	}
	t.Run("anonymous", func(t *testing.T) { whoMay(t, rules.Anonymous) })
	t.Run("guest", func(t *testing.T) { whoMay(t, rules.Guest) })
	t.Run("banned", func(t *testing.T) { whoMay(t, banned) })
}

// banned is a resident who was shut out.
const banned rules.Role = "banned"

func whoMay(t *testing.T, role rules.Role) {
	t.Helper()
	s := forumtest.New(t, forumtest.SQLite(t))
	_, err := s.ImportOrgs(t.Context(), models.Operator, []models.OrgRow{
		{Code: "YD-YS-XX", Parent: "YD-YS", Kind: models.OrgStreet, Name: "别的街道(示例)"},
		{Code: away, Parent: "YD-YS-XX", Kind: models.OrgCommunity, Name: "别的社区(示例)"},
	})
	check(t, err)
	orgs, err := s.Orgs(t.Context(), models.Operator)
	check(t, err)
	for _, o := range orgs {
		s.City.Orgs[o.Code] = o
	}
	where := paths(s.City.Orgs)
	d := newDoor(t, s)
	relations := map[string]furniture{"missing": {org: models.Org{ID: 424242}, nouns: map[string]int64{}}}
	for name, org := range map[string]string{"own": huaiying, "sibling": wangta, "other": away} {
		f := furnish(t, s, org)
		f.path = where[f.org.ID]
		relations[name] = f
	}
	token := players(t, d)[role]
	standing := rules.Standing{}
	if role != rules.Anonymous {
		standing.Places = []rules.Place{{Role: rules.Guest}}
	}
	if home, ok := homes[role]; ok {
		standing.Places = append(standing.Places, rules.Place{Role: role, Path: where[s.Org(home)]})
	}
	if role == banned {
		standing.Banned = true
	}
	if role == rules.Leader { // who lives there too
		standing.Places = append(standing.Places, rules.Place{Role: rules.Resident, Path: where[s.Org(huaiying)]})
	}
	var last []handlers.Route
	for _, r := range d.api.Routes() {
		switch r.ID {
		case "logout", "eraseMe": // ends the login that the others need
		case "bindCapacity": // makes one a guest there
			last = append(last, r)
		default:
			probeAll(t, d, r, relations, token, standing)
		}
	}
	for _, r := range last {
		probeAll(t, d, r, relations, token, standing)
	}
	whoseAccounts(t, d, relations, token, standing)
}

// whoseAccounts tries to give the accounts of somebody of each community to
// somebody of each: whoever may do it here may not take them from elsewhere.
func whoseAccounts(t *testing.T, d *door, relations map[string]furniture, token string, standing rules.Standing) {
	t.Helper()
	for here, to := range relations {
		if rules.May(standing, rules.AccountMove, rules.Object{Path: to.path}) != nil || here == "missing" {
			continue
		}
		for there, from := range relations {
			want := "account.unknown"
			if from.path != "" && rules.May(standing, rules.AccountMove, rules.Object{Path: from.path}) == nil {
				want = "account.office" // which is asked after the reach
			}
			got := d.ask(http.MethodPost, fmt.Sprintf("/api/v1/persons/%d/accounts", to.nouns["persons"]), token, map[string]any{"from": known(from, "persons")})
			if got.code() != want {
				t.Errorf("accounts of %s to %s: %s, want %s", there, here, got, want)
			}
		}
	}
}

func probeAll(t *testing.T, d *door, r handlers.Route, relations map[string]furniture, token string, standing rules.Standing) {
	t.Helper()
	for relation, f := range relations {
		probe(t, d, r, relation, f, token, standing)
	}
}

// probe asks one route and compares the answer with the table.
func probe(t *testing.T, d *door, r handlers.Route, relation string, f furniture, token string, standing rules.Standing) {
	t.Helper()
	noun := target(r)
	var body any
	if r.Method == http.MethodPost {
		body = bodies(f, d.Clock.Now().AddDate(0, 0, 30))[r.ID]
		if r.ID == "openPoll" && relation == "missing" {
			body = map[string]any{"session_id": 424242, "topic_id": 1, "question": "好?"}
		}
	}
	id := known(f, noun)
	if noun == "orgs" {
		id = f.org.ID
	}
	path := pathTo(r, f, id)
	headers := []string{}
	if r.ID == "addPhoto" {
		body, headers = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n", []string{"Content-Type", "multipart/form-data; boundary=b"}
	}
	object := rules.Object{Path: f.path, Holder: f.path, Own: noun == ""}
	var want error
	if want = rules.MayEver(standing, r.Deed); want == nil {
		switch {
		case noun == "root":
			want = rules.May(standing, r.Deed, rules.Object{Path: "/1/"})
		case noun != "" && relation == "missing":
			want = rules.Refuse(rules.NotFound, "x.unknown")
		default:
			want = rules.May(standing, r.Deed, object)
		}
	}
	if r.Deed == rules.SecretCast { // which takes no login
		token = ""
	}
	got := d.ask(r.Method, path, token, body, headers...)
	if why := differs(got, want, noun); why != "" {
		t.Errorf("%s %s (%s), %s: %s; got %s", r.Method, r.Path, r.ID, relation, why, got)
	}
}

// singular is the noun of the refusal that a thing is not there.
var singular = map[string]string{
	"orgs": "org", "topics": "topic", "sessions": "session", "polls": "poll", "orders": "order", "points": "point", "persons": "person", "households": "household",
	"staff": "staff", "offices": "office", "capacities": "capacity", "alliances": "alliance", "members": "member",
	"invitations": "invitation", "objections": "objection", "confirmations": "confirmation", "petitions": "petition", "screenings": "screening", "speakers": "speaker", "screens": "screen", "root": "org",
}

// differs tells how an answer differs from what the table says, "" if not.
func differs(got said, want error, noun string) string {
	unknown := noun != "" && got.status == http.StatusNotFound && got.code() == singular[noun]+".unknown"
	r, refused := rules.AsRefusal(want)
	switch {
	case got.status >= 500, got.status == http.StatusBadRequest, got.code() == "request.invalid", got.code() == "request.key":
		return "the probe did not reach the deed"
	case !refused && (got.code() == "login.needed" || got.code() == "deed.forbidden" || unknown):
		return "refused, although the table admits it"
	case refused && r.Kind == rules.NotFound && !unknown:
		return "not told as missing"
	case refused && r.Kind != rules.NotFound && got.code() != r.Code:
		return "not " + r.Code
	}
	return ""
}
