package main_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"yishi/models/board"
	"yishi/models/secret"
)

// sealed is a secret poll of twelve units of which seven vote, five yes and two
// no, one of them after a no. What a test changes before signing ends on a board
// that is whole and yet wrong.
type sealed struct {
	*held
	issuer  *secret.Issuer
	key     *secret.Dealt
	ballots []secret.Ballot
	opened  *board.Unsealed
}

// anIssuer draws a key once for all polls of this test: it takes a while.
var anIssuer = sync.OnceValues(secret.NewIssuer)

const sevenVoted = `{"result":"passed","reason":"verdict.passed","count":{"due":12,"attended":8,"cast":7,"yes":5,"no":2},"need_attended":7,"need_yes":5,"approval_base":8}`

func holdSecret(t *testing.T, disclosure string) *sealed {
	t.Helper()
	issuer, err := anIssuer()
	ok(t, err)
	key, err := secret.Deal()
	ok(t, err)
	s := &sealed{held: poll{areas: make([]int64, 12), attended: 8, verdict: sevenVoted, pack: obj{"secret": true}}.hold(t), issuer: issuer, key: key}
	s.def["secret"] = obj{"disclosure": disclosure, "crowd": 5, "tokens": issuer.Public(), "key": key.Public, "shares": key.Commitments}
	said := []string{"yes", "yes", "no", "yes", "yes", "no", "no"}
	s.opened = &board.Unsealed{Tokens: 8}
	for i, choice := range said {
		s.ballots = append(s.ballots, s.vote(t, i, 0, choice))
		if i == 6 {
			choice = "yes"
			s.ballots = append(s.ballots, s.vote(t, i, 1, choice))
		}
		s.opened.List = append(s.opened.List, board.Listed{Tracker: fmt.Sprintf("%016x", i), Choice: choice})
	}
	if disclosure == "key" {
		s.opened.List, s.opened.Key = nil, s.private(t)
	}
	return s
}

func (s *sealed) private(t *testing.T) string {
	t.Helper()
	a, err := secret.ReadShare(s.key.Commitments, s.key.Shares[0])
	ok(t, err)
	b, err := secret.ReadShare(s.key.Commitments, s.key.Shares[2])
	ok(t, err)
	key, err := secret.Join(a, b)
	ok(t, err)
	return key.String()
}

// vote is the ballot of voter i.
func (s *sealed) vote(t *testing.T, i, turn int, choice string) secret.Ballot {
	t.Helper()
	tokens, err := secret.ReadTokens(s.issuer.Public())
	ok(t, err)
	wish, err := tokens.Wish(fmt.Appendf(nil, "%032d", i))
	ok(t, err)
	blind, err := s.issuer.Sign(wish.Blinded)
	ok(t, err)
	b := secret.Ballot{Token: wish.Token, Turn: turn}
	b.Signature, err = wish.Take(blind)
	ok(t, err)
	b.Sealed, err = secret.SealChoice(s.key.Public, sumHex(string(s.definition(t))), b.Token, turn, secret.Opened{Tracker: fmt.Sprintf("%016x", i), Choice: choice})
	ok(t, err)
	return b
}

// judged puts the poll on a board and lets the verifier judge it.
func (s *sealed) judged(t *testing.T) (int, string) {
	t.Helper()
	for _, b := range s.ballots {
		leaf, err := json.Marshal(b)
		ok(t, err)
		s.more = append(s.more, leaf)
	}
	s.closing.Secret = s.opened
	return run(s.file(t, signer(t, 1), false).save(t))
}

func (s *sealed) says(verdict string) { s.closing.Verdict = json.RawMessage(verdict) }

const (
	voidFew  = `{"result":"void","reason":"verdict.void_few","count":{"due":12,"attended":8,"cast":4}}`
	voidLost = `{"result":"void","reason":"verdict.void_lost","count":{"due":12,"attended":8,"cast":7}}`
)

