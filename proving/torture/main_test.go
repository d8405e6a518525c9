//go:build !race

package torture_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// scale is how hard the tests push.
type scale struct {
	voters int // on the roll of each poll
	polls  int
	faults int           // in each poll: kills, and on MariaDB cuts of the network
	cuts   int           // of the power
	flood  time.Duration // how long more comes than the disk takes

	writers, letterKills int // by chat, five events each, and how often the program is killed meanwhile
	notices, noticeKills int
}

// sizes are the figures of make test and those of make torture.
var sizes = map[string]scale{
	"":      {voters: 500, polls: 4, faults: 2, cuts: 20, flood: 6 * time.Second, writers: 1000, letterKills: 10, notices: 5000, noticeKills: 20},
	"large": {voters: 2000, polls: 10, faults: 4, cuts: 200, flood: time.Minute, writers: 20000, letterKills: 100, notices: 20000, noticeKills: 40},
}

// size is what YISHI_TORTURE asks for.
func size(t *testing.T) scale {
	t.Helper()
	s, ok := sizes[os.Getenv("YISHI_TORTURE")]
	if !ok {
		t.Fatalf("YISHI_TORTURE is %q; it is large or not there", os.Getenv("YISHI_TORTURE"))
	}
	return s
}

// The programs under torture, as they are built for use.
var program, verifier string

func TestMain(m *testing.M) {
	code, err := built(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		code = 1
	}
	os.Exit(code)
}

// built runs the tests beside freshly built programs, and shows what they found.
func built(run func() int) (int, error) {
	folder, err := os.MkdirTemp("", "yishi-torture-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "go", "build", "-o", folder+"/", "yishi/cmd/yishi", "yishi/cmd/yishi-verify")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	program, verifier = filepath.Join(folder, "yishi"), filepath.Join(folder, "yishi-verify")
	code := run()
	return code, results.show()
}

// results is the table that the tests leave.
var results table

type table struct {
	mu   sync.Mutex
	rows [][]any
}

// row adds a line: which promise, on what, what was done and what became of it.
func (r *table) row(cells ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, cells)
}

func (r *table) show() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, row := range r.rows {
		for _, cell := range row {
			if _, err := fmt.Fprintf(w, "%v\t", cell); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return w.Flush()
}
