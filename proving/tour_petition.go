package proving

import (
	"net/http"
	"strconv"
	"time"
)

// petition is how six homes of sixty bring a residents' meeting about: each signs
// once, by the app or by chat, and the meeting answers.
func (t *tour) petition() {
	t.chapter("petition")
	p := &petitionStory{tour: t}
	for _, i := range []int{0, 2, 3, 4, 5, 1} { // the last follows the official account
		p.people = append(p.people, t.neighbour(huaiying, i))
	}
	p.start()
	p.meet()
	p.answer()
}

type petitionStory struct {
	*tour
	people []*person
	id     int64
}

func (p *petitionStory) desk() *person { return p.officer("huaiying") }

func (p *petitionStory) at(rest ...any) string {
	return at(append([]any{"petitions", p.id}, rest...)...)
}

func (p *petitionStory) now() petition { return see[petition](p.tour, p.nobody, p.at()) }

// start asks for the meeting. Everybody sees the numbers, nobody but the secretary
// the names.
func (p *petitionStory) start() {
	p.step("petition.started")
	ask := set{"org_id": p.Orgs[huaiying], "kind": "households", "purpose": p.words("petition.purpose")}
	begun := do[petition](p.tour, p.people[0], at("petitions"), ask)
	p.id = begun.ID
	same(p.tour, "signers", begun.Count.Signers, 1)
	need := begun.Count.Need
	same(p.tour, "a tenth or more", need, (begun.Count.Due+9)/10)
	p.holds("the story has enough neighbours", int(need) == len(p.people), begun)
	p.conflict(p.people[0], "petition.one", at("petitions"), ask)
	p.conflict(p.people[0], "petition.signed", p.at("sign"), nil)
	p.letStand()
	p.refused(p.desk(), http.StatusForbidden, "deed.forbidden", p.at("sign"), nil)
	p.conflict(p.desk(), "petition.state", p.at("convene"), set{"session_id": 1})
	for _, one := range p.people[1 : need-1] {
		do[petition](p.tour, one, p.at("sign"), nil)
	}
	same(p.tour, "with one less", do[petition](p.tour, p.people[1], p.at("unsign"), nil).Count.Signers, need-2)
	same(p.tour, "and again", do[petition](p.tour, p.people[1], p.at("sign"), nil).Count.Signers, need-1)
	p.hidden(p.people[0], http.StatusForbidden, "deed.forbidden", p.at("signers"))
	same(p.tour, "names for the secretary", len(see[[]struct{ Name string }](p.tour, p.desk(), p.at("signers"))), int(need-1))
	same(p.tour, "state", p.now().State, "open")
	p.tell("name", p.people[0].name, "purpose", p.words("petition.purpose"), "signers", need-1, "due", begun.Count.Due, "need", need)
}

// letStand has the desk read the petition before anybody else does.
func (p *petitionStory) letStand() {
	p.hidden(p.nobody, http.StatusNotFound, "petition.unknown", p.at())
	waiting := see[struct {
		Items []struct {
			ID    int64
			Noun  string
			Thing int64 `json:"thing_id"`
		}
	}](p.tour, p.desk(), "/api/v1/screenings?all=true&size=100&org="+strconv.FormatInt(p.Orgs[huaiying], 10)).Items
	for _, s := range waiting {
		if s.Noun == "petition" && s.Thing == p.id {
			do[struct{}](p.tour, p.desk(), at("screenings", s.ID, "decide"), set{"public": true})
		}
	}
}

// meet lets the last that is needed sign by chat.
func (p *petitionStory) meet() {
	p.step("petition.met")
	last := p.people[len(p.people)-1]
	p.chat(last, p.words("petition.chat"))
	p.chat(last, strconv.Itoa(1))
	met := p.now()
	p.holds("it is met", met.State == "met" && met.DueAt != nil && met.DueAt.After(p.Now()), met)
	owed := see[struct{ Owed []petition }](p.tour, p.desk(), "/api/v1/desk?org="+strconv.FormatInt(p.Orgs[huaiying], 10)).Owed
	p.holds("the desk owes the meeting", len(owed) == 1 && owed[0].ID == p.id, owed)
	p.conflict(p.people[0], "petition.met", p.at("unsign"), nil)
	p.tell("last", last.name, "notice", p.notified(p.people[0], "notice.petition_met").Sentence)
}

// answer holds the meeting, which answers.
func (p *petitionStory) answer() {
	p.step("petition.answered")
	r := do[raised](p.tour, p.people[0], at("topics"), set{"org_id": p.Orgs[huaiying], "text": p.words("petition.purpose")})
	p.round()
	do[topic](p.tour, p.desk(), at("topics", r.Topic.ID, "accept"), set{"item": "3.04", "pack": "CONSULT"})
	m := do[meeting](p.tour, p.desk(), at("sessions"), set{
		"org_id": p.Orgs[huaiying], "point_id": p.Points["hy-hall"], "starts_at": p.Now().Add(4 * day), "due": len(p.people), "topics": []int64{r.Topic.ID},
	})
	p.conflict(p.desk(), "session.state", p.at("convene"), set{"session_id": m.ID})
	do[meeting](p.tour, p.desk(), at("sessions", m.ID, "announce"), set{})
	do[petition](p.tour, p.desk(), p.at("convene"), set{"session_id": m.ID})
	p.notified(p.people[2], "notice.petition_convened")
	p.conflict(p.desk(), "petition.meeting", p.at("answer"), set{"words": p.words("petition.result")})
	p.pass(4*day - 10*time.Minute)
	for _, one := range p.people {
		p.checkIn(one, p.desk(), m.ID)
	}
	do[meeting](p.tour, p.desk(), at("sessions", m.ID, "open"), nil)
	over := do[petition](p.tour, p.desk(), p.at("answer"), set{"words": p.words("petition.result")})
	same(p.tour, "state", over.State, "answered")
	do[outcome](p.tour, p.desk(), at("sessions", m.ID, "topics", r.Topic.ID, "outcome"), set{"result": "no_consensus", "words": p.words("petition.result")})
	do[meeting](p.tour, p.desk(), at("sessions", m.ID, "close"), nil)
	p.tell("notice", p.notified(p.people[0], "notice.petition_answered").Sentence)
}
