package main

import (
	"crypto"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// secrecy is what the definition of a secret poll adds.
type secrecy struct {
	Disclosure string   `json:"disclosure"`
	Crowd      int64    `json:"crowd"`
	Tokens     string   `json:"tokens"` // checks tokens, PKCS #1
	Key        string   `json:"key"`    // choices are sealed to it, a point of P-256
	Shares     []string `json:"shares"` // commitments to the shares; the first is the key itself
}

// The ways to disclose. A ballot that says nothing is void, and so is a poll that
// is never opened.
const (
	byKey  = "key"
	byList = "list"
)

// unsealed is what the closing of a secret poll brings to light.
type unsealed struct {
	Tokens int64  `json:"tokens"`
	Key    string `json:"key"`
	List   []struct {
		Tracker string `json:"tracker"`
		Choice  string `json:"choice"`
	} `json:"list"`
}

// secretHolds reports whether a poll may be secret as the definition says.
func (d *definition) secretHolds() bool {
	s := d.Secret
	if s == nil {
		return true
	}
	_, err := s.issuer()
	point, bad := base64.StdEncoding.DecodeString(s.Key)
	if bad == nil {
		_, bad = ecdh.P256().NewPublicKey(point)
	}
	return d.Pack.Secret && !d.Pack.ByArea && (s.Disclosure == byKey || s.Disclosure == byList) &&
		s.Crowd >= 5 && s.Crowd <= 50 && d.Due >= max(10, s.Crowd) && err == nil && bad == nil &&
		len(s.Shares) == 2 && s.Shares[0] == s.Key
}

func (s *secrecy) issuer() (*rsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(s.Tokens)
	if err != nil {
		return nil, err
	}
	return x509.ParsePKCS1PublicKey(der)
}

// readSecret reads the leaf of a secret ballot, whose one form leaves no letter
// free. Its unit is its token.
func readSecret(leaf string) (b vote, signature string, ok bool) {
	s := scanner{rest: leaf}
	s.skip(`{"token":"`)
	b.unit = s.until()
	s.skip(`","signature":"`)
	signature = s.until()
	s.skip(`","turn":`)
	b.turn = s.number()
	s.skip(`,"sealed":"`)
	b.sealed = s.until()
	s.skip(`"}`)
	return b, signature, !s.bad && s.rest == "" && isHex(b.unit, 128)
}

// signedBlind reports whether the poll has signed a token (RFC 9474: RSA-PSS with
// SHA-384 and a salt of its length).
func signedBlind(key *rsa.PublicKey, token, signature string) bool {
	raw, err := hex.DecodeString(token)
	if err != nil {
		return false
	}
	signed, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha512.Sum384(raw)
	return rsa.VerifyPSS(key, crypto.SHA384, sum[:], signed, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
}

// checkSecret checks one secret ballot and returns it if it can be counted.
func (v *verifier) checkSecret(i int, key *rsa.PublicKey, leaf string, turns map[string]int64) (vote, bool) {
	b, signature, ok := readSecret(leaf)
	if !ok {
		v.faultAt(i, "ballot.form", "leaf_text", leaf)
		return b, false
	}
	before := v.faults
	if !signedBlind(key, b.unit, signature) {
		v.faultAt(i, "secret.token", "token", b.unit)
	}
	if b.turn != turns[b.unit] {
		v.faultAt(i, "ballot.turn", "turn", b.turn, "want", turns[b.unit])
	} else if b.turn > 0 && !v.def.Pack.Revote {
		v.faultAt(i, "ballot.revote", "unit", b.unit)
	}
	turns[b.unit]++
	return b, v.faults == before
}

// openSecret finds out what the ballots of a secret poll say, from what its
// closing brings to light, and reports whether they can be counted. A void poll
// brings nothing to light.
func (v *verifier) openSecret(leaf int, c closing) bool {
	u, voters := c.Secret, int64(len(v.last))
	if u.Tokens < voters || u.Tokens > int64(len(v.roll)) {
		v.faultAt(leaf, "secret.tokens", "n", u.Tokens, "voted", voters, "of", v.def.Pack.of())
	} else {
		v.good("secret.tokens_good", "n", u.Tokens, "voted", voters)
	}
	if result, reason := c.says(); result == void {
		v.checkVoid(leaf, c, reason)
		return false
	}
	if voters < v.def.Secret.Crowd {
		v.faultAt(leaf, "secret.few", "n", voters, "crowd", v.def.Secret.Crowd)
	}
	if v.def.Secret.Disclosure == byList {
		return v.takeList(leaf, u)
	}
	return v.useKey(leaf, u)
}

// checkVoid checks that a poll had to be void, or tells that others say so.
func (v *verifier) checkVoid(leaf int, c closing, reason string) {
	voters := int64(len(v.last))
	if few := voters < v.def.Secret.Crowd; few != (reason == "verdict.void_few") || !few && reason != "verdict.void_lost" || c.Secret.Key != "" || c.Secret.List != nil {
		v.faultAt(leaf, "secret.void", "n", voters, "crowd", v.def.Secret.Crowd)
		return
	}
	want := verdict{Result: void, Reason: reason, side: side{Count: count{Due: v.def.Due, Attended: c.Attended, Cast: voters}}}
	before := v.faults
	v.compare(leaf, "verdict", decoded(c.Verdict), encoded(want))
	switch {
	case v.faults > before:
	case reason == "verdict.void_few":
		v.hint("secret.void_few", "n", voters, "crowd", v.def.Secret.Crowd)
	default:
		v.hint("secret.void_lost", "n", voters)
	}
}

// useKey opens every ballot with the key that was disclosed.
func (v *verifier) useKey(leaf int, u *unsealed) bool {
	raw, err := base64.StdEncoding.DecodeString(u.Key)
	if err != nil {
		v.faultAt(leaf, "secret.key")
		return false
	}
	scalar, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil || base64.StdEncoding.EncodeToString(scalar.PublicKey().Bytes()) != v.def.Secret.Key {
		v.faultAt(leaf, "secret.key")
		return false
	}
	key, err := hpke.NewDHKEMPrivateKey(scalar)
	if err != nil {
		v.faultAt(leaf, "secret.key")
		return false
	}
	bad := 0
	for token, b := range v.last {
		if b.choice = v.opened(key, b); b.choice == void {
			bad++
		}
		v.last[token] = b
	}
	v.good("secret.opened", "n", len(v.last), "void", bad)
	return true
}

// opened is what a ballot says, void where it does not open or says nothing
// that was asked.
func (v *verifier) opened(key hpke.PrivateKey, b vote) string {
	sealed, err := base64.StdEncoding.Strict().DecodeString(b.sealed)
	if err != nil {
		return void
	}
	info := fmt.Sprintf("yishi secret ballot\n%s\n%s\n%d\n", sumHex(v.board.Definition), b.unit, b.turn)
	plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info), sealed)
	if err != nil || len(plain) != 80 || !isHex(string(plain[:16]), 16) {
		return void
	}
	if choice := strings.TrimRight(string(plain[16:]), " "); v.def.isMark(choice) {
		return choice
	}
	return void
}

// takeList takes the choices from the list. That it is what was sealed, those who
// held the shares answer for.
func (v *verifier) takeList(leaf int, u *unsealed) bool {
	if len(u.List) != len(v.last) {
		v.faultAt(leaf, "secret.list", "n", len(u.List), "want", len(v.last))
		return false
	}
	v.last = map[string]vote{}
	for i, l := range u.List {
		if l.Choice != void && (!v.def.isMark(l.Choice) || !isHex(l.Tracker, 16)) {
			v.faultAt(leaf, "ballot.choice", "choice", l.Choice)
			return false
		}
		v.last[strconv.Itoa(i)] = vote{choice: l.Choice}
	}
	v.hint("secret.listed", "n", len(u.List))
	return true
}
