//go:build !race

package torture_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/samplecity"
)

// The faults that are done while people vote.
const (
	killOne  = "kill one instance"
	killAll  = "kill both instances"
	killBase = "kill the database"
	cutNet   = "cut the network"
)

const community = "YD-YS-TX-HY"

// stage is a database with an open session of the sample city in it, people who
// may vote there, and two instances of the program over it.
type stage struct {
	t        *testing.T
	database database
	config   string // of an instance, but for where it listens
	secretary,
	raiser models.Actor
	topic, session int64
	home           int64 // the community
	voters         []voter
	instances      []*instance
	next           int // fault
}

// voter is somebody with a phone that is logged in.
type voter struct {
	person int64
	token  string
}

// settle prepares a stage with n voters and starts two instances of the program.
func settle(t *testing.T, d database, n int) *stage {
	t.Helper()
	s := prepare(t, d, n)
	s.start("")
	return s
}

// start starts two instances of the program, with more in their configuration.
func (s *stage) start(more string) {
	t := s.t
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	ok(t, os.WriteFile(key, fmt.Appendf(nil, "%x\n", forumtest.Key), 0o600))
	s.config = fmt.Sprintf("key_file: %q\ndatabase: {dsn: %q}\nphotos: {folder: %q}\nlimits: {per_minute: 1000000, per_address: 1000000}\nlog: {level: error}\n%s",
		key, s.database.dsn(), filepath.Join(t.TempDir(), "photos"), more)
	for range 2 {
		i := &instance{t: t, file: filepath.Join(t.TempDir(), "config.yaml"), public: free(t), private: free(t)}
		ok(t, os.WriteFile(i.file, fmt.Appendf(nil, "%slisten: %q\nprivate: %q\n", s.config, i.public, i.private), 0o600))
		s.instances = append(s.instances, i)
		t.Cleanup(i.kill)
	}
	s.restart(s.instances...)
}

// prepare settles the sample city with n voters in it.
func prepare(t *testing.T, d database, n int) *stage {
	t.Helper()
	s := &stage{t: t, database: d}
	var early atomic.Int64
	early.Store(int64(12 * 24 * time.Hour))
	s.at(func() time.Time { return time.Now().Add(-time.Duration(early.Load())) }, func(f *models.Forum) {
		city, err := samplecity.Settle(t.Context(), f, forumtest.Identify)
		ok(t, err)
		s.meet(f, city, func() { early.Store(0) })
		s.crowd(f, city, n)
	})
	return s
}

// at lets a forum do something over the stage's database.
func (s *stage) at(now func() time.Time, fn func(f *models.Forum)) {
	s.t.Helper()
	f, err := models.Open(s.t.Context(), models.Options{DSN: s.database.desk(), Key: forumtest.Key, Now: now})
	ok(s.t, err)
	defer func() { ok(s.t, f.Close()) }()
	fn(f)
}

// desk is where the secretary opens and closes.
func (s *stage) desk(fn func(f *models.Forum)) { s.t.Helper(); s.at(time.Now, fn) }

// meet brings a matter before an open meeting of representatives.
func (s *stage) meet(f *models.Forum, city *samplecity.City, pass func()) {
	t, ctx := s.t, s.t.Context()
	t.Helper()
	s.secretary, s.home = city.Secretary(community), city.Orgs[community].ID
	for _, r := range city.Sample.Residents {
		if r.Org == community {
			s.raiser = city.Residents[r.Name]
		}
	}
	raised, err := f.RaiseTopic(ctx, s.raiser, models.NewTopic{OrgID: city.Orgs[community].ID, Text: "楼道里的东西要不要清(示例)"})
	ok(t, err)
	_, err = f.TakeUpTopics(ctx, 100)
	ok(t, err)
	s.topic = raised.Topic.ID
	_, err = f.AcceptTopic(ctx, s.secretary, s.topic, models.Acceptance{Item: "3.04", Pack: "REP"})
	ok(t, err)
	for _, done := range []bool{false, true} {
		_, err = f.StudyTopic(ctx, s.secretary, s.topic, done, "")
		ok(t, err)
	}
	made, err := f.CreateSession(ctx, s.secretary, models.NewSession{
		OrgID: city.Orgs[community].ID, PointID: city.Points["hy-hall"].ID, StartsAt: f.Now().AddDate(0, 0, 12), Due: 1, Topics: []int64{s.topic},
	})
	ok(t, err)
	s.session = made.ID
	_, err = f.AnnounceSession(ctx, s.secretary, s.session, "")
	ok(t, err)
	pass()
	_, err = f.OpenSession(ctx, s.secretary, s.session)
	ok(t, err)
}

