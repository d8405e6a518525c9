package secret

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha3"
	"crypto/x509"
	"encoding/hex"
	"io"

	"github.com/cloudflare/circl/blindsign/blindrsa"
)

// variant is RSABSSA-SHA384-PSS-Randomized, with keys of 2,048 bits: they live
// as long as their poll.
const (
	variant    = blindrsa.SHA384PSSRandomized
	keyBits    = 2048
	tokenBytes = 32 + 32 // the prefix that RFC 9474 puts before it, and the token
	// BlindedLetters is the length of a blinded token as it is sent.
	BlindedLetters = SignatureLetters
)

// Issuer signs the tokens of one poll without seeing them.
type Issuer struct{ key *rsa.PrivateKey }

// NewIssuer draws the key of a poll.
func NewIssuer() (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	return &Issuer{key}, err
}

// ReadIssuer reads what Bytes wrote.
func ReadIssuer(b []byte) (*Issuer, error) {
	key, err := x509.ParsePKCS1PrivateKey(b)
	if err != nil {
		return nil, ErrKey
	}
	return &Issuer{key}, nil
}

// Bytes is the private key. Whoever has it can make tokens.
func (i *Issuer) Bytes() []byte { return x509.MarshalPKCS1PrivateKey(i.key) }

// Public is the key by which everybody can check tokens.
func (i *Issuer) Public() string { return text(x509.MarshalPKCS1PublicKey(&i.key.PublicKey)) }

// Sign signs a blinded token. The same one gets the same signature.
func (i *Issuer) Sign(blinded string) (string, error) {
	b, err := bytesOf(blinded)
	if err != nil {
		return "", err
	}
	signed, err := blindrsa.NewSigner(i.key).BlindSign(b)
	return text(signed), err
}

// Tokens checks the tokens of one poll, and makes them on the voter's side.
type Tokens struct{ key *rsa.PublicKey }

// ReadTokens reads the public key of an issuer.
func ReadTokens(public string) (*Tokens, error) {
	b, err := bytesOf(public)
	if err != nil {
		return nil, ErrKey
	}
	key, err := x509.ParsePKCS1PublicKey(b)
	if err != nil || key.N.BitLen() != keyBits {
		return nil, ErrKey
	}
	return &Tokens{key}, nil
}

// Valid reports whether the poll has signed a token.
func (ts *Tokens) Valid(token, signature string) bool {
	t, err := hex.DecodeString(token)
	if err != nil || len(t) != tokenBytes || hex.EncodeToString(t) != token {
		return false
	}
	s, err := bytesOf(signature)
	if err != nil {
		return false
	}
	v, err := blindrsa.NewVerifier(variant, ts.key)
	return err == nil && v.Verify(t, s) == nil
}

// Wish is a token before it is signed. It grows from a seed alone, so a phone
// that lost its answer asks again with the same.
type Wish struct {
	Token   string // hex
	Blinded string // what the poll gets to see, base64
	client  blindrsa.Client
	state   blindrsa.State
}

// Wish makes a token out of a seed of at least 32 random bytes, which stays with
// its voter.
func (ts *Tokens) Wish(seed []byte) (*Wish, error) {
	if len(seed) < 32 {
		return nil, ErrKey
	}
	from := sha3.NewSHAKE256()
	_, _ = from.Write([]byte("yishi token")) // never fails, by its contract
	_, _ = from.Write(seed)
	c, err := blindrsa.NewClient(variant, ts.key)
	if err != nil {
		return nil, err
	}
	message := make([]byte, 32)
	if _, err = io.ReadFull(from, message); err != nil {
		return nil, err
	}
	token, err := c.Prepare(from, message)
	if err != nil {
		return nil, err
	}
	blinded, state, err := c.Blind(from, token)
	return &Wish{Token: hex.EncodeToString(token), Blinded: text(blinded), client: c, state: state}, err
}

// Take turns the poll's answer into the signature of the token. It fails where
// the poll has signed something else.
func (w *Wish) Take(signed string) (string, error) {
	b, err := bytesOf(signed)
	if err != nil {
		return "", err
	}
	signature, err := w.client.Finalize(w.state, b)
	return text(signature), err
}
