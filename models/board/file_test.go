package board_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yishi/models/board"
)

// fetched is a board file as others read it.
type fetched struct {
	Format     string
	Poll       int64
	Key        string
	Definition string
	Roll       []struct {
		Unit string
		Area int64
	}
	Leaves, Hashes []string
	Checkpoints    []string
}

func leaves(of ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, l := range of {
			if !yield([]byte(l), nil) {
				return
			}
		}
	}
}

func units(of ...string) iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for i, u := range of {
			if !yield(u, int64(i)*100) {
				return
			}
		}
	}
}

func TestWrite(t *testing.T) {
	file := board.File{
		Poll: 12, Key: "yishi+0+A", Definition: []byte(`{"question":"装\"电梯\"?"}`), Roll: units("a", "b"),
		Leaves: leaves(`{"choice":"2>1"}`, "{}"), Hashes: slices.Values([]board.Hash{{1}, {2}}), Checkpoints: []string{"one\n\n— yishi A\n", "two"},
	}
	for _, tt := range []struct {
		name string
		file func(board.File) board.File
		want func(*fetched)
	}{
		{"closed", func(f board.File) board.File { return f }, func(w *fetched) { w.Leaves = []string{`{"choice":"2>1"}`, "{}"} }},
		{
			"open", func(f board.File) board.File { f.Leaves = nil; return f },
			func(w *fetched) {
				w.Hashes = []string{"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
			},
		},
		{
			"without checkpoints", func(f board.File) board.File { f.Checkpoints, f.Leaves = nil, leaves(); return f },
			func(w *fetched) { w.Leaves, w.Checkpoints = []string{}, []string{} },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := fetched{Format: board.Format, Poll: 12, Key: "yishi+0+A", Definition: `{"question":"装\"电梯\"?"}`, Checkpoints: file.Checkpoints}
			if err := json.Unmarshal([]byte(`[{"unit":"a","area":0},{"unit":"b","area":100}]`), &want.Roll); err != nil {
				t.Fatal(err)
			}
			tt.want(&want)
			var out bytes.Buffer
			if err := tt.file(file).Write(&out); err != nil {
				t.Fatal(err)
			}
			var got fetched
			dec := json.NewDecoder(&out)
			dec.DisallowUnknownFields()
			if err := dec.Decode(&got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

var errLine = errors.New("the line broke")

// TestWriteStops hands every fault on: of where leaves come from and of where
// the file goes, and then asks for nothing more.
func TestWriteStops(t *testing.T) {
	given := 0
	broken := func(yield func([]byte, error) bool) {
		for _, err := range []error{nil, errLine, nil} {
			if given++; !yield([]byte("{}"), err) {
				return
			}
		}
	}
	f := board.File{Roll: units(), Leaves: broken}
	if err := f.Write(io.Discard); !errors.Is(err, errLine) || given != 2 {
		t.Errorf("%d leaves were fetched, %v", given, err)
	}
	many := func(yield func([]byte, error) bool) {
		for given = range 200_000 {
			if !yield(ballot.Bytes(), nil) {
				return
			}
		}
	}
	f.Leaves = many
	if err := f.Write(deaf{}); !errors.Is(err, errLine) || given > 2000 {
		t.Errorf("%d leaves were fetched for nobody, %v", given, err)
	}
}

// deaf takes nothing.
type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, errLine }

// TestWriteStreams writes 200,000 leaves and keeps none of them.
func TestWriteStreams(t *testing.T) {
	one := ballot.Bytes()
	f := board.File{Roll: units(), Leaves: func(yield func([]byte, error) bool) {
		for range 200_000 {
			if !yield(one, nil) {
				return
			}
		}
	}}
	var size counted
	held := testing.AllocsPerRun(1, func() {
		if err := f.Write(&size); err != nil {
			t.Fatal(err)
		}
	})
	if size.most > 1<<17 {
		t.Errorf("%d bytes were held back and written at once", size.most)
	}
	if held > 8*200_000 { // more would hold what has been written; the race detector adds one or two a leaf
		t.Errorf("%v allocations", held)
	}
}

type counted struct{ most int }

func (c *counted) Write(b []byte) (int, error) {
	c.most = max(c.most, len(b))
	return len(b), nil
}
