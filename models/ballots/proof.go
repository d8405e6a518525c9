package ballots

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"

	"gorm.io/gorm"

	"yishi/models/board"
	"yishi/models/rules"
)

// Proof is what a voter holds beside the ballot.
type Proof struct {
	Definition string // hash of what was asked, of whom and under which rule
	Full       string // the full receipt, see board.Receipt
}

func (b *box) proof(full board.Receipt) *Proof {
	return &Proof{Definition: hex.EncodeToString(b.hash[:]), Full: full.String()}
}

// masker makes the pseudonyms of a poll's units. Without the key nobody can tell
// which unit one stands for, nor connect those of two polls.
type masker struct{ key []byte }

// Mask returns the masker of a poll.
func (e *Engine) Mask(poll int64) masker {
	return masker{masker{e.Key}.hand().mac("poll " + strconv.FormatInt(poll, 10))}
}

// hand makes many pseudonyms, one after another.
func (m masker) hand() hand { return hand{hmac.New(sha256.New, m.key)} }

type hand struct{ hash.Hash }

func (h hand) mac(text string) []byte {
	h.Reset()
	_, _ = io.WriteString(h, text)
	return h.Sum(nil)
}

func (h hand) unit(name string) string { return hex.EncodeToString(h.mac("unit " + name)[:16]) }

// leaf is what the board says of a ballot. The salt keeps the hash from being
// guessed before the board is opened.
func (h hand) leaf(mask string, b *Ballot) board.Leaf {
	salt := h.mac("salt " + b.Unit + " " + strconv.Itoa(b.Turn))[:16]
	return board.Leaf{Unit: mask, Turn: b.Turn, Choice: string(b.Choice), Area: b.Area, Salt: hex.EncodeToString(salt)}
}

// OnLeaf are the columns of a ballot that its leaf is made of, and where it stands.
const OnLeaf = "unit, turn, choice, area, batch, place"

// Leaves are what the board says of ballots of one poll.
func (e *Engine) Leaves(poll int64, rows []Ballot) []board.Leaf {
	h := e.Mask(poll).hand()
	out := make([]board.Leaf, len(rows))
	for i := range rows {
		out[i] = h.leaf(h.unit(rows[i].Unit), &rows[i])
	}
	return out
}

// answer is the ballot and its proof. A retry is answered from the batch in
// which its ballot was committed: a signature over the same is the same.
func (e *Engine) answer(ctx context.Context, b *box, p *pending) (*Ballot, *Proof, error) {
	if p.pack != nil {
		return p.row, b.proof(p.pack.signed[p.row.Place]), nil
	}
	receipt, err := e.again(e.store.DB(ctx), b, p.row)
	return p.row, b.proof(receipt), err
}

// earlier answers the retry of a request whose poll has been closed since: whoever
// was not told in time is told what became of it, and everybody else that they
// come too late.
func (e *Engine) earlier(ctx context.Context, v Vote, late *rules.Refusal) (*Ballot, *Proof, error) {
	db := e.store.DB(ctx)
	var rows []Ballot
	err := db.Where("poll_id = ? AND request = ? AND person_id = ?", v.Poll, v.Request, v.Person).
		Where("unit IN (SELECT unit FROM seats WHERE poll_id = ? AND person_id = ?)", v.Poll, v.Person).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, late
	}
	b, _, err := e.frame(db, v.Poll)
	if err != nil {
		return nil, nil, err
	}
	row := &rows[0]
	said, err := rules.ReadChoice(b.def.Ask, v.Choice)
	switch {
	case err != nil:
		return nil, nil, err
	case said != row.Choice || v.Unit != "" && v.Unit != row.Unit:
		return nil, nil, rules.Refuse(rules.Conflict, "request.reused")
	}
	return e.answer(ctx, b, &pending{row: row})
}

// again signs the batch of a ballot that was committed before, and returns the
// ballot's own receipt. A batch that has lost rows is a fault: its signature would
// be another.
func (e *Engine) again(db *gorm.DB, b *box, row *Ballot) (board.Receipt, error) {
	var rows []Ballot
	if err := db.Where("poll_id = ? AND batch = ?", b.poll, row.Batch).Order("place").Find(&rows).Error; err != nil {
		return board.Receipt{}, err
	}
	var batch Batch
	if err := db.Where("poll_id = ? AND id = ?", b.poll, row.Batch).Limit(1).Find(&batch).Error; err != nil {
		return board.Receipt{}, err
	}
	if len(rows) != batch.Size || row.Place >= len(rows) {
		return board.Receipt{}, fmt.Errorf("poll %d: batch %d has %d ballots of %d", b.poll, row.Batch, len(rows), batch.Size)
	}
	leaves, h := make([]board.Hash, len(rows)), b.mask.hand()
	for i := range rows {
		leaves[i] = h.leaf(h.unit(rows[i].Unit), &rows[i]).Hash()
	}
	signed, err := e.Signer.Receipts(b.poll, b.hash, leaves)
	if err != nil {
		return board.Receipt{}, err
	}
	return signed[row.Place], nil
}

// Masked is a roll under the pseudonyms of a poll's board.
func (e *Engine) Masked(poll int64, roll []rules.RollEntry) []rules.RollEntry {
	h := e.Mask(poll).hand()
	out := make([]rules.RollEntry, len(roll))
	for i, r := range roll {
		out[i] = rules.RollEntry{Unit: h.unit(r.Unit), Area: r.Area}
	}
	return out
}
