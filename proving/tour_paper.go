package proving

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// paper is a vote of people without phones: a code on paper, two sheets, and a
// ballot that the neighbour leader takes down. All count beside the phones.
func (t *tour) paper() {
	t.chapter("paper")
	p := &paperStory{
		tour: t, leader: t.neighbour(huaiying, 0), first: t.neighbour(huaiying, 1), second: t.neighbour(huaiying, 2), silent: t.neighbour(huaiying, 3),
		elders: []string{t.words("name.elder"), t.words("name.elder_two"), t.words("name.elder_three")}, watch: t.officer("huaiying-watch"),
	}
	p.gather()
	p.code()
	p.sheets()
	p.assist()
	p.count()
	p.verdict()
}

type paperStory struct {
	*tour
	leader, first, second, silent, watch *person
	elders                               []string // have no phone
	units                                []string // of the elders
	topic, session                       int64
	poll                                 poll
}

func (p *paperStory) desk() *person { return p.officer("huaiying") }

func (p *paperStory) at(rest ...any) string { return at(append([]any{"polls", p.poll.ID}, rest...)...) }

// gather brings everybody to a meeting and puts the question.
func (p *paperStory) gather() {
	p.step("paper.gathered")
	r := do[raised](p.tour, p.first, at("topics"), set{"org_id": p.Orgs[huaiying], "text": p.words("paper.text")})
	p.topic = r.Topic.ID
	p.round()
	do[topic](p.tour, p.desk(), at("topics", p.topic, "accept"), set{"item": "3.04", "pack": "CONSULT"})
	m := do[meeting](p.tour, p.desk(), at("sessions"), set{
		"org_id": p.Orgs[huaiying], "point_id": p.Points["hy-hall"], "starts_at": p.Now().Add(4 * day), "due": 7, "topics": []int64{p.topic},
	})
	p.session = m.ID
	do[meeting](p.tour, p.desk(), at("sessions", m.ID, "announce"), set{})
	p.pass(4*day - 10*time.Minute)
	for _, one := range []*person{p.leader, p.first, p.second, p.silent} {
		p.checkIn(one, p.desk(), m.ID)
	}
	for _, name := range p.elders {
		met := do[presence](p.tour, p.leader, at("sessions", m.ID, "presences"), set{"name": name, "consent": p.words("bins.present")})
		p.units = append(p.units, fmt.Sprintf("p%d", met.PersonID))
	}
	do[meeting](p.tour, p.desk(), at("sessions", m.ID, "open"), nil)
	p.poll = do[poll](p.tour, p.desk(), at("polls"), set{"session_id": m.ID, "topic_id": p.topic, "question": p.words("paper.put")})
	same(p.tour, "due", p.poll.Due, 7)
	for _, one := range []*person{p.leader, p.first} {
		do[ballot](p.tour, one, p.at("ballots"), set{"choice": "yes"})
	}
	p.tell("question", p.words("paper.put"), "present", 7, "elders", strings.Join(p.elders, p.words("paper.and")))
}

// code lets somebody vote by a code on paper, at a device on which nobody is
// logged in.
func (p *paperStory) code() {
	p.step("paper.code")
	p.refused(p.leader, http.StatusForbidden, "deed.forbidden", p.at("codes"), set{"units": p.units[:1]})
	codes := do[[]issued](p.tour, p.desk(), p.at("codes"), set{"units": p.units[:1]})
	p.conflict(p.desk(), "paper.issued", p.at("codes"), set{"units": p.units[:1]})
	redeem, code := p.at("codes", "redeem"), codes[0].Code
	p.refused(p.nobody, http.StatusUnprocessableEntity, "paper.code", redeem, set{"code": code[1:], "choice": "yes"})
	cast := do[ballot](p.tour, p.nobody, redeem, set{"code": strings.ToLower(code), "choice": "yes"})
	again := do[ballot](p.tour, p.nobody, redeem, set{"code": code, "choice": "yes"})
	same(p.tour, "the receipt of the same code", again.Receipt, cast.Receipt)
	p.conflict(p.nobody, "paper.spent", redeem, set{"code": code, "choice": "no"})
	p.tell("elder", p.elders[0], "receipt", cast.Receipt)
}

