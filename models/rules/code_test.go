package rules_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"yishi/models/rules"
)

func TestCheckSiteCode(t *testing.T) {
	secret := []byte("a secret of one session")
	begins := time.Date(2026, 3, 1, 19, 30, 0, 0, rules.Beijing) // a slot begins here
	shown := rules.SiteCode(secret, 7, 9, rules.Slot(begins))
	for _, tt := range []struct {
		name           string
		point, session int64
		code           string
		after          time.Duration
		want           string
	}{
		{"as soon as it is shown", 7, 9, shown, 0, ""},
		{"the last moment of its slot", 7, 9, shown, 15*time.Second - 1, ""},
		{"the slot of grace begins", 7, 9, shown, 15 * time.Second, ""},
		{"the slot of grace ends", 7, 9, shown, 30*time.Second - 1, ""},
		{"after the grace", 7, 9, shown, 30 * time.Second, "code.stale"},
		{"before it is shown", 7, 9, shown, -1, "code.stale"},
		{"at another point", 8, 9, shown, 0, "code.stale"},
		{"in another session", 7, 10, shown, 0, "code.stale"},
		{"point and session swapped", 9, 7, shown, 0, "code.stale"},
		{"empty", 7, 9, "", 0, "code.stale"},
		{"five digits", 7, 9, shown[:5], 0, "code.stale"},
		{"seven digits", 7, 9, shown + "0", 0, "code.stale"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := rules.CheckSiteCode(secret, tt.point, tt.session, tt.code, begins.Add(tt.after))
			if got := codeOf(t, err); got != tt.want {
				t.Errorf("CheckSiteCode refused with %q, want %q", got, tt.want)
			}
		})
	}
	if err := rules.CheckSiteCode([]byte("another secret"), 7, 9, shown, begins); codeOf(t, err) != "code.stale" {
		t.Error("the code of another secret was let in")
	}
}

func TestSiteCodeIsSixDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rules.SiteCode(rapid.SliceOf(rapid.Byte()).Draw(t, "secret"),
			rapid.Int64().Draw(t, "point"), rapid.Int64().Draw(t, "session"), rapid.Int64().Draw(t, "slot"))
		if len(code) != 6 {
			t.Fatalf("the code is %q, want six digits", code)
		}
		for _, r := range code {
			if r < '0' || r > '9' {
				t.Fatalf("the code is %q, want six digits", code)
			}
		}
	})
}

func TestReadSiteScene(t *testing.T) {
	for _, tt := range []struct {
		name, scene string
		session     int64
		code        string
		ok          bool
	}{
		{"what is written", rules.SiteScene(12, "012345"), 12, "012345", true},
		{"with blanks around", " s/12/012345\n", 12, "012345", true},
		{"the longest number", "s/999999999999999999/000000", 999999999999999999, "000000", true},
		{"a number beyond", "s/9999999999999999999/000000", 0, "", false},
		{"no session", "s/0/012345", 0, "", false},
		{"a negative session", "s/-1/012345", 0, "", false},
		{"five digits", "s/12/01234", 0, "", false},
		{"seven digits", "s/12/0123456", 0, "", false},
		{"letters", "s/12/abcdef", 0, "", false},
		{"full-width digits", "s/12/０12345", 0, "", false},
		{"a point", "p12", 0, "", false},
		{"more behind", "s/12/012345/", 0, "", false},
		{"digits alone", "012345", 0, "", false},
		{"nothing", "", 0, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if session, code, ok := rules.ReadSiteScene(tt.scene); session != tt.session || code != tt.code || ok != tt.ok {
				t.Errorf("got %d, %q, %v", session, code, ok)
			}
		})
	}
}
