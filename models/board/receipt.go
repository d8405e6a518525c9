package board

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// Receipt is what proves that a ballot was accepted: where it stands in its
// batch, and the signature over the batch. It does not say what the ballot says,
// and so is no proof of that to others.
type Receipt struct {
	Poll       int64
	Definition Hash // SHA-256 of the definition's bytes
	Size       uint32
	Index      uint32
	Leaf       Hash
	Path       []Hash
	Signature  [ed25519.SignatureSize]byte
}

// ErrReceipt says that a text is no receipt.
var ErrReceipt = errors.New("board: this is no receipt")

// MaxBatch is how many ballots go into one batch at most.
const MaxBatch = 1 << 16

const (
	receiptVersion = 1
	receiptHead    = 1 + 8 + sha256.Size + 4 + 4 + sha256.Size // what stands before the path
	receiptMost    = receiptHead + 16*sha256.Size + ed25519.SignatureSize
)

// statement is what is signed of a batch.
func statement(poll int64, definition Hash, size int, root Hash) []byte {
	return fmt.Appendf(nil, "yishi batch\n%d\n%x\n%d\n%x\n", poll, definition, size, root)
}

// Receipts signs a batch of ballots of one poll and returns their receipts, in
// the order of the batch. There is at least one ballot and no more than
// [MaxBatch].
func (s *Signer) Receipts(poll int64, definition Hash, leaves []Hash) ([]Receipt, error) {
	if poll <= 0 || len(leaves) == 0 || len(leaves) > MaxBatch {
		return nil, fmt.Errorf("board: no batch of %d ballots on poll %d can be signed", len(leaves), poll)
	}
	batch := NewBatch(leaves)
	signature, err := s.Sign(statement(poll, definition, len(leaves), batch.Root()))
	if err != nil {
		return nil, err
	}
	receipts := make([]Receipt, len(leaves))
	for i, leaf := range leaves {
		receipts[i] = Receipt{
			Poll: poll, Definition: definition, Size: uint32(len(leaves)), Index: uint32(i), //nolint:gosec // at most MaxBatch
			Leaf: leaf, Path: batch.Path(i), Signature: [ed25519.SignatureSize]byte(signature),
		}
	}
	return receipts, nil
}

// Code is the short form of the receipt.
func (r Receipt) Code() string { return Code(r.Leaf) }

// Verify reports whether the receipt was signed by the key.
func (r Receipt) Verify(key note.Verifier) bool {
	path := make([][]byte, len(r.Path))
	for i := range r.Path {
		path[i] = r.Path[i][:]
	}
	root, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, uint64(r.Index), uint64(r.Size), r.Leaf[:], path)
	return err == nil && key.Verify(statement(r.Poll, r.Definition, int(r.Size), Hash(root)), r.Signature[:])
}

// String is the full receipt as the voter keeps it.
func (r Receipt) String() string {
	b := make([]byte, 0, receiptHead+len(r.Path)*sha256.Size+len(r.Signature))
	b = append(b, receiptVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Poll)) //nolint:gosec // positive
	b = append(b, r.Definition[:]...)
	b = binary.BigEndian.AppendUint32(b, r.Size)
	b = binary.BigEndian.AppendUint32(b, r.Index)
	b = append(b, r.Leaf[:]...)
	for _, h := range r.Path {
		b = append(b, h[:]...)
	}
	return base64.RawURLEncoding.EncodeToString(append(b, r.Signature[:]...))
}

// ParseReceipt reads a full receipt; blanks and line breaks that came in between
// do not matter. It does not verify it.
func ParseReceipt(s string) (Receipt, error) {
	if len(s) > 2*receiptMost {
		return Receipt{}, ErrReceipt
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil || len(b) < receiptHead || b[0] != receiptVersion {
		return Receipt{}, ErrReceipt
	}
	r := Receipt{
		Poll:       int64(binary.BigEndian.Uint64(b[1:9])), //nolint:gosec // told apart below
		Definition: Hash(b[9:41]), Size: binary.BigEndian.Uint32(b[41:45]),
		Index: binary.BigEndian.Uint32(b[45:49]), Leaf: Hash(b[49:receiptHead]),
	}
	b = b[receiptHead:]
	n := steps(r.Index, r.Size)
	if r.Poll <= 0 || r.Index >= r.Size || r.Size > MaxBatch || len(b) != n*sha256.Size+len(r.Signature) {
		return Receipt{}, ErrReceipt
	}
	r.Path = make([]Hash, n)
	for i := range r.Path {
		r.Path[i] = Hash(b[i*sha256.Size:])
	}
	copy(r.Signature[:], b[n*sha256.Size:])
	return r, nil
}
