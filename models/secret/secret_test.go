package secret_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yishi/models/secret"
)

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestToken lets a poll sign what it does not see: the voter's token is valid,
// nothing that differs from it is, and the same seed brings the same again.
func TestToken(t *testing.T) {
	issuer := must[*secret.Issuer](t)(secret.NewIssuer())
	again := must[*secret.Issuer](t)(secret.ReadIssuer(issuer.Bytes()))
	tokens := must[*secret.Tokens](t)(secret.ReadTokens(issuer.Public()))
	seed := []byte(strings.Repeat("s", 32))
	w, v := must[*secret.Wish](t)(tokens.Wish(seed)), must[*secret.Wish](t)(tokens.Wish(seed))
	if w.Token != v.Token || w.Blinded != v.Blinded {
		t.Error("a seed makes two tokens")
	}
	signed := must[string](t)(issuer.Sign(w.Blinded))
	if twice := must[string](t)(again.Sign(v.Blinded)); twice != signed {
		t.Error("a retry is signed otherwise")
	}
	signature := must[string](t)(w.Take(signed))
	if len(w.Token) != secret.TokenLetters || len(w.Blinded) != secret.BlindedLetters || len(signature) != secret.SignatureLetters {
		t.Errorf("lengths %d, %d, %d", len(w.Token), len(w.Blinded), len(signature))
	}
	other := must[*secret.Wish](t)(tokens.Wish([]byte(strings.Repeat("t", 32))))
	foreign := must[*secret.Issuer](t)(secret.NewIssuer())
	for name, tt := range map[string]struct {
		tokens           *secret.Tokens
		token, signature string
		valid            bool
	}{
		"as it is":           {tokens, w.Token, signature, true},
		"of a later v":       {tokens, v.Token, signature, true},
		"another token":      {tokens, other.Token, signature, false},
		"blinded signature":  {tokens, w.Token, signed, false},
		"of another poll":    {must[*secret.Tokens](t)(secret.ReadTokens(foreign.Public())), w.Token, signature, false},
		"in capitals":        {tokens, strings.ToUpper(w.Token), signature, false},
		"cut":                {tokens, w.Token[:126], signature, false},
		"no hex":             {tokens, "x" + w.Token[1:], signature, false},
		"nothing":            {tokens, "", "", false},
		"signature no text":  {tokens, w.Token, "%", false},
		"signature trailing": {tokens, w.Token, signature + "AAAA", false},
	} {
		if got := tt.tokens.Valid(tt.token, tt.signature); got != tt.valid {
			t.Errorf("%s: valid is %v", name, got)
		}
	}
	if _, err := w.Take(must[string](t)(issuer.Sign(other.Blinded))); err == nil {
		t.Error("took the signature of another token")
	}
	if _, err := tokens.Wish(seed[:31]); err == nil {
		t.Error("took a short seed")
	}
	for _, key := range []string{"", "x", foreign.Public()[:40], "AAAA"} {
		if _, err := secret.ReadTokens(key); err == nil {
			t.Errorf("read the key %q", key)
		}
	}
}

