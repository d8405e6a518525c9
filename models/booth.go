package models

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/maypok86/otter/v2"
	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/board"
	"yishi/models/rules"
	"yishi/models/secret"
	"yishi/models/store"
)

// SecretBallot is a secret ballot in the record.
type SecretBallot struct {
	PollID    int64  `gorm:"primaryKey;autoIncrement:false"`
	Name      string `gorm:"primaryKey"` // secret.Name of the token
	Turn      int    `gorm:"primaryKey;autoIncrement:false"`
	Token     string
	Signature string
	Sealed    string
	Batch     int64
	Place     int
}

func (b *SecretBallot) ballot() secret.Ballot {
	return secret.Ballot{Token: b.Token, Signature: b.Signature, Turn: b.Turn, Sealed: b.Sealed}
}

// leaf is what the board says of it.
func leafOf(b secret.Ballot) ([]byte, error) { return json.Marshal(b) }

// SecretReceipt is what a voter keeps of a secret ballot. It does not say what
// the ballot says.
type SecretReceipt struct {
	Receipt    string `json:"receipt" doc:"8 characters"`
	Definition string `json:"definition" doc:"hash of what was asked, of whom and under which rule"`
	Proof      string `json:"proof" doc:"the full receipt"`
}

// booth is a secret poll as an instance holds it: what was frozen, and so never
// changes.
type booth struct {
	poll   int64
	def    rules.Definition
	hash   board.Hash
	tokens *secret.Tokens
}

func newBooths() *otter.Cache[int64, *booth] {
	return otter.Must(&otter.Options[int64, *booth]{MaximumSize: 1000})
}

func (f *Forum) booth(ctx context.Context, id int64) (*booth, error) {
	return f.booths.Get(ctx, id, otter.LoaderFunc[int64, *booth](func(ctx context.Context, id int64) (*booth, error) {
		var p Poll
		if err := f.store.DB(ctx).Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		d, err := p.definition()
		if err != nil {
			return nil, err
		}
		if d.Secret == nil {
			return nil, rules.Refuse(rules.Conflict, "poll.named")
		}
		hash, err := hex.DecodeString(p.Hash)
		if err != nil || len(hash) != len(board.Hash{}) {
			return nil, errors.New("models: the hash of a poll is none")
		}
		tokens, err := secret.ReadTokens(d.Secret.Tokens)
		return &booth{id, d, board.Hash(hash), tokens}, err
	}))
}

