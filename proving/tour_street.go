package proving

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The registered number of a shop of the story, and the same with a wrong check
// character.
const (
	number18 = "92990000MA0DEM073B"
	slip18   = "92990000MA0DEM0730"
)

// street is a quarrel about a night market, settled by the street alliance: one
// member one vote, and nobody votes as shop and as resident.
func (t *tour) street() {
	t.chapter("street")
	s := &streetStory{tour: t, fresher: t.stranger(t.words("name.merchant"))}
	for i := range t.sample.Shops {
		s.shops = append(s.shops, t.shop(i))
	}
	s.join()
	s.raise()
	s.gather()
	s.sign()
	s.tie()
	s.passed()
	s.settle()
}

type streetStory struct {
	*tour
	fresher *person // who joins with a new shop
	shops   []*person
	members []member
	topic   topic
	meeting meeting
}

func (s *streetStory) host() *person { return s.officer("street") }

// join lets a new shop join by chat. Its credit code is checked.
func (s *streetStory) join() {
	s.step("street.join")
	s.follow(s.fresher)
	s.chat(s.fresher, s.words("said.join"))
	s.chat(s.fresher, s.words("street.shop"))
	slip := s.chat(s.fresher, slip18)
	s.holds("a wrong credit code is refused", strings.Contains(slip, s.text["credit.wrong"]), slip)
	s.chat(s.fresher, number18)
	located, err := s.Fake.Locate(s.fresher.resident, 33.3025, 118.6035, "")
	s.ok(err)
	s.bubbles(s.fresher, s.words("said.location"), located)
	asked := member{}
	for _, m := range see[[]member](s.tour, s.host(), at("alliances", s.Alliance, "members")) {
		if m.State == "asked" {
			asked = m
		}
	}
	same(s.tour, "the shop that waits to be confirmed", asked.Name, s.words("street.shop"))
	s.refused(s.shops[0], http.StatusForbidden, "deed.forbidden", at("members", asked.ID, "confirm"), set{"yes": true})
	s.conflict(s.shops[0], "member.twice", at("members"), set{
		"alliance_id": s.Alliance, "kind": "merchant", "name": asked.Name, "credit_code": number18, "lat": 33.3, "lng": 118.6,
	})
	got := do[member](s.tour, s.host(), at("members", asked.ID, "confirm"), set{"yes": true})
	same(s.tour, "state", got.State, "confirmed")
	s.round()
	s.heard(s.fresher, s.text.Say("notice.member_confirmed", set{"name": got.Name}))
	s.members = see[[]member](s.tour, s.nobody, at("alliances", s.Alliance, "members"))
	same(s.tour, "members", len(s.members), len(s.shops)+1)
	for _, m := range s.members {
		s.holds("nobody else reads a credit code", m.Credit == nil, m.Name)
	}
	s.tell("name", got.Name, "n", len(s.members))
}

// raise raises the quarrel and announces the meeting at the mobile point, with a
// reason for the short notice.
func (s *streetStory) raise() {
	s.step("street.raised")
	r := do[raised](s.tour, s.shops[3], at("topics"), set{"org_id": s.Orgs[tengxiang], "text": s.words("street.text")})
	s.round()
	got := do[topic](s.tour, s.host(), at("topics", r.Topic.ID, "accept"), set{"item": "3.06", "level": "street", "pack": "ALLIANCE"})
	same(s.tour, "state", got.State, "accepted")
	same(s.tour, "level", got.Level, "street")
	s.topic = got
	s.tell("name", s.shops[3].name, "receipt", r.Topic.Receipt)

	s.step("street.announced")
	s.meeting = do[meeting](s.tour, s.host(), at("sessions"), set{
		"org_id": s.Orgs[tengxiang], "alliance_id": s.Alliance, "point_id": s.Points["tx-street"],
		"starts_at": s.Now().Add(2 * day), "due": len(s.members), "topics": []int64{s.topic.ID},
	})
	s.conflict(s.host(), "session.notice", at("sessions", s.meeting.ID, "announce"), set{})
	s.meeting = do[meeting](s.tour, s.host(), at("sessions", s.meeting.ID, "announce"), set{"short_reason": s.words("street.hurry")})
	same(s.tour, "reason for the short notice", s.meeting.Short, s.words("street.hurry"))
	s.round()
	s.notified(s.shops[3], "notice.topic_announce")
	s.tell("reason", s.meeting.Short, "at", s.meeting.StartsAt)
}

// gather brings the members to the mobile point: six of seven come.
func (s *streetStory) gather() {
	s.step("street.gathered")
	s.pass(s.meeting.StartsAt.Sub(s.Now()) - 10*time.Minute)
	s.checkInByChat(s.fresher, s.host(), s.meeting.ID, "tx-street")
	for _, p := range s.shops[:5] {
		s.checkIn(p, s.host(), s.meeting.ID)
	}
	do[meeting](s.tour, s.host(), at("sessions", s.meeting.ID, "open"), nil)
	s.state(s.topic.ID, "meeting")
	s.tell("n", 6, "due", len(s.members))
}

// both makes the person of a shop known as a resident too.
func (s *streetStory) both() (p *person, resident, shop string) {
	p = s.shops[4]
	asked := do[capacity](s.tour, p, at("capacities"), set{"org_id": s.Orgs[huaiying], "kind": "resident", "household": "1-1-102"})
	same(s.tour, "state", asked.State, "asked")
	leader := s.neighbour(huaiying, 0)
	same(s.tour, "state", do[capacity](s.tour, leader, at("capacities", asked.ID, "confirm"), set{"yes": true}).State, "confirmed")
	return p, fmt.Sprintf("p%d", p.id), s.unit(s.sample.Shops[4].Name)
}

