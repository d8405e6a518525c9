package proving

import (
	"net/http"
	"strings"
	"time"
)

const day = 24 * time.Hour

// emergency is danger to life: the number to call comes first, by any door.
func (t *tour) emergency() {
	t.chapter("emergency")
	t.step("emergency.chat")
	p := t.neighbour(huaiying, 7)
	t.follow(p)
	reply := t.chat(p, t.words("emergency.text"))
	first, _, _ := strings.Cut(reply, "\n")
	t.holds("the first line is the number to call", strings.Contains(first, "119"), first)
	t.tell("number", "119")

	t.step("emergency.app")
	r := do[raised](t, p, at("topics"), set{"text": t.words("emergency.text")})
	same(t, "the number to call", r.Call, "119")
	same(t, "state", r.Topic.State, "submitted") // it is taken up all the same
	t.tell("receipt", r.Topic.Receipt)
}

// bins is a bin site to be moved: the whole way of a matter.
func (t *tour) bins() {
	t.chapter("bins")
	b := &binStory{
		tour: t, desk: "huaiying", leader: t.neighbour(huaiying, 0), raiser: t.neighbour(huaiying, 1), second: t.neighbour(huaiying, 2),
		third: t.neighbour(huaiying, 3), walkIn: t.neighbour(huaiying, 4), against: t.neighbour(huaiying, 5),
		elder: t.words("name.elder"),
	}
	b.raise()
	b.triage()
	b.join()
	b.raiseFor()
	b.plan()
	b.arrive()
	b.vote()
	b.settle()
	b.publish()
	b.work()
	b.confirm()
	b.remember()
}

type binStory struct {
	*tour
	desk                                           string
	leader, raiser, second, third, walkIn, against *person
	elder                                          string // has no phone
	topic                                          topic
	meeting                                        meeting
	poll                                           poll
	order                                          order
}

func (b *binStory) secretary() *person { return b.officer(b.desk) }

// raise raises the matter by chat. A message that is delivered again gets the
// same answer and raises nothing.
func (b *binStory) raise() {
	b.step("bins.raised")
	b.follow(b.raiser)
	b.chat(b.raiser, b.words("said.propose", "text", b.words("bins.text")))
	reply := b.chat(b.raiser, b.words("said.confirm"))
	mine := see[page[topic]](b.tour, b.raiser, at("me", "topics"))
	same(b.tour, "matters raised", len(mine.Items), 1)
	b.topic = mine.Items[0]
	b.holds("the reply tells the receipt number", strings.Contains(digits(reply), digits(b.topic.Receipt)), reply)
	again, err := b.Fake.Redeliver(b.raiser.resident)
	b.ok(err)
	same(b.tour, "the reply to the same message", again, reply)
	same(b.tour, "matters raised", len(see[page[topic]](b.tour, b.raiser, at("me", "topics")).Items), 1)
	b.hidden(b.nobody, http.StatusNotFound, "topic.unknown", at("topics", b.topic.ID))
	found := see[topic](b.tour, b.nobody, at("receipts", b.topic.Receipt))
	b.holds("by the number, only the state is told before a secretary has read it", found.State == "submitted" && found.Title == "" && found.Body == "", found)
	b.tell("name", b.raiser.name, "receipt", b.topic.Receipt)
}

// triage takes the matter up: a question first, then it is accepted.
func (b *binStory) triage() {
	b.step("bins.queue")
	b.round()
	queue := see[page[topic]](b.tour, b.secretary(), at("queue")+query("org", b.Orgs[huaiying], "state", "triage"))
	b.holds("it is on the desk", has(queue.Items, b.topic.ID), queue.Items)
	b.hidden(b.raiser, http.StatusForbidden, "deed.forbidden", at("queue")+query("org", b.Orgs[huaiying]))
	b.hidden(b.officer("wangta"), http.StatusNotFound, "org.unknown", at("queue")+query("org", b.Orgs[huaiying]))
	b.tell("name", b.secretary().name, "n", len(queue.Items))

	b.step("bins.ask")
	asked := do[topic](b.tour, b.secretary(), at("topics", b.topic.ID, "ask"), set{"words": b.words("bins.question")})
	same(b.tour, "state", asked.State, "need_info")
	b.round()
	sentence := b.arrived(b.raiser, "notice.topic_ask")
	answered := do[topic](b.tour, b.raiser, at("topics", b.topic.ID, "answer"), set{"words": b.words("bins.answer")})
	same(b.tour, "state", answered.State, "triage")
	b.tell("notice", sentence)

	b.step("bins.accept")
	b.conflict(b.secretary(), "topic.state", at("topics", b.topic.ID, "publication"), set{"words": b.words("bins.result")})
	b.refused(b.secretary(), http.StatusUnprocessableEntity, "item.unknown", at("topics", b.topic.ID, "accept"), set{"item": "99.99"})
	got := do[topic](b.tour, b.secretary(), at("topics", b.topic.ID, "accept"), set{"item": "3.01", "pack": "CONSULT"})
	same(b.tour, "state", got.State, "accepted")
	same(b.tour, "rule pack", got.Pack, "CONSULT")
	b.round()
	b.arrived(b.raiser, "notice.topic_accept")
	b.topic = b.state(b.topic.ID, "accepted")
	b.tell("level", b.topic.Level, "due", b.topic.DueAt, "verb", b.topic.DueVerb)
}

