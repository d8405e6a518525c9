package models

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// sealer encrypts personal data (AES-256-GCM) and makes the blind index by which
// an encrypted value can be found again (HMAC-SHA-256). Both keys come from the
// deployment's one key.
type sealer struct {
	box   cipher.AEAD
	index []byte
}

var errSeal = errors.New("models: sealed data cannot be read with this key")

func newSealer(key []byte) (sealer, error) {
	if len(key) != 32 {
		return sealer{}, errors.New("models: the key must have 32 bytes")
	}
	boxKey, err := derived(key, "yishi seal")
	if err != nil {
		return sealer{}, err
	}
	index, err := derived(key, "yishi blind index")
	if err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(boxKey)
	if err != nil {
		return sealer{}, err
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{box, index}, err
}

// derived makes a key for one purpose out of the deployment's one key.
func derived(key []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, key, nil, purpose, 32)
}

// Seal encrypts a value. An empty value stays empty.
func (s sealer) Seal(plain string) []byte {
	if plain == "" {
		return []byte{}
	}
	return s.box.Seal(nil, nil, []byte(plain), nil) //nolint:gosec // the box draws a random nonce for each value
}

// Open decrypts what Seal made.
func (s sealer) Open(sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.box.Open(nil, nil, sealed, nil)
	if err != nil {
		return "", errSeal
	}
	return string(plain), nil
}

// Index is the blind index of a value, the same for the same value.
func (s sealer) Index(plain string) string {
	mac := hmac.New(sha256.New, s.index)
	mac.Write([]byte(plain))
	return hex.EncodeToString(mac.Sum(nil))
}

// random returns n random bytes in URL-safe letters.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(b)
}
