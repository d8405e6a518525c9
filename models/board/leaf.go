// Package board is the public record of a poll, by which anybody can recount it:
// a Merkle tree after RFC 6962 whose leaves are the definition, each ballot in
// the order in which it landed, and the closing; checkpoints signed over it; and
// the receipts that voters keep. It computes and signs; it reads no clock and
// keeps nothing.
package board

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"time"
)

// Hash is a SHA-256 hash: of a leaf, of a node, or of a definition.
type Hash = [sha256.Size]byte

// What is put before leaves and nodes, so that neither passes for the other
// (RFC 6962, section 2.1).
const (
	leafPrefix = 0
	nodePrefix = 1
)

// HashLeaf is the hash of a leaf with these bytes.
func HashLeaf(leaf []byte) Hash {
	return sha256.Sum256(append([]byte{leafPrefix}, leaf...))
}

// hashNode is the hash of the node above two others.
func hashNode(left, right *Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = nodePrefix
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// Leaf is a ballot as it stands on the board. Unit is the pseudonym of the
// voting unit on this poll and Salt what hides the ballot while the poll is
// open, both 32 hex digits; Choice is the ballot's mark. None of the three needs
// escaping, and [Leaf.Bytes] escapes nothing.
type Leaf struct {
	Unit   string
	Turn   int // 0 for the first ballot of a unit; the highest counts
	Choice string
	Area   int64 // in cm², 0 where ballots have no weight
	Salt   string
}

// Bytes is the one form of a ballot on the board, of which hash and receipt are
// made.
func (l Leaf) Bytes() []byte {
	const form = len(`{"unit":"","turn":,"choice":"","area":,"salt":""}`) + len("9223372036854775807")*2
	return l.append(make([]byte, 0, form+len(l.Unit)+len(l.Choice)+len(l.Salt)))
}

func (l Leaf) append(b []byte) []byte {
	b = append(b, `{"unit":"`...)
	b = append(b, l.Unit...)
	b = append(b, `","turn":`...)
	b = strconv.AppendInt(b, int64(l.Turn), 10)
	b = append(b, `,"choice":"`...)
	b = append(b, l.Choice...)
	b = append(b, `","area":`...)
	b = strconv.AppendInt(b, l.Area, 10)
	b = append(b, `,"salt":"`...)
	b = append(b, l.Salt...)
	return append(b, `"}`...)
}

// Hash is the ballot's leaf hash.
func (l Leaf) Hash() Hash {
	var room [256]byte // enough for every mark, so nothing is allocated
	room[0] = leafPrefix
	return sha256.Sum256(l.append(room[:1]))
}

// Closing is the last leaf of a board. It says who took part, which the ballots
// alone do not tell, and what came out.
type Closing struct {
	At           time.Time
	Attended     int64
	AttendedArea int64 // in cm²
	Verdict      json.RawMessage
	Secret       *Unsealed // of a secret poll that was opened, else nil
}

// Unsealed is what came to light when a secret poll was opened.
type Unsealed struct {
	Tokens int64    `json:"tokens"`         // units that had a token
	Key    string   `json:"key,omitempty"`  // opens every ballot, where it is disclosed
	List   []Listed `json:"list,omitempty"` // by tracker, where a list is disclosed instead
}

// Listed is a choice under a number that only its voter knows.
type Listed struct {
	Tracker string `json:"tracker"` // 16 hex digits, "" where the ballot did not open
	Choice  string `json:"choice"`
}

// Bytes is the one form of a closing on the board. It fails where the verdict is
// not JSON.
func (c Closing) Bytes() ([]byte, error) {
	return json.Marshal(struct {
		At           string          `json:"closed_at"`
		Attended     int64           `json:"attended"`
		AttendedArea int64           `json:"attended_area"`
		Verdict      json.RawMessage `json:"verdict"`
		Secret       *Unsealed       `json:"secret,omitempty"`
	}{c.At.UTC().Format(time.RFC3339), c.Attended, c.AttendedArea, c.Verdict, c.Secret})
}
