package proving

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"yishi/models/secret"
)

// secretVoters is how many vote on the secret poll of the story; its crowd is 5.
const secretVoters = 11

// secret is a secret poll: three people keep its key, eleven vote without saying
// who they are, and two of the three open it; then another that shows a list
// instead of its key.
func (t *tour) secret() {
	t.chapter("secret")
	s := &secretStory{tour: t, watch: t.officer("huaiying-watch")}
	s.gather()
	s.keep()
	s.vote()
	s.close()
	s.unseal()
	s.list()
	s.settle()
}

type secretStory struct {
	*tour
	watch   *person
	people  []*person // the second keeps a share
	session int64
	topic   int64
	poll    poll
	shares  []string
	receipt string // of the first ballot
}

// token is a secret ballot on its way, as a phone has it.
type token struct {
	Token     string `json:"token"`
	Signature string `json:"signature"`
	Turn      int    `json:"turn"`
	Sealed    string `json:"sealed"`
}

func (s *secretStory) desk() *person { return s.officer("huaiying") }

func (s *secretStory) keepers() []*person { return []*person{s.desk(), s.watch, s.people[1]} }

func (s *secretStory) at(rest ...any) string {
	return at(append([]any{"polls", s.poll.ID}, rest...)...)
}

func (s *secretStory) now() poll { return see[poll](s.tour, s.people[0], s.at()) }

// gather brings everybody to a meeting and puts the question. The bot does not
// take such a ballot.
func (s *secretStory) gather() {
	s.step("secret.gathered")
	for i := range secretVoters {
		if i < 4 {
			s.people = append(s.people, s.neighbour(huaiying, i))
			continue
		}
		s.people = append(s.people, s.stranger(fmt.Sprintf("%s%d", s.words("secret.name"), i)))
	}
	r := do[raised](s.tour, s.people[0], at("topics"), set{"org_id": s.Orgs[huaiying], "text": s.words("secret.text")})
	s.topic = r.Topic.ID
	s.round()
	do[topic](s.tour, s.desk(), at("topics", s.topic, "accept"), set{"item": "3.04", "pack": "CONSULT"})
	m := do[meeting](s.tour, s.desk(), at("sessions"), set{
		"org_id": s.Orgs[huaiying], "point_id": s.Points["hy-hall"], "starts_at": s.Now().Add(4 * day), "due": secretVoters, "topics": []int64{s.topic},
	})
	s.session = m.ID
	do[meeting](s.tour, s.desk(), at("sessions", m.ID, "announce"), set{})
	s.pass(4*day - 10*time.Minute)
	for _, one := range s.people {
		s.checkIn(one, s.desk(), m.ID)
	}
	do[meeting](s.tour, s.desk(), at("sessions", m.ID, "open"), nil)
	s.refused(s.desk(), http.StatusUnprocessableEntity, "secret.keepers", at("polls"), s.ask("secret.put", "key", s.desk(), s.people[1], s.people[2]))
	s.poll = do[poll](s.tour, s.desk(), at("polls"), s.ask("secret.put", "key", s.keepers()...))
	s.tell("question", s.words("secret.put"), "n", secretVoters)
}

// ask is a secret question as the desk puts it.
func (s *secretStory) ask(question, disclosure string, holders ...*person) set {
	return set{"session_id": s.session, "topic_id": s.topic, "question": s.words(question), "secret": s.keptBy(disclosure, 5, holders...)}
}

// keptBy is how a poll is made secret.
func (s *secretStory) keptBy(disclosure string, crowd int, holders ...*person) set {
	ids := make([]int64, len(holders))
	for i, h := range holders {
		s.fresh(h)
		ids[i] = h.id
	}
	return set{"disclosure": disclosure, "crowd": crowd, "holders": ids}
}

// keep hands the shares to those who keep them.
func (s *secretStory) keep() {
	s.step("secret.kept")
	s.refused(s.people[2], http.StatusForbidden, "share.none", s.at("share"), set{"share": "2222"})
	missing := see[poll](s.tour, s.desk(), s.at()).Secret.Missing
	s.holds("the desk sees whose share is missing", len(missing) == 3 && missing[2].Name == s.people[1].name, missing)
	same(s.tour, "missing for everybody", len(s.now().Secret.Missing), 0)
	s.fetch()
	s.tell("desk", s.desk().name, "watch", s.watch.name, "neighbour", s.people[1].name)
}

// fetch lets each keeper fetch their share and type it back.
func (s *secretStory) fetch() {
	s.shares = nil
	for _, k := range s.keepers() {
		mine := see[share](s.tour, k, s.at("share"))
		do[struct{}](s.tour, k, s.at("share"), set{"share": strings.ToLower(mine.Share)})
		s.hidden(k, http.StatusConflict, "share.taken", s.at("share"))
		s.shares = append(s.shares, mine.Share)
	}
	same(s.tour, "shares kept", s.now().Secret.Kept, 3)
}

