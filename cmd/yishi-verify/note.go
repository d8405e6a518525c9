package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// key is an Ed25519 key as notes write it: name+hash+key.
type key struct {
	text   string
	name   string
	mark   []byte // first four bytes of the hash over name and key
	public ed25519.PublicKey
}

const algEd25519 = 1

// readKey reads a verifier key. Its hash must be that of its name and bytes.
func readKey(text string) (*key, bool) {
	text = strings.TrimSpace(text)
	name, rest, _ := strings.Cut(text, "+")
	mark, body, _ := strings.Cut(rest, "+")
	markBytes, err := hex.DecodeString(mark)
	if err != nil || name == "" || strings.ContainsAny(name, " \t\r\n") {
		return nil, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(body)
	if err != nil || len(b) != 1+ed25519.PublicKeySize || b[0] != algEd25519 {
		return nil, false
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), b...))
	if !bytes.Equal(markBytes, sum[:4]) {
		return nil, false
	}
	return &key{text: text, name: name, mark: sum[:4], public: b[1:]}, true
}

// checkpoint is a note over the root of a board.
type checkpoint struct {
	label string // how the report calls it
	poll  int64
	size  int
	root  hash
}

// readNote reads a note and verifies the signature that the key has made on it.
// What other keys have signed says nothing about the board and is passed over.
// The second value is the name of the fault, "" if there is none.
func readNote(signed string, k *key) (checkpoint, string) {
	end := strings.LastIndex(signed, "\n\n")
	if end < 0 || !utf8.ValidString(signed) || !strings.HasSuffix(signed, "\n") {
		return checkpoint{}, "checkpoint.form"
	}
	text := signed[:end+1]
	c, ok := readText(text)
	if !ok {
		return c, "checkpoint.form"
	}
	found := false
	for line := range strings.SplitSeq(strings.TrimSuffix(signed[end+2:], "\n"), "\n") {
		name, signature, ok := readSignature(line)
		switch {
		case !ok:
			return c, "checkpoint.form"
		case name != k.name || !bytes.Equal(signature[:4], k.mark):
			continue
		case !ed25519.Verify(k.public, []byte(text), signature[4:]):
			return c, "checkpoint.signature"
		}
		found = true
	}
	if !found {
		return c, "checkpoint.key"
	}
	return c, ""
}

// readSignature reads "— name base64", where the base64 begins with four bytes
// that tell the key.
func readSignature(line string) (name string, signature []byte, ok bool) {
	rest, dash := strings.CutPrefix(line, "\u2014 ")
	name, body, blank := strings.Cut(rest, " ")
	signature, err := base64.StdEncoding.Strict().DecodeString(body)
	return name, signature, dash && blank && name != "" && err == nil && len(signature) > 4
}

const origin = "yishi/poll/"

// readText reads the three lines of a checkpoint. There is one way to write
// each.
func readText(text string) (c checkpoint, ok bool) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return c, false
	}
	poll, isOurs := strings.CutPrefix(lines[0], origin)
	var err error
	if c.poll, err = strconv.ParseInt(poll, 10, 64); err != nil || !isOurs || poll != strconv.FormatInt(c.poll, 10) {
		return c, false
	}
	if c.size, err = strconv.Atoi(lines[1]); err != nil || c.size < 0 || lines[1] != strconv.Itoa(c.size) {
		return c, false
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(c.root) {
		return c, false
	}
	c.root = hash(root)
	return c, true
}