// sheets takes in two sheets. One is that of somebody with a phone, who cannot
// vote by it any more.
func (p *paperStory) sheets() {
	p.step("paper.sheet")
	unit := func(one *person) string { return see[poll](p.tour, one, p.at()).Units[0] }
	p.conflict(p.desk(), "paper.voted", p.at("sheets"), set{"number": "001", "unit": unit(p.first)})
	one := do[sheet](p.tour, p.desk(), p.at("sheets"), set{"number": "001", "unit": p.units[1]})
	p.holds("the sheet waits", one.Waiting && one.Receipt != "", one)
	do[sheet](p.tour, p.desk(), p.at("sheets"), set{"number": "002", "unit": unit(p.second)})
	p.conflict(p.second, "poll.paper", p.at("ballots"), set{"choice": "yes"})
	p.conflict(p.desk(), "sheet.early", p.at("sheets", "entries"), set{"number": "001", "choice": "yes"})
	p.round()
	p.tell("elder", p.elders[1], "second", p.second.name, "notice", p.notified(p.second, "notice.sheet").Sentence)
}

// assist takes down the ballot of somebody who is there.
func (p *paperStory) assist() {
	p.step("paper.assist")
	in := set{"unit": p.units[2], "person_id": personOf(p.units[2]), "choice": "abstain", "consent": p.words("paper.consent")}
	p.refused(p.first, http.StatusForbidden, "deed.forbidden", p.at("assists"), in)
	taken := do[ballot](p.tour, p.leader, p.at("assists"), in)
	same(p.tour, "door", taken.Door, "assisted")
	p.conflict(p.leader, "paper.voted", p.at("assists"), in)
	p.tell("elder", p.elders[2], "name", p.leader.name, "receipt", taken.Receipt)
}

// personOf is the number of the person that a unit is.
func personOf(unit string) (id int64) {
	_, _ = fmt.Sscanf(unit, "p%d", &id)
	return id
}

// count ends the poll and has two people enter each sheet.
func (p *paperStory) count() {
	p.step("paper.counting")
	counting := do[poll](p.tour, p.desk(), p.at("close"), nil)
	p.holds("it counts", counting.State == "counting" && counting.Waiting == 2 && counting.Verdict == nil, counting)
	p.conflict(p.desk(), "poll.closed", p.at("sheets"), set{"number": "003", "unit": p.units[0]})
	p.conflict(p.silent, "poll.closed", p.at("ballots"), set{"choice": "yes"})
	p.conflict(p.desk(), "session.poll", at("sessions", p.session, "close"), nil)
	p.tell("n", counting.Waiting)

	p.step("paper.entered")
	enter := func(who *person, number, choice string) sheet {
		return do[sheet](p.tour, who, p.at("sheets", "entries"), set{"number": number, "choice": choice})
	}
	p.holds("one alone settles nothing", enter(p.desk(), "001", "yes").Waiting, p.poll.ID)
	p.conflict(p.desk(), "sheet.twice", p.at("sheets", "entries"), set{"number": "001", "choice": "yes"})
	same(p.tour, "what the first sheet says", enter(p.watch, "001", "yes").Choice, "yes")
	enter(p.desk(), "002", "yes")
	p.holds("two who differ settle nothing", enter(p.watch, "002", "no").Waiting, p.poll.ID)
	last := enter(p.leader, "002", "no")
	same(p.tour, "what the second sheet says", last.Choice, "no")
	same(p.tour, "the poll after the last sheet", last.PollState, "closed")
	p.tell("one", p.desk().name, "two", p.watch.name, "third", p.leader.name)
}

// verdict tells what came out, and from where the ballots came.
func (p *paperStory) verdict() {
	p.step("paper.verdict")
	closed := see[poll](p.tour, p.nobody, p.at())
	v := closed.Verdict
	p.holds("there is a verdict", v != nil, closed)
	same(p.tour, "count", v.Count, count{Due: 7, Attended: 7, Cast: 6, Yes: 4, No: 1, Abstain: 1})
	same(p.tour, "result", v.Result, "passed")
	from := map[string]int64{}
	for _, o := range closed.Origins {
		from[o.Door] = o.Ballots
	}
	p.holds("the doors are counted", len(from) == 3 && from["mini"] == 2 && from["paper"] == 3 && from["assisted"] == 1, closed.Origins)
	p.round()
	for _, s := range see[[]sheet](p.tour, p.watch, p.at("sheets")) {
		found := see[inclusion](p.tour, p.nobody, p.at("receipts", s.Receipt))
		same(p.tour, "entries on the board", len(found.In), 1)
	}
	of := at("sessions", p.session, "topics", p.topic)
	do[outcome](p.tour, p.desk(), of+"/outcome", set{"result": "agreed", "words": p.words("paper.result")})
	do[order](p.tour, p.desk(), of+"/commitments", set{"org_id": p.Orgs[urban], "what": p.words("paper.what"), "promised_at": p.Now().Add(10 * day)})
	same(p.tour, "state", do[meeting](p.tour, p.desk(), at("sessions", p.session, "close"), nil).State, "closed")
	p.tell("reason", closed.Says, "phones", from["mini"], "papers", from["paper"], "assisted", from["assisted"])
}
