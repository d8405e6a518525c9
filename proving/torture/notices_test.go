//go:build !race

package torture_test

import (
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yishi/wechat/wechattest"
)

// How the outbox is hurt: every so-many-th answer of WeChat gets lost on its way, and
// how long nothing happens before time is let pass.
const (
	dropped  = 10
	quiet    = 3 * time.Second
	sendPath = "/cgi-bin/message/template/send"
)

// outbox is notices on their way to people.
type outbox struct {
	*chatting
	all   int
	drops []bool // of the calls in their order: whether the answer gets lost
	kills int    // of both instances
}

// fill puts n notices into the outbox, and says which answers will get lost.
func (o *outbox) fill(n int) {
	t := o.t
	t.Helper()
	for _, p := range o.people {
		_, _ = o.fake.Follow(p, "") // nobody listens at that address
	}
	db, at := o.database.open(t), time.Now().UTC().Format("2006-01-02 15:04:05")
	for from := 0; from < n; from += 500 {
		var rows []string
		for i := from; i < min(n, from+500); i++ {
			rows = append(rows, fmt.Sprintf(`(%d, '%s', '{"title":"n%06d"}', '%s', '%s', 0, '', '')`, o.ids[i%len(o.ids)], postponed, i, at, at))
		}
		run(t, db, "INSERT INTO notices (person_id, code, params, at, due_at, attempts, channel, failure) VALUES "+strings.Join(rows, ", "))
	}
	var wishes []string
	for _, id := range o.ids {
		wishes = append(wishes, fmt.Sprintf("(%d, 0, 0, 0)", id)) // also at night
	}
	run(t, db, "INSERT INTO wishes (person_id, quiet_from, quiet_to, digest) VALUES "+strings.Join(wishes, ", "))
	faults := make([]wechattest.Fault, 4*n)
	o.drops, o.all = make([]bool, len(faults)), n
	for i := range faults {
		o.drops[i] = mrand.IntN(dropped) == 0
		faults[i].Dropped = o.drops[i]
	}
	o.fake.Script(sendPath, faults...)
}

// waiting is how many notices have not been settled.
func (o *outbox) waiting() int {
	o.t.Helper()
	return o.counts("SELECT 1, COUNT(*) FROM notices WHERE due_at IS NOT NULL AND code = '" + postponed + "'")[1]
}

// pass lets what was claimed and not settled be due again, as time would. Nothing may
// be under way meanwhile.
func (o *outbox) pass() {
	o.t.Helper()
	run(o.t, o.database.open(o.t), fmt.Sprintf("UPDATE notices SET due_at = '%s' WHERE due_at IS NOT NULL AND attempts > 0", time.Now().UTC().Add(-time.Second).Format("2006-01-02 15:04:05")))
}

// empty waits until everything is sent, kills the programs meanwhile, and lets time
// pass: while they are dead, and when they have nothing to do any more.
func (o *outbox) empty(kills int) {
	o.t.Helper()
	last, since := -1, time.Now()
	for end := time.Now().Add(10 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		calls := o.fake.Calls(sendPath)
		if o.kills < kills && calls >= (o.kills+1)*o.all/(kills+1) {
			o.kills++
			for _, i := range o.instances {
				i.kill()
			}
			o.pass()
			o.restart(o.instances...)
		}
		if calls != last {
			last, since = calls, time.Now()
			continue
		}
		if time.Since(since) < quiet {
			continue
		}
		if o.waiting() == 0 && o.kills >= kills {
			return
		}
		if time.Now().After(end) {
			o.t.Errorf("%d notices are waiting still", o.waiting())
			return
		}
		o.pass()
		since = time.Now()
	}
}

// received is what arrived: how many notices did not, how many came how much too
// often, and how many of that are explained by an answer that got lost.
type received struct{ missing, again, lost int }

var marked = regexp.MustCompile(`n\d{6}`)

