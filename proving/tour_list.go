package proving

import (
	"encoding/json"
	"slices"
	"strings"

	"yishi/models/secret"
)

// list puts a second secret question, of which a list is disclosed in the end and
// no key: everybody finds their own choice by a number that they alone know.
func (s *secretStory) list() {
	s.step("secret.listed")
	s.poll = do[poll](s.tour, s.desk(), at("polls"), s.ask("secret.list", "list", s.keepers()...))
	same(s.tour, "disclosure", s.poll.Secret.Disclosure, "list")
	s.fetch()
	said := map[string]string{} // by the tracker that each phone drew
	for i, p := range s.people {
		t, choice, tracker := s.take(p), []string{"yes", "yes", "no"}[i%3], secret.Tracker()
		if i == 2 { // changes their mind, and keeps the tracker of the last
			do[ballot](s.tour, s.nobody, s.at("secret"), s.sealed(t, 0, "yes", secret.Tracker()))
			do[ballot](s.tour, s.nobody, s.at("secret"), s.sealed(t, 1, choice, tracker))
		} else {
			do[ballot](s.tour, s.nobody, s.at("secret"), s.sealed(t, 0, choice, tracker))
		}
		said[tracker] = choice
	}
	do[poll](s.tour, s.desk(), s.at("close"), nil)
	s.holds("before it is opened the board has no list", !strings.Contains(s.lastLeaf(), `"list"`), s.poll)
	do[poll](s.tour, s.desk(), s.at("opening"), set{"share": s.shares[0]})
	opened := do[poll](s.tour, s.people[1], s.at("opening"), set{"share": s.shares[2]})
	v := opened.Verdict
	s.holds("two shares open it", opened.State == "closed" && v != nil && v.Result == "passed", opened)
	same(s.tour, "counted", v.Count, count{Due: secretVoters, Attended: secretVoters, Cast: secretVoters, Yes: 8, No: 3})
	s.round()
	s.checkList(said)
	s.tell("question", s.words("secret.list"), "n", secretVoters, "reason", opened.Says)
}

// checkList holds the list on the board against what the phones have kept.
func (s *secretStory) checkList(said map[string]string) {
	type line struct{ Tracker, Choice string }
	var last struct {
		Secret struct {
			Tokens int64
			Key    string
			List   []line
		}
	}
	s.ok(json.Unmarshal([]byte(s.lastLeaf()), &last))
	list := last.Secret.List
	same(s.tour, "tokens", last.Secret.Tokens, secretVoters)
	same(s.tour, "the key stays with its keepers", last.Secret.Key, "")
	same(s.tour, "lines of the list", len(list), secretVoters)
	s.holds("the list is in an order that tells nothing", slices.IsSortedFunc(list, func(a, b line) int { return strings.Compare(a.Tracker, b.Tracker) }), list)
	for _, l := range list {
		same(s.tour, "what a voter finds under their number", l.Choice, said[l.Tracker])
	}
	recount := see[struct{ Faults []any }](s.tour, s.watch, s.at("recount"))
	same(s.tour, "faults of the recount", len(recount.Faults), 0)
	for _, leaf := range s.leaves() {
		for tracker := range said {
			s.holds("no ballot tells its number", leaf == s.lastLeaf() || !strings.Contains(leaf, tracker), leaf)
		}
	}
}

// leaves are the lines of the board; while the poll is open there are none.
func (s *secretStory) leaves() []string {
	return see[struct{ Leaves []string }](s.tour, s.nobody, s.at("board")).Leaves
}

func (s *secretStory) lastLeaf() string {
	all := s.leaves()
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}
