package board

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// KeyName is the name that the forum's key bears in notes.
const KeyName = "yishi"

// Signer is the forum's Ed25519 key. It signs batches of ballots and, as a
// signer of notes, checkpoints; what is signed begins differently in each case.
type Signer struct {
	note.Verifier
	key  ed25519.PrivateKey
	text string
}

// NewSigner makes the key that belongs to a seed.
func NewSigner(seed [ed25519.SeedSize]byte) (*Signer, error) {
	key := ed25519.NewKeyFromSeed(seed[:])
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("board: the key has no public half")
	}
	text, err := note.NewEd25519VerifierKey(KeyName, public)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(text)
	return &Signer{verifier, key, text}, err
}

// Key is the verifier key in the form of notes, by which others check what was
// signed. It may be shown to everybody, and should be shown in many places.
func (s *Signer) Key() string { return s.text }

// Sign signs a message as it is.
func (s *Signer) Sign(message []byte) ([]byte, error) { return ed25519.Sign(s.key, message), nil }

// Checkpoint is the state of a poll's board at one size. Whoever keeps one can
// tell later whether anything before it was changed.
type Checkpoint struct {
	Poll int64
	Size uint64
	Root Hash
}

// text is the checkpoint after C2SP tlog-checkpoint.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s%d\n%d\n%s\n", origin, c.Poll, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

const origin = "yishi/poll/"

// ErrCheckpoint says that a note is no checkpoint, or none by this key.
var ErrCheckpoint = errors.New("board: this is no checkpoint")

// Checkpoint signs the root of a board at one size, as a note.
func (s *Signer) Checkpoint(poll int64, size uint64, root Hash) (string, error) {
	signed, err := note.Sign(&note.Note{Text: Checkpoint{poll, size, root}.text()}, s)
	return string(signed), err
}

// OpenCheckpoint reads a checkpoint that the key has signed.
func OpenCheckpoint(signed string, key note.Verifier) (Checkpoint, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(key))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, ErrCheckpoint
	}
	var c Checkpoint
	var errs [3]error
	c.Poll, errs[0] = strconv.ParseInt(strings.TrimPrefix(lines[0], origin), 10, 64)
	c.Size, errs[1] = strconv.ParseUint(lines[1], 10, 64)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	errs[2] = err
	if errors.Join(errs[:]...) != nil || c.Poll <= 0 || len(root) != len(c.Root) {
		return Checkpoint{}, ErrCheckpoint
	}
	c.Root = Hash(root)
	if c.text() != opened.Text { // there is one way to write it
		return Checkpoint{}, ErrCheckpoint
	}
	return c, nil
}
