//go:build !race

package torture_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"

	"yishi/models"
)

// How the crowd votes: so many voters at once, how long they ask again before
// giving up, and how long they wait for one answer.
const (
	crowd    = 64
	insists  = 40 * time.Second
	oneAsk   = 20 * time.Second
	ownAgain = 3 // every third ballot is sent once more after it was acknowledged
)

var choices = []string{"yes", "no", "abstain"}

// round is one poll, from its opening to after its close.
type round struct {
	*stage
	poll     int64
	began    time.Time
	web      *http.Client
	journal  *journal
	families []family
	acked    atomic.Int64
	alike    atomic.Int64  // retries that were answered as the first time
	over     int           // how much of the last part is cast when the poll is closed, in %
	patience time.Duration // how long a voter asks again before giving up
	unknown  atomic.Int64  // attempts of which nobody knows what became
	refused  atomic.Int64  // ballots of a second phone, and those that came too late
	done     map[string]int

	mu      sync.Mutex
	history map[int][]porcupine.Operation // by voter
	wrong   []string
	verdict models.PollView
}

// family is the ballots of one voter that are cast at the same time: there may
// be a second phone that says something else, and the same request may be sent
// twice at once.
type family struct {
	voter int
	casts []ballot
}

type ballot struct{ key, choice string }

// open puts the next poll to the voters.
func (s *stage) open() *round {
	s.t.Helper()
	r := &round{
		stage: s, began: time.Now(), journal: newJournal(s.t), history: map[int][]porcupine.Operation{}, done: map[string]int{}, patience: insists, over: 75,
		web: &http.Client{Timeout: oneAsk, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * crowd}},
	}
	s.t.Cleanup(r.web.CloseIdleConnections)
	s.desk(func(f *models.Forum) {
		p, err := f.OpenPoll(s.t.Context(), s.secretary, models.NewPoll{SessionID: s.session, TopicID: s.topic, Question: "清吗?(示例)"})
		ok(s.t, err)
		r.poll = p.ID
	})
	for _, v := range mrand.Perm(len(s.voters)) {
		f := family{voter: v, casts: []ballot{{rand.Text(), choices[v%3]}}}
		switch mrand.IntN(4) {
		case 0, 1: // two phones
			f.casts = append(f.casts, ballot{rand.Text(), choices[(v+1)%3]})
		case 2: // one request, sent twice
			f.casts = append(f.casts, f.casts[0])
		}
		r.families = append(r.families, f)
	}
	return r
}

// vote lets everybody vote, does faults meanwhile, and closes the poll while the
// last are still voting.
func (r *round) vote(faults int) {
	r.t.Helper()
	var wg sync.WaitGroup
	next := make(chan family)
	for range crowd {
		wg.Go(func() {
			for f := range next {
				r.cast(f)
			}
		})
	}
	for part := range faults + 1 {
		some := r.families[part*len(r.families)/(faults+1) : (part+1)*len(r.families)/(faults+1)]
		fed := make(chan struct{})
		before := r.acked.Load()
		go func() {
			defer close(fed)
			for _, f := range some {
				next <- f
			}
		}()
		r.await(before+int64(len(some)/10+mrand.IntN(len(some)/2)), fed)
		if part < faults {
			r.done[r.hurt()]++
		} else {
			r.await(before+int64(len(some)*r.over/100), fed)
			r.close()
		}
		<-fed
	}
	close(next)
	wg.Wait()
}

