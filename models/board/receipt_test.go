package board_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"yishi/models/board"
)

// signer is the forum's key in the tests; seed tells keys apart.
func signer(tb testing.TB, seed byte) *board.Signer {
	tb.Helper()
	s, err := board.NewSigner([32]byte(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// verifier is a key as others know it, by its text alone.
func verifier(tb testing.TB, text string) note.Verifier {
	tb.Helper()
	v, err := note.NewVerifier(text)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestReceipts(t *testing.T) {
	s := signer(t, 1)
	key := verifier(t, s.Key())
	for _, n := range []int{1, 2, 3, 7, 8, 100, 1000} {
		leaves := hashesOf(n)
		receipts, err := s.Receipts(12, board.HashLeaf([]byte("definition")), leaves)
		if err != nil || len(receipts) != n {
			t.Fatalf("%d receipts for %d ballots: %v", len(receipts), n, err)
		}
		for i, r := range receipts {
			read, err := board.ParseReceipt(r.String())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(r, read); d != "" {
				t.Fatal(d)
			}
			if r.Leaf != leaves[i] || r.Code() != board.Code(leaves[i]) || !read.Verify(key) {
				t.Fatalf("receipt %d of %d does not verify", i, n)
			}
		}
	}
}

func TestReceiptsRefused(t *testing.T) {
	s := signer(t, 1)
	for _, tt := range []struct {
		name   string
		poll   int64
		leaves int
	}{
		{"no ballots", 12, 0}, {"too many", 12, board.MaxBatch + 1}, {"no poll", 0, 1}, {"a poll below", -1, 1},
	} {
		if r, err := s.Receipts(tt.poll, board.Hash{}, make([]board.Hash, tt.leaves)); err == nil {
			t.Errorf("%s: %d receipts", tt.name, len(r))
		}
	}
}

// TestReceiptTampered flips any bit of any receipt: what is left is no receipt,
// or one that nobody signed. Nor does another key verify it.
func TestReceiptTampered(t *testing.T) {
	s, other := signer(t, 1), signer(t, 2)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "batch")
		receipts, err := s.Receipts(rapid.Int64Min(1).Draw(t, "poll"), anyHash(t, "definition"), hashesOf(n))
		if err != nil {
			t.Fatal(err)
		}
		r := receipts[rapid.IntRange(0, n-1).Draw(t, "index")]
		if !r.Verify(s) || r.Verify(other) {
			t.Fatal("a receipt is not told by its key")
		}
		b, err := base64.RawURLEncoding.DecodeString(r.String())
		if err != nil {
			t.Fatal(err)
		}
		b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if read, err := board.ParseReceipt(base64.RawURLEncoding.EncodeToString(b)); err == nil && read.Verify(s) {
			t.Fatalf("%+v verifies", read)
		}
		cut := rapid.IntRange(0, len(r.String())-1).Draw(t, "cut")
		if read, err := board.ParseReceipt(r.String()[:cut]); err == nil {
			t.Fatalf("%d letters of a receipt are read as %+v", cut, read)
		}
	})
}

func TestParseReceipt(t *testing.T) {
	s := signer(t, 1)
	receipts, err := s.Receipts(12, board.Hash{}, hashesOf(3))
	if err != nil {
		t.Fatal(err)
	}
	full, other := receipts[2].String(), receipts[0].String() // the other ends within a letter
	large := board.Receipt{Poll: 12, Size: board.MaxBatch * 2, Path: hashesOf(17)}
	for _, tt := range []struct {
		name, in string
		ok       bool
	}{
		{"as it was given", full, true},
		{"broken into lines", full[:40] + "\r\n" + full[40:80] + " \n" + full[80:] + "\n", true},
		{"empty", "", false},
		{"padded", full + "=", false},
		{"a letter more", full + "A", false},
		{"four letters more", full + "AAAA", false},
		{"its code", receipts[2].Code(), false},
		{"in the other alphabet", strings.NewReplacer("-", "+", "_", "/").Replace(full) + "+", false},
		{"very long", strings.Repeat("A", 1<<20), false},
		{"an unknown version", "Ag" + full[2:], false},
		{"an end of other bits", other[:len(other)-1] + string(other[len(other)-1]+1), false},
		{"a batch that is too large", large.String(), false},
		{"a batch without ballots", board.Receipt{Poll: 12}.String(), false},
		{"a leaf beside the batch", board.Receipt{Poll: 12, Size: 2, Index: 2}.String(), false},
		{"no poll", board.Receipt{Size: 1}.String(), false},
		{"a path that is too long", board.Receipt{Poll: 12, Size: 1, Path: hashesOf(1)}.String(), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := board.ParseReceipt(tt.in)
			if (err == nil) != tt.ok || err != nil && !errors.Is(err, board.ErrReceipt) {
				t.Fatalf("read as %+v, %v", r, err)
			}
			if tt.ok && !r.Verify(s) {
				t.Error("it does not verify")
			}
		})
	}
}

// FuzzParseReceipt asks that whatever is read as a receipt be written as it was,
// and that nobody make one without the key.
func FuzzParseReceipt(f *testing.F) {
	s, other := signer(f, 1), signer(f, 2)
	receipts, err := other.Receipts(12, board.Hash{}, hashesOf(5))
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range receipts {
		f.Add(r.String())
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := board.ParseReceipt(in)
		if err != nil {
			return
		}
		if again := r.String(); again != strings.Join(strings.Fields(in), "") {
			t.Errorf("%q is written as %q", in, again)
		}
		if r.Verify(s) {
			t.Errorf("%q verifies, and was not signed", in)
		}
	})
}

func BenchmarkBatch1000(b *testing.B) {
	leaves := hashesOf(1000)
	b.ReportAllocs()
	for b.Loop() {
		batch := board.NewBatch(leaves)
		hash = batch.Root()
		for i := range leaves {
			path = batch.Path(i)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(leaves)), "ns/leaf")
}

func BenchmarkReceipts1000(b *testing.B) {
	s, leaves := signer(b, 1), hashesOf(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Receipts(12, board.Hash{}, leaves); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(leaves)), "ns/leaf")
}

func BenchmarkReceiptString(b *testing.B) {
	receipts, err := signer(b, 1).Receipts(12, board.Hash{}, hashesOf(1000))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		text = receipts[500].String()
	}
}

var (
	path []board.Hash
	text string
)
