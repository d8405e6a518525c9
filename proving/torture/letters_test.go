//go:build !race

package torture_test

import (
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yishi/wechat/wechattest"
)

// letter is an event of somebody, which is delivered three times.
type letter struct {
	person int
	act    wechattest.Act

	mu   sync.Mutex
	said string // to the first delivery that was answered
}

// acts are what everybody does, one after the other. What comes of it is told by
// the database: a matter, a ballot, a call for the desk.
func acts(person int) []*letter {
	said := []string{fmt.Sprintf("提议 第%d盏路灯不亮，晚上看不见路(示例)", person), "确认", "投票", "同意", "转人工"}
	out := make([]*letter, len(said))
	for i, text := range said {
		out[i] = &letter{person: person, act: wechattest.Act{Kind: "text", Text: text, ID: strconv.Itoa(7_000_000_000 + person*100 + i), At: time.Now()}}
	}
	return out
}

// post delivers letters.
type post struct {
	*chatting
	answered atomic.Int64 // events
	vain     atomic.Int64 // deliveries that came to nothing
	alike    atomic.Int64 // later deliveries that were answered as the first
	done     map[string]int

	mu    sync.Mutex
	late  []*letter // that will be delivered again, some time
	wrong []string
}

// pour lets everybody write, and hurts the programs meanwhile.
func (p *post) pour(faults int) {
	p.t.Helper()
	var wg sync.WaitGroup
	next := make(chan int)
	for range crowd {
		wg.Go(func() {
			for person := range next {
				for _, l := range acts(person) {
					p.deliver(l)
				}
			}
		})
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for _, person := range mrand.Perm(len(p.people)) {
			next <- person
		}
		close(next)
	}()
	all := 5 * len(p.people)
	for n := range faults {
		for p.answered.Load() < int64((n+1)*all/(faults+1)) {
			time.Sleep(time.Millisecond)
		}
		p.done[p.hurt()]++
	}
	<-fed
	wg.Wait()
	for range crowd {
		wg.Go(func() {
			for l := p.pick(0); l != nil; l = p.pick(0) {
				p.insist(l)
			}
		})
	}
	wg.Wait()
}

// deliver brings an event: half of them twice at once. The other deliveries come
// later, among those of others, when the talk has gone on.
func (p *post) deliver(l *letter) {
	var wg sync.WaitGroup
	twins := mrand.IntN(2)
	for range 1 + twins {
		wg.Go(func() { p.insist(l) })
	}
	wg.Wait()
	p.answered.Add(1)
	p.mu.Lock()
	for range 2 - twins {
		p.late = append(p.late, l)
	}
	p.mu.Unlock()
	for range 2 {
		if old := p.pick(crowd); old != nil {
			p.insist(old)
		}
	}
}

// pick takes one of the late letters, as long as more than so many wait.
func (p *post) pick(most int) *letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.late) <= most {
		return nil
	}
	i, last := mrand.IntN(len(p.late)), len(p.late)-1
	l := p.late[i]
	p.late[i] = p.late[last]
	p.late = p.late[:last]
	return l
}

// insist brings a letter until it is answered. Every answer must say the same.
func (p *post) insist(l *letter) {
	at := mrand.IntN(2)
	for until := time.Now().Add(insists); time.Now().Before(until); at++ {
		said, answered, err := p.send(l.person, l.act, at)
		if err != nil {
			p.fault("%v", err)
			return
		}
		if !answered {
			p.vain.Add(1)
			time.Sleep(time.Duration(5+mrand.IntN(20)) * time.Millisecond)
			continue
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		switch {
		case said == "":
			p.fault("%q was answered with nothing", l.act.Text)
		case l.said == "":
			l.said = said
		case l.said != said:
			p.fault("%q was answered %q, and again %q", l.act.Text, l.said, said)
		default:
			p.alike.Add(1)
		}
		return
	}
	p.fault("%q was not answered in %v", l.act.Text, insists)
}

func (p *post) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// effects compares what came of the events with what they asked for.
func (p *post) effects() (missing, doubled int) {
	p.t.Helper()
	for _, query := range []string{
		"SELECT raiser_id, COUNT(*) FROM topics GROUP BY raiser_id",
		fmt.Sprintf("SELECT person_id, COUNT(*) FROM ballots WHERE poll_id = %d GROUP BY person_id", p.poll),
		"SELECT person_id, COUNT(*) FROM audits WHERE deed = 'call.staff' GROUP BY person_id",
	} {
		found := p.counts(query)
		for _, id := range p.ids {
			switch n := found[id]; {
			case n == 0:
				missing++
			case n > 1:
				doubled++
			}
		}
	}
	return missing, doubled
}

// TestLetters delivers each event three times, together, late and in any order, and
// kills the program meanwhile: each has its effect once, and every delivery gets the
// same answer. Where the inbox forgets, effects are doubled.
func TestLetters(t *testing.T) {
	t.Parallel()
	for name, base := range bases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z, began := size(t), time.Now()
			p := &post{chatting: settleChat(t, base(t), z.writers), done: map[string]int{}}
			settled := time.Since(began)
			p.pour(z.letterKills)
			missing, doubled := p.effects()
			if missing+doubled+len(p.wrong) > 0 {
				t.Errorf("%d effects are missing, %d doubled, %d answers are wrong: %v", missing, doubled, len(p.wrong), p.wrong[:min(3, len(p.wrong))])
			}
			results.row("R6", name, fmt.Sprintf("%d events three times each, %v, in %.0f s (settled in %.0f s)", 5*z.writers, p.done, time.Since(began).Seconds(), settled.Seconds()),
				fmt.Sprintf("%d effects, %d missing, %d doubled; %d deliveries in vain, %d answered alike", 3*z.writers, missing, doubled, p.vain.Load(), p.alike.Load()))
		})
		t.Run(name+" forgetful", func(t *testing.T) {
			t.Parallel()
			p := &post{chatting: settleChat(t, base(t), 100), done: map[string]int{}}
			forgetInbox(t, p.database)
			p.pour(0)
			missing, doubled := p.effects()
			if doubled == 0 {
				t.Errorf("without an inbox nothing was doubled: this test cannot see it: %d missing, %v", missing, p.wrong)
			}
			results.row("R6 mutant", filepath.Base(name), "the inbox forgets", fmt.Sprintf("%d of 300 effects doubled, %d answers differ", doubled, len(p.wrong)))
		})
	}
}

// forgetInbox has the database lose each reply.
func forgetInbox(t *testing.T, d database) {
	t.Helper()
	trigger := "CREATE TRIGGER forgetful BEFORE INSERT ON inboxes FOR EACH ROW SET NEW.msg_id = UUID()"
	if _, yes := d.(*lite); yes {
		trigger = `CREATE TRIGGER forgetful AFTER INSERT ON inboxes BEGIN
			DELETE FROM inboxes WHERE app_id = NEW.app_id AND open_id = NEW.open_id AND msg_id = NEW.msg_id; END`
	}
	run(t, d.open(t), trigger)
}
