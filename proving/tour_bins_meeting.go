package proving

import (
	"net/http"
	"strings"
	"time"
)

// code is what the screen of the meeting shows at this moment.
func (t *tour) code(host *person, session int64) string {
	c := see[siteCode](t, host, at("sessions", session, "code"))
	same(t, "digits", len(c.Code), 6)
	return c.Code
}

// checkIn proves with the digits of the screen that somebody is there.
func (t *tour) checkIn(p, host *person, session int64) {
	got := do[presence](t, p, at("presences"), set{"session_id": session, "code": t.code(host, session)})
	same(t, "how", got.How, "code")
}

// checkInByChat scans the code of the point and types the digits of the screen.
func (t *tour) checkInByChat(p, host *person, session int64, place string) {
	points := see[[]point](t, t.nobody, at("points"))
	scene := ""
	for _, v := range points {
		if v.ID == t.Points[place] {
			scene = v.Scene
			t.holds("the point shows its meeting", v.Session != nil && v.Session.ID == session, v)
		}
	}
	here, err := t.Fake.Scan(p.resident, scene)
	t.ok(err)
	t.holds("a scan is answered", here != "", scene)
	before := see[meeting](t, t.nobody, at("sessions", session)).Present
	t.chat(p, t.code(host, session))
	same(t, "present", see[meeting](t, t.nobody, at("sessions", session)).Present, before+1)
}

// arrive brings people to the meeting, each in their way.
func (b *binStory) arrive() {
	id := b.meeting.ID
	b.step("bins.early")
	b.pass(b.meeting.StartsAt.Sub(b.Now()) - 2*time.Hour)
	b.conflict(b.raiser, "session.doors", at("presences"), set{"session_id": id, "code": b.code(b.secretary(), id)})
	b.conflict(b.secretary(), "session.early", at("sessions", id, "open"), nil)
	b.pass(105 * time.Minute)
	b.tell()

	b.step("bins.checkin")
	b.checkIn(b.raiser, b.secretary(), id)
	b.conflict(b.raiser, "presence.twice", at("presences"), set{"session_id": id, "code": b.code(b.secretary(), id)})
	stale := b.code(b.secretary(), id)
	b.pass(time.Minute)
	b.conflict(b.third, "code.stale", at("presences"), set{"session_id": id, "code": stale})
	b.hidden(b.third, http.StatusForbidden, "deed.forbidden", at("sessions", id, "code"))
	for _, p := range []*person{b.third, b.against, b.leader} {
		b.checkIn(p, b.secretary(), id)
	}
	b.tell("name", b.raiser.name)

	b.step("bins.checkin_chat")
	b.checkInByChat(b.second, b.secretary(), id, "hy-hall")
	b.tell("name", b.second.name)

	b.step("bins.walkin")
	b.comeIn(b.walkIn)
	consent := b.words("bins.present")
	met := do[presence](b.tour, b.leader, at("sessions", id, "presences"), set{"person_id": b.walkIn.id, "consent": consent})
	b.holds("the host's word is on record", met.How == "host" && met.PersonID == b.walkIn.id, met)
	met = do[presence](b.tour, b.secretary(), at("sessions", id, "presences"), set{"name": b.elder, "household": "3-1-301", "consent": consent})
	same(b.tour, "how", met.How, "host")
	b.refused(b.third, http.StatusForbidden, "deed.forbidden", at("sessions", id, "presences"), set{"name": b.elder, "consent": consent})
	q := see[quorum](b.tour, b.nobody, at("sessions", id, "quorum"))
	same(b.tour, "quorum", q, quorum{Present: 7, Due: 8, Need: 5})
	b.tell("name", b.walkIn.name, "elder", b.elder, "present", q.Present, "due", q.Due, "need", q.Need)
}

