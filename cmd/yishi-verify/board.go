package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
)

const format = "yishi-board/1"

// board is a board file. While the poll is open it holds the hashes of the
// leaves instead of the leaves.
type board struct {
	Format      string   `json:"format"`
	Poll        int64    `json:"poll"`
	Key         string   `json:"key"`
	Definition  string   `json:"definition"`
	Roll        []entry  `json:"roll"`
	Leaves      []string `json:"leaves"`
	Hashes      []string `json:"hashes"`
	Checkpoints []string `json:"checkpoints"`
}

// entry is a voting unit on the roll.
type entry struct {
	Unit string `json:"unit"`
	Area int64  `json:"area"` // in cm²
}

// verifier checks one board. What one check finds out the next ones use.
type verifier struct {
	report
	options
	board board

	trusted *key
	def     *definition // nil where it cannot be read
	roll    map[string]int64
	hashes  []hash
	last    map[string]vote   // of each unit, its ballot that counts
	papers  map[string]string // the last leaf of units that handed in a sheet
}

// read reads the file. What is no board file cannot be checked at all; anything
// else that is wrong is a fault.
func (v *verifier) read(body []byte) error {
	err := json.Unmarshal(body, &v.board)
	if err == nil && v.board.Format != format {
		err = errors.New(say("unusable.format", "format", v.board.Format))
	}
	return err
}

// verify checks everything that the file allows and returns the exit code.
func (v *verifier) verify() int {
	v.good("board.read", "poll", v.board.Poll)
	if v.board.Poll <= 0 {
		v.fault("board.poll", "poll", v.board.Poll)
	}
	v.checkKey()
	v.checkDefinition()
	v.checkRoll()
	v.checkLeaves()
	if v.closed() && v.def != nil {
		v.checkBallots()
		v.checkClosing()
	}
	v.checkCheckpoints()
	for _, r := range v.receipts {
		v.checkReceipt(r)
	}
	if !v.closed() {
		v.hint("board.open")
	}
	return v.end()
}

// closed reports whether the poll is over, so that its ballots are public.
func (v *verifier) closed() bool { return v.board.Leaves != nil }

// checkKey settles by which key signatures are judged. The key in the file is
// believed only where no other is given: whoever can change the file can change
// its key.
func (v *verifier) checkKey() {
	given := v.key
	if given == "" {
		given = v.board.Key
	}
	k, ok := readKey(given)
	if !ok {
		v.fault("key.form", "key", given)
		return
	}
	v.trusted = k
	switch {
	case v.key == "":
		v.hint("key.own", "key", k.text)
	case v.board.Key != k.text:
		v.fault("key.differs", "file", v.board.Key)
	default:
		v.good("key.given", "key", k.text)
	}
}

// checkLeaves computes the leaf hashes and finds the definition in the first.
func (v *verifier) checkLeaves() {
	if v.closed() && v.board.Hashes != nil {
		v.fault("board.both")
	}
	for _, leaf := range v.board.Leaves {
		v.hashes = append(v.hashes, leafHash(leaf))
	}
	if !v.closed() {
		for i, text := range v.board.Hashes {
			b, err := base64.StdEncoding.Strict().DecodeString(text)
			if err != nil || len(b) != sha256.Size {
				v.faultAt(i, "leaf.hash", "hash", text)
				b = make([]byte, sha256.Size)
			}
			v.hashes = append(v.hashes, hash(b))
		}
	}
	switch {
	case len(v.hashes) == 0:
		v.fault("board.empty")
	case v.hashes[0] != leafHash(v.board.Definition):
		v.faultAt(0, "definition.leaf")
	default:
		v.good("leaves.read", "n", len(v.hashes))
	}
}

// sumHex is the SHA-256 of a text in hex.
func sumHex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
