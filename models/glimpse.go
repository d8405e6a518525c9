package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/maypok86/otter/v2"

	"yishi/models/ballots"
	"yishi/models/rules"
)

// GlimpseEvery is how often what watchers see of a poll is made anew.
const GlimpseEvery = 250 * time.Millisecond

// Glimpse is what watchers see of a poll, ready to be sent: made once for all of
// them. What it says goes through the gate of [PollView]: before the poll is
// closed how many have voted and, only where the rule pack says so, how.
type Glimpse struct {
	Body []byte
	Tag  string // changes with the body
	Over bool   // nothing more will change
}

// PollTally is the body of a glimpse.
type PollTally struct {
	ID      int64           `json:"id"`
	State   rules.PollState `json:"state"`
	Hash    string          `json:"hash"`
	Due     int64           `json:"due"`
	Area    int64           `json:"area,omitempty"`
	Cast    int64           `json:"cast"`
	Marks   []rules.Mark    `json:"marks,omitempty"`
	Verdict *rules.Verdict  `json:"verdict,omitempty"`
}

func newGlimpses() *otter.Cache[int64, *Glimpse] {
	return otter.Must(&otter.Options[int64, *Glimpse]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[int64, *Glimpse](GlimpseEvery),
	})
}

// Glimpse returns what watchers see of a poll. It may be as old as GlimpseEvery,
// so however many watch, the database is asked no more often.
func (f *Forum) Glimpse(ctx context.Context, who Actor, id int64) (*Glimpse, error) {
	standing, err := f.standing(ctx, who)
	if err != nil {
		return nil, err
	}
	if err := rules.MayEver(standing, rules.PollRead); err != nil {
		return nil, err
	}
	return f.glimpses.Get(ctx, id, otter.LoaderFunc[int64, *Glimpse](func(ctx context.Context, id int64) (*Glimpse, error) {
		return f.Glance(ctx, id)
	}))
}

// Glance makes anew what watchers see of a poll: for whoever makes it once for
// all of them.
func (f *Forum) Glance(ctx context.Context, id int64) (*Glimpse, error) {
	t := &tx{DB: f.store.DB(ctx), f: f, now: f.Now()}
	var p Poll
	if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, found(err, "poll")
	}
	d, err := p.definition() // the pack under which it was opened, whatever is in force now
	if err != nil {
		return nil, err
	}
	count, err := ballots.Tally(t.DB, id)
	if err != nil {
		return nil, err
	}
	g, err := p.tally(d, count)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(g)
	sum := sha256.Sum256(body)
	return &Glimpse{Body: body, Tag: hex.EncodeToString(sum[:12]), Over: p.State == rules.PollClosed}, err
}

// tally is what may be told of a count to whoever watches.
func (p *Poll) tally(d rules.Definition, count ballots.Count) (PollTally, error) {
	g := PollTally{ID: p.ID, State: p.State, Hash: p.Hash, Due: p.Due, Area: p.Area, Cast: count.Cast}
	if p.State == rules.PollClosed {
		verdict, err := decode[rules.Verdict](p.Verdict)
		g.Verdict = &verdict
		return g, err
	}
	if d.Pack.LiveTally {
		g.Marks = count.Marks()
	}
	return g, nil
}