// join lets neighbours find the matter before they raise it again.
func (b *binStory) join() {
	b.step("bins.similar")
	b.follow(b.second)
	offered := b.chat(b.second, b.words("said.propose", "text", b.words("bins.twin")))
	b.holds("the matter is offered", strings.Contains(digits(offered), digits(b.topic.Receipt)), offered)
	joined := b.chat(b.second, b.words("said.first"))
	b.holds("the reply tells the receipt number", strings.Contains(digits(joined), digits(b.topic.Receipt)), joined)
	mine := see[page[topic]](b.tour, b.second, at("me", "topics")).Items
	b.holds("it is joined, not raised again", len(mine) == 1 && mine[0].ID == b.topic.ID && !mine[0].Mine, mine)
	b.tell("name", b.second.name)

	b.step("bins.cosign")
	alike := see[[]likeness](b.tour, b.third, at("topics", "similar")+query("text", b.words("bins.twin")))
	b.holds("the matter is offered", len(alike) == 1 && alike[0].ID == b.topic.ID, alike)
	n := do[int64](b.tour, b.third, at("topics", b.topic.ID, "cosigns"), nil)
	same(b.tour, "co-signers", n, 2)
	b.conflict(b.third, "cosign.twice", at("topics", b.topic.ID, "cosigns"), nil)
	b.conflict(b.raiser, "cosign.own", at("topics", b.topic.ID, "cosigns"), nil)
	b.refused(b.neighbour(wangta, 3), http.StatusNotFound, "topic.unknown", at("topics", b.topic.ID, "cosigns"), nil)
	b.tell("name", b.third.name, "n", n)
}

// raiseFor writes the matter down for somebody without a phone, which turns out
// to be the same one.
func (b *binStory) raiseFor() {
	b.step("bins.elder")
	in := set{
		"topic": set{"org_id": b.Orgs[huaiying], "text": b.words("bins.elder_text")},
		"for":   set{"name": b.elder, "household": "3-1-301", "consent": b.words("bins.consent")},
	}
	b.refused(b.third, http.StatusForbidden, "deed.forbidden", at("topics", "for"), in)
	r := do[raised](b.tour, b.leader, at("topics", "for"), in)
	b.round()
	merged := do[topic](b.tour, b.secretary(), at("topics", r.Topic.ID, "merge"), set{"into": b.topic.ID})
	same(b.tour, "state", merged.State, "merged")
	same(b.tour, "merged into", merged.Merged, b.topic.ID)
	b.topic = b.state(b.topic.ID, "accepted")
	same(b.tour, "co-signers", b.topic.Cosigns, 3)
	b.tell("name", b.leader.name, "elder", b.elder, "receipt", r.Topic.Receipt, "into", b.topic.Receipt)
}

// plan plans and announces the meeting, and asks a department to come.
func (b *binStory) plan() {
	b.step("bins.plan")
	offices := see[[]office](b.tour, b.secretary(), at("offices")+query("org", b.Orgs[huaiying]))
	supervisor := int64(0)
	for _, o := range offices {
		if o.Role == "supervisor" {
			supervisor = o.PersonID
		}
	}
	in := set{
		"org_id": b.Orgs[huaiying], "point_id": b.Points["hy-hall"], "starts_at": b.Now().Add(7 * day),
		"due": 8, "topics": []int64{b.topic.ID}, "supervisor_id": supervisor,
	}
	b.meeting = do[meeting](b.tour, b.secretary(), at("sessions"), in)
	same(b.tour, "state", b.meeting.State, "planned")
	b.hidden(b.raiser, http.StatusNotFound, "session.unknown", at("sessions", b.meeting.ID))
	b.conflict(b.secretary(), "session.twice", at("sessions"), in)
	invited := do[invitation](b.tour, b.secretary(), at("sessions", b.meeting.ID, "invitations"), set{"org_id": b.Orgs[urban], "part": b.words("bins.part")})
	b.conflict(b.secretary(), "invitation.twice", at("sessions", b.meeting.ID, "invitations"), set{"org_id": b.Orgs[urban], "part": b.words("bins.part")})
	b.meeting = do[meeting](b.tour, b.secretary(), at("sessions", b.meeting.ID, "announce"), set{})
	same(b.tour, "state", b.meeting.State, "announced")
	b.state(b.topic.ID, "announced")
	b.round()
	for _, p := range []*person{b.raiser, b.second} {
		b.arrived(p, "notice.topic_announce")
	}
	b.notified(b.third, "notice.topic_announce") // in the app: this phone follows nobody
	b.tell("title", b.meeting.Title, "at", b.meeting.StartsAt)

	b.step("bins.invited")
	department := b.officer("urban")
	asked := b.notified(department, "notice.invited")
	same(b.tour, "the invitation in the notice", number(asked.Params["invitation"]), invited.ID)
	b.refused(b.officer("police"), http.StatusNotFound, "invitation.unknown", at("invitations", invited.ID, "reply"), set{"yes": true})
	replied := do[invitation](b.tour, department, at("invitations", invited.ID, "reply"), set{"yes": true, "words": b.words("bins.reply")})
	same(b.tour, "reply", replied.Reply, "yes")
	seen := see[meeting](b.tour, b.nobody, at("sessions", b.meeting.ID))
	b.holds("everybody sees who comes", len(seen.Invitations) == 1 && seen.Invitations[0].Reply == "yes", seen.Invitations)
	b.tell("name", department.name, "words", replied.Words)
}
