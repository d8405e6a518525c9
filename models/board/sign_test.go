package board_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"yishi/models/board"
)

// TestCheckpoint pins the text of a checkpoint and the form of the key: people
// hold both on paper.
func TestCheckpoint(t *testing.T) {
	s := signer(t, 1)
	if want := "yishi+dce819fb+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"; s.Key() != want {
		t.Errorf("the key is %s, want %s", s.Key(), want)
	}
	signed, err := s.Checkpoint(12, 3, board.HashLeaf(nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := "yishi/poll/12\n3\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n— yishi "; !strings.HasPrefix(signed, want) {
		t.Errorf("a checkpoint is\n%s\nwant\n%s", signed, want)
	}
	c, err := board.OpenCheckpoint(signed, verifier(t, s.Key()))
	if want := (board.Checkpoint{Poll: 12, Size: 3, Root: board.HashLeaf(nil)}); err != nil || c != want {
		t.Errorf("it is opened as %+v, %v", c, err)
	}
}

func TestOpenCheckpointRefuses(t *testing.T) {
	s := signer(t, 1)
	good := "yishi/poll/12\n3\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n"
	sign := func(text string, by note.Signer) string {
		signed, err := note.Sign(&note.Note{Text: text}, by)
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	if _, err := board.OpenCheckpoint(sign(good, s), s); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, signed string }{
		{"nothing", ""},
		{"no signature", good},
		{"another key", sign(good, signer(t, 2))},
		{"another log", sign(strings.Replace(good, "yishi/", "other/", 1), s)},
		{"no number of a poll", sign(strings.Replace(good, "12", "twelve", 1), s)},
		{"a poll below nought", sign(strings.Replace(good, "12", "-12", 1), s)},
		{"a nought before the number", sign(strings.Replace(good, "12", "012", 1), s)},
		{"a sign before the size", sign(strings.Replace(good, "\n3", "\n+3", 1), s)},
		{"a size below nought", sign(strings.Replace(good, "\n3", "\n-3", 1), s)},
		{"a size too large", sign(strings.Replace(good, "\n3", "\n99999999999999999999", 1), s)},
		{"a short root", sign("yishi/poll/12\n3\nbjQL\n", s)},
		{"a root in the other alphabet", sign(strings.Replace(good, "+", "-", 1), s)},
		{"a root that ends in other bits", sign(strings.Replace(good, "oB0=", "oB1=", 1), s)},
		{"a line more", sign(good+"more\n", s)},
		{"a line less", sign("yishi/poll/12\n3\n", s)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c, err := board.OpenCheckpoint(tt.signed, s); !errors.Is(err, board.ErrCheckpoint) {
				t.Errorf("opened as %+v, %v", c, err)
			}
		})
	}
}

// TestCheckpointTampered changes any letter of any checkpoint, and none opens.
func TestCheckpointTampered(t *testing.T) {
	s := signer(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		want := board.Checkpoint{Poll: rapid.Int64Min(1).Draw(t, "poll"), Size: rapid.Uint64().Draw(t, "size"), Root: anyHash(t, "root")}
		signed, err := s.Checkpoint(want.Poll, want.Size, want.Root)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := board.OpenCheckpoint(signed, s); err != nil || got != want {
			t.Fatalf("opened as %+v, %v", got, err)
		}
		b := []byte(signed)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "letter")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if c, err := board.OpenCheckpoint(string(b), s); err == nil && !sameNote(signed, string(b)) {
			t.Fatalf("%q is opened as %+v", b, c)
		}
	})
}

// sameNote reports whether two notes differ in nothing but the last bits of the
// base64 of a signature, which the notes' own reader ignores.
func sameNote(a, b string) bool {
	cut := len(a) - 3
	return a[:cut] == b[:cut] && strings.HasSuffix(b, "=\n")
}

func FuzzOpenCheckpoint(f *testing.F) {
	s, other := signer(f, 1), signer(f, 2)
	for size := range uint64(3) {
		signed, err := other.Checkpoint(12, size, board.Hash{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(signed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if c, err := board.OpenCheckpoint(in, s); err == nil {
			t.Errorf("%q opens as %+v, and was not signed", in, c)
		}
		c, err := board.OpenCheckpoint(in, other)
		if err != nil {
			return
		}
		if again, err := other.Checkpoint(c.Poll, c.Size, c.Root); err != nil || !strings.HasPrefix(in, again[:strings.Index(again, "\n\n")]) {
			t.Errorf("%q is written as %q, %v", in, again, err)
		}
	})
}
