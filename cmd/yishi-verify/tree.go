package main

import (
	"crypto/sha256"
	"slices"
)

type hash = [sha256.Size]byte

// leafHash and nodeHash are those of RFC 6962, section 2.1.
func leafHash(leaf string) hash { return sha256.Sum256([]byte("\x00" + leaf)) }

func nodeHash(left, right hash) hash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// rootsAt returns the root of the tree over the first leaves, for each of the
// sizes that is not above their number. It goes over the leaves once: what is
// kept is a full tree for each one bit of the number of leaves so far, the
// largest first.
func rootsAt(leaves []hash, sizes map[int]bool) map[int]hash {
	roots := map[int]hash{}
	if sizes[0] {
		roots[0] = sha256.Sum256(nil)
	}
	var full []hash
	for i, h := range leaves {
		for bits := i; bits&1 == 1; bits >>= 1 {
			h = nodeHash(full[len(full)-1], h)
			full = full[:len(full)-1]
		}
		full = append(full, h)
		if sizes[i+1] {
			roots[i+1] = fold(full)
		}
	}
	return roots
}

func fold(full []hash) hash {
	root := full[len(full)-1]
	for _, left := range slices.Backward(full[:len(full)-1]) {
		root = nodeHash(left, root)
	}
	return root
}

// climb follows the path of leaf index of a tree of a size to its root. It is
// not ok where the path is too short or too long.
func climb(h hash, index, size uint32, path []hash) (root hash, ok bool) {
	if index >= size {
		return h, false
	}
	for last := size - 1; last > 0; index, last = index/2, last/2 {
		if index == last && index%2 == 0 {
			continue // without a neighbour it rises as it is
		}
		if len(path) == 0 {
			return h, false
		}
		if index%2 == 1 {
			h = nodeHash(path[0], h)
		} else {
			h = nodeHash(h, path[0])
		}
		path = path[1:]
	}
	return h, len(path) == 0
}
