package models

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of argon2id: 19 MiB, two passes, one lane (OWASP's second choice,
// small enough that a few logins at once do not exhaust a small server).
const (
	argonTime   = 2
	argonMemory = 19 * 1024
	argonLanes  = 1
	argonBytes  = 32
)

var errHash = errors.New("models: a password hash cannot be read")

// hashPassword returns salt and hash with their parameters in one line.
func hashPassword(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails, by its contract
	hash := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonLanes, enc.EncodeToString(salt), enc.EncodeToString(hash))
}

// samePassword compares in constant time.
func samePassword(line, password string) (bool, error) {
	part := strings.Split(line, "$")
	if len(part) != 6 {
		return false, errHash
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	if err != nil {
		return false, errHash
	}
	want, err := base64.RawStdEncoding.DecodeString(part[5])
	if err != nil || len(want) != argonBytes {
		return false, errHash
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, argonBytes)
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
