package proving

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load sends the ballots of a bench over connections of its own. It writes
// requests that were made before and reads no more of an answer than it must, so
// that the machine's time goes to the product.
type load struct {
	ctx   context.Context
	host  string
	clock Clock
	shots []shot
	next  atomic.Int64
	lines int  // connections of an open loop
	once  bool // a shot that was fired is spent
}

// shot is the request of one voter, in parts: its path comes before, the number
// that makes its key new goes between.
type shot struct{ head, tail string }

func newLoad(ctx context.Context, url string, clock Clock) *load {
	return &load{ctx: ctx, host: strings.TrimPrefix(url, "http://"), clock: clock, lines: 1024}
}

// prepare makes the requests of voters who vote on a poll in turn.
func prepare(ctx context.Context, url string, poll int64, voters []*person, clock Clock) *load {
	l := newLoad(ctx, url, clock)
	for i, v := range voters {
		body := `{"choice":"` + choiceOf(i) + `"}`
		l.shots = append(l.shots, shot{
			head: fmt.Sprintf("%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nIdempotency-Key: %s",
				at("polls", poll, "ballots"), l.host, v.door.token, len(body), newKey()),
			tail: "\r\n\r\n" + body,
		})
	}
	return l
}

// taken is how a load went.
type taken struct {
	done    int
	refused int // told to come again
	took    []time.Duration
	in      time.Duration
}

func (t *taken) rate() float64 { return float64(t.done) / t.in.Seconds() }

// quantile is a time in milliseconds that a share of the answers took at most.
func (t *taken) quantile(share float64) float64 {
	if len(t.took) == 0 {
		return 0
	}
	slices.Sort(t.took)
	return float64(t.took[int(share*float64(len(t.took)-1))]) / float64(time.Millisecond)
}

// line is a connection of a load.
type line struct {
	net.Conn
	in   *bufio.Reader
	text *textproto.Reader
	out  []byte
}

func (l *load) dial() (*line, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(l.ctx, "tcp", l.host)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(conn, 2048)
	return &line{Conn: conn, in: in, text: textproto.NewReader(in)}, nil
}

// fire casts the next ballot through a door and returns the status of its answer.
func (l *load) fire(c *line, door string) (int, error) {
	n := l.next.Add(1)
	if l.once && int(n) > len(l.shots) {
		return 0, errors.New("too few requests were prepared")
	}
	s := l.shots[int(n)%len(l.shots)]
	c.out = append(append(append(c.out[:0], "POST "...), door...), s.head...)
	c.out = append(strconv.AppendInt(c.out, n, 10), s.tail...)
	if _, err := c.Write(c.out); err != nil {
		return 0, err
	}
	first, err := c.text.ReadLineBytes()
	if err != nil || len(first) < 12 {
		return 0, errors.Join(err, errors.New("no answer"))
	}
	status, err := strconv.Atoi(string(first[9:12]))
	if err != nil {
		return 0, err
	}
	return status, c.skip()
}

// skip reads the rest of an answer.
func (c *line) skip() error {
	length := 0
	for {
		header, err := c.text.ReadLineBytes()
		if err != nil {
			return err
		}
		if len(header) == 0 {
			_, err = c.in.Discard(length)
			return err
		}
		if value, ok := bytes.CutPrefix(header, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
}

// gather runs a client on each of n connections and adds up how they went. Every
// connection has been used once before the clock starts: opening them all at once
// is not what is measured.
func (l *load) gather(door string, n int, start func(), client func(c *line, t *taken) error) (*taken, error) {
	var (
		wg   sync.WaitGroup
		all  = make([]taken, n)
		errs = make([]error, n)
	)
	lines := make([]*line, n)
	defer func() {
		for _, c := range lines {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	err := each(n, crowd, func(i int) (err error) {
		if lines[i], err = l.dial(); err == nil {
			_, err = l.fire(lines[i], door)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	began := l.clock()
	start()
	for i := range n {
		wg.Go(func() { errs[i] = client(lines[i], &all[i]) })
	}
	wg.Wait()
	sum := &taken{in: l.clock().Sub(began)}
	for i := range all {
		sum.done += all[i].done
		sum.refused += all[i].refused
		sum.took = append(sum.took, all[i].took...)
	}
	return sum, errors.Join(errs...)
}

// schedule tells when each ballot is due.
func (l *load) schedule(due chan<- time.Time, rate int, lasts time.Duration) {
	defer close(due)
	began := l.clock()
	for i := range int(float64(rate) * lasts.Seconds()) {
		at := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if wait := at.Sub(l.clock()); wait > 0 {
			time.Sleep(wait)
		}
		due <- at
	}
}

func (t *taken) note(status int, took time.Duration) error {
	switch status {
	case 200:
		t.done++
		t.took = append(t.took, took)
	case 503:
		t.refused++
	default:
		return fmt.Errorf("a ballot was answered with %d", status)
	}
	return nil
}

// closed lets n clients vote without a pause, each as soon as it is answered.
func (l *load) closed(door string, n int, lasts time.Duration) (*taken, error) {
	var end time.Time
	return l.loop(door, n, func() { end = l.clock().Add(lasts) }, func(now time.Time) bool { return now.Before(end) })
}

// soMany lets n clients cast that many ballots together, the first of each
// client before the clock starts.
func (l *load) soMany(n, ballots int) (*taken, error) {
	var left atomic.Int64
	left.Store(int64(ballots - n))
	return l.loop("", n, func() {}, func(time.Time) bool { return left.Add(-1) >= 0 })
}

func (l *load) loop(door string, n int, start func(), more func(now time.Time) bool) (*taken, error) {
	return l.gather(door, n, start, func(c *line, t *taken) error {
		for began := l.clock(); more(began); {
			status, err := l.fire(c, door)
			if err != nil {
				return err
			}
			now := l.clock()
			if err := t.note(status, now.Sub(began)); err != nil {
				return err
			}
			began = now
		}
		return nil
	})
}

// open sends so many ballots a second whatever becomes of them. What one took is
// counted from the moment at which it was due.
func (l *load) open(door string, rate int, lasts time.Duration) (*taken, error) {
	due := make(chan time.Time, rate) // more waiting than that: the product is a second behind
	return l.gather(door, l.lines, func() { go l.schedule(due, rate, lasts) }, func(c *line, t *taken) error {
		for at := range due {
			status, err := l.fire(c, door)
			if err == nil {
				err = t.note(status, l.clock().Sub(at))
			}
			if err != nil {
				for range due { // the sender must not be left waiting
				}
				return err
			}
		}
		return nil
	})
}
