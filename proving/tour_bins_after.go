package proving

import (
	"net/http"
	"slices"
	"strings"
)

// publish puts the result on the notice board, where somebody objects.
func (b *binStory) publish() {
	b.step("bins.publish")
	p := do[board](b.tour, b.secretary(), at("topics", b.topic.ID, "publication"), set{"words": b.words("bins.result")})
	b.holds("at least fifteen days", !p.EndsAt.Before(p.Begins.Add(15*day)), p)
	b.state(b.topic.ID, "implementing")
	boards := see[[]board](b.tour, b.nobody, at("publications")+query("org", b.Orgs[huaiying]))
	b.holds("it is on the board", len(boards) == 1 && boards[0].Receipt == b.topic.Receipt, boards)
	b.tell("until", p.Until, "ends", p.EndsAt)

	b.step("bins.objection")
	o := do[objection](b.tour, b.against, at("topics", b.topic.ID, "objections"), set{"order_id": b.order.ID, "words": b.words("bins.objection_words")})
	b.conflict(b.against, "objection.twice", at("topics", b.topic.ID, "objections"), set{"order_id": b.order.ID, "words": b.words("bins.objection_words")})
	b.conflict(b.officer("urban"), "order.state", at("orders", b.order.ID, "sign"), nil) // it rests
	answered := do[objection](b.tour, b.secretary(), at("objections", o.ID, "answer"), set{"upheld": false, "answer": b.words("bins.objection_answer")})
	same(b.tour, "upheld", answered.Upheld, false)
	b.conflict(b.secretary(), "objection.answered", at("objections", o.ID, "answer"), set{"upheld": true, "answer": b.words("bins.objection_answer")})
	b.round()
	n := b.notified(b.against, "notice.objection_answered")
	b.tell("name", b.against.name, "notice", n.Sentence)
}

// work has the order done, and the time of the notice board pass.
func (b *binStory) work() {
	b.step("bins.order")
	b.refused(b.officer("police"), http.StatusNotFound, "order.unknown", at("orders", b.order.ID, "sign"), nil)
	b.conflict(b.officer("urban"), "order.state", at("orders", b.order.ID, "finish"), set{"report": b.words("bins.report")})
	mine := see[page[order]](b.tour, b.officer("urban"), at("orders")+query("org", b.Orgs[urban]))
	b.holds("the order is in hand", len(mine.Items) == 1 && mine.Items[0].ID == b.order.ID, mine.Items)
	same(b.tour, "state", do[order](b.tour, b.officer("urban"), at("orders", b.order.ID, "sign"), nil).State, "signed")
	b.pass(2 * day)
	same(b.tour, "state", do[order](b.tour, b.officer("urban"), at("orders", b.order.ID, "finish"), set{"report": b.words("bins.report")}).State, "done")
	b.state(b.topic.ID, "implementing") // until the notice board is done with it
	b.tell("name", b.officer("urban").name, "report", b.words("bins.report"))

	b.step("bins.completed")
	b.pass(16 * day)
	b.state(b.topic.ID, "completed")
	boards := see[[]board](b.tour, b.nobody, at("publications")+query("org", b.Orgs[huaiying]))
	same(b.tour, "results on the board", len(boards), 0)
	b.conflict(b.walkIn, "objection.late", at("topics", b.topic.ID, "objections"), set{"words": b.words("bins.objection_words")})
	b.notified(b.raiser, "notice.confirm")
	b.tell()
}

// confirm asks those who raised the matter. Two answer, two stay silent.
func (b *binStory) confirm() {
	b.step("bins.confirm")
	asked := see[[]topic](b.tour, b.raiser, at("me", "confirmations"))
	b.holds("the raiser is asked", has(asked, b.topic.ID), asked)
	b.refused(b.walkIn, http.StatusNotFound, "confirmation.unknown", at("topics", b.topic.ID, "confirmation"), set{"solved": true})
	do[topic](b.tour, b.raiser, at("topics", b.topic.ID, "confirmation"), set{"solved": true, "words": b.words("bins.thanks")})
	b.conflict(b.raiser, "confirmation.given", at("topics", b.topic.ID, "confirmation"), set{"solved": false})
	b.chat(b.second, b.words("said.solved"))
	b.holds("it is no longer asked", !has(see[[]topic](b.tour, b.second, at("me", "confirmations")), b.topic.ID), b.second.name)
	b.state(b.topic.ID, "completed") // two have not answered
	b.tell("name", b.raiser.name, "second", b.second.name)

	b.step("bins.silent")
	for range 2 {
		b.pass(5*day + day/2)
		b.notified(b.third, "notice.confirm_reminder")
		b.state(b.topic.ID, "completed")
	}
	reminders := 0
	for _, n := range see[page[notice]](b.tour, b.third, at("me", "notices")+"?size=100").Items {
		if n.Code == "notice.confirm_reminder" {
			reminders++
		}
	}
	same(b.tour, "reminders", reminders, 2)
	b.pass(15*day + day/2)
	b.state(b.topic.ID, "confirmed")
	b.conflict(b.third, "confirmation.given", at("topics", b.topic.ID, "confirmation"), set{"solved": true})
	b.tell("name", b.third.name)
}

// remember has the clock archive the matter, and reads the casebook and the
// timeline as anybody may.
func (b *binStory) remember() {
	b.step("bins.archived")
	b.pass(8 * day)
	b.state(b.topic.ID, "archived")
	cases := see[page[record]](b.tour, b.nobody, at("cases")+query("item", "3.01"))
	same(b.tour, "entries of the casebook", len(cases.Items), 1)
	c := cases.Items[0]
	b.holds("silence is counted as silence", c.TopicID == b.topic.ID && c.Solved == 2 && c.Silent == 2 && c.Unsolved == 0, c)
	same(b.tour, "what was agreed", c.Words, b.words("bins.result"))
	b.tell("days", c.Days, "solved", c.Solved, "silent", c.Silent)

	b.step("bins.timeline")
	hops := see[[]hop](b.tour, b.nobody, at("topics", b.topic.ID, "timeline"))
	events := make([]string, 0, len(hops))
	labels := make([]string, 0, len(hops))
	for _, h := range hops {
		events, labels = append(events, h.Event), append(labels, b.text.Label("event", h.Event))
		b.holds("an answer of the raiser stays private", h.Event != "answer" || h.Words == "", h)
	}
	want := []string{"submit", "take_up", "ask", "answer", "accept", "announce", "open", "agree", "published", "done", "confirm", "archive"}
	b.holds("every turn is on the timeline", slices.Equal(events, want), events)
	b.tell("turns", strings.Join(labels, " → "))
}
