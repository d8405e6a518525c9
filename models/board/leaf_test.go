package board_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/rfc6962"
	"pgregory.net/rapid"

	"yishi/models/board"
)

var ballot = board.Leaf{
	Unit: "00112233445566778899aabbccddeeff", Turn: 2, Choice: "2>1>3", Area: 9_950_00,
	Salt: "ffeeddccbbaa99887766554433221100",
}

// TestLeafBytes pins the bytes: receipts and checkpoints that people hold are
// made of them.
func TestLeafBytes(t *testing.T) {
	want := `{"unit":"00112233445566778899aabbccddeeff","turn":2,"choice":"2>1>3","area":995000,"salt":"ffeeddccbbaa99887766554433221100"}`
	if got := string(ballot.Bytes()); got != want {
		t.Errorf("a ballot on the board is\n%s\nwant\n%s", got, want)
	}
	if got := board.Code(ballot.Hash()); got != "TQZNXBFF" {
		t.Errorf("its code is %s", got)
	}
}

func TestClosingBytes(t *testing.T) {
	c := board.Closing{
		At: time.Date(2026, 11, 30, 21, 0, 0, 0, time.FixedZone("CST", 8*3600)), Attended: 7, AttendedArea: 600,
		Verdict: json.RawMessage(`{"result":"passed"}`),
	}
	got, err := c.Bytes()
	if want := `{"closed_at":"2026-11-30T13:00:00Z","attended":7,"attended_area":600,"verdict":{"result":"passed"}}`; err != nil || string(got) != want {
		t.Errorf("a closing is\n%s, %v\nwant\n%s", got, err, want)
	}
	c.Verdict = json.RawMessage(`{`)
	if got, err := c.Bytes(); err == nil {
		t.Errorf("a verdict that is no JSON is put on the board: %s", got)
	}
}

func anyHex(t *rapid.T, name string) string {
	return hex.EncodeToString(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
}

func anyLeaf(t *rapid.T) board.Leaf {
	return board.Leaf{
		Unit: anyHex(t, "unit"), Turn: rapid.IntRange(0, 1<<40).Draw(t, "turn"),
		Choice: rapid.SampledFrom([]string{"yes", "no", "abstain", "1+3", "2>1>3", "10,0,3", "y,n,a", strings.Repeat("9", 64)}).Draw(t, "choice"),
		Area:   rapid.Int64Min(0).Draw(t, "area"), Salt: anyHex(t, "salt"),
	}
}

// TestLeafHolds reads any ballot back as JSON, and has its hash made by others.
func TestLeafHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLeaf(t)
		var read board.Leaf
		if err := json.Unmarshal(l.Bytes(), &read); err != nil || read != l {
			t.Fatalf("%s is read as %+v, %v", l.Bytes(), read, err)
		}
		want := rfc6962.DefaultHasher.HashLeaf(l.Bytes())
		if d := cmp.Diff([][]byte{want, want}, bytesOf(l.Hash(), board.HashLeaf(l.Bytes()))); d != "" {
			t.Fatal(d)
		}
	})
}

func bytesOf(hashes ...board.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

// TestLeafAllocates holds the hot path to one slice for the bytes and to none
// for the hash.
func TestLeafAllocates(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { sink = ballot.Bytes() }); n != 1 {
		t.Errorf("the bytes of a ballot take %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { hash = ballot.Hash() }); n != 0 {
		t.Errorf("the hash of a ballot takes %v allocations", n)
	}
}

var (
	sink []byte
	hash board.Hash
)

func BenchmarkLeafBytes(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink = ballot.Bytes()
	}
}

func BenchmarkLeafHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hash = ballot.Hash()
	}
}