func (o *outbox) count() (r received) {
	times := map[string]int{}
	for _, p := range o.people {
		for _, d := range o.fake.Sent(p) {
			times[marked.FindString(d.Text)]++
		}
	}
	r.missing = o.all - len(times)
	for _, n := range times {
		r.again += n - 1
	}
	for _, gone := range o.drops[:o.fake.Calls(sendPath)] {
		if gone {
			r.lost++
		}
	}
	return r
}

// underWay is how many messages a kill may catch: each instance sends one at a time.
func (o *outbox) underWay() int { return len(o.instances) * o.kills }

// TestNotices lets WeChat lose every tenth of its answers, and kills the program
// again and again while it sends: every notice arrives, and none more often than
// answers got lost and messages were under way at a kill. WeChat knows no key by
// which it could tell a message that is sent again. Where the program cannot note
// what it sent, or notes it before it sends, that is seen.
func TestNotices(t *testing.T) {
	t.Parallel()
	for name, base := range bases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z, began := size(t), time.Now()
			o := &outbox{chatting: settleChat(t, base(t), 200)}
			o.fill(z.notices)
			o.empty(z.noticeKills)
			r := o.count()
			if r.missing > 0 || r.again > r.lost+o.underWay() || r.again == 0 {
				t.Errorf("%d are missing, %d came again: %d answers got lost, at most %d were under way at a kill", r.missing, r.again, r.lost, o.underWay())
			}
			results.row("R7", name, fmt.Sprintf("%d notices, both instances killed %d times, in %.0f s", o.all, o.kills, time.Since(began).Seconds()),
				fmt.Sprintf("%d missing, %d came again; %d answers lost, %d of the rest by kills", r.missing, r.again, r.lost, max(0, r.again-r.lost)))
		})
		for mutant, trigger := range map[string]map[bool]string{"unsettled": unsettled, "hasty": hasty} {
			t.Run(name+" "+mutant, func(t *testing.T) {
				t.Parallel()
				o := &outbox{chatting: settleChat(t, base(t), 20)}
				o.fill(600)
				_, embedded := o.database.(*lite)
				run(t, o.database.open(t), trigger[embedded])
				o.hurtOnce()
				r := o.count()
				if r.missing == 0 && r.again <= r.lost+o.underWay() {
					t.Errorf("%s: %d missing, %d came again: this test cannot see it", mutant, r.missing, r.again)
				}
				results.row("R7 mutant", filepath.Base(name), mutant, fmt.Sprintf("%d of %d missing, %d came again; %d answers lost", r.missing, o.all, r.again, r.lost))
			})
		}
	}
}

// hurtOnce kills both instances in the middle, lets time pass and waits until no more
// is sent.
func (o *outbox) hurtOnce() {
	o.t.Helper()
	for o.fake.Calls(sendPath) < o.all/4 {
		time.Sleep(time.Millisecond)
	}
	for _, i := range o.instances {
		i.kill()
	}
	o.kills++
	o.pass()
	o.restart(o.instances...)
	for last := -1; last != o.fake.Calls(sendPath); time.Sleep(quiet) {
		last = o.fake.Calls(sendPath)
	}
}

// The mutants, by whether the database is embedded: one forgets what was sent, one
// takes for sent what was only claimed.
var (
	unsettled = map[bool]string{
		true:  "CREATE TRIGGER m AFTER UPDATE OF sent_at ON notices WHEN NEW.sent_at IS NOT NULL BEGIN UPDATE notices SET sent_at = NULL, due_at = OLD.due_at WHERE id = NEW.id; END",
		false: "CREATE TRIGGER m BEFORE UPDATE ON notices FOR EACH ROW SET NEW.due_at = IF(NEW.sent_at IS NULL, NEW.due_at, OLD.due_at), NEW.sent_at = NULL",
	}
	hasty = map[bool]string{
		true:  "CREATE TRIGGER m AFTER UPDATE OF attempts ON notices BEGIN UPDATE notices SET due_at = NULL WHERE id = NEW.id; END",
		false: "CREATE TRIGGER m BEFORE UPDATE ON notices FOR EACH ROW SET NEW.due_at = IF(NEW.attempts > OLD.attempts, NULL, NEW.due_at)",
	}
)
