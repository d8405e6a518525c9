package rules_test

import (
	"testing"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestReadReceipt(t *testing.T) {
	good := rules.Receipt(20260301)
	if len(good) != rules.ReceiptDigits || good[:8] != "20260301" {
		t.Fatalf("Receipt = %q, want the number and one digit more", good)
	}
	full := []rune("２０２６０３０１")
	for _, tt := range []struct {
		name, in string
		ok       bool
	}{
		{"as printed", good, true},
		{"in groups of three", good[:3] + " " + good[3:6] + " " + good[6:], true},
		{"with dashes", good[:3] + "-" + good[3:6] + "－" + good[6:], true},
		{"blanks round it", " \u3000" + good + " ", true},
		{"full-width digits", string(full) + good[8:], true},
		{"empty", "", false},
		{"only blanks", "  - ", false},
		{"a digit too few", good[:8], false},
		{"a digit too many", good + "0", false},
		{"a letter", good[:8] + "O", false},
		{"digits of another script", "٢٠٢٦٠٣٠١" + good[8:], false},
		{"a sentence", "回执" + good, false},
		{"a zero-width space", good[:4] + "\u200b" + good[4:], false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rules.ReadReceipt(tt.in)
			want, code := good, ""
			if !tt.ok {
				want, code = "", "receipt.wrong"
			}
			if c := codeOf(t, err); got != want || c != code {
				t.Errorf("ReadReceipt(%q) = %q, refused with %q, want %q, %q", tt.in, got, c, want, code)
			}
		})
	}
}

func anyReceipt(t *rapid.T) string {
	return rules.Receipt(rapid.Uint32Range(0, 99_999_999).Draw(t, "number"))
}

func TestReceiptRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.Uint32Range(0, 99_999_999).Draw(t, "n"), rapid.Uint32Range(0, 99_999_999).Draw(t, "m")
		if got, err := rules.ReadReceipt(rules.Receipt(n)); err != nil || got != rules.Receipt(n) {
			t.Fatalf("the receipt %q is read as %q: %v", rules.Receipt(n), got, err)
		}
		if (rules.Receipt(n) == rules.Receipt(m)) != (n == m) {
			t.Fatalf("%d and %d share the receipt %q", n, m, rules.Receipt(n))
		}
	})
}

// TestReceiptNoticesSlips asks every single wrong digit and every swap of
// neighbours of a receipt to be refused.
func TestReceiptNoticesSlips(t *testing.T) {
	slips := func(t *rapid.T, good string) {
		refuse := func(b []byte) {
			if _, err := rules.ReadReceipt(string(b)); err == nil && string(b) != good {
				t.Fatalf("%s was typed for %s and not noticed", b, good)
			}
		}
		for i := range good {
			for d := byte('0'); d <= '9'; d++ {
				b := []byte(good)
				b[i] = d
				refuse(b)
			}
			if i > 0 {
				b := []byte(good)
				b[i-1], b[i] = b[i], b[i-1]
				refuse(b)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		slips(t, anyReceipt(t))
		// Every pair of neighbours at once in few runs: ab, and what follows it.
		a, b := rapid.Uint32Range(0, 9).Draw(t, "a"), rapid.Uint32Range(0, 9).Draw(t, "b")
		slips(t, rules.Receipt((a*10+b)*1_010_101))
	})
}

func TestReadReceiptNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(anyText(), rapid.StringMatching(`[0-9０-９ -]{0,12}`)).Draw(t, "typed")
		got, err := rules.ReadReceipt(in)
		if (err == nil) != (len(got) == rules.ReceiptDigits) {
			t.Fatalf("ReadReceipt(%q) = %q, %v", in, got, err)
		}
	})
}
