package board_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/board"
)

func TestReadCode(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
	}{
		{"as printed", "6BWCEQQY", "6BWCEQQY"},
		{"small letters", "6bwceqqy", "6BWCEQQY"},
		{"in two groups", "6BWC EQQY", "6BWCEQQY"},
		{"with a dash", "6BWC-EQQY", "6BWCEQQY"},
		{"with a long dash", "6BWC—EQQY", "6BWCEQQY"},
		{"full width", "６ＢＷＣ－ｅｑｑｙ", "6BWCEQQY"},
		{"blanks round it", "\u3000 6BWCEQQY\n", "6BWCEQQY"},
		{"L and U are letters", "LLUULLUU", "LLUULLUU"},
		{"empty", "", ""},
		{"blanks alone", " - ", ""},
		{"a letter too few", "6BWCEQQ", ""},
		{"a letter too many", "6BWCEQQYY", ""},
		{"a nought", "6BWCEQQ0", ""},
		{"an O", "6BWCEQQO", ""},
		{"a one", "6BWCEQQ1", ""},
		{"an I", "6BWCEQQi", ""},
		{"a full-width nought", "6BWCEQQ０", ""},
		{"a sign", "6BWC.EQQY", ""},
		{"a zero-width space", "6BWC\u200bEQQY", ""},
		{"words", "回执6BWCEQQY", ""},
		{"a letter of another script", "6ВWCEQQY", ""}, // a Cyrillic В
		{"bytes that are no text", "6BWC\xffEQQY", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := board.ReadCode(tt.in); ok != (tt.want != "") || ok && got != tt.want {
				t.Errorf("ReadCode(%q) = %q, %v, want %q", tt.in, got, ok, tt.want)
			}
		})
	}
}

func anyHash(t *rapid.T, name string) board.Hash {
	return board.Hash(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
}

// TestCodeHolds asks of any hash that its code be read back, and that the code
// stand for the first five bytes and for nothing else.
func TestCodeHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, other := anyHash(t, "hash"), anyHash(t, "other")
		code := board.Code(h)
		if got, ok := board.ReadCode(strings.ToLower(code)); !ok || got != code || len(code) != board.CodeLetters {
			t.Fatalf("%q is read as %q, %v", code, got, ok)
		}
		at := rapid.IntRange(0, 4).Draw(t, "byte")
		changed := h
		changed[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if board.Code(changed) == code {
			t.Fatalf("byte %d does not show in the code %s", at, code)
		}
		copy(other[:5], h[:5])
		if board.Code(other) != code {
			t.Fatalf("what follows the fifth byte shows in the code")
		}
	})
}

func FuzzReadCode(f *testing.F) {
	f.Add("6BWC-EQQY")
	f.Add("６ｂｗｃ　ｅｑｑｙ")
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := board.ReadCode(in)
		if !ok {
			return
		}
		if again, ok := board.ReadCode(got); !ok || again != got || len(got) != board.CodeLetters {
			t.Errorf("ReadCode(%q) = %q, which is read as %q, %v", in, got, again, ok)
		}
		if i := slices.Index([]byte(got), 'O'); i >= 0 || strings.ContainsAny(got, "01I") {
			t.Errorf("ReadCode(%q) = %q", in, got)
		}
	})
}
