// Package secret is the cryptography of a secret ballot, of both sides: tokens
// that are signed blindly (RFC 9474), choices that are sealed to a key (RFC 9180),
// and that key in three shares of which two open it (Shamir, Feldman). It knows
// no database and no clock. The page on which people vote runs the voter's side
// of it.
package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// ErrKey says that a public or private key cannot be read.
var ErrKey = errors.New("secret: this is no key")

// Ballot is a secret ballot as it is sent and as it stands on the board. It names
// nobody: the token was signed without being seen.
type Ballot struct {
	Token     string `json:"token"`     // the prepared token, hex
	Signature string `json:"signature"` // of the poll over the token, base64
	Turn      int    `json:"turn"`      // 0 for the first ballot of a token; the highest counts
	Sealed    string `json:"sealed"`    // the choice, sealed to the poll's key, base64
}

// Bounds of a ballot, in characters of its texts.
const (
	TokenLetters     = 2 * tokenBytes
	SignatureLetters = 344 // of 256 bytes
	SealedLetters    = (kemBytes + plainBytes + tagBytes + 2) / 3 * 4
)

// Name is the name of a token in the record: its SHA-256 in hex. It is as random
// as the token, and so says nothing of when it was made.
func Name(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func text(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func bytesOf(s string) ([]byte, error) { return base64.StdEncoding.Strict().DecodeString(s) }
