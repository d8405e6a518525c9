package wechat

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the protocol signs with SHA-1
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// aesKey is a decoded EncodingAESKey.
type aesKey []byte

// The sealed form is 16 random bytes, the length in 4 bytes, the text, and the
// app id, padded to a multiple of 32.
const (
	prefixLen = 16
	headLen   = prefixLen + 4
	padTo     = 32
)

var (
	errKey    = errors.New("AES key must be 43 characters of base64")
	errSealed = errors.New("cannot be unsealed")
)

func decodeKey(text string) (aesKey, error) {
	key, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil || len(key) != 32 {
		return nil, errKey
	}
	return key, nil
}

// sign is the signature over the parts in any order.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // the protocol signs with SHA-1
	return hex.EncodeToString(sum[:])
}

// signed compares in constant time.
func signed(signature string, parts ...string) bool {
	return subtle.ConstantTimeCompare([]byte(signature), []byte(sign(parts...))) == 1
}

// seal encrypts a text for an app.
func (k aesKey) seal(text []byte, appID string) (string, error) {
	plain := make([]byte, headLen, headLen+len(text)+len(appID)+padTo)
	_, _ = rand.Read(plain[:prefixLen])                              // never fails
	binary.BigEndian.PutUint32(plain[prefixLen:], uint32(len(text))) //nolint:gosec // a reply is small
	plain = append(append(plain, text...), appID...)
	pad := padTo - len(plain)%padTo
	for range pad {
		plain = append(plain, byte(pad))
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return "", errKey
	}
	cipher.NewCBCEncrypter(block, k[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

// open decrypts what was sealed for an app.
func (k aesKey) open(sealed, appID string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(data) == 0 || len(data)%padTo != 0 {
		return nil, errSealed
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, errKey
	}
	cipher.NewCBCDecrypter(block, k[:aes.BlockSize]).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad < 1 || pad > padTo || len(data)-pad < headLen {
		return nil, errSealed
	}
	for _, b := range data[len(data)-pad:] {
		if int(b) != pad {
			return nil, errSealed
		}
	}
	data = data[:len(data)-pad]
	size := uint64(binary.BigEndian.Uint32(data[prefixLen:headLen]))
	rest := data[headLen:]
	if size > uint64(len(rest)) || subtle.ConstantTimeCompare(rest[size:], []byte(appID)) != 1 {
		return nil, errSealed
	}
	return rest[:size], nil
}
