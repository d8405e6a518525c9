package rules_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

// TestPaperCode holds codes against slips: whatever one letter is taken for, and
// whichever two change places, it is noticed.
func TestPaperCode(t *testing.T) {
	const letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, rules.PaperCodes-1).Draw(t, "n")
		code := rules.PaperCode(n)
		if got, err := rules.ReadPaperCode(" " + strings.ToLower(code) + "　"); err != nil || got != code {
			t.Fatalf("%s is read as %q, %v", code, got, err)
		}
		bare := []byte(strings.ReplaceAll(code, "-", ""))
		i, j := rapid.IntRange(0, len(bare)-1).Draw(t, "i"), rapid.IntRange(0, len(bare)-1).Draw(t, "j")
		slip := append([]byte{}, bare...)
		slip[i] = letters[rapid.IntRange(0, len(letters)-1).Draw(t, "letter")]
		swap := append([]byte{}, bare...)
		swap[i], swap[j] = swap[j], swap[i]
		for _, s := range []string{string(slip), string(swap)} {
			if _, err := rules.ReadPaperCode(s); (err == nil) != (s == string(bare)) {
				t.Fatalf("%s, a slip of %s, is read: %v", s, bare, err)
			}
		}
	})
	for _, n := range []uint64{0, 1, 30, 31, rules.PaperCodes - 1} {
		if m := (n + 1) % rules.PaperCodes; rules.PaperCode(n) == rules.PaperCode(m) {
			t.Errorf("%d and %d share a code", n, m)
		}
	}
}

func TestReadPaperCode(t *testing.T) {
	code := rules.PaperCode(123_456_789)
	for _, tt := range []struct{ name, typed, want string }{
		{"as it is printed", code, ""},
		{"without the dash", strings.ReplaceAll(code, "-", ""), ""},
		{"full-width", strings.NewReplacer("2", "２", "A", "Ａ", "-", "－").Replace(code), ""},
		{"with a line break", code[:3] + "\n" + code[3:], ""},
		{"one letter short", code[1:], "paper.code"},
		{"one letter more", code + "2", "paper.code"},
		{"a letter that there is not", "O" + code[1:], "paper.code"},
		{"nothing", "", "paper.code"},
		{"words", "同意", "paper.code"},
		{"endless", strings.Repeat(code, 1000), "paper.code"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rules.ReadPaperCode(tt.typed)
			if c := codeOf(t, err); c != tt.want || c == "" && got != code {
				t.Errorf("read as %q, refused with %q, want %q", got, c, tt.want)
			}
		})
	}
}

func TestCheckPaper(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    rules.Paper
		want string
	}{
		{"a code that was issued", rules.Paper{Found: true}, ""},
		{"one that was not", rules.Paper{}, "paper.unknown"},
		{"of another poll", rules.Paper{Found: true, Elsewhere: true, Spent: true}, "paper.poll"},
		{"spent", rules.Paper{Found: true, Spent: true}, "paper.spent"},
		{"withdrawn", rules.Paper{Found: true, Withdrawn: true}, "paper.withdrawn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckPaper(tt.p)); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckAssist(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		helper, person       int64
		own, seated, present bool
		want                 string
	}{
		{"a host for somebody present", 1, 2, false, true, true, ""},
		{"for oneself", 1, 1, false, true, true, "assist.self"},
		{"for one's own family", 1, 2, true, true, true, "assist.self"},
		{"for somebody off the roll", 1, 2, false, false, true, "assist.roll"},
		{"for somebody who is not there", 1, 2, false, true, false, "assist.absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := codeOf(t, rules.CheckAssist(tt.helper, tt.person, tt.own, tt.seated, tt.present)); got != tt.want {
				t.Errorf("refused with %q, want %q", got, tt.want)
			}
		})
	}
}
