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
	if strings.HasPrefix(s.DSN, "mysql://") {
		altered(t, s, "ALTER TABLE ballots DROP PRIMARY KEY")
		return
	}
	db := database(t, s)
	var made string
	if err := db.QueryRowContext(t.Context(), "SELECT sql FROM sqlite_master WHERE name = 'ballots'").Scan(&made); err != nil {
		t.Fatal(err)
	}
	altered(t, s, "DROP TABLE ballots", strings.Replace(made, ", PRIMARY KEY (poll_id, unit, turn)", "", 1))
}

// database opens a stage's database past the forum.
func database(t *testing.T, s *forumtest.Stage) *sql.DB {
	t.Helper()
	driver, dsn := "sqlite", "file:"+s.DSN+"?_pragma=busy_timeout(10000)"
	if rest, isMaria := strings.CutPrefix(s.DSN, "mysql://"); isMaria {
		driver, dsn = "mysql", rest
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// altered changes a stage's database past the forum.
func altered(t *testing.T, s *forumtest.Stage, statements ...string) {
	t.Helper()
	db := database(t, s)
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoBallotAfterClose closes polls under the fire of 16 voters through two
// instances, again and again: what was accepted is what was counted, and nothing
// lands later. Where closing does not shut the shards, something does.
func TestNoBallotAfterClose(t *testing.T) {
	forumtest.Each(t, func(t *testing.T, s *forumtest.Stage) {
		people := crowd(t, s, models.CapacityResident, 16)
		f := fire{Stage: s, people: people, instances: []*models.Forum{s.Forum, forumtest.Bare(t, s.DSN, s.Clock)}}
		f.topic, f.session = meeting(t, s, "STAKE")
		late := 0
		for range crowdCloses {
			accepted, closed, final := f.close(t)
			if closed != accepted || final != accepted {
				t.Fatalf("%d ballots were accepted, %d counted at the close and %d afterwards", accepted, closed, final)
			}
			if accepted < int64(len(people)) {
				late++
			}
		}
		t.Logf("%d closes, %d of them with ballots that came too late and were told so", crowdCloses, late)
		if late == 0 {
			t.Error("every ballot came before the close: this test cannot see one that lands later")
		}

		neverShut(t, s)
		lost, tries := 0, 0
		for ; tries < crowdCloses && (lost == 0 || tries < crowdCloses/20); tries++ {
			if accepted, closed, final := f.close(t); closed != accepted || final != accepted {
				lost++
			}
		}
		t.Logf("with the shards left open, %d of %d closes lost ballots", lost, tries)
		if lost == 0 {
			t.Error("with the shards left open nothing landed after the close: this test cannot see it")
		}
	})
}

// fire is a crowd that votes while its poll is closed.
type fire struct {
	*forumtest.Stage
	people         []models.Actor
	instances      []*models.Forum
	topic, session int64
}

// close opens a poll and closes it while everybody votes. It returns how many
// ballots were accepted, how many were counted at the close, and how many the
// record holds when all are answered.
func (f fire) close(t *testing.T) (accepted, closed, final int64) {
	t.Helper()
	ctx, desk := t.Context(), f.City.Secretary(huaiying)
	units := make([]string, len(f.people))
	for i, p := range f.people {
		units[i] = fmt.Sprintf("p%d", p.PersonID)
	}
	poll := must[*models.PollView](t)(f.OpenPoll(ctx, desk, models.NewPoll{SessionID: f.session, TopicID: f.topic, Question: "清吗?", Stakeholders: units}))
	results := make([]error, len(f.people))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, p := range f.people {
		wg.Go(func() {
			<-start
			_, results[i] = f.instances[i%len(f.instances)].CastBallot(ctx, p, poll.ID, "", rules.Yes)
		})
	}
	var view *models.PollView
	var err error
	wg.Go(func() {
		<-start
		view, err = f.ClosePoll(ctx, desk, poll.ID)
	})
	close(start)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range results {
		if r, refused := rules.AsRefusal(err); err == nil {
			accepted++
		} else if !refused || r.Code != "poll.closed" {
			t.Fatalf("a ballot was answered with %v", err)
		}
	}
	return accepted, view.Verdict.Count.Cast, must[*models.Recount](t)(f.RecountPoll(ctx, desk, poll.ID)).Units
}

// neverShut takes the rule of closing away: the shards stay open.
func neverShut(t *testing.T, s *forumtest.Stage) {
	t.Helper()
	if strings.HasPrefix(s.DSN, "mysql://") {
		altered(t, s, "CREATE TRIGGER ajar BEFORE UPDATE ON shards FOR EACH ROW SET NEW.open = TRUE")
		return
	}
	altered(t, s, "CREATE TRIGGER ajar AFTER UPDATE OF open ON shards BEGIN UPDATE shards SET open = TRUE WHERE poll_id = NEW.poll_id AND shard = NEW.shard AND NOT open; END")
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
		if late := must[*models.Ballot](t)(s.CastBallot(ctx, keyed, poll.ID, "", rules.Yes)); *late != *once {
			t.Errorf("a retry at the hour got %+v after %+v", late, once)
		}
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
		if late := must[*models.Ballot](t)(s.CastBallot(ctx, keyed, poll.ID, "", rules.Yes)); *late != *once {
			t.Errorf("a retry after the close got %+v after %+v", late, once)
		}
		refused(t, "request.reused")(s.CastBallot(ctx, keyed, poll.ID, "", rules.No))
		keyed.Key = "another"
		refused(t, "poll.closed")(s.CastBallot(ctx, keyed, poll.ID, "", rules.Yes))
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
