package secret

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// What a sealed choice is made of, in bytes. All are of one length, so that it
// does not tell what is inside.
const (
	kemBytes     = 65
	tagBytes     = 16
	trackerBytes = 8
	choiceBytes  = 64 // more than the longest mark
	plainBytes   = 2*trackerBytes + choiceBytes
)

// ErrSealed says that a sealed choice does not open, or holds none.
var ErrSealed = errors.New("secret: this ballot does not open")

// Opened is what was sealed. The tracker is a number that the voter's phone drew:
// under it alone a choice is listed where the poll shows a list.
type Opened struct {
	Tracker string // 16 hex digits
	Choice  string
}

// Tracker draws a number for a voter.
func Tracker() string {
	var b [trackerBytes]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return hex.EncodeToString(b[:])
}

// bound is what a sealed choice is bound to: it opens on this poll, for this
// token and at this turn alone, so nobody can hand in a copy of another's.
func bound(definition, token string, turn int) []byte {
	return fmt.Appendf(nil, "yishi secret ballot\n%s\n%s\n%d\n", definition, token, turn)
}

// SealChoice seals a choice to the public key of a poll. definition is the hash of
// what was asked, in hex.
func SealChoice(public, definition, token string, turn int, o Opened) (string, error) {
	raw, err := bytesOf(public)
	if err != nil {
		return "", ErrKey
	}
	point, err := ecdh.P256().NewPublicKey(raw)
	if err != nil {
		return "", ErrKey
	}
	to, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		return "", ErrKey
	}
	if len(o.Tracker) != 2*trackerBytes || len(o.Choice) > choiceBytes {
		return "", ErrSealed
	}
	plain := o.Tracker + o.Choice + strings.Repeat(" ", choiceBytes-len(o.Choice))
	sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), bound(definition, token, turn), []byte(plain))
	return text(sealed), err
}

// Key opens the choices of a poll.
type Key struct {
	raw  []byte
	open hpke.PrivateKey
}

// ReadKey reads a private key as String writes it.
func ReadKey(s string) (*Key, error) {
	raw, err := bytesOf(s)
	if err != nil {
		return nil, ErrKey
	}
	return newKey(raw)
}

func newKey(raw []byte) (*Key, error) {
	scalar, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil {
		return nil, ErrKey
	}
	open, err := hpke.NewDHKEMPrivateKey(scalar)
	return &Key{raw, open}, err
}

// String is the private key. Whoever has it can open every ballot.
func (k *Key) String() string { return text(k.raw) }

// Public is the key to which choices are sealed.
func (k *Key) Public() string { return text(k.open.PublicKey().Bytes()) }

// Open opens the choice of a ballot.
func (k *Key) Open(definition string, b Ballot) (Opened, error) {
	sealed, err := bytesOf(b.Sealed)
	if err != nil {
		return Opened{}, ErrSealed
	}
	plain, err := hpke.Open(k.open, hpke.HKDFSHA256(), hpke.AES256GCM(), bound(definition, b.Token, b.Turn), sealed)
	if err != nil || len(plain) != plainBytes {
		return Opened{}, ErrSealed
	}
	o := Opened{string(plain[:2*trackerBytes]), strings.TrimRight(string(plain[2*trackerBytes:]), " ")}
	if _, err := hex.DecodeString(o.Tracker); err != nil {
		return Opened{}, ErrSealed
	}
	return o, nil
}
