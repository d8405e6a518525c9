package proving

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// wave is one change of a poll on its way to all who watch it: when half of them
// had it, and when the last did, in nanoseconds since 1970.
type wave struct {
	Cast   int64 `json:"cast"`
	Closed bool  `json:"closed"`
	Half   int64 `json:"half"`
	Last   int64 `json:"last"`
}

// crowdOf is those who watch a poll from one process. They tell of each change
// once all have it.
type crowdOf struct {
	ctx   context.Context
	clock Clock
	n     int
	mu    sync.Mutex
	seen  map[wave][]int64 // when it was seen; the wave bears no times yet
	out   *json.Encoder
}

// Watch watches a poll over n lines until they end, and writes a line for each
// change that reached all, the first of them that all are there. It is run in a
// process of its own, so that the memory of the server is the server's.
func Watch(ctx context.Context, out io.Writer, url string, poll int64, n int, clock Clock) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &crowdOf{ctx: ctx, clock: clock, n: n, seen: map[wave][]int64{}, out: json.NewEncoder(out)}
	host := strings.TrimPrefix(url, "http://")
	lines := make([]net.Conn, n)
	err := each(n, crowd, func(i int) (err error) {
		if lines[i], err = (&net.Dialer{Timeout: 20 * time.Second}).DialContext(ctx, "tcp", host); err != nil {
			return fmt.Errorf("watcher %d of %d: %w", i+1, n, err)
		}
		_, err = fmt.Fprintf(lines[i], "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", at("polls", poll, "feed"), host)
		return err
	})
	if err == nil {
		err = w.listen(lines)
	}
	for _, l := range lines {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return err
}

// listen reads all lines to their end.
func (w *crowdOf) listen(lines []net.Conn) error {
	stop := context.AfterFunc(w.ctx, func() {
		for _, l := range lines {
			_ = l.SetDeadline(time.Unix(1, 0))
		}
	})
	defer stop()
	return each(w.n, w.n, func(i int) error {
		err := w.hear(bufio.NewReaderSize(lines[i], 1024))
		if w.ctx.Err() != nil || errors.Is(err, io.EOF) {
			err = nil
		}
		return err
	})
}

func (w *crowdOf) hear(in *bufio.Reader) error {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		body, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue
		}
		if err := w.saw(body); err != nil {
			return err
		}
	}
}

func (w *crowdOf) saw(body []byte) error {
	at := w.clock().UnixNano()
	var what wave
	if _, after, ok := bytes.Cut(body, []byte(`"cast":`)); ok {
		for _, c := range after {
			if c < '0' || c > '9' {
				break
			}
			what.Cast = what.Cast*10 + int64(c-'0')
		}
	}
	what.Closed = bytes.Contains(body, []byte(`"state":"closed"`))
	w.mu.Lock()
	defer w.mu.Unlock()
	all := append(w.seen[what], at)
	if w.seen[what] = all; len(all) < w.n {
		return nil
	}
	slices.Sort(all)
	told := what
	told.Half, told.Last = all[len(all)/2], all[len(all)-1]
	return w.out.Encode(told)
}
