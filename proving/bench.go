package proving

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"yishi/configs/data"
)

// BenchOptions say what to measure, and how.
type BenchOptions struct {
	Messages string // a file; "" for made-up ones
	JSON     bool   // one object a line instead of a table
	Strict   bool   // an aim that is missed is an error
	Quick    bool
	Clock    Clock
}

// Result is one figure. An aim of 0 is none.
type Result struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Aim    float64 `json:"aim"`
	Met    bool    `json:"met"`
	values []float64
	floor  bool // the aim is the least, not the most
}

// How many people vote in a bench, how many of them one after another, and how
// many of the others at once.
const (
	benchVoters   = 500
	benchInTurn   = 100
	benchAtOnce   = 16
	benchMessages = 4326
)

// ErrAims tells that aims were missed.
var ErrAims = errors.New("aims missed")

// Bench measures the product through its doors: every bench once a round, so
// that a slow minute of the machine touches all of them, and the medians count.
func Bench(ctx context.Context, out io.Writer, s *Server, o BenchOptions) error {
	t, err := newTour(ctx, io.Discard, s)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "yishi-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	b := &bench{tour: t, clock: o.Clock, folder: folder, file: o.Messages, rounds: 5}
	if o.Quick {
		b.rounds = 2
	}
	if err := t.play(b.run); err != nil {
		return err
	}
	if err := b.report(out, o.JSON); err != nil {
		return err
	}
	return missed(b.results, o.Strict)
}

func missed(results []Result, strict bool) error {
	var names []string
	for _, r := range results {
		if !r.Met {
			names = append(names, r.Name)
		}
	}
	if !strict || len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrAims, strings.Join(names, ", "))
}

type bench struct {
	*tour
	clock        Clock
	folder, file string
	rounds       int
	about        string // what it is of, in the table
	rows         int    // messages in the file
	org          int64  // the community of the round
	hall         *hall
	poll         poll
	results      []Result
}

// run sets the stage and takes the rounds.
func (b *bench) run() {
	b.step("bench")
	if b.file == "" {
		b.file = filepath.Join(b.folder, "messages.csv")
		b.ok(makeMessages(b.file, b.sample.Messages))
	}
	rows, _, err := readMessages(b.file)
	b.ok(err)
	b.rows = len(rows)
	b.about = fmt.Sprintf("%d messages, %d voters", b.rows, benchVoters)
	b.settle()
	b.hall = b.fill(benchVoters)
	of := []struct {
		Result
		measure func(round int) float64
	}{
		{Result{Name: "import_messages", Unit: "s", Aim: 10}, b.importing},
		{Result{Name: "queue_first_page", Unit: "ms", Aim: 20}, b.queueing},
		{Result{Name: "search_text", Unit: "ms", Aim: 100}, b.searching},
		{Result{Name: "cast_in_turn", Unit: "ms"}, b.castingInTurn},
		{Result{Name: "cast_16_at_once", Unit: "ms"}, b.castingAtOnce},
		{Result{Name: "close_500_ballots", Unit: "ms"}, b.closing},
	}
	for round := range b.rounds {
		for i := range of {
			b.step("bench " + of[i].Name)
			of[i].values = append(of[i].values, of[i].measure(round))
		}
	}
	for _, f := range of {
		f.Value = median(f.values)
		f.Met = f.Aim == 0 || f.Value <= f.Aim
		b.results = append(b.results, f.Result)
	}
}

func benchOrg(round int) string { return fmt.Sprintf("%s-B%d", tengxiang, round) }

