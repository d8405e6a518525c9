package models_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
)

// meeting brings a matter under a rule pack into an open session.
func meeting(t *testing.T, s *forumtest.Stage, pack string) (topic, session int64) {
	t.Helper()
	ctx := t.Context()
	desk := s.City.Secretary(huaiying)
	topic = raised(t, s, someone(s, 1), "楼道里的东西要不要清")
	must[*models.Topic](t)(s.AcceptTopic(ctx, desk, topic, models.Acceptance{Item: "3.04", Pack: pack}))
	must[*models.Topic](t)(s.StudyTopic(ctx, desk, topic, false, ""))
	must[*models.Topic](t)(s.StudyTopic(ctx, desk, topic, true, ""))
	made := must[*models.Session](t)(s.CreateSession(ctx, desk, models.NewSession{
		OrgID: s.Org(huaiying), PointID: s.City.Points["hy-hall"].ID, StartsAt: s.Clock.Now().AddDate(0, 0, 11), Due: 1, Topics: []int64{topic},
	}))
	must[*models.Session](t)(s.AnnounceSession(ctx, desk, made.ID, ""))
	s.Clock.Pass(11 * 24 * time.Hour)
	must[*models.Session](t)(s.OpenSession(ctx, desk, made.ID))
	return topic, made.ID
}

// someone is the n-th resident of our community of the sample.
func someone(s *forumtest.Stage, n int) models.Actor {
	for _, r := range s.City.Sample.Residents {
		if r.Org == huaiying {
			if n--; n < 0 {
				return s.City.Residents[r.Name]
			}
		}
	}
	panic("the sample has too few residents")
}

// crowd makes n confirmed people of a kind in a community.
func crowd(t *testing.T, s *forumtest.Stage, kind models.CapacityKind, n int) []models.Actor {
	t.Helper()
	ctx := t.Context()
	out := make([]models.Actor, n)
	for i := range out {
		pass := must[*models.Pass](t)(s.LoginMini(ctx, forumtest.Identify(fmt.Sprintf("crowd%d", i))))
		out[i] = models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}
		c := must[*models.Capacity](t)(s.BindCapacity(ctx, out[i], s.Org(huaiying), kind, ""))
		must[*models.Capacity](t)(s.ConfirmCapacity(ctx, s.City.Secretary(huaiying), c.ID, true))
	}
	return out
}

// stampede lets workers cast a ballot for each voter tries times over, all at
// once and through several instances, and returns how many were accepted and how
// many counted.
func stampede(t *testing.T, s *forumtest.Stage, instances []*models.Forum, poll int64, voters []models.Actor, workers, tries int) (accepted, counted int64) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	for w := range workers {
		wg.Go(func() {
			for i := range len(voters) * tries / workers {
				voter := voters[(i+w*len(voters)/workers)%len(voters)]
				_, err := instances[w%len(instances)].CastBallot(t.Context(), voter, poll, "", rules.Yes)
				r, refused := rules.AsRefusal(err)
				switch {
				case err == nil:
					mu.Lock()
					accepted++
					mu.Unlock()
				case !refused || r.Code != "poll.twice":
					t.Errorf("a ballot was answered with %v", err)
				}
			}
		})
	}
	wg.Wait()
	closed := must[*models.PollView](t)(s.ClosePoll(t.Context(), s.City.Secretary(huaiying), poll))
	if closed.Cast != accepted {
		t.Errorf("the shards count %d ballots of %d that were accepted", closed.Cast, accepted)
	}
	return accepted, closed.Verdict.Count.Cast
}

// TestOneBallotEach lets 64 at once vote for each of 500 representatives, through
// two instances: each has one ballot. The same crowd on a table without the key has more, which
// shows that it is the key that decides.
func TestOneBallotEach(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		voters, workers := 500, 64
		people := crowd(t, s, models.CapacityRepresentative, voters)
		topic, session := meeting(t, s, "REP")
		open := func() int64 {
			return must[*models.PollView](t)(s.OpenPoll(t.Context(), s.City.Secretary(huaiying), models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?"})).ID
		}
		instances := []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock)}
		accepted, counted := stampede(t, s, instances, open(), people, workers, crowdTries)
		if accepted != int64(voters) || counted != int64(voters) {
			t.Errorf("%d ballots were accepted and %d counted of %d voters", accepted, counted, voters)
		}

		dropKey(t, s)
		accepted, _ = stampede(t, s, instances, open(), people, workers, 2)
		if accepted <= int64(voters) {
			t.Error("without the key there were no doubles: this test cannot see one")
		}
	})
}

