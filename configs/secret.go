package configs

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a string that shows itself to nobody: printed, logged or encoded it
// is "[secret]". Convert it to a string where it is used.
type Secret string

const hidden = "[secret]"

// String hides the secret.
func (Secret) String() string { return hidden }

// GoString hides the secret.
func (Secret) GoString() string { return hidden }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// keySize is the length of the deployment's key in bytes.
const keySize = 32

// LoadKey reads the deployment's key: 32 bytes, written as 64 hexadecimal
// digits. It refuses a file that its group or others may read.
func LoadKey(path string) ([]byte, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s: others may read it; run: chmod 600 %s", path, path)
	}
	text := make([]byte, 2*keySize+2)
	n, _ := f.Read(text)
	key, err := hex.DecodeString(strings.TrimSpace(string(text[:n])))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("key file %s: expected %d hexadecimal digits; restore it from its copy", path, 2*keySize)
	}
	return key, nil
}

// MakeKey writes a new random key that only its owner may read. It never
// replaces a file: with the key everything that it encrypted would be lost.
func MakeKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key)
	_, err = fmt.Fprintln(f, hex.EncodeToString(key))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("key file: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}