// take lets somebody have a token: the forum signs it without seeing it.
func (s *secretStory) take(p *person) token {
	tokens, err := secret.ReadTokens(s.poll.Secret.Tokens)
	s.ok(err)
	wish, err := tokens.Wish(fmt.Appendf(nil, "%032d", p.id))
	s.ok(err)
	signed := do[struct{ Signed string }](s.tour, p, s.at("token"), set{"blinded": wish.Blinded})
	signature, err := wish.Take(signed.Signed)
	s.ok(err)
	return token{Token: wish.Token, Signature: signature}
}

func (s *secretStory) sealed(t token, turn int, choice, tracker string) token {
	var err error
	t.Turn = turn
	t.Sealed, err = secret.SealChoice(s.poll.Secret.Key, s.poll.Hash, t.Token, turn, secret.Opened{Tracker: tracker, Choice: choice})
	s.ok(err)
	return t
}

// vote lets everybody vote without saying who they are.
func (s *secretStory) vote() {
	s.step("secret.voted")
	reply := s.chat(s.people[1], s.words("secret.chat"))
	_, code, found := strings.Cut(reply, "#")
	s.holds("the bot links to the page", found, reply)
	same(s.tour, "who comes by the link", do[pass](s.tour, s.nobody, at("logins", "link"), set{"code": strings.Fields(code)[0]}).PersonID, s.people[1].id)
	s.conflict(s.people[1], "secret.page", s.at("ballots"), set{"choice": "yes"})
	for i, p := range s.people {
		t := s.take(p)
		b := s.sealed(t, 0, []string{"yes", "no"}[i%2], secret.Tracker())
		cast := do[ballot](s.tour, s.nobody, s.at("secret"), b)
		same(s.tour, "the receipt of a retry", do[ballot](s.tour, s.nobody, s.at("secret"), b).Receipt, cast.Receipt)
		if i == 0 {
			s.receipt = cast.Receipt
			s.refused(p, http.StatusUnprocessableEntity, "secret.login", s.at("secret"), b)
			b.Token = strings.Repeat("ab", len(b.Token)/2)
			s.refused(s.nobody, http.StatusForbidden, "secret.token", s.at("secret"), b)
		}
		if i == 1 { // changes their mind
			do[ballot](s.tour, s.nobody, s.at("secret"), s.sealed(t, 1, "yes", secret.Tracker()))
		}
	}
	v := s.now()
	s.holds("before the end only who took part is told", v.Cast == 5 && v.Secret.Issued == secretVoters && v.Verdict == nil, v)
	s.tell("n", secretVoters, "receipt", s.receipt)
}

func (s *secretStory) close() {
	s.step("secret.closed")
	closed := do[poll](s.tour, s.desk(), s.at("close"), nil)
	s.holds("it waits for its shares", closed.State == "counting" && closed.Cast == secretVoters && closed.Verdict == nil, closed)
	s.conflict(s.desk(), "session.poll", at("sessions", s.session, "close"), nil)
	s.refused(s.desk(), http.StatusUnprocessableEntity, "share.wrong", s.at("opening"), set{"share": s.shares[0][5:] + "-2222"})
	s.refused(s.people[2], http.StatusForbidden, "share.none", s.at("opening"), set{"share": s.shares[1]})
	one := do[poll](s.tour, s.people[1], s.at("opening"), set{"share": s.shares[2]})
	s.holds("one share opens nothing", one.State == "counting" && one.Secret.Entered == 1 && one.Verdict == nil, one)
	s.tell("neighbour", s.people[1].name)
}

// unseal opens the poll, whose key is then on its board for everybody.
func (s *secretStory) unseal() {
	s.step("secret.opened")
	opened := do[poll](s.tour, s.watch, s.at("opening"), set{"share": s.shares[1]})
	v := opened.Verdict
	s.holds("two shares open it", opened.State == "closed" && v != nil && v.Result == "passed", opened)
	same(s.tour, "counted", v.Count, count{Due: secretVoters, Attended: secretVoters, Cast: secretVoters, Yes: 7, No: 4})
	s.round()
	same(s.tour, "places on the board", len(see[inclusion](s.tour, s.nobody, s.at("receipts", s.receipt)).In), 1)
	var last struct {
		Secret struct {
			Tokens int64
			Key    string
		}
	}
	s.ok(json.Unmarshal([]byte(s.lastLeaf()), &last))
	s.holds("the board has the key", last.Secret.Tokens == secretVoters && last.Secret.Key != "", last)
	s.tell("watch", s.watch.name, "reason", opened.Says)
}

// settle takes down what came of it.
func (s *secretStory) settle() {
	do[outcome](s.tour, s.desk(), at("sessions", s.session, "topics", s.topic, "outcome"), set{"result": "agreed", "words": s.words("secret.result")})
	do[struct{}](s.tour, s.desk(), at("sessions", s.session, "topics", s.topic, "commitments"), set{"org_id": s.Orgs[huaiying], "what": s.words("secret.what"), "promised_at": s.Now().Add(20 * day)})
	do[meeting](s.tour, s.desk(), at("sessions", s.session, "close"), nil)
}
