package proving

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// grid is where the owners of the story have their homes.
const grid = "YD-YS-TX-HY-2"

// What the owners of the story have, in square centimetres. Nine of ten say yes,
// with 980 of 4,160 m²: three quarters are 3,120, so 2,140 are missing.
const (
	squareMetre = 10_000
	flatArea    = 110 * squareMetre
	smallArea   = 100 * squareMetre
	hallArea    = 3180 * squareMetre
	areaMissing = 2140 * squareMetre
)

// owners is a vote of owners that has the heads and not the area.
func (t *tour) owners() {
	t.chapter("owners")
	o := &ownerStory{tour: t}
	o.enrol()
	o.meet()
	o.vote()
}

type ownerStory struct {
	*tour
	people  []*person // the last one owns the ground floor
	topic   topic
	meeting meeting
}

func (o *ownerStory) secretary() *person { return o.officer("huaiying") }

// enrol brings the roll of owners in. No door but the command line takes a roll.
// Each owner then asks to be known as one.
func (o *ownerStory) enrol() {
	o.step("owners.roll")
	names := strings.Split(o.words("owners.names"), "、")
	areas := []int{flatArea, flatArea, flatArea, flatArea, flatArea, flatArea, flatArea, flatArea, smallArea, hallArea}
	same(o.tour, "owners", len(names), len(areas))
	var csv strings.Builder
	csv.WriteString("org,number,address,head,area_cm2,owner\n")
	for i, name := range names {
		fmt.Fprintf(&csv, "%s,%s,%s,%s,%d,%s\n", grid, home(i), o.words("owners.address", "number", home(i)), name, areas[i], name)
	}
	folder, err := os.MkdirTemp("", "yishi-")
	o.ok(err)
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, "roll.csv")
	o.ok(os.WriteFile(file, []byte(csv.String()), 0o600))
	out, err := o.Run(o.ctx, "import", "households", file, "--org", grid)
	o.ok(err)
	o.holds("ten homes are new", strings.Contains(out, "10 new, 0 changed"), out)
	for i, name := range names {
		p := o.stranger(name)
		o.people = append(o.people, p)
		asked := do[capacity](o.tour, p, at("capacities"), set{"org_id": o.Orgs[grid], "kind": "owner", "household": home(i)})
		same(o.tour, "state", asked.State, "asked")
		got := do[capacity](o.tour, o.secretary(), at("capacities", asked.ID, "confirm"), set{"yes": true})
		same(o.tour, "state", got.State, "confirmed")
	}
	o.tell("n", len(names), "area", 8*flatArea+smallArea+hallArea)
}

// home is the number of the n-th home of the owners.
func home(n int) string { return fmt.Sprintf("8-1-%d", 101+n) }

// meet raises the matter and opens a meeting. The law asks for a notice of fifteen
// days, and no reason shortens it.
func (o *ownerStory) meet() {
	o.step("owners.announced")
	r := do[raised](o.tour, o.people[0], at("topics"), set{"org_id": o.Orgs[grid], "text": o.words("owners.text")})
	o.round()
	o.topic = do[topic](o.tour, o.secretary(), at("topics", r.Topic.ID, "accept"), set{
		"item": "3.01", "level": "grid", "scope_id": o.Orgs[grid], "pack": "OWN_SPE",
	})
	same(o.tour, "pack", o.topic.Pack, "OWN_SPE")
	plan := func(in time.Duration) meeting {
		return do[meeting](o.tour, o.secretary(), at("sessions"), set{
			"org_id": o.Orgs[huaiying], "point_id": o.Points["hy-hall"], "starts_at": o.Now().Add(in), "due": len(o.people), "topics": []int64{o.topic.ID},
		})
	}
	o.meeting = plan(16 * day)
	o.meeting = do[meeting](o.tour, o.secretary(), at("sessions", o.meeting.ID, "announce"), set{})
	o.pass(o.meeting.StartsAt.Sub(o.Now()))
	o.meeting = do[meeting](o.tour, o.secretary(), at("sessions", o.meeting.ID, "open"), nil)
	same(o.tour, "state", o.meeting.State, "open")
	o.tell("name", o.people[0].name, "receipt", r.Topic.Receipt)
}

// vote has nine owners say yes and the tenth no.
func (o *ownerStory) vote() {
	o.step("owners.verdict")
	q := do[poll](o.tour, o.secretary(), at("polls"), set{"session_id": o.meeting.ID, "topic_id": o.topic.ID, "question": o.words("owners.put")})
	same(o.tour, "due", q.Due, int64(len(o.people)))
	cast := at("polls", q.ID, "ballots")
	last := len(o.people) - 1
	for _, p := range o.people[:last] {
		do[ballot](o.tour, p, cast, set{"choice": "yes"})
	}
	do[ballot](o.tour, o.people[last], cast, set{"choice": "no"})
	o.refused(o.neighbour(huaiying, 1), http.StatusForbidden, "poll.roll", cast, set{"choice": "yes"})
	closed := do[poll](o.tour, o.secretary(), at("polls", q.ID, "close"), nil)
	v := closed.Verdict
	o.holds("it fails by the area", v != nil && v.Result == "failed" && v.Reason == "verdict.failed_area" && v.Area != nil, closed)
	same(o.tour, "heads", v.Count, count{Due: 10, Attended: 10, Cast: 10, Yes: 9, No: 1})
	same(o.tour, "heads missing", v.MissingYes, 0)
	same(o.tour, "area missing", v.Area.MissingYes, int64(areaMissing))
	sentence := closed.Says
	o.holds("the sentence tells what is missing", strings.Contains(sentence, "2,140㎡"), sentence)
	of := at("sessions", o.meeting.ID, "topics", o.topic.ID, "outcome")
	o.conflict(o.secretary(), "outcome.verdict", of, set{"result": "agreed", "words": o.words("owners.result")})
	do[outcome](o.tour, o.secretary(), of, set{"result": "no_consensus", "words": o.words("owners.result")})
	do[meeting](o.tour, o.secretary(), at("sessions", o.meeting.ID, "close"), nil)
	o.state(o.topic.ID, "no_consensus")
	o.tell("question", o.words("owners.put"), "name", o.people[last].name, "reason", sentence)
}