// vote opens the meeting and puts the question.
func (b *binStory) vote() {
	id := b.meeting.ID
	b.step("bins.poll")
	in := set{"session_id": id, "topic_id": b.topic.ID, "question": b.words("bins.put")}
	b.conflict(b.secretary(), "session.state", at("polls"), in)
	b.meeting = do[meeting](b.tour, b.secretary(), at("sessions", id, "open"), nil)
	same(b.tour, "state", b.meeting.State, "open")
	b.state(b.topic.ID, "meeting")
	b.refused(b.raiser, http.StatusForbidden, "deed.forbidden", at("polls"), in)
	b.poll = do[poll](b.tour, b.secretary(), at("polls"), in)
	same(b.tour, "due", b.poll.Due, 8)
	same(b.tour, "length of the hash", len(b.poll.Hash), 64)
	b.conflict(b.secretary(), "poll.running", at("polls"), in)
	b.conflict(b.secretary(), "session.poll", at("sessions", id, "close"), nil)
	b.tell("question", b.words("bins.put"), "due", b.poll.Due, "hash", b.poll.Hash[:8])

	b.step("bins.cast")
	cast := at("polls", b.poll.ID, "ballots")
	key := newKey()
	first, err := b.fresh(b.raiser).retry(b.ctx, cast, key, set{"choice": "yes"})
	b.ok(err)
	again, err := b.fresh(b.raiser).retry(b.ctx, cast, key, set{"choice": "yes"})
	b.ok(err)
	same(b.tour, "the answer to a retry", string(again), string(first))
	_, err = b.fresh(b.raiser).retry(b.ctx, cast, key, set{"choice": "no"})
	b.isProblem(err, http.StatusConflict, "request.reused")
	do[ballot](b.tour, b.third, cast, set{"choice": "no"})
	changed := do[ballot](b.tour, b.third, cast, set{"choice": "yes"})
	do[ballot](b.tour, b.walkIn, cast, set{"choice": "yes"})
	do[ballot](b.tour, b.against, cast, set{"choice": "no"})
	do[ballot](b.tour, b.leader, cast, set{"choice": "abstain"})
	b.refused(b.neighbour(huaiying, 6), http.StatusForbidden, "poll.roll", cast, set{"choice": "yes"})
	b.refused(b.raiser, http.StatusUnprocessableEntity, "poll.option", cast, set{"choice": "maybe"})
	seen := see[poll](b.tour, b.nobody, at("polls", b.poll.ID))
	b.holds("while it is open only the number of ballots is told", seen.Cast == 5 && seen.Verdict == nil && len(seen.Mine) == 0, seen)
	b.tell("name", b.raiser.name, "receipt", changed.Receipt, "third", b.third.name, "n", seen.Cast)

	b.castByChat()
	b.closePoll(cast)
}

// castByChat votes by chat. The same question is answered once.
func (b *binStory) castByChat() {
	b.step("bins.cast_chat")
	b.chat(b.second, b.words("said.vote"))
	reply := b.chat(b.second, b.words("said.yes"))
	mine := see[poll](b.tour, b.second, at("polls", b.poll.ID)).Mine
	b.holds("the ballot is there", len(mine) == 1 && mine[0].Choice == "yes" && mine[0].Door == "chat", mine)
	b.holds("the reply tells the receipt", strings.Contains(reply, mine[0].Receipt), reply)
	same(b.tour, "ballots", see[poll](b.tour, b.nobody, at("polls", b.poll.ID)).Cast, 6)
	b.tell("name", b.second.name, "receipt", mine[0].Receipt)
}

func (b *binStory) closePoll(cast string) {
	b.step("bins.verdict")
	b.refused(b.leader, http.StatusForbidden, "deed.forbidden", at("polls", b.poll.ID, "close"), nil)
	b.poll = do[poll](b.tour, b.secretary(), at("polls", b.poll.ID, "close"), nil)
	v := b.poll.Verdict
	b.holds("there is a verdict", v != nil, b.poll)
	same(b.tour, "count", v.Count, count{Due: 8, Attended: 7, Cast: 6, Yes: 4, No: 1, Abstain: 1})
	same(b.tour, "result", v.Result, "passed")
	same(b.tour, "approvals needed", v.NeedYes, 4)
	b.conflict(b.walkIn, "poll.closed", cast, set{"choice": "no"})
	b.conflict(b.secretary(), "poll.closed", at("polls", b.poll.ID, "close"), nil)
	b.tell("result", v.Result, "reason", b.poll.Says)
}

// settle writes down what was agreed, and who does what by when.
func (b *binStory) settle() {
	id := b.meeting.ID
	b.step("bins.outcome")
	of := at("sessions", id, "topics", b.topic.ID)
	b.conflict(b.secretary(), "session.outcome", at("sessions", id, "close"), nil)
	o := do[outcome](b.tour, b.secretary(), of+"/outcome", set{"result": "agreed", "words": b.words("bins.result")})
	same(b.tour, "poll of the outcome", o.PollID, b.poll.ID)
	b.conflict(b.secretary(), "session.commitment", at("sessions", id, "close"), nil)
	promise := set{"org_id": b.Orgs[urban], "what": b.words("bins.what"), "promised_at": b.Now().Add(-day)}
	b.refused(b.secretary(), http.StatusUnprocessableEntity, "order.promised", of+"/commitments", promise)
	promise["promised_at"] = b.Now().Add(10 * day)
	b.order = do[order](b.tour, b.secretary(), of+"/commitments", promise)
	same(b.tour, "state", b.order.State, "draft")
	b.conflict(b.secretary(), "topic.session", at("topics", b.topic.ID, "publication"), set{"words": b.words("bins.result")})
	closed := do[meeting](b.tour, b.secretary(), at("sessions", id, "close"), nil)
	same(b.tour, "state", closed.State, "closed")
	orders := see[[]order](b.tour, b.nobody, at("topics", b.topic.ID, "orders"))
	b.holds("the order has started", len(orders) == 1 && orders[0].State == "issued", orders)
	b.tell("words", b.words("bins.result"), "what", b.order.What, "at", b.Now().Add(10*day))
}
