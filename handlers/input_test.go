package handlers_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// version tells whether anything was committed to an embedded database.
func version(t *testing.T, dsn string) func() int64 {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return func() int64 {
		t.Helper()
		var v int64
		if err := db.QueryRow("PRAGMA data_version").Scan(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestBadInput sends what people and programs get wrong. Each gets its named
// refusal in Chinese, with the right status, and changes nothing.
func TestBadInput(t *testing.T) {
	s := forumtest.New(t, forumtest.SQLite(t))
	d := newDoor(t, s)
	names := []string{}
	for _, r := range s.City.Sample.Residents {
		if r.Org == huaiying {
			names = append(names, r.Name)
		}
	}
	me, other := d.resident(t, names[1]), d.resident(t, names[2])
	st := stageMatter(t, d, me)
	desk, nextDesk := d.staff(t, loginOf(s, rules.Secretary, huaiying)), d.staff(t, loginOf(s, rules.Secretary, wangta))
	street := d.staff(t, loginOf(s, rules.Street, tengxiang))

	topic := "/api/v1/topics"
	one := fmt.Sprintf("/api/v1/topics/%d", st.fresh)
	poll := fmt.Sprintf("/api/v1/polls/%d/ballots", st.poll)
	of, closed := fmt.Sprintf("/api/v1/polls/%d", st.poll), fmt.Sprintf("/api/v1/polls/%d", st.closed)
	session := fmt.Sprintf("/api/v1/sessions/%d", st.session)
	seen := version(t, s.DSN)
	for _, tt := range []struct {
		name         string
		method, path string
		token        string
		body         any
		status       int
		code         string
		headers      []string
		commits      bool // what is counted although it is refused
	}{
		{name: "broken JSON", method: "POST", path: topic, token: me, body: `{"text":`, status: 400, code: "request.malformed"},
		{name: "a list for an object", method: "POST", path: topic, token: me, body: `[]`, status: 422, code: "request.invalid"},
		{name: "no body", method: "POST", path: topic, token: me, status: 400, code: "request.malformed"},
		{name: "a number for a text", method: "POST", path: topic, token: me, body: `{"text":7}`, status: 422, code: "request.invalid"},
		{name: "a text for a number", method: "POST", path: topic, token: me, body: `{"text":"灯坏了","org_id":"x"}`, status: 422, code: "request.invalid"},
		{name: "an unknown field", method: "POST", path: topic, token: me, body: `{"text":"灯坏了","state":"archived"}`, status: 422, code: "request.invalid"},
		{name: "another kind of body", method: "POST", path: topic, token: me, body: `text=x`, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "request.type"},
		{name: "an oversized body", method: "POST", path: topic, token: me, body: `{"text":"` + strings.Repeat("长", 30000) + `"}`, status: 413, code: "request.big"},
		{name: "a title of 10,000 characters", method: "POST", path: topic, token: me, body: map[string]any{"text": "灯坏了", "title": strings.Repeat("长", 10000)}, status: 422, code: "text.long"},
		{name: "a text that is too long", method: "POST", path: topic, token: me, body: map[string]any{"text": strings.Repeat("长", rules.MaxBody+1)}, status: 422, code: "text.long"},
		{name: "only zero-width characters", method: "POST", path: topic, token: me, body: map[string]any{"text": "\u200b\u200d\ufeff\u0007"}, status: 422, code: "text.empty"},
		{name: "an unknown item", method: "POST", path: topic, token: me, body: map[string]any{"text": "灯坏了", "item": "99.99"}, status: 422, code: "item.unknown"},
		{name: "an unknown org", method: "POST", path: topic, token: me, body: map[string]any{"text": "灯坏了", "org_id": 424242}, status: 404, code: "org.unknown"},
		{name: "another community", method: "POST", path: topic, token: me, body: map[string]any{"text": "灯坏了", "org_id": s.Org(wangta)}, status: 404, code: "org.unknown"},
		{name: "no key", method: "POST", path: topic, token: me, body: map[string]any{"text": "灯坏了"}, headers: []string{"Idempotency-Key", ""}, status: 422, code: "request.key"},
		{name: "an endless key", method: "POST", path: topic, token: me, body: map[string]any{"text": "灯坏了"}, headers: []string{"Idempotency-Key", strings.Repeat("k", 129)}, status: 422, code: "request.key"},
		{name: "a key used for something else", method: "POST", path: topic, token: me, body: map[string]any{"text": "别的事"}, headers: []string{"Idempotency-Key", st.key}, status: 409, code: "request.reused"},
		{name: "a petition of no kind", method: "POST", path: "/api/v1/petitions", token: me, body: map[string]any{"kind": "shops", "purpose": "换门禁"}, status: 422, code: "petition.kind"},
		{name: "a petition without a purpose", method: "POST", path: "/api/v1/petitions", token: me, body: map[string]any{"kind": "adults", "purpose": "\u200b"}, status: 422, code: "text.empty"},
		{name: "a petition that never ends", method: "POST", path: "/api/v1/petitions", token: me, body: map[string]any{"kind": "adults", "purpose": strings.Repeat("长", rules.MaxTitle+1)}, status: 422, code: "text.long"},
		{name: "a petition of nobody", method: "POST", path: "/api/v1/petitions", token: me, body: map[string]any{"kind": "assembly", "purpose": "换门禁"}, status: 409, code: "petition.nobody"},
		{name: "a petition next door", method: "POST", path: "/api/v1/petitions", token: me, body: map[string]any{"org_id": s.Org(wangta), "kind": "adults", "purpose": "换门禁"}, status: 404, code: "org.unknown"},
		{name: "a petition by the desk", method: "POST", path: "/api/v1/petitions", token: desk, body: map[string]any{"org_id": s.Org(huaiying), "kind": "adults", "purpose": "换门禁"}, status: 403, code: "deed.forbidden"},
		{name: "signing nothing", method: "POST", path: "/api/v1/petitions/424242/sign", token: me, status: 404, code: "petition.unknown"},
		{name: "taking back from nothing", method: "POST", path: "/api/v1/petitions/424242/unsign", token: me, status: 404, code: "petition.unknown"},
		{name: "a petition below zero", method: "GET", path: "/api/v1/petitions/-1", status: 422, code: "request.invalid"},
		{name: "the petitions of nowhere", method: "GET", path: "/api/v1/petitions?org=424242", status: 404, code: "org.unknown"},
		{name: "who signed, for a neighbour", method: "GET", path: "/api/v1/petitions/424242/signers", token: me, status: 403, code: "deed.forbidden"},
		{name: "a meeting for no petition", method: "POST", path: "/api/v1/petitions/424242/convene", token: desk, body: map[string]any{"session_id": 1}, status: 404, code: "petition.unknown"},
		{name: "no meeting for a petition", method: "POST", path: "/api/v1/petitions/424242/convene", token: desk, body: map[string]any{"session_id": 0}, status: 422, code: "request.invalid"},
		{name: "an answer to no petition", method: "POST", path: "/api/v1/petitions/424242/answer", token: desk, body: map[string]any{"words": "好"}, status: 404, code: "petition.unknown"},
		{name: "a petition taken down by the desk", method: "POST", path: "/api/v1/petitions/424242/remove", token: desk, body: map[string]any{"reason": "不实"}, status: 403, code: "deed.forbidden"},
		{name: "a sheet taken back without a reason", method: "POST", path: of + "/sheets/withdrawals", token: desk, body: map[string]any{"number": "1", "reason": " "}, status: 422, code: "text.empty"},
		{name: "a sheet that is not there, taken back", method: "POST", path: of + "/sheets/withdrawals", token: desk, body: map[string]any{"number": "1", "reason": "登记到别人家了"}, status: 404, code: "sheet.unknown"},
		{name: "a sheet of a closed poll, taken back", method: "POST", path: closed + "/sheets/withdrawals", token: desk, body: map[string]any{"number": "1", "reason": "登记到别人家了"}, status: 409, code: "poll.closed"},
		{name: "a sheet taken back by a neighbour", method: "POST", path: of + "/sheets/withdrawals", token: me, body: map[string]any{"number": "1", "reason": "登记到别人家了"}, status: 403, code: "deed.forbidden"},
		{name: "nobody logged in", method: "POST", path: topic, body: map[string]any{"text": "灯坏了"}, status: 401, code: "login.needed"},
		{name: "a made-up token", method: "GET", path: "/api/v1/me", token: "made-up", status: 401, code: "login.expired"},
		{name: "a stale code of WeChat", method: "POST", path: "/api/v1/logins/mini", body: map[string]string{"code": "stale"}, status: 401, code: "login.code"},
		{name: "a wrong password", method: "POST", path: "/api/v1/logins/staff", body: map[string]string{"login": "city", "password": "x", "code": "000000"}, status: 401, code: "login.wrong", commits: true},
		{name: "an unknown login", method: "POST", path: "/api/v1/logins/staff", body: map[string]string{"login": "nobody", "password": "x", "code": "000000"}, status: 401, code: "login.wrong", commits: true},
		{name: "no such route", method: "GET", path: "/api/v1/nothing", status: 404, code: "route.unknown"},
		{name: "no such method", method: "DELETE", path: topic, status: 405, code: "route.method"},
		{name: "an id that is none", method: "GET", path: topic + "/x", status: 422, code: "request.invalid"},
		{name: "a negative id", method: "GET", path: topic + "/-1", status: 422, code: "request.invalid"},
		{name: "an unknown topic", method: "GET", path: topic + "/424242", status: 404, code: "topic.unknown"},
		{name: "a topic before review, to a neighbour", method: "GET", path: one, token: other, status: 404, code: "topic.unknown"},
		{name: "a receipt with a slip", method: "GET", path: "/api/v1/receipts/123456789", status: 422, code: "receipt.wrong"},
		{name: "an unknown receipt", method: "GET", path: "/api/v1/receipts/" + rules.Receipt(1), status: 404, code: "topic.unknown"},
		{name: "somebody else's words", method: "POST", path: one + "/words", token: other, body: map[string]any{"text": "改了"}, status: 404, code: "topic.unknown"},
		{name: "triage by a resident", method: "POST", path: one + "/accept", token: me, body: map[string]any{"item": "3.02"}, status: 403, code: "deed.forbidden"},
		{name: "triage next door", method: "POST", path: one + "/accept", token: nextDesk, body: map[string]any{"item": "3.02"}, status: 404, code: "topic.unknown"},
		{name: "a pack that is not there", method: "POST", path: one + "/accept", token: desk, body: map[string]any{"item": "3.02", "pack": "NONE"}, status: 422, code: "pack.unknown"},
		{name: "a level that is not there", method: "POST", path: one + "/accept", token: desk, body: map[string]any{"item": "3.02", "level": "planet"}, status: 422, code: "topic.level"},
		{name: "a holder in another branch", method: "POST", path: one + "/accept", token: desk, body: map[string]any{"item": "3.02", "pack": "CONSULT", "holder_id": s.Org(wangta)}, status: 404, code: "org.unknown"},
		{name: "a reason that is not there", method: "POST", path: one + "/redirect", token: desk, body: map[string]any{"reason": "N99"}, status: 422, code: "reason.unknown"},
		{name: "merged with itself", method: "POST", path: one + "/merge", token: desk, body: map[string]any{"into": st.fresh}, status: 404, code: "topic.unknown"},
		{name: "an order for yesterday", method: "POST", path: one + "/order", token: desk, body: map[string]any{"org_id": s.Org(urban), "what": "修", "promised_at": s.Clock.Now().Add(-time.Hour)}, status: 422, code: "order.promised"},
		{name: "a state that does not allow it", method: "POST", path: one + "/archive", token: desk, body: map[string]any{}, status: 409, code: "topic.state"},
		{name: "an appeal against nothing", method: "POST", path: one + "/appeal", token: me, body: map[string]any{"reason": "不服"}, status: 409, code: "appeal.state"},
		{name: "a session in the past", method: "POST", path: fmt.Sprintf("/api/v1/sessions/%d/postpone", st.announced), token: desk, body: map[string]any{"reason": "停电", "starts_at": s.Clock.Now().Add(-time.Hour)}, status: 422, code: "session.past"},
		{name: "too short a notice", method: "POST", path: fmt.Sprintf("/api/v1/sessions/%d/postpone", st.announced), token: desk, body: map[string]any{"reason": "停电", "starts_at": s.Clock.Now().Add(time.Hour)}, status: 409, code: "session.notice"},
		{name: "a session opened too early", method: "POST", path: fmt.Sprintf("/api/v1/sessions/%d/open", st.announced), token: desk, status: 409, code: "session.early"},
		{name: "closed with a matter hanging", method: "POST", path: session + "/close", token: desk, status: 409, code: "session.poll"},
		{name: "a used code", method: "POST", path: "/api/v1/presences", token: me, body: map[string]any{"session_id": st.session, "code": st.code}, status: 409, code: "code.stale", commits: true},
		{name: "a code of letters", method: "POST", path: "/api/v1/presences", token: me, body: map[string]any{"session_id": st.session, "code": "abcdef"}, status: 409, code: "code.stale", commits: true},
		{name: "a used code of the screen", method: "POST", path: "/api/v1/presences", token: me, body: map[string]any{"code": rules.SiteScene(st.session, st.code)}, status: 409, code: "code.stale", commits: true},
		{name: "the screen of a session that is not there", method: "POST", path: "/api/v1/presences", token: me, body: map[string]any{"code": rules.SiteScene(424242, "123456")}, status: 404, code: "session.none"},
		{name: "a session that is not there", method: "POST", path: "/api/v1/presences", token: me, body: map[string]any{"session_id": 424242, "code": "123456"}, status: 404, code: "session.none"},
		{name: "an option that is not there", method: "POST", path: poll, token: me, body: map[string]any{"choice": "perhaps"}, status: 422, code: "poll.option"},
		{name: "a vote off the roll", method: "POST", path: poll, token: other, body: map[string]any{"choice": "yes"}, status: 403, code: "poll.roll"},
		{name: "a vote for another's unit", method: "POST", path: poll, token: me, body: map[string]any{"choice": "yes", "unit": "p424242"}, status: 403, code: "poll.roll"},
		{name: "a vote on no poll", method: "POST", path: "/api/v1/polls/424242/ballots", token: me, body: map[string]any{"choice": "yes"}, status: 404, code: "poll.unknown"},
		{name: "a paper code with a slip", method: "POST", path: of + "/codes/redeem", body: map[string]any{"code": "23456-789AA", "choice": "yes"}, status: 422, code: "paper.code"},
		{name: "a paper code that nobody issued", method: "POST", path: of + "/codes/redeem", body: map[string]any{"code": rules.PaperCode(7), "choice": "yes"}, status: 404, code: "paper.unknown"},
		{name: "a paper code for nobody on the roll", method: "POST", path: of + "/codes", token: desk, body: map[string]any{"units": []string{"p424242"}}, status: 409, code: "paper.roll"},
		{name: "a sheet of nobody on the roll", method: "POST", path: of + "/sheets", token: desk, body: map[string]any{"number": "1", "unit": "p424242"}, status: 409, code: "paper.roll"},
		{name: "a sheet without a number", method: "POST", path: of + "/sheets", token: desk, body: map[string]any{"number": "\u200b", "unit": "p1"}, status: 422, code: "text.empty"},
		{name: "a sheet entered before the end", method: "POST", path: of + "/sheets/entries", token: desk, body: map[string]any{"number": "1", "choice": "yes"}, status: 409, code: "sheet.early"},
		{name: "a sheet after close", method: "POST", path: closed + "/sheets", token: desk, body: map[string]any{"number": "1", "unit": "p1"}, status: 409, code: "poll.closed"},
		{name: "a ballot taken down without consent", method: "POST", path: of + "/assists", token: desk, body: map[string]any{"unit": "p1", "person_id": 424242, "choice": "yes", "consent": " "}, status: 422, code: "text.empty"},
		{name: "a ballot taken down for somebody off the roll", method: "POST", path: of + "/assists", token: desk, body: map[string]any{"unit": "p1", "person_id": 424242, "choice": "yes", "consent": "本人口述"}, status: 409, code: "assist.roll"},
		{name: "a vote after close", method: "POST", path: closed + "/ballots", token: me, body: map[string]any{"choice": "yes"}, status: 409, code: "poll.closed"},
		{name: "a closed poll closed again", method: "POST", path: closed + "/close", token: desk, status: 409, code: "poll.closed"},
		{name: "a second poll at once", method: "POST", path: "/api/v1/polls", token: desk, body: map[string]any{"session_id": st.session, "topic_id": st.meeting, "question": "再来?"}, status: 409, code: "poll.running"},
		{name: "a poll on another agenda", method: "POST", path: "/api/v1/polls", token: desk, body: map[string]any{"session_id": st.session, "topic_id": st.fresh, "question": "?可以吗"}, status: 404, code: "topic.unknown"},
		{name: "an outcome while the poll runs", method: "POST", path: fmt.Sprintf("%s/topics/%d/outcome", session, st.meeting), token: desk, body: map[string]any{"result": "agreed", "words": "好"}, status: 409, code: "session.poll"},
		{name: "a credit code with a slip", method: "POST", path: "/api/v1/members", token: me, body: map[string]any{"alliance_id": s.City.Alliance.ID, "kind": "merchant", "name": "小店", "credit_code": "92990000MA0DEM0136", "lat": 33, "lng": 118}, status: 422, code: "credit.wrong"},
		{name: "an office beyond one's own", method: "POST", path: "/api/v1/offices", token: desk, body: map[string]any{"person_id": st.person, "role": "street", "org_id": s.Org(huaiying)}, status: 403, code: "office.beyond"},
		{name: "somebody else's community", method: "GET", path: fmt.Sprintf("/api/v1/queue?org=%d", s.Org(wangta)), token: desk, status: 404, code: "org.unknown"},
		{name: "a ruling without an appeal", method: "POST", path: one + "/appeal/rule", token: street, body: map[string]any{"upheld": true, "answer": "好"}, status: 404, code: "appeal.unknown"},
		{name: "a picture that is none", method: "POST", path: one + "/photos", token: me, body: "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nno picture\r\n--b--\r\n", headers: []string{"Content-Type", "multipart/form-data; boundary=b"}, status: 422, code: "photo.kind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := seen()
			got := d.ask(tt.method, tt.path, tt.token, tt.body, tt.headers...)
			if got.status != tt.status || got.code() != tt.code {
				t.Errorf("got %s, want %d %s", got, tt.status, tt.code)
			}
			if title := text[tt.code]; title == "" {
				t.Errorf("no sentence for %s", tt.code)
			}
			if ct := got.header.Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("content type %q", ct)
			}
			if seen() != before && !tt.commits {
				t.Error("something was committed")
			}
		})
	}
}

func loginOf(s *forumtest.Stage, role rules.Role, org string) string {
	for _, m := range s.City.Sample.Staff {
		if m.Org == org && m.Role == string(role) {
			return m.Login
		}
	}
	return ""
}

// matter is where the bad input is thrown at.
type matter struct {
	fresh, meeting     int64 // topics: in triage, in a session
	announced, session int64
	poll, closed       int64
	code, key          string
	person             int64
}

// stageMatter brings one matter into an open session with a closed and an open
// poll, and another before its session.
func stageMatter(t *testing.T, d *door, me string) matter {
	t.Helper()
	var m matter
	raise := func(words string) int64 {
		t.Helper()
		return must[models.Raised](t, d, "POST", "/api/v1/topics", me, map[string]any{"text": words}).Topic.ID
	}
	meeting, later := raise("垃圾桶挪一挪"), raise("楼道里堆了很多东西")
	m.key = "my own key"
	first := d.ask(http.MethodPost, "/api/v1/topics", me, map[string]any{"text": "路灯不亮了"}, "Idempotency-Key", m.key)
	again := d.ask(http.MethodPost, "/api/v1/topics", me, map[string]any{"text": "路灯不亮了"}, "Idempotency-Key", m.key)
	if first.status != 200 || string(first.body) != string(again.body) {
		t.Fatalf("a retry got another answer: %s, then %s", first, again)
	}
	if _, err := d.TakeUpTopics(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	m.meeting, m.fresh = meeting, later
	m.person = must[models.Me](t, d, "GET", "/api/v1/me", me, nil).Person.ID
	lamp := must[models.Page[models.TopicView]](t, d, "GET", "/api/v1/me/topics?size=1", me, nil).Items[0].ID
	desk := d.staff(t, loginOf(d.Stage, rules.Secretary, huaiying))
	plan := func(topic int64) int64 {
		t.Helper()
		must[models.Topic](t, d, "POST", fmt.Sprintf("/api/v1/topics/%d/accept", topic), desk, map[string]any{"item": "3.02", "pack": "CONSULT"})
		s := must[models.Session](t, d, "POST", "/api/v1/sessions", desk, map[string]any{
			"org_id": d.Org(huaiying), "point_id": d.City.Points["hy-hall"].ID, "starts_at": d.Clock.Now().AddDate(0, 0, 7), "due": 1, "topics": []int64{topic},
		})
		must[models.Session](t, d, "POST", fmt.Sprintf("/api/v1/sessions/%d/announce", s.ID), desk, map[string]any{})
		return s.ID
	}
	m.session = plan(meeting)
	d.Clock.Pass(7 * 24 * time.Hour) // longer than a login of staff
	desk = d.staff(t, loginOf(d.Stage, rules.Secretary, huaiying))
	m.announced = plan(lamp)
	path := fmt.Sprintf("/api/v1/sessions/%d", m.session)
	m.code = must[models.SiteCode](t, d, "GET", path+"/code", desk, nil).Code
	must[models.Presence](t, d, "POST", "/api/v1/presences", me, map[string]any{"session_id": m.session, "code": m.code})
	must[models.Session](t, d, "POST", path+"/open", desk, nil)
	d.Clock.Pass(time.Minute)
	for range 2 {
		m.closed = m.poll
		m.poll = must[models.PollView](t, d, "POST", "/api/v1/polls", desk, map[string]any{"session_id": m.session, "topic_id": meeting, "question": "挪到拐角?"}).ID
		if m.closed == 0 {
			must[models.Ballot](t, d, "POST", fmt.Sprintf("/api/v1/polls/%d/ballots", m.poll), me, map[string]any{"choice": "no"})
			must[models.PollView](t, d, "POST", fmt.Sprintf("/api/v1/polls/%d/close", m.poll), desk, nil)
		}
	}
	return m
}