// crowd makes n representatives and logs them in.
func (s *stage) crowd(f *models.Forum, city *samplecity.City, n int) {
	s.t.Helper()
	ctx := s.t.Context()
	s.voters = make([]voter, n)
	each(s.t, n, 16, func(i int) error {
		pass, err := f.LoginMini(ctx, forumtest.Identify(fmt.Sprintf("voter%d", i)))
		if err != nil {
			return err
		}
		s.voters[i] = voter{pass.PersonID, pass.Token}
		c, err := f.BindCapacity(ctx, models.Actor{PersonID: pass.PersonID, Door: models.DoorMini}, city.Orgs[community].ID, models.CapacityRepresentative, "")
		if err != nil {
			return err
		}
		_, err = f.ConfirmCapacity(ctx, s.secretary, c.ID, true)
		return err
	})
}

// each does something for 0 to n-1, so many at once.
func each(t *testing.T, n, atOnce int, fn func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		wg.Go(func() {
			for i := range next {
				if err := fn(i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// hurt does the next fault, and mends what it broke.
func (s *stage) hurt() string {
	s.t.Helper()
	all := s.database.faults()
	fault := all[s.next%len(all)]
	s.next++
	switch fault {
	case killOne:
		i := s.instances[s.next/len(all)%len(s.instances)]
		i.kill()
		s.restart(i)
	case killAll:
		for _, i := range s.instances {
			i.kill()
		}
		s.restart(s.instances...)
	default:
		s.database.hurt(s.t, fault)
	}
	return fault
}

// restart starts instances and waits until they answer.
func (s *stage) restart(instances ...*instance) {
	s.t.Helper()
	for _, i := range instances {
		i.start()
	}
	for _, i := range instances {
		i.await()
	}
}

// instance is a run of the program.
type instance struct {
	t                     *testing.T
	file, public, private string
	child                 *exec.Cmd
	said                  *bytes.Buffer
}

func (i *instance) start() {
	i.t.Helper()
	i.said = &bytes.Buffer{}
	i.child = exec.CommandContext(context.WithoutCancel(i.t.Context()), program, "--config", i.file, "serve")
	i.child.Stderr = i.said
	i.child.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
	ok(i.t, i.child.Start())
}

func (i *instance) await() {
	i.t.Helper()
	for range 1500 {
		res, err := http.Get("http://" + i.private + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusNoContent {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	i.kill()
	i.t.Fatalf("an instance does not come up: %s", i.said)
}

// kill ends the instance at once, as kill -9 does.
func (i *instance) kill() {
	if i.child != nil && i.child.Process != nil {
		_ = i.child.Process.Kill()
		_ = i.child.Wait()
	}
}

// command runs the program with the stage's configuration.
func (s *stage) command(args ...string) (string, error) {
	out, err := exec.CommandContext(s.t.Context(), program, append([]string{"--config", s.instances[0].file}, args...)...).CombinedOutput()
	return string(out), err
}

// given are the addresses that were handed out: one is free as long as its instance is
// dead.
var given sync.Map

// free is an address on which nobody listens. It is below the ports from which
// connections are made: one of those could take it while its instance is dead.
func free(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err == nil {
			ok(t, l.Close())
			if _, taken := given.LoadOrStore(l.Addr().String(), true); !taken {
				return l.Addr().String()
			}
		}
	}
	t.Fatal("no port is free")
	return ""
}

// recount closes a poll and counts it anew.
func (s *stage) recount(f *models.Forum, poll int64) *models.Recount {
	s.t.Helper()
	_, err := f.ClosePoll(s.t.Context(), s.secretary, poll)
	ok(s.t, err)
	r, err := f.RecountPoll(s.t.Context(), s.secretary, poll)
	ok(s.t, err)
	return r
}
