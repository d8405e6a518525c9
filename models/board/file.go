package board

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"iter"
	"strconv"
)

// Format names the form of a board file.
const Format = "yishi-board/1"

// File is a board as everybody may fetch and check it. What may be long comes
// piece by piece.
type File struct {
	Poll       int64
	Key        string                   // verifier key of the notes
	Definition []byte                   // leaf 0
	Roll       iter.Seq2[string, int64] // unit and area, sorted by unit
	// Leaves are all leaves once the poll is closed, else nil. A fault while they
	// are fetched ends the file.
	Leaves      iter.Seq2[[]byte, error]
	Hashes      iter.Seq[Hash] // leaf hashes, shown instead while the poll is open
	Checkpoints []string       // notes
}

// Write writes the file as JSON.
func (f File) Write(w io.Writer) error {
	out := &writer{to: bufio.NewWriterSize(w, 1<<16)}
	out.raw(`{"format":`)
	out.text(Format)
	out.raw(`,"poll":` + strconv.FormatInt(f.Poll, 10) + `,"key":`)
	out.text(f.Key)
	out.raw(`,"definition":`)
	out.text(string(f.Definition))
	out.roll(f.Roll)
	if f.Leaves != nil {
		out.leaves(f.Leaves)
	} else {
		out.hashes(f.Hashes)
	}
	out.raw(`,"checkpoints":[`)
	for i, c := range f.Checkpoints {
		out.comma(i)
		out.text(c)
	}
	out.raw("]}\n")
	if out.err != nil {
		return out.err
	}
	return out.to.Flush()
}

// writer writes JSON until something fails, and remembers what did.
type writer struct {
	to  *bufio.Writer
	err error
}

func (w *writer) raw(s string) {
	if w.err == nil {
		_, w.err = w.to.WriteString(s)
	}
}

func (w *writer) text(s string) {
	body, err := json.Marshal(s)
	if w.err == nil {
		w.err = err
	}
	w.raw(string(body))
}

func (w *writer) comma(i int) {
	if i > 0 {
		w.raw(",\n")
	}
}

func (w *writer) roll(roll iter.Seq2[string, int64]) {
	w.raw(`,"roll":[`)
	i := 0
	for unit, area := range roll {
		w.comma(i)
		w.raw(`{"unit":`)
		w.text(unit)
		w.raw(`,"area":` + strconv.FormatInt(area, 10) + `}`)
		if i++; w.err != nil {
			return
		}
	}
	w.raw("]")
}

func (w *writer) leaves(leaves iter.Seq2[[]byte, error]) {
	w.raw(`,"leaves":[`)
	i := 0
	for leaf, err := range leaves {
		if w.err == nil {
			w.err = err
		}
		w.comma(i)
		w.text(string(leaf))
		if i++; w.err != nil {
			return
		}
	}
	w.raw("]")
}

func (w *writer) hashes(hashes iter.Seq[Hash]) {
	w.raw(`,"hashes":[`)
	i := 0
	for h := range hashes {
		w.comma(i)
		w.text(base64.StdEncoding.EncodeToString(h[:]))
		if i++; w.err != nil {
			return
		}
	}
	w.raw("]")
}