// TestChoice seals what voters say: it opens for its poll, token and turn alone,
// and its length does not tell what it is.
func TestChoice(t *testing.T) {
	d := must[*secret.Dealt](t)(secret.Deal())
	key := joined(t, d, 0, 1)
	rapid.Check(t, func(t *rapid.T) {
		o := secret.Opened{Tracker: secret.Tracker(), Choice: rapid.SampledFrom([]string{"yes", "no", "abstain", "1+3", "9>8>7>6>5>4>3>2>1", "10,10,10,10,10,10,10,10,10"}).Draw(t, "choice")}
		b := secret.Ballot{Token: "aa", Turn: rapid.IntRange(0, 9).Draw(t, "turn")}
		sealed, err := secret.SealChoice(d.Public, "hash", b.Token, b.Turn, o)
		if err != nil || len(sealed) != secret.SealedLetters {
			t.Fatal(err, len(sealed))
		}
		b.Sealed = sealed
		if got, err := key.Open("hash", b); err != nil || got != o {
			t.Fatalf("opened %+v, %v", got, err)
		}
		for _, wrong := range []struct {
			definition string
			secret.Ballot
		}{
			{"hush", b},
			{"hash", secret.Ballot{Token: "ab", Turn: b.Turn, Sealed: sealed}},
			{"hash", secret.Ballot{Token: "aa", Turn: b.Turn + 1, Sealed: sealed}},
			{"hash", secret.Ballot{Token: "aa", Turn: b.Turn, Sealed: other(sealed)}},
			{"hash", secret.Ballot{Token: "aa", Turn: b.Turn, Sealed: ""}},
		} {
			if got, err := key.Open(wrong.definition, wrong.Ballot); err == nil {
				t.Fatalf("opened %+v as %+v", wrong, got)
			}
		}
	})
	for name, tt := range map[string]struct {
		public string
		o      secret.Opened
	}{
		"no key":         {"AAAA", secret.Opened{Tracker: secret.Tracker(), Choice: "yes"}},
		"no text":        {"%", secret.Opened{Tracker: secret.Tracker(), Choice: "yes"}},
		"no tracker":     {d.Public, secret.Opened{Choice: "yes"}},
		"a long choice":  {d.Public, secret.Opened{Tracker: secret.Tracker(), Choice: strings.Repeat("1", 65)}},
		"a long tracker": {d.Public, secret.Opened{Tracker: secret.Tracker() + "0", Choice: "yes"}},
	} {
		if _, err := secret.SealChoice(tt.public, "hash", "aa", 0, tt.o); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
}

// other is a text of the same length with one letter changed.
func other(sealed string) string {
	if sealed[100] == 'A' {
		return sealed[:100] + "B" + sealed[101:]
	}
	return sealed[:100] + "A" + sealed[101:]
}

func joined(t *testing.T, d *secret.Dealt, i, j int) *secret.Key {
	t.Helper()
	a := must[*secret.Share](t)(secret.ReadShare(d.Commitments, d.Shares[i]))
	b := must[*secret.Share](t)(secret.ReadShare(d.Commitments, d.Shares[j]))
	return must[*secret.Key](t)(secret.Join(a, b))
}

// TestShares opens with any two of three, and with nothing else.
func TestShares(t *testing.T) {
	d, other := must[*secret.Dealt](t)(secret.Deal()), must[*secret.Dealt](t)(secret.Deal())
	for _, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}, {2, 0}} {
		key := joined(t, d, pair[0], pair[1])
		if key.Public() != d.Public {
			t.Errorf("shares %v make another key", pair)
		}
		if back := must[*secret.Key](t)(secret.ReadKey(key.String())); back.Public() != d.Public {
			t.Error("the key is not what was written down")
		}
	}
	one := must[*secret.Share](t)(secret.ReadShare(d.Commitments, d.Shares[0]))
	if _, err := secret.Join(one, one); err == nil {
		t.Error("one share opened twice")
	}
	flat := strings.ReplaceAll(d.Shares[1], "-", "")
	for name, typed := range map[string]string{
		"small": strings.ToLower(d.Shares[1]), "with blanks": strings.ReplaceAll(d.Shares[1], "-", " "), "flat": flat, "a line each": strings.ReplaceAll(d.Shares[1], "-", "\n"),
	} {
		if s, err := secret.ReadShare(d.Commitments, typed); err != nil || s.Number != 2 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	swapped := []byte(flat)
	for i := 10; i < 40; i++ {
		if swapped[i] != swapped[i+1] {
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			break
		}
	}
	for name, typed := range map[string]string{
		"of another poll": other.Shares[1], "nothing": "", "cut": flat[:50], "longer": flat + "2", "two letters changed places": string(swapped), "an O": "O" + flat[1:],
	} {
		if _, err := secret.ReadShare(d.Commitments, typed); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := secret.ReadShare([]string{"AAAA", "%"}, d.Shares[0]); err == nil {
		t.Error("checked by what is no commitment")
	}
}
