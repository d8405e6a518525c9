package board_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"pgregory.net/rapid"

	"yishi/models/board"
)

// The leaves and roots that implementations of RFC 6962 are tried with.
var vectors = []struct{ leaf, root string }{
	{"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	{"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	{"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	{"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	{"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	{"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	{"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	{"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
}

func TestVectors(t *testing.T) {
	var tree board.Tree
	root := func(size uint64) string {
		h, err := tree.Root(size)
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(h[:])
	}
	if got := root(0); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("the empty tree has the root %s", got)
	}
	var leaves []board.Hash
	for _, v := range vectors {
		b, err := hex.DecodeString(v.leaf)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, board.HashLeaf(b))
		tree.Append(leaves[len(leaves)-1])
	}
	for i, v := range vectors {
		if got := root(uint64(i + 1)); got != v.root {
			t.Errorf("%d leaves have the root %s, want %s", i+1, got, v.root)
		}
		if got := board.NewBatch(leaves[:i+1]).Root(); hex.EncodeToString(got[:]) != v.root {
			t.Errorf("a batch of %d has the root %x, want %s", i+1, got, v.root)
		}
	}
	if d := cmp.Diff(leaves, slices.Collect(tree.Leaves())); d != "" {
		t.Error(d)
	}
}

func TestTreeRefuses(t *testing.T) {
	var tree board.Tree
	if n := len(slices.Collect(tree.Leaves())); n != 0 || tree.Size() != 0 {
		t.Errorf("an empty tree has %d leaves and the size %d", n, tree.Size())
	}
	for range 3 {
		tree.Append(board.Hash{})
	}
	_, root := tree.Root(4)
	_, beyond := tree.Inclusion(0, 4)
	_, itself := tree.Inclusion(3, 3)
	_, none := tree.Inclusion(0, 0)
	_, longer := tree.Consistency(1, 4)
	_, backward := tree.Consistency(2, 1)
	for i, err := range []error{root, beyond, itself, none, longer, backward} {
		if !errors.Is(err, board.ErrSize) {
			t.Errorf("question %d is answered: %v", i, err)
		}
	}
}

// anyTree draws a tree of up to 70 leaves.
func anyTree(t *rapid.T) (*board.Tree, []board.Hash) {
	leaves := rapid.SliceOfN(rapid.Byte(), 1, 70).Draw(t, "leaves")
	tree, hashes := &board.Tree{}, make([]board.Hash, len(leaves))
	for i, b := range leaves {
		hashes[i] = board.HashLeaf([]byte{b, byte(i)})
		tree.Append(hashes[i])
	}
	return tree, hashes
}

// flipped changes one bit of one of several hashes; false where there is none.
func flipped(t *rapid.T, hashes []board.Hash) ([]board.Hash, bool) {
	if len(hashes) == 0 {
		return nil, false
	}
	out := slices.Clone(hashes)
	i, at := rapid.IntRange(0, len(out)-1).Draw(t, "hash"), rapid.IntRange(0, 31).Draw(t, "byte")
	out[i][at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	return out, true
}

// TestInclusionHolds verifies any proof by the library's code, and no proof in
// which a bit was flipped.
func TestInclusionHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, hashes := anyTree(t)
		size := rapid.Uint64Range(1, tree.Size()).Draw(t, "size")
		index := rapid.Uint64Range(0, size-1).Draw(t, "index")
		root, err := tree.Root(size)
		if err != nil {
			t.Fatal(err)
		}
		path, err := tree.Inclusion(index, size)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(board.NewBatch(hashes[:size]).Path(int(index)), path); d != "" {
			t.Fatal(d)
		}
		verify := func(leaf board.Hash, path []board.Hash) error {
			return proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], bytesOf(path...), root[:])
		}
		if err := verify(hashes[index], path); err != nil {
			t.Fatal(err)
		}
		if wrong, ok := flipped(t, path); ok && verify(hashes[index], wrong) == nil {
			t.Fatal("a wrong path leads to the root")
		}
		if wrong, _ := flipped(t, hashes[index:index+1]); verify(wrong[0], path) == nil {
			t.Fatal("another leaf leads to the root")
		}
	})
}

func TestConsistencyHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, _ := anyTree(t)
		to := rapid.Uint64Range(1, tree.Size()).Draw(t, "to")
		from := rapid.Uint64Range(1, to).Draw(t, "from")
		earlier, err := tree.Root(from)
		if err != nil {
			t.Fatal(err)
		}
		later, err := tree.Root(to)
		if err != nil {
			t.Fatal(err)
		}
		path, err := tree.Consistency(from, to)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(earlier board.Hash, path []board.Hash) error {
			return proof.VerifyConsistency(rfc6962.DefaultHasher, from, to, bytesOf(path...), earlier[:], later[:])
		}
		if err := verify(earlier, path); err != nil {
			t.Fatal(err)
		}
		if wrong, ok := flipped(t, path); ok && verify(earlier, wrong) == nil {
			t.Fatal("a wrong proof holds")
		}
		if wrong, _ := flipped(t, []board.Hash{earlier}); verify(wrong[0], path) == nil {
			t.Fatal("the tree continues another one")
		}
	})
}

func BenchmarkTreeAppend200000(b *testing.B) {
	leaves := hashesOf(200_000)
	b.ReportAllocs()
	for b.Loop() {
		var tree board.Tree
		for _, h := range leaves {
			tree.Append(h)
		}
	}
}

func BenchmarkTreeRootAndProof(b *testing.B) {
	var tree board.Tree
	for _, h := range hashesOf(200_000) {
		tree.Append(h)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tree.Root(199_999); err != nil {
			b.Fatal(err)
		}
		if _, err := tree.Inclusion(77_777, 199_999); err != nil {
			b.Fatal(err)
		}
	}
}

func hashesOf(n int) []board.Hash {
	hashes := make([]board.Hash, n)
	for i := range hashes {
		hashes[i] = board.HashLeaf([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	return hashes
}

// TestFindHolds finds every leaf by its receipt code, and all that share it.
func TestFindHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, hashes := anyTree(t)
		twin := hashes[rapid.IntRange(0, len(hashes)-1).Draw(t, "twin")]
		twin[31] ^= 1 // the code says nothing of the last byte
		tree.Append(twin)
		hashes = append(hashes, twin)
		size := rapid.Uint64Range(0, tree.Size()+1).Draw(t, "size")
		code := board.Code(hashes[rapid.IntRange(0, len(hashes)-1).Draw(t, "sought")])
		var want []uint64
		for place, h := range hashes[:min(size, tree.Size())] {
			if board.Code(h) == code {
				want = append(want, uint64(place))
			}
			if tree.Leaf(uint64(place)) != h {
				t.Fatalf("another leaf is at %d", place)
			}
		}
		if d := cmp.Diff(want, tree.Find(code, size)); d != "" {
			t.Fatal(d)
		}
		for _, wrong := range []string{"", code[:7], code + "2", "O" + code[1:]} {
			if got := tree.Find(wrong, size); got != nil {
				t.Fatalf("%q is found at %v", wrong, got)
			}
		}
	})
}
