package board

import (
	"encoding/binary"
	"strings"

	"yishi/models/typed"
)

// CodeLetters is the length of a receipt code.
const CodeLetters = 8

// Code is the receipt code of a ballot: the first 40 bits of its leaf hash, short
// enough to be written down. Whoever guesses finds one of 200,000 ballots once
// in five million tries, and would learn that there is such a ballot.
func Code(h Hash) string {
	bits := codeBits(&h)
	var code [CodeLetters]byte
	for i := range code {
		code[CodeLetters-1-i] = typed.Letters[bits%32]
		bits /= 32
	}
	return string(code[:])
}

// codeBits is what a code says of a hash, bitsOf what a code says.
func codeBits(h *Hash) uint64 { return binary.BigEndian.Uint64(h[:8]) >> 24 }

func bitsOf(code string) (bits uint64, ok bool) {
	for i := range len(code) {
		letter := strings.IndexByte(typed.Letters, code[i])
		if letter < 0 {
			return 0, false
		}
		bits = bits<<5 | uint64(letter)
	}
	return bits, len(code) == CodeLetters
}

// ReadCode reads a receipt code as a person types it: small letters, full-width
// forms, blanks and dashes are fine. What is no code is not guessed at; an O, 0,
// I or 1 was misread, and which letter was meant cannot be known.
func ReadCode(s string) (string, bool) {
	code, ok := typed.Code(typed.Letters, s)
	return code, ok && len(code) == CodeLetters
}