// settle makes a community for each round, so that every round finds as much.
func (b *bench) settle() {
	lines := []string{"code,parent,kind,name"}
	for round := range b.rounds {
		lines = append(lines, fmt.Sprintf("%s,%s,community,Bench %d", benchOrg(round), tengxiang, round))
	}
	file := filepath.Join(b.folder, "orgs.csv")
	b.ok(os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	_, err := b.Run(b.ctx, "import", "orgs", file)
	b.ok(err)
}

// figures are what was measured, by its name.
type figures map[string][]float64

func (f figures) note(name string, v float64) { f[name] = append(f[name], v) }

// most is a result whose aim, if it has one, may not be exceeded by the median.
func (f figures) most(r Result) Result {
	r.values = f[r.Name]
	r.Value = median(r.values)
	r.Met = r.Aim == 0 || r.Value <= r.Aim
	return r
}

// ratio compares two figures measure by measure, so that a slow moment of the machine
// touches both; the median of the ratios may not be below its aim.
func (f figures) ratio(name, of, to string, aim float64) Result {
	r := Result{Name: name, Unit: "x", Aim: aim, floor: true}
	for i, v := range f[of] {
		r.values = append(r.values, v/f[to][i])
	}
	r.Value = median(r.values)
	r.Met = r.Value >= aim
	return r
}

// took measures what something took, in milliseconds.
func (b *bench) took(fn func() error) float64 {
	began := b.clock()
	err := fn()
	d := b.clock().Sub(began)
	b.ok(err)
	return float64(d) / float64(time.Millisecond)
}

func (b *bench) importing(round int) float64 {
	code, out := benchOrg(round), ""
	took := b.took(func() (err error) {
		out, err = b.Run(b.ctx, "import", "messages", b.file, "--org", code, "--source", code)
		return err
	})
	got, err := readImport(out)
	b.ok(err)
	same(b.tour, "messages imported", got.added, b.rows)
	for _, o := range see[[]org](b.tour, b.nobody, at("orgs")) {
		if o.Code == code {
			b.org = o.ID
		}
	}
	return took / 1000
}

// reading is the median of several readings of a path that must find something.
func (b *bench) reading(path string, times int) float64 {
	who := b.fresh(b.officer("street"))
	all := make([]float64, times)
	for i := range all {
		var got page[topic]
		all[i] = b.took(func() error { return who.get(b.ctx, path, &got) })
		b.holds("something is found", len(got.Items) > 0, path)
	}
	return median(all)
}

func (b *bench) queueing(int) float64 {
	return b.reading(at("queue")+query("org", b.org, "state", "triage"), 30)
}

func (b *bench) searching(int) float64 {
	return b.reading(at("queue")+query("org", b.org, "search", b.words("search")), 10)
}

func (b *bench) cast(i int) error {
	choice := []string{"yes", "no", "abstain"}[i%3]
	return b.hall.voters[i].door.post(b.ctx, at("polls", b.poll.ID, "ballots"), set{"choice": choice}, nil)
}

func (b *bench) castingInTurn(int) float64 {
	b.poll = b.hall.put()
	all := make([]float64, benchInTurn)
	for i := range all {
		all[i] = b.took(func() error { return b.cast(i) })
	}
	return median(all)
}

// castingAtOnce is the time a ballot takes of the hall's, with many under way.
func (b *bench) castingAtOnce(int) float64 {
	const n = benchVoters - benchInTurn
	return b.took(func() error {
		return each(n, benchAtOnce, func(i int) error { return b.cast(benchInTurn + i) })
	}) / n
}

func (b *bench) closing(int) float64 {
	var closed poll
	took := b.took(func() error {
		return b.fresh(b.hall.host).post(b.ctx, at("polls", b.poll.ID, "close"), nil, &closed)
	})
	b.holds("there is a verdict", closed.Verdict != nil, closed)
	same(b.tour, "ballots counted", closed.Verdict.Count.Cast, benchVoters)
	return took
}

// makeMessages writes as many messages as a real file has, out of those of the
// sample.
func makeMessages(file string, sample []data.Message) error {
	f, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	rows := [][]string{{"id", "time", "title", "body", "likes", "dislikes"}}
	for i := range benchMessages {
		m := sample[i%len(sample)]
		rows = append(rows, []string{
			strconv.Itoa(i + 1), m.Time.Add(time.Duration(i) * time.Minute).Format("2006/1/2 15:04:05"),
			fmt.Sprintf("%s %d", m.Title, i+1), strings.Repeat(m.Body+"\n", 1+i%5), strconv.Itoa(i % 30), strconv.Itoa(i % 7),
		})
	}
	return errors.Join(w.WriteAll(rows), f.Close())
}

// median is the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