// await waits until so many ballots have been acknowledged, or no more come.
func (r *round) await(n int64, fed chan struct{}) {
	for r.acked.Load() < n {
		select {
		case <-fed:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// close closes the poll, which every voter's history tells.
func (r *round) close() {
	r.t.Helper()
	r.desk(func(f *models.Forum) {
		call := r.now()
		v, err := f.ClosePoll(r.t.Context(), r.secretary, r.poll)
		back := r.now()
		ok(r.t, err)
		r.verdict = *v
		for i := range r.voters {
			r.tell(i, call, back, deed{kind: "close"}, outcome{})
		}
	})
}

func (r *round) now() int64 { return int64(time.Since(r.began)) }

// tell writes into the history of a voter.
func (r *round) tell(voter int, call, back int64, d deed, o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history[voter] = append(r.history[voter], porcupine.Operation{Call: call, Return: back, Input: d, Output: o})
}

// fault notes what must not be.
func (r *round) fault(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// cast lets a voter vote by all phones at once, and look afterwards.
func (r *round) cast(f family) {
	var wg sync.WaitGroup
	for n, b := range f.casts {
		wg.Go(func() {
			if o := r.insist(f.voter, b, n); o.code == "ok" && mrand.IntN(ownAgain) == 0 {
				if r.insist(f.voter, b, n+1) == o {
					r.alike.Add(1)
				}
			}
		})
	}
	if mrand.IntN(2) == 0 {
		r.look(f.voter)
	}
	wg.Wait()
	r.look(f.voter)
}

// insist asks again under the same key until there is an answer, and tells it as
// one request. What was asked in vain may have been done at any time, or never.
func (r *round) insist(voter int, b ballot, at int) outcome {
	first, d := r.now(), deed{"cast", b.key, b.choice}
	for until := time.Now().Add(r.patience); time.Now().Before(until); at++ {
		o := r.ask(voter, b, at)
		switch o.code {
		case "ok":
			if err := r.journal.note(acknowledged{voter, b.key, b.choice, o.receipt, o.proof}); err != nil {
				r.fault("the journal: %v", err)
			}
			r.acked.Add(1)
			r.tell(voter, first, r.now(), d, o)
			return o
		case "twice", "closed":
			r.refused.Add(1)
			r.tell(voter, first, r.now(), d, o)
			return o
		}
		time.Sleep(time.Duration(5+mrand.IntN(20)) * time.Millisecond)
	}
	r.tell(voter, first, forever, d, outcome{code: "unknown"})
	return outcome{code: "unknown"}
}

// ask sends a ballot once.
func (r *round) ask(voter int, b ballot, at int) (o outcome) {
	status, body, err := r.send(http.MethodPost, voter, at, b.key, `{"choice":"`+b.choice+`"}`)
	if err != nil {
		if !gone(err) {
			r.unknown.Add(1)
		}
		return o
	}
	var said struct{ Code, Receipt, Proof, Choice string }
	if err := json.Unmarshal(body, &said); err != nil {
		r.fault("an answer that nobody can read: %d %s", status, body)
		return o
	}
	switch {
	case status == http.StatusOK && said.Choice == b.choice && said.Receipt != "" && said.Proof != "":
		return outcome{code: "ok", receipt: said.Receipt, proof: said.Proof}
	case status == http.StatusConflict && said.Code == "poll.twice":
		return outcome{code: "twice"}
	case status == http.StatusConflict && said.Code == "poll.closed":
		return outcome{code: "closed"}
	case status >= http.StatusInternalServerError:
		r.unknown.Add(1)
		return o
	}
	r.fault("a ballot was answered with %d %s", status, body)
	return o
}

// look reads the voter's own ballot.
func (r *round) look(voter int) {
	call := r.now()
	status, body, err := r.send(http.MethodGet, voter, mrand.IntN(2), "", "")
	if err != nil || status >= http.StatusInternalServerError {
		return
	}
	var said struct {
		Mine []struct{ Choice, Receipt string }
	}
	if err := json.Unmarshal(body, &said); err != nil || status != http.StatusOK {
		r.fault("a look was answered with %d %s", status, body)
		return
	}
	o := outcome{ballots: len(said.Mine)}
	if o.ballots > 0 {
		o.choice, o.receipt = said.Mine[0].Choice, said.Mine[0].Receipt
	}
	r.tell(voter, call, r.now(), deed{kind: "read"}, o)
}

// send asks an instance in the name of a voter.
func (r *round) send(method string, voter, at int, key, sent string) (int, []byte, error) {
	path := fmt.Sprintf("http://%s/api/v1/polls/%d", r.instances[at%len(r.instances)].public, r.poll)
	if method == http.MethodPost {
		path += "/ballots"
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.t.Context()), method, path, bytes.NewReader([]byte(sent)))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.voters[voter].token)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := r.web.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, err
}
