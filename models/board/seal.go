package board

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// sealOf is what a seal on the record of deeds signs.
func sealOf(upto int64, hash string) string {
	return fmt.Sprintf("yishi/audit\n%d\n%s\n", upto, hash)
}

// Seal signs the hash of the record of deeds up to a line, as a note.
func (s *Signer) Seal(upto int64, hash string) (string, error) {
	signed, err := note.Sign(&note.Note{Text: sealOf(upto, hash)}, s)
	return string(signed), err
}

// Sealed reports whether a note is this signer's seal on just that.
func (s *Signer) Sealed(signed string, upto int64, hash string) bool {
	opened, err := note.Open([]byte(signed), note.VerifierList(s))
	return err == nil && opened.Text == sealOf(upto, hash)
}
