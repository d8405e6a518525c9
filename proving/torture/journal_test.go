//go:build !race

package torture_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// acknowledged is a ballot of which the program said that it is safe.
type acknowledged struct {
	Voter   int
	Key     string
	Choice  string
	Receipt string
	Proof   string
}

// journal is what has been acknowledged. A ballot counts once its line is on the
// disk, so that the book is at least as safe as what is checked by it.
type journal struct {
	file string
	add  chan entry
	done sync.WaitGroup
}

type entry struct {
	line []byte
	safe chan error
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	j := &journal{file: filepath.Join(t.TempDir(), "journal"), add: make(chan entry)}
	f, err := os.OpenFile(j.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	ok(t, err)
	j.done.Go(func() {
		defer func() { _ = f.Close() }()
		for e := range j.add {
			j.write(f, e)
		}
	})
	return j
}

// write brings what is waiting to the disk together.
func (j *journal) write(f *os.File, first entry) {
	all := []entry{first}
	for more := true; more && len(all) < 100; {
		select {
		case e, open := <-j.add:
			if more = open; open {
				all = append(all, e)
			}
		default:
			more = false
		}
	}
	var lines []byte
	for _, e := range all {
		lines = append(lines, e.line...)
	}
	_, err := f.Write(lines)
	if err == nil {
		err = f.Sync()
	}
	for _, e := range all {
		e.safe <- err
	}
}

// note returns once an acknowledgement is on the disk.
func (j *journal) note(a acknowledged) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	e := entry{append(line, '\n'), make(chan error, 1)}
	j.add <- e
	return <-e.safe
}

// read ends the journal and reads it from the disk.
func (j *journal) read(t *testing.T) []acknowledged {
	t.Helper()
	close(j.add)
	j.done.Wait()
	body, err := os.ReadFile(j.file)
	ok(t, err)
	var out []acknowledged
	for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
		var a acknowledged
		ok(t, json.Unmarshal(lines.Bytes(), &a))
		out = append(out, a)
	}
	return out
}