// TestSecretBoard judges boards of secret polls, whole ones and wrong ones.
func TestSecretBoard(t *testing.T) {
	few := func(s *sealed) { s.ballots = s.ballots[:4] }
	for _, tt := range []struct {
		name       string
		disclosure string
		change     func(*testing.T, *sealed)
		code       string // "": all is well
	}{
		{"as it is", "key", nil, ""},
		{"with a list", "list", nil, ""},
		{"too few", "key", func(_ *testing.T, s *sealed) { few(s); s.says(voidFew); s.opened.Key = "" }, ""},
		{"shares are lost", "list", func(_ *testing.T, s *sealed) { s.says(voidLost); s.opened.List = nil }, ""},
		{"a spoiled ballot", "key", func(t *testing.T, s *sealed) {
			s.ballots[2] = s.vote(t, 2, 0, "perhaps")
			s.says(strings.Replace(sevenVoted, `"no":2`, `"no":1`, 1))
		}, ""},

		{"a way to disclose that there is not", "both", nil, "definition.secret"},
		{"a crowd of four", "key", func(_ *testing.T, s *sealed) { s.def["secret"].(obj)["crowd"] = 4 }, "definition.secret"},
		{"shares of another key", "key", func(_ *testing.T, s *sealed) {
			s.def["secret"].(obj)["shares"] = []string{s.key.Commitments[1], s.key.Commitments[0]}
		}, "definition.secret"},
		{"tokens of no key", "key", func(_ *testing.T, s *sealed) { s.def["secret"].(obj)["tokens"] = "AAAA" }, "definition.secret"},
		{"sealed to no key", "key", func(_ *testing.T, s *sealed) {
			s.def["secret"].(obj)["key"], s.def["secret"].(obj)["shares"] = "AAAA", []string{"AAAA", "AAAA"}
		}, "definition.secret"},
		{"fewer due than hide one", "key", func(_ *testing.T, s *sealed) {
			s.roll = s.roll[:9]
			s.def["roll"], s.def["due"] = rollHash(s.roll), 9
		}, "definition.secret"},

		{"a token that was never given", "key", func(_ *testing.T, s *sealed) {
			s.ballots[1].Token = strings.Repeat("ab", 64)
		}, "secret.token"},
		{"another's signature", "key", func(_ *testing.T, s *sealed) { s.ballots[1].Signature = s.ballots[0].Signature }, "secret.token"},
		{"a token that is none", "key", func(_ *testing.T, s *sealed) { s.ballots[1].Token = "ab" }, "ballot.form"},
		{"a ballot twice", "key", func(_ *testing.T, s *sealed) { s.ballots = append(s.ballots, s.ballots[0]) }, "ballot.turn"},
		{"a turn left out", "key", func(_ *testing.T, s *sealed) { s.ballots = slices.Delete(s.ballots, 6, 7) }, "ballot.turn"},
		{"changed, where nobody may", "key", func(_ *testing.T, s *sealed) { s.pack()["revote"] = false }, "ballot.revote"},
		{"a named ballot", "key", func(_ *testing.T, s *sealed) {
			s.more = append(s.more, board.Leaf{Unit: unit(1), Choice: "yes", Salt: strings.Repeat("0", 32)}.Bytes())
		}, "ballot.form"},
		{"a copy of another's choice", "key", func(_ *testing.T, s *sealed) { s.ballots[2].Sealed = s.ballots[0].Sealed }, "closing.verdict"},

		{"fewer tokens than ballots", "key", func(_ *testing.T, s *sealed) { s.opened.Tokens = 6 }, "secret.tokens"},
		{"more tokens than units", "key", func(_ *testing.T, s *sealed) { s.opened.Tokens = 13 }, "secret.tokens"},
		{"opened with too few", "key", func(_ *testing.T, s *sealed) { few(s) }, "secret.few"},
		{"void with enough", "key", func(_ *testing.T, s *sealed) { s.says(voidFew); s.opened.Key = "" }, "secret.void"},
		{"void and opened", "key", func(_ *testing.T, s *sealed) { s.says(voidLost) }, "secret.void"},
		{"void and listed", "list", func(_ *testing.T, s *sealed) { s.says(voidLost) }, "secret.void"},
		{"void for no reason", "list", func(_ *testing.T, s *sealed) {
			s.says(strings.Replace(voidLost, "void_lost", "passed", 1))
			s.opened.List = nil
		}, "secret.void"},
		{"too few, and shares said to be lost", "key", func(_ *testing.T, s *sealed) {
			few(s)
			s.says(strings.Replace(voidLost, `"cast":7`, `"cast":4`, 1))
			s.opened.Key = ""
		}, "secret.void"},
		{"void, and fewer cast", "list", func(_ *testing.T, s *sealed) {
			s.says(strings.Replace(voidLost, `"cast":7`, `"cast":6`, 1))
			s.opened.List = nil
		}, "closing.verdict"},
		{"no key", "key", func(_ *testing.T, s *sealed) { s.opened.Key = "" }, "secret.key"},
		{"another key", "key", func(t *testing.T, s *sealed) { s.opened.Key = holdSecret(t, "key").private(t) }, "secret.key"},
		{"a key that is none", "key", func(_ *testing.T, s *sealed) { s.opened.Key = "%" }, "secret.key"},
		{"a list that is short", "list", func(_ *testing.T, s *sealed) { s.opened.List = s.opened.List[1:] }, "secret.list"},
		{"a list of what nobody could say", "list", func(_ *testing.T, s *sealed) { s.opened.List[0].Choice = "perhaps" }, "ballot.choice"},
		{"a list without a number", "list", func(_ *testing.T, s *sealed) { s.opened.List[0].Tracker = "" }, "ballot.choice"},
		{"a list that says otherwise", "list", func(_ *testing.T, s *sealed) { s.opened.List[0].Choice = "no" }, "closing.verdict"},
		{"nothing came to light", "key", func(_ *testing.T, s *sealed) { s.opened = nil }, "closing.form"},
		{"a named poll that was opened", "key", func(_ *testing.T, s *sealed) {
			s.def["secret"], s.ballots = nil, nil
		}, "closing.form"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := holdSecret(t, tt.disclosure)
			if tt.change != nil {
				tt.change(t, s)
				if s.def["secret"] != nil && !strings.HasPrefix(tt.code, "definition.") {
					s.reseal(t)
				}
			}
			code, said := s.judged(t)
			if tt.code == "" && code != 0 || tt.code != "" && (code != 1 || !slices.Contains(codesOf(said), tt.code)) {
				t.Errorf("wanted the fault %q, got %d:\n%s", tt.code, code, said)
			}
		})
	}
}

// reseal seals the ballots anew where a change of the definition has changed what
// they are bound to.
func (s *sealed) reseal(t *testing.T) {
	t.Helper()
	if s.pack()["revote"] == true {
		return
	}
	for i, b := range s.ballots {
		var err error
		s.ballots[i].Sealed, err = secret.SealChoice(s.key.Public, sumHex(string(s.definition(t))), b.Token, b.Turn, secret.Opened{Tracker: fmt.Sprintf("%016x", i), Choice: "yes"})
		ok(t, err)
	}
}
