package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// checkCheckpoints verifies every checkpoint, those of the file and those that
// others have kept, against the leaves.
func (v *verifier) checkCheckpoints() {
	if v.trusted == nil {
		return
	}
	var all []checkpoint
	read := func(label, signed string) {
		c, code := readNote(signed, v.trusted)
		c.label = label
		switch {
		case code != "":
			v.fault(code, "which", label)
		case c.poll != v.board.Poll:
			v.fault("checkpoint.poll", "which", label, "poll", c.poll)
		case c.size > len(v.hashes):
			v.fault("checkpoint.beyond", "which", label, "size", c.size, "n", len(v.hashes))
		default:
			all = append(all, c)
		}
	}
	for i, signed := range v.board.Checkpoints {
		read(say("checkpoint.own", "n", i+1), signed)
	}
	for i, given := range v.checkpoints {
		label := say("checkpoint.kept", "n", i+1)
		signed, err := noteOf(given)
		if err != nil {
			v.fault("checkpoint.lost", "which", label, "why", err.Error())
			continue
		}
		read(label, signed)
	}
	v.compareRoots(all)
}

// compareRoots compares what was signed with the leaves.
func (v *verifier) compareRoots(all []checkpoint) {
	sizes := map[int]bool{}
	for _, c := range all {
		sizes[c.size] = true
	}
	roots := rootsAt(v.hashes, sizes)
	var agreed []int // sizes
	for _, c := range all {
		if roots[c.size] == c.root {
			agreed = append(agreed, c.size)
		}
	}
	slices.Sort(agreed)
	for _, c := range all {
		if roots[c.size] != c.root {
			v.fault("checkpoint.root", "which", c.label, "size", c.size, "from", below(agreed, c.size), "to", c.size-1)
		}
	}
	largest := below(agreed, len(v.hashes)+1)
	if len(agreed) > 0 {
		v.good("checkpoint.good", "n", len(agreed), "size", largest)
	}
	if unsigned := len(v.hashes) - largest; unsigned > 0 && v.closed() {
		v.fault("checkpoint.none", "from", largest)
	} else if unsigned > 0 {
		v.hint("checkpoint.behind", "n", unsigned)
	}
	if len(v.checkpoints) == 0 {
		v.hint("checkpoint.alone")
	}
}

// below returns the largest of sorted sizes that is below a size, 0 if none is.
// Between a checkpoint that agrees and one that does not lies what was changed.
func below(sizes []int, size int) int {
	i, _ := slices.BinarySearch(sizes, size)
	if i == 0 {
		return 0
	}
	return sizes[i-1]
}

// checkReceipt finds the ballot of a receipt on the board.
func (v *verifier) checkReceipt(given string) {
	if code, ok := readCode(given); ok {
		v.find(code, func(h hash) bool { return codeOf(h) == code })
		return
	}
	r, ok := readReceipt(given)
	if !ok {
		v.fault("receipt.form", "receipt", given)
		return
	}
	code := codeOf(r.leaf)
	switch {
	case r.poll != v.board.Poll:
		v.fault("receipt.poll", "receipt", code, "poll", r.poll)
	case fmt.Sprintf("%x", r.definition) != sumHex(v.board.Definition):
		v.fault("receipt.definition", "receipt", code)
	case v.trusted != nil && !r.signedBy(v.trusted):
		v.fault("receipt.signature", "receipt", code)
	default:
		v.find(code, func(h hash) bool { return h == r.leaf })
	}
}

// find tells where on the board a ballot stands, and once the poll is closed
// what it says.
func (v *verifier) find(code string, is func(hash) bool) {
	found := false
	for i, h := range v.hashes {
		if i == 0 || v.isClosing(i) || !is(h) {
			continue
		}
		found = true
		if !v.closed() {
			v.good("receipt.found", "receipt", code, "leaf", i)
			continue
		}
		if v.def != nil && v.def.Secret != nil {
			v.good("receipt.found", "receipt", code, "leaf", i)
			continue
		}
		b, _ := readVote(v.board.Leaves[i])
		v.good("receipt.says", "receipt", code, "leaf", i, "choice", inWords(b.choice))
		if last, counts := v.last[b.unit]; counts && last.turn > b.turn {
			v.hint("receipt.replaced", "receipt", code)
		}
	}
	if !found {
		v.fault("receipt.missing", "receipt", code)
	}
}

// inWords is a choice as people say it, or its mark.
func inWords(choice string) string {
	if words, ok := sentences["choice."+choice]; ok {
		return words
	}
	return choice
}

// letters are those of receipt codes, five bits each.
const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

func codeOf(h hash) string {
	var bits uint64
	for _, b := range h[:5] {
		bits = bits<<8 | uint64(b)
	}
	var code strings.Builder
	for shift := 35; shift >= 0; shift -= 5 {
		code.WriteByte(letters[bits>>shift&31])
	}
	return code.String()
}

// readCode reads a code as people type it.
func readCode(typed string) (string, bool) {
	code := strings.Map(func(r rune) rune {
		if r > 0xff00 && r < 0xff5f { // full-width forms of ASCII
			r -= 0xfee0
		}
		if strings.ContainsRune(" \t\r\n\u3000-\u2010\u2013\u2014", r) {
			return -1
		}
		return r
	}, typed)
	code = strings.ToUpper(code)
	return code, len(code) == 8 && strings.Trim(code, letters) == ""
}

// receipt is a full receipt.
type receipt struct {
	poll        int64
	definition  hash
	size, index uint32
	leaf        hash
	path        []hash
	signature   []byte
}

// readReceipt reads a full receipt, whose length follows from what it says.
func readReceipt(text string) (r receipt, ok bool) {
	const head, most = 1 + 8 + 32 + 4 + 4 + 32, 1 << 13
	if len(text) > most {
		return r, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.Join(strings.Fields(text), ""))
	rest := len(b) - head - ed25519.SignatureSize
	if err != nil || rest < 0 || rest%32 != 0 || b[0] != 1 {
		return r, false
	}
	r.poll = int64(binary.BigEndian.Uint64(b[1:])) //nolint:gosec // below nought it is no poll's
	r.definition = hash(b[9:])
	r.size, r.index = binary.BigEndian.Uint32(b[41:]), binary.BigEndian.Uint32(b[45:])
	r.leaf = hash(b[49:])
	for b = b[head:]; rest > 0; rest -= 32 {
		r.path, b = append(r.path, hash(b)), b[32:]
	}
	r.signature = b
	_, ok = climb(r.leaf, r.index, r.size, r.path)
	return r, ok
}

// signedBy reports whether the key signed the batch to which the path leads.
func (r receipt) signedBy(k *key) bool {
	root, _ := climb(r.leaf, r.index, r.size, r.path)
	statement := fmt.Sprintf("yishi batch\n%d\n%x\n%d\n%x\n", r.poll, r.definition, r.size, root)
	return ed25519.Verify(k.public, []byte(statement), r.signature)
}
