package board

import (
	"crypto/sha256"
	"errors"
	"iter"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
)

// ErrSize says that a tree has no such leaf or never had such a size.
var ErrSize = errors.New("board: the tree is not that large")

// Tree is the Merkle tree of a board. It only grows, and answers for every size
// that it ever had. The zero Tree is empty. It keeps each full node once, 64
// bytes a leaf; whoever shares it guards it.
type Tree struct {
	levels [][]Hash // full nodes, the leaves first
}

// Append adds the hash of the next leaf.
func (t *Tree) Append(h Hash) {
	for level := 0; ; level++ {
		if level == len(t.levels) {
			t.levels = append(t.levels, nil)
		}
		nodes := append(t.levels[level], h)
		t.levels[level] = nodes
		n := len(nodes)
		if n%2 == 1 {
			return
		}
		h = hashNode(&nodes[n-2], &nodes[n-1])
	}
}

// Size is the number of leaves.
func (t *Tree) Size() uint64 {
	if len(t.levels) == 0 {
		return 0
	}
	return uint64(len(t.levels[0]))
}

// Leaves are the hashes of the leaves in their order.
func (t *Tree) Leaves() iter.Seq[Hash] {
	if len(t.levels) == 0 {
		return slices.Values[[]Hash](nil)
	}
	return slices.Values(t.levels[0])
}

// Leaf is the hash of the leaf at a place that there is.
func (t *Tree) Leaf(place uint64) Hash { return t.levels[0][place] }

// Find returns the places of the leaves with a receipt code, among the first
// that many.
func (t *Tree) Find(code string, size uint64) []uint64 {
	var places []uint64
	first, ok := bitsOf(code)
	for place := range min(size, t.Size()) {
		if ok && codeBits(&t.levels[0][place]) == first {
			places = append(places, place)
		}
	}
	return places
}

// Root is the root of the tree as it was when it had so many leaves.
func (t *Tree) Root(size uint64) (Hash, error) {
	if size > t.Size() {
		return Hash{}, ErrSize
	}
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	nodes := compact.RangeNodes(0, size, nil)
	root := *t.node(nodes[len(nodes)-1])
	for _, id := range slices.Backward(nodes[:len(nodes)-1]) {
		root = hashNode(t.node(id), &root)
	}
	return root, nil
}

// Inclusion proves that a leaf is in the tree of a size.
func (t *Tree) Inclusion(index, size uint64) ([]Hash, error) {
	if size > t.Size() || index >= size {
		return nil, ErrSize
	}
	nodes, err := proof.Inclusion(index, size)
	if err != nil {
		return nil, err
	}
	return t.prove(nodes)
}

// Consistency proves that the tree of one size was continued, and nothing in it
// changed, to become that of another.
func (t *Tree) Consistency(from, to uint64) ([]Hash, error) {
	if to > t.Size() || from > to {
		return nil, ErrSize
	}
	nodes, err := proof.Consistency(from, to)
	if err != nil {
		return nil, err
	}
	return t.prove(nodes)
}

func (t *Tree) node(id compact.NodeID) *Hash { return &t.levels[id.Level][id.Index] }

// prove fetches the nodes of a proof; those that are not full yet are made of
// what is below them.
func (t *Tree) prove(nodes proof.Nodes) ([]Hash, error) {
	full := make([][]byte, len(nodes.IDs))
	for i, id := range nodes.IDs {
		full[i] = t.node(id)[:]
	}
	path, err := nodes.Rehash(full, func(left, right []byte) []byte {
		h := hashNode((*Hash)(left), (*Hash)(right))
		return h[:]
	})
	if err != nil {
		return nil, err
	}
	hashes := make([]Hash, len(path))
	for i, h := range path {
		hashes[i] = Hash(h)
	}
	return hashes, nil
}