// CastSecret takes a secret ballot. Whoever sends it is not asked who they are:
// the token is valid or it is not. The same ballot gets the same receipt however
// often it comes, also once the poll is closed.
//
// It waits, sealed, in a pool that is written as a whole, and reaches the record
// in a batch of ballots drawn by lot, of at least as many voters as the poll's
// crowd. So neither the database nor its log tells which came when. It does not go
// through do: the audit has one line for each batch.
func (f *Forum) CastSecret(ctx context.Context, id int64, b secret.Ballot) (*SecretReceipt, error) {
	if err := rules.May(rules.Standing{}, rules.SecretCast, rules.Object{}); err != nil {
		return nil, err
	}
	v, err := f.booth(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(b.Sealed) != secret.SealedLetters || !v.tokens.Valid(b.Token, b.Signature) {
		return nil, rules.Refuse(rules.Forbidden, "secret.token")
	}
	at := f.Now()
	err = f.store.Transact(ctx, at, func(db *gorm.DB) error {
		t := &tx{DB: db, f: f, now: at, who: Booth}
		return t.drop(v, b)
	})
	if err != nil {
		return nil, err
	}
	return f.secretReceipt(v, b)
}

// secretReceipt signs a ballot as a batch of one: a signature over more would say
// which came together.
func (f *Forum) secretReceipt(v *booth, b secret.Ballot) (*SecretReceipt, error) {
	leaf, err := leafOf(b)
	if err != nil {
		return nil, err
	}
	signed, err := f.signer.Receipts(v.poll, v.hash, []board.Hash{board.HashLeaf(leaf)})
	if err != nil {
		return nil, err
	}
	return &SecretReceipt{Receipt: signed[0].Code(), Definition: hex.EncodeToString(v.hash[:]), Proof: signed[0].String()}, nil
}

// drop puts a ballot into the pool, and lets a batch go once two crowds wait.
func (t *tx) drop(v *booth, b secret.Ballot) error {
	pool, err := t.pool(v.poll)
	if err != nil {
		return err
	}
	had, err := t.turns(v.poll, b.Token, pool)
	if err != nil {
		return err
	}
	if b.Turn >= 0 && b.Turn < len(had) {
		if had[b.Turn] == b {
			return nil
		}
		return rules.Refuse(rules.Conflict, "secret.rival")
	}
	if err := t.takesSecret(v); err != nil {
		return err
	}
	if err := rules.CheckTurn(v.def.Pack, len(had), b.Turn); err != nil {
		return err
	}
	pool = append(pool, b)
	if n := len(voters(pool)); n >= 2*v.def.Secret.Crowd {
		if pool, err = t.drawBatch(v, pool, v.def.Secret.Crowd); err != nil {
			return err
		}
	}
	return t.setPool(v.poll, pool)
}

// takesSecret says whether a secret poll takes ballots: it is open, and nobody
// but the holders has the shares of its key.
func (t *tx) takesSecret(v *booth) error {
	var p Poll
	if err := t.Omit("definition").Where("id = ?", v.poll).Take(&p).Error; err != nil {
		return found(err, "poll")
	}
	if p.State != rules.PollOpen {
		return rules.Refuse(rules.Conflict, "poll.closed")
	}
	if err := rules.CheckOpen(p.ClosesAt, t.now); err != nil {
		return err
	}
	var here int64
	err := t.Model(&SecretShare{}).Where("poll_id = ? AND taken = ?", v.poll, false).Count(&here).Error
	if err == nil && here > 0 {
		err = rules.Refuse(rules.Conflict, "secret.shares", "missing", here)
	}
	return err
}

// turns are the ballots of a token so far.
func (t *tx) turns(poll int64, token string, pool []secret.Ballot) ([]secret.Ballot, error) {
	var rows []SecretBallot
	if err := t.Where("poll_id = ? AND name = ?", poll, secret.Name(token)).Order("turn").Find(&rows).Error; err != nil {
		return nil, err
	}
	var had []secret.Ballot
	for i := range rows {
		had = append(had, rows[i].ballot())
	}
	for _, b := range pool {
		if b.Token == token {
			had = append(had, b)
		}
	}
	return had, nil
}

// voters are the tokens in a pool, each once, by lot: in the order of a hash that
// nobody could foresee.
func voters(pool []secret.Ballot) []string {
	lot := map[string][sha256.Size]byte{}
	salt := random(32)
	for _, b := range pool {
		lot[b.Token] = sha256.Sum256([]byte(salt + b.Token))
	}
	out := make([]string, 0, len(lot))
	for token := range lot {
		out = append(out, token)
	}
	slices.SortFunc(out, func(x, y string) int {
		a, b := lot[x], lot[y]
		return slices.Compare(a[:], b[:])
	})
	return out
}

// drawBatch writes all ballots of n voters of a pool into the record, and returns
// those that go on waiting.
func (t *tx) drawBatch(v *booth, pool []secret.Ballot, n int) ([]secret.Ballot, error) {
	drawn := map[string]bool{}
	for _, token := range voters(pool)[:n] {
		drawn[token] = true
	}
	var last int64
	if err := t.Model(&ballots.Batch{}).Where("poll_id = ?", v.poll).Select("COALESCE(MAX(id), 0)").Scan(&last).Error; err != nil {
		return nil, err
	}
	batch := ballots.After(last, t.f.ballots.BatchID())
	var rows []SecretBallot
	var rest []secret.Ballot
	first := int64(0) // units that vote for the first time
	for _, b := range pool {
		if !drawn[b.Token] {
			rest = append(rest, b)
			continue
		}
		if b.Turn == 0 {
			first++
		}
		rows = append(rows, SecretBallot{v.poll, secret.Name(b.Token), b.Turn, b.Token, b.Signature, b.Sealed, batch, 0})
	}
	if len(rows) == 0 {
		return rest, nil
	}
	slices.SortFunc(rows, func(x, y SecretBallot) int { return cmp.Or(cmp.Compare(x.Name, y.Name), x.Turn-y.Turn) })
	for i := range rows {
		rows[i].Place = i
	}
	if err := ballots.Batched(t.DB, ballots.Batch{PollID: v.poll, ID: batch, Size: len(rows)}, first); err != nil {
		return nil, err
	}
	if err := t.CreateInBatches(rows, 100).Error; err != nil {
		return nil, err
	}
	o, err := onPoll(v.poll).find(t)
	if err != nil {
		return nil, err
	}
	line := store.Audit{At: t.now, Door: string(t.who.Door), Deed: string(rules.SecretCast), Subject: subject("poll", v.poll), Path: o.Path}
	return rest, store.Record(t.DB, &line)
}