// unit is the voting unit of a member by name.
func (s *streetStory) unit(name string) string {
	for _, m := range s.members {
		if m.Name == name {
			return fmt.Sprintf("m%d", m.ID)
		}
	}
	s.fail(fmt.Errorf("no member is called %s", name))
	return ""
}

// sign asks those whom it concerns most, one of whom is shop and resident.
func (s *streetStory) sign() {
	s.step("street.both")
	p, resident, shop := s.both()
	q := s.put("street.put_sign", "STAKE", resident, shop, s.unit(s.sample.Shops[0].Name))
	cast := at("polls", q.ID, "ballots")
	s.refused(p, http.StatusUnprocessableEntity, "poll.unit", cast, set{"choice": "yes"})
	b := do[ballot](s.tour, p, cast, set{"unit": shop, "choice": "yes"})
	same(s.tour, "unit", b.Unit, shop)
	s.conflict(p, "poll.capacity", cast, set{"unit": resident, "choice": "yes"})
	s.refused(p, http.StatusForbidden, "poll.roll", cast, set{"unit": s.unit(s.sample.Shops[0].Name), "choice": "yes"})
	do[ballot](s.tour, s.shops[0], cast, set{"choice": "yes"})
	v, says := s.end(q)
	same(s.tour, "result", v.Result, "pending")
	same(s.tour, "count", v.Count, count{Due: 3, Attended: 3, Cast: 2, Yes: 2})
	s.tell("name", p.name, "reason", says)
}

// put puts a question to the meeting.
func (s *streetStory) put(question, pack string, stakeholders ...string) poll {
	in := set{"session_id": s.meeting.ID, "topic_id": s.topic.ID, "question": s.words(question), "pack": pack}
	if len(stakeholders) > 0 {
		in["stakeholders"] = stakeholders
	}
	return do[poll](s.tour, s.host(), at("polls"), in)
}

func (s *streetStory) end(q poll) (*verdict, string) {
	closed := do[poll](s.tour, s.host(), at("polls", q.ID, "close"), nil)
	s.holds("there is a verdict", closed.Verdict != nil && closed.State == "closed", closed)
	return closed.Verdict, closed.Says
}

// tie puts the question to all members: three for it, three against.
func (s *streetStory) tie() {
	s.step("street.tie")
	q := s.put("street.put", "ALLIANCE")
	same(s.tour, "due", q.Due, int64(len(s.members)))
	cast := at("polls", q.ID, "ballots")
	for i, choice := range []string{"yes", "yes", "no", "no", "no"} {
		b := do[ballot](s.tour, s.shops[i], cast, set{"choice": choice})
		same(s.tour, "unit", b.Unit, s.unit(s.sample.Shops[i].Name))
	}
	s.chat(s.fresher, s.words("said.vote"))
	s.chat(s.fresher, s.words("said.yes"))
	s.refused(s.neighbour(huaiying, 1), http.StatusForbidden, "poll.roll", cast, set{"choice": "yes"})
	v, says := s.end(q)
	same(s.tour, "count", v.Count, count{Due: 7, Attended: 6, Cast: 6, Yes: 3, No: 3})
	same(s.tour, "reason", v.Reason, "verdict.tie")
	of := at("sessions", s.meeting.ID, "topics", s.topic.ID)
	s.conflict(s.host(), "outcome.verdict", of+"/outcome", set{"result": "agreed", "words": s.words("street.result")})
	s.tell("question", s.words("street.put"), "reason", says)
}

// passed puts a changed question, which is another poll: it passes.
func (s *streetStory) passed() {
	s.step("street.passed")
	q := s.put("street.put_again", "ALLIANCE")
	cast := at("polls", q.ID, "ballots")
	for i, choice := range []string{"yes", "yes", "yes", "no", "abstain"} {
		do[ballot](s.tour, s.shops[i], cast, set{"choice": choice})
	}
	s.chat(s.fresher, s.words("said.vote"))
	s.chat(s.fresher, s.words("said.yes"))
	v, says := s.end(q)
	same(s.tour, "count", v.Count, count{Due: 7, Attended: 6, Cast: 6, Yes: 4, No: 1, Abstain: 1})
	same(s.tour, "result", v.Result, "passed")
	s.tell("question", s.words("street.put_again"), "reason", says)
}

func (s *streetStory) settle() {
	s.step("street.settled")
	of := at("sessions", s.meeting.ID, "topics", s.topic.ID)
	do[outcome](s.tour, s.host(), of+"/outcome", set{"result": "agreed", "words": s.words("street.result")})
	s.refused(s.host(), http.StatusNotFound, "org.unknown", of+"/commitments",
		set{"org_id": 999_999, "what": s.words("street.what"), "promised_at": s.Now().Add(7 * day)})
	o := do[order](s.tour, s.host(), of+"/commitments", set{"org_id": s.Orgs[police], "what": s.words("street.what"), "promised_at": s.Now().Add(7 * day)})
	do[meeting](s.tour, s.host(), at("sessions", s.meeting.ID, "close"), nil)
	do[board](s.tour, s.host(), at("topics", s.topic.ID, "publication"), set{"words": s.words("street.result")})
	do[order](s.tour, s.officer("police"), at("orders", o.ID, "sign"), nil)
	do[order](s.tour, s.officer("police"), at("orders", o.ID, "finish"), set{"report": s.words("street.report")})
	s.pass(16 * day)
	s.state(s.topic.ID, "completed")
	got := do[topic](s.tour, s.shops[3], at("topics", s.topic.ID, "confirmation"), set{"solved": true})
	same(s.tour, "state", got.State, "confirmed")
	s.tell("words", s.words("street.result"), "name", s.officer("police").name, "what", o.What)
}