// dropKey takes the key (poll, unit, turn) away from the ballots.
func dropKey(t *testing.T, s *forumtest.Stage) {
	t.Helper()
	driver, dsn, isMaria := "sqlite", s.DSN, strings.HasPrefix(s.DSN, "mysql://")
	if isMaria {
		driver, dsn = "mysql", strings.TrimPrefix(s.DSN, "mysql://")
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	statements := []string{"ALTER TABLE ballots DROP PRIMARY KEY"}
	if !isMaria {
		var made string
		if err := db.QueryRowContext(t.Context(), "SELECT sql FROM sqlite_master WHERE name = 'ballots'").Scan(&made); err != nil {
			t.Fatal(err)
		}
		statements = []string{"DROP TABLE ballots", strings.Replace(made, ", PRIMARY KEY (poll_id, unit, turn)", "", 1)}
	}
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoBallotAfterClose closes polls under fire, again and again: what was
// accepted is what was counted, and nothing lands later.
func TestNoBallotAfterClose(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		people := crowd(t, s, models.CapacityResident, 6)
		units := make([]string, len(people))
		for i, p := range people {
			units[i] = fmt.Sprintf("p%d", p.PersonID)
		}
		topic, session := meeting(t, s, "STAKE")
		late := 0
		for range crowdCloses {
			poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?", Stakeholders: units}))
			results := make([]error, len(people))
			start := make(chan struct{})
			var wg sync.WaitGroup
			for i, p := range people {
				wg.Go(func() {
					<-start
					_, results[i] = s.CastBallot(ctx, p, poll.ID, "", rules.Yes)
				})
			}
			var closed *models.PollView
			wg.Go(func() {
				<-start
				var err error
				if closed, err = s.ClosePoll(ctx, desk, poll.ID); err != nil {
					t.Error(err)
				}
			})
			close(start)
			wg.Wait()
			var accepted int64
			for _, err := range results {
				if r, refused := rules.AsRefusal(err); err == nil {
					accepted++
				} else if !refused || r.Code != "poll.closed" {
					t.Fatalf("a ballot was answered with %v", err)
				}
			}
			if closed == nil || closed.Verdict.Count.Cast != accepted {
				t.Fatalf("%d ballots were accepted, the verdict says %+v", accepted, closed)
			}
			if accepted < int64(len(people)) {
				late++
			}
		}
		t.Logf("%d closes, %d of them with ballots that came too late and were told so", crowdCloses, late)
	})
}

// TestBallots are the turns that one ballot can take.
func TestBallots(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		people := crowd(t, s, models.CapacityResident, 2)
		shop := s.City.Shops[s.City.Sample.Shops[0].Name]
		topic, session := meeting(t, s, "STAKE")
		at := s.Clock.Now().Add(time.Hour)
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{
			SessionID: session, TopicID: topic, Question: "清吗?", ClosesAt: &at,
			Stakeholders: []string{fmt.Sprintf("p%d", people[0].PersonID), fmt.Sprintf("p%d", people[1].PersonID)},
		}))
		first := must[*models.Ballot](t)(s.CastBallot(ctx, people[0], poll.ID, "", rules.No))
		again := must[*models.Ballot](t)(s.CastBallot(ctx, people[0], poll.ID, "", rules.Yes))
		if first.Receipt == again.Receipt {
			t.Error("another ballot got the same receipt")
		}
		keyed := people[1]
		keyed.Key, keyed.Digest = "k", "d"
		once := must[*models.Ballot](t)(s.CastBallot(ctx, keyed, poll.ID, "", rules.Yes))
		twice := must[*models.Ballot](t)(s.CastBallot(ctx, keyed, poll.ID, "", rules.Yes))
		if once.Receipt != twice.Receipt || once.At != twice.At {
			t.Errorf("a retry got %+v after %+v", twice, once)
		}
		keyed.Digest = "other"
		refused(t, "request.reused")(s.CastBallot(ctx, keyed, poll.ID, "", rules.No))
		refused(t, "poll.roll")(s.CastBallot(ctx, shop, poll.ID, "", rules.Yes))
		refused(t, "poll.fixed")(s.ClosePoll(ctx, desk, poll.ID))
		s.Clock.Pass(time.Hour)
		refused(t, "poll.closed")(s.CastBallot(ctx, people[0], poll.ID, "", rules.No))
		if due := must[[]int64](t)(s.PollsDue(ctx, 0, 10)); len(due) != 1 || due[0] != poll.ID {
			t.Fatalf("due are %v", due)
		}
		open := must[*models.PollView](t)(s.Poll(ctx, people[0], poll.ID))
		if open.Verdict != nil || open.Cast != 2 || len(open.Mine) != 1 || open.Mine[0].Choice != rules.Yes {
			t.Errorf("before close the gate shows %+v", open)
		}
		closed := must[*models.PollView](t)(s.ClosePoll(ctx, models.Clock, poll.ID))
		if v := closed.Verdict; v.Result != rules.ResultPassed || v.Count.Yes != 2 {
			t.Errorf("verdict %+v", v)
		}
	})
}

// TestNobodyVotesAsShopAndResident puts one person on a list twice, as a
// neighbour and for a shop: the first ballot fixes the capacity.
func TestNobodyVotesAsShopAndResident(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		ctx := t.Context()
		desk := s.City.Secretary(huaiying)
		me := someone(s, 1)
		alliance := must[*models.Alliance](t)(s.FoundAlliance(ctx, desk, s.Org(huaiying), "门口的小街(示例)"))
		m := must[*models.Member](t)(s.JoinAlliance(ctx, me, models.NewMember{AllianceID: alliance.ID, Kind: models.MemberMerchant, Name: "小店(示例)", CreditCode: s.City.Sample.Shops[0].CreditCode}))
		must[*models.Member](t)(s.ConfirmMember(ctx, desk, m.ID, true))
		topic, session := meeting(t, s, "STAKE")
		asPerson, asShop := fmt.Sprintf("p%d", me.PersonID), fmt.Sprintf("m%d", m.ID)
		poll := must[*models.PollView](t)(s.OpenPoll(ctx, desk, models.NewPoll{SessionID: session, TopicID: topic, Question: "清吗?", Stakeholders: []string{asPerson, asShop}}))
		refused(t, "poll.unit")(s.CastBallot(ctx, me, poll.ID, "", rules.Yes))
		must[*models.Ballot](t)(s.CastBallot(ctx, me, poll.ID, asShop, rules.Yes))
		refused(t, "poll.capacity")(s.CastBallot(ctx, me, poll.ID, asPerson, rules.Yes))
	})
}

// refused expects the refusal of a deed.
func refused(t *testing.T, code string) func(any, error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if r, ok := rules.AsRefusal(err); !ok || r.Code != code {
			t.Errorf("got %v, want the refusal %s", err, code)
		}
	}
}
