package board

import "crypto/sha256"

// Batch is the small tree over the ballots that one commit wrote, so that one
// signature is enough for all of them.
type Batch struct {
	levels [][]Hash // all nodes, the leaves first
}

// NewBatch builds the tree over leaf hashes. It keeps the slice.
func NewBatch(leaves []Hash) Batch {
	b := Batch{levels: [][]Hash{leaves}}
	room := make([]Hash, 0, len(leaves)+16)
	for below := leaves; len(below) > 1; {
		start := len(room)
		for i := 0; i+1 < len(below); i += 2 {
			room = append(room, hashNode(&below[i], &below[i+1]))
		}
		if len(below)%2 == 1 { // the last has no neighbour and rises as it is
			room = append(room, below[len(below)-1])
		}
		below = room[start:]
		b.levels = append(b.levels, below)
	}
	return b
}

// Size is the number of ballots.
func (b Batch) Size() int { return len(b.levels[0]) }

// Root is the root of the tree.
func (b Batch) Root() Hash {
	if b.Size() == 0 {
		return sha256.Sum256(nil)
	}
	return b.levels[len(b.levels)-1][0]
}

// Path leads from a leaf to the root: its neighbour on each level where it has
// one.
func (b Batch) Path(index int) []Hash {
	path := make([]Hash, 0, len(b.levels)-1)
	for _, level := range b.levels {
		if beside := index ^ 1; beside < len(level) {
			path = append(path, level[beside])
		}
		index >>= 1
	}
	return path
}

// steps is how long the path of a leaf is in a tree of a size.
func steps(index, size uint32) int {
	n := 0
	for size > 1 {
		if index^1 < size {
			n++
		}
		index, size = index/2, size/2+size%2
	}
	return n
}
