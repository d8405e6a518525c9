package proving

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// hall is an open meeting with many people in it who may vote.
type hall struct {
	*tour
	host    *person
	voters  []*person
	session int64
	topic   int64
}

// fill opens a meeting of the sample city and brings n people to it, by the doors.
func (t *tour) fill(n int) *hall {
	t.step("hall")
	h := &hall{tour: t, host: t.officer("huaiying")}
	raiser := t.neighbour(huaiying, 1)
	r := do[raised](t, raiser, at("topics"), set{"text": t.words("bins.text")})
	h.topic = r.Topic.ID
	for range 100 {
		if see[topic](t, raiser, at("topics", h.topic)).State == "triage" {
			break
		}
		t.pass(100 * time.Millisecond)
	}
	do[topic](t, h.host, at("topics", h.topic, "accept"), set{"item": "3.01", "pack": "CONSULT"})
	s := do[meeting](t, h.host, at("sessions"), set{
		"org_id": t.Orgs[huaiying], "point_id": t.Points["hy-hall"], "starts_at": t.Now().Add(20 * time.Minute),
		"due": n, "topics": []int64{h.topic},
	})
	h.session = s.ID
	do[meeting](t, h.host, at("sessions", s.ID, "announce"), set{"short_reason": t.words("street.hurry")})
	do[meeting](t, h.host, at("sessions", s.ID, "open"), nil)
	for i := range n {
		h.voters = append(h.voters, t.stranger(fmt.Sprintf("voter %d", i)))
	}
	t.ok(h.arrive())
	return h
}

// arrive logs the voters in and checks them in.
func (h *hall) arrive() error {
	const crowd = 50
	for from := 0; from < len(h.voters); from += crowd {
		some := h.voters[from:min(from+crowd, len(h.voters))]
		code := h.code(h.host, h.session)
		err := each(len(some), 8, func(i int) error {
			p := some[i]
			var got pass
			if err := h.nobody.door.post(h.ctx, at("logins", "mini"), set{"code": h.Fake.LoginCode(p.resident, h.Mini)}, &got); err != nil {
				return err
			}
			p.id, p.door, p.until = got.PersonID, h.nobody.door.as(got.Token), got.ExpiresAt
			return p.door.post(h.ctx, at("presences"), set{"session_id": h.session, "code": code}, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// put puts a question to the people in the hall.
func (h *hall) put() poll {
	q := do[poll](h.tour, h.host, at("polls"), set{"session_id": h.session, "topic_id": h.topic, "question": h.words("bins.put")})
	same(h.tour, "due", q.Due, int64(len(h.voters)))
	return q
}

// shownFaults is how many faults of one kind are told.
const shownFaults = 3

// each does something for 0 to n-1, so many at once, and returns the first few
// errors.
func each(n, atOnce int, fn func(i int) error) error {
	var (
		wg   sync.WaitGroup
		next = make(chan int)
		errs = make([]error, n)
	)
	for range min(atOnce, n) {
		wg.Go(func() {
			for i := range next {
				errs[i] = fn(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	return errors.Join(errs[:min(len(errs), shownFaults)]...)
}
