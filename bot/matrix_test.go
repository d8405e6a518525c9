package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"yishi/models"
	"yishi/models/rules"
	"yishi/wechat"
)

// TestWhoMayByChat lets everybody try the deeds of the chat door on a matter of
// one community: what comes of it is what the table of permissions says, by its
// effect on the forum and not by the words of the answer.
func TestWhoMayByChat(t *testing.T) {
	s := newStage(t, sentences(t))
	ctx := t.Context()
	desk := s.City.Secretary(huaiying)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	raiser, neighbour, leader, nextDoor := s.named(t, huaiying, 1), s.named(t, huaiying, 2), s.named(t, huaiying, 0), s.named(t, "YD-YS-TX-WT", 0)
	r, err := s.RaiseTopic(ctx, raiser.who, models.NewTopic{OrgID: s.Org(huaiying), Text: "楼道里堆满了旧家具"})
	must(err)
	_, err = s.TakeUpTopics(ctx, 10)
	must(err)
	receipt, id := r.Topic.Receipt, r.Topic.ID

	pending := person{name: "pending"}
	pending.who, err = s.RecognizeChat(ctx, s.identity(pending.name))
	must(err)
	_, err = s.BindCapacity(ctx, pending.who, s.Org(huaiying), models.CapacityResident, "")
	must(err)
	banned := s.named(t, huaiying, 3)
	_, err = s.BanPerson(ctx, models.Operator, banned.who.PersonID, true)
	must(err)
	stranger := person{name: "stranger"}
	shop := person{name: s.City.Sample.Shops[0].Person}
	everybody := []person{stranger, pending, neighbour, leader, nextDoor, banned, shop, raiser}

	// Before a secretary has let it stand, a matter is nobody else's to see or join.
	for _, p := range everybody {
		said := s.tell(t, p, "进度 "+receipt)
		if shown := strings.Contains(said, "旧家具"); shown != (p.name == raiser.name) {
			t.Errorf("%s sees the matter before review: %v", p.name, shown)
		}
		s.tell(t, p, "附议 "+receipt)
	}
	if n := s.cosigns(t, id); n != 0 {
		t.Errorf("%d joined a matter before review", n)
	}

	_, err = s.AcceptTopic(ctx, desk, id, models.Acceptance{Item: "3.04", Pack: "STAKE"})
	must(err)
	for _, p := range everybody {
		before := s.cosigns(t, id)
		s.tell(t, p, "附议 "+receipt)
		// Residents of the community and members of the street's alliance may; one's
		// own matter needs no second word.
		may := p.name == neighbour.name || p.name == leader.name || p.name == shop.name
		if joined := s.cosigns(t, id) > before; joined != may {
			t.Errorf("%s joined: %v, want %v", p.name, joined, may)
		}
	}

	points, err := s.Points(ctx, desk, s.Org(huaiying), nil)
	must(err)
	session, err := s.CreateSession(ctx, desk, models.NewSession{OrgID: s.Org(huaiying), PointID: points[0].ID, StartsAt: s.Clock.Now(), Due: 1, Topics: []int64{id}})
	must(err)
	_, err = s.OpenSession(ctx, desk, session.ID)
	must(err)
	poll, err := s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session.ID, TopicID: id, Question: "清不清?", Stakeholders: []string{fmt.Sprintf("p%d", neighbour.who.PersonID)}})
	must(err)
	for _, p := range everybody {
		s.tell(t, p, "投票")
		s.tell(t, p, "赞成")
		v, err := s.Poll(ctx, neighbour.who, poll.ID)
		must(err)
		if cast := v.Cast == 1; cast != (len(v.Mine) == 1) || p.name == neighbour.name && !cast {
			t.Errorf("after %s: %d ballots", p.name, v.Cast)
		}
	}
	closed, err := s.ClosePoll(ctx, desk, poll.ID)
	must(err)
	if c := closed.Verdict.Count; c.Cast != 1 || c.Yes != 1 || closed.Verdict.Result != rules.ResultPassed {
		t.Errorf("the one on the list voted, and nobody else: %+v", c)
	}
}

// person is somebody at the chat door.
type person struct {
	name string
	who  models.Actor
}

// named is the n-th resident of a community of the sample.
func (s *stage) named(t *testing.T, org string, n int) person {
	t.Helper()
	for _, r := range s.City.Sample.Residents {
		if r.Org != org {
			continue
		}
		if n == 0 {
			return person{r.Name, s.City.Residents[r.Name]}
		}
		n--
	}
	t.Fatal("the sample has too few residents")
	return person{}
}

// tell says something and then lets go of whatever the bot asks.
func (s *stage) tell(t *testing.T, p person, words string) string {
	t.Helper()
	said, err := s.say(t, p.name, wechat.Event{Kind: wechat.KindText, Text: words})
	if err != nil {
		t.Fatal(err)
	}
	if words != "投票" {
		if _, err := s.say(t, p.name, wechat.Event{Kind: wechat.KindText, Text: "取消"}); err != nil {
			t.Fatal(err)
		}
	}
	return said
}

func (s *stage) cosigns(t *testing.T, id int64) int64 {
	t.Helper()
	v, err := s.Topic(t.Context(), s.City.Secretary(huaiying), id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Cosigns
}
