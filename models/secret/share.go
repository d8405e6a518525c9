package secret

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	"yishi/models/typed"
)

// Shares are into how many parts a key is split; any two of them open.
const Shares = 3

const threshold = 1 // shares that tell nothing

// ErrShare says that a text is no share, or none of this poll.
var ErrShare = errors.New("secret: this is no share of the key")

// written is how shares are written down.
var written = base32.NewEncoding(typed.Letters).WithPadding(base32.NoPadding)

const (
	scalarBytes = 32
	shareBytes  = 1 + scalarBytes // its number and its value
)

// Dealt is a key that nobody holds: its public half, the shares, and what each
// share can be checked by.
type Dealt struct {
	Public      string
	Shares      []string
	Commitments []string
}

// Deal draws a key, splits it and forgets it.
func Deal() (*Dealt, error) {
	scalar := group.P256.RandomNonZeroScalar(rand.Reader)
	raw, err := scalar.MarshalBinary()
	if err != nil {
		return nil, err
	}
	key, err := newKey(raw)
	if err != nil {
		return nil, err
	}
	split := secretsharing.New(rand.Reader, threshold, scalar)
	d := &Dealt{Public: key.Public()}
	for i, s := range split.Share(Shares) {
		value, err := s.Value.MarshalBinary()
		if err != nil {
			return nil, err
		}
		d.Shares = append(d.Shares, writeShare(i+1, value))
	}
	for _, c := range split.CommitSecret() {
		b, err := c.MarshalBinary()
		if err != nil {
			return nil, err
		}
		d.Commitments = append(d.Commitments, text(b))
	}
	return d, nil
}

func writeShare(n int, value []byte) string {
	flat := written.EncodeToString(append([]byte{byte(n)}, value...)) //nolint:gosec // 1 to 3
	var out strings.Builder
	for i := 0; i < len(flat); i += 4 {
		if i > 0 {
			out.WriteByte('-')
		}
		out.WriteString(flat[i:min(i+4, len(flat))])
	}
	return out.String()
}

// Share is a part of a key that was checked.
type Share struct {
	Number int // from 1
	value  group.Scalar
}

// ReadShare reads a share as a person types it, small letters and blanks are fine,
// and checks that it is one of this key: a slip of the pen is none.
func ReadShare(commitments []string, text string) (*Share, error) {
	flat, ok := typed.Code(typed.Letters, text)
	if !ok {
		return nil, ErrShare
	}
	b, err := written.DecodeString(flat)
	if err != nil || len(flat) != written.EncodedLen(shareBytes) || b[0] == 0 || b[0] > Shares {
		return nil, ErrShare
	}
	s := &Share{Number: int(b[0]), value: group.P256.NewScalar()}
	if err := s.value.UnmarshalBinary(b[1:]); err != nil {
		return nil, ErrShare
	}
	return s, s.check(commitments)
}

func (s *Share) circl() secretsharing.Share {
	return secretsharing.Share{ID: group.P256.NewScalar().SetUint64(uint64(s.Number)), Value: s.value} //nolint:gosec // 1 to 3
}

func (s *Share) check(commitments []string) error {
	c := make(secretsharing.SecretCommitment, len(commitments))
	for i, line := range commitments {
		b, err := bytesOf(line)
		if err != nil {
			return ErrKey
		}
		c[i] = group.P256.NewElement()
		if err := c[i].UnmarshalBinary(b); err != nil {
			return ErrKey
		}
	}
	if !secretsharing.Verify(threshold, s.circl(), c) {
		return ErrShare
	}
	return nil
}

// Join makes the key out of two different shares.
func Join(a, b *Share) (*Key, error) {
	if a.Number == b.Number {
		return nil, ErrShare
	}
	scalar, err := secretsharing.Recover(threshold, []secretsharing.Share{a.circl(), b.circl()})
	if err != nil {
		return nil, ErrShare
	}
	raw, err := scalar.MarshalBinary()
	if err != nil {
		return nil, ErrKey
	}
	return newKey(raw)
}
