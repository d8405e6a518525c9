package wechattest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the protocol signs with SHA-1
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// signature is the hex SHA-1 of the sorted parts run together.
func signature(parts ...string) string {
	sort.Strings(parts)
	return fmt.Sprintf("%x", sha1.Sum([]byte(strings.Join(parts, "")))) //nolint:gosec // the protocol signs with SHA-1
}

func blockOf(encodingKey string) (cipher.Block, []byte, error) {
	key, err := base64.StdEncoding.DecodeString(encodingKey + "=")
	if err != nil {
		return nil, nil, errors.New("wechattest: the app has no good AES key")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, errors.New("wechattest: the app has no good AES key")
	}
	return block, key[:16], nil
}

// encrypt seals random(16) length(4) text appid with AES-256-CBC, padded to 32.
func encrypt(encodingKey, appID, text string) (string, error) {
	block, iv, err := blockOf(encodingKey)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	b.WriteString(rand.Text()[:16])
	_ = binary.Write(&b, binary.BigEndian, uint32(len(text))) //nolint:gosec // a text of this fake is small
	b.WriteString(text + appID)
	missing := 32 - b.Len()%32
	b.Write(bytes.Repeat([]byte{byte(missing)}, missing))
	out := make([]byte, b.Len())
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, b.Bytes())
	return base64.StdEncoding.EncodeToString(out), nil
}

// decrypt unseals a reply.
func decrypt(encodingKey, appID, sealed string) (string, error) {
	bad := errors.New("wechattest: reply cannot be unsealed")
	block, iv, err := blockOf(encodingKey)
	if err != nil {
		return "", err
	}
	in, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(in) < 32 || len(in)%32 != 0 {
		return "", bad
	}
	plain := make([]byte, len(in))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, in)
	missing := int(plain[len(plain)-1])
	if missing < 1 || missing > 32 || len(plain)-missing < 20 {
		return "", bad
	}
	if !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(missing)}, missing)) {
		return "", bad
	}
	size := int(binary.BigEndian.Uint32(plain[16:20]))
	plain = plain[20 : len(plain)-missing]
	text, ok := strings.CutSuffix(string(plain), appID)
	if !ok || len(text) != size {
		return "", bad
	}
	return text, nil
}
