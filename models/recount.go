package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/board"
	"yishi/models/rules"
	"yishi/models/secret"
)

// Recount is a poll counted anew from its record, and what else is told of it
// compared with that. Without faults all agree.
type Recount struct {
	PollID  int64          `json:"poll_id"`
	Units   int64          `json:"units"`   // that have voted
	Ballots int64          `json:"ballots"` // in the record, those that were changed too
	Marks   []rules.Mark   `json:"marks" nullable:"false"`
	Result  rules.Result   `json:"result,omitempty"`
	BoardAt int64          `json:"board_at"` // leaves that the last checkpoint signs
	Faults  []RecountFault `json:"faults" nullable:"false"`
}

// RecountFault is one thing that does not agree with the record.
type RecountFault struct {
	What string `json:"what"` // tally, shards, verdict, snapshot, board
	Told string `json:"told"`
	Is   string `json:"is"`
}

// RecountPoll counts a poll anew from its ballots and compares what the tally,
// the verdict, the watchers' snapshot and the board say. A poll is not counted
// before it is closed: its results are told to nobody until then.
func (f *Forum) RecountPoll(ctx context.Context, who Actor, id int64) (*Recount, error) {
	return see(ctx, f, who, rules.PollRecount, onPoll(id), func(t *tx) (*Recount, error) {
		var p Poll
		if err := t.Where("id = ?", id).Take(&p).Error; err != nil {
			return nil, found(err, "poll")
		}
		if p.State != rules.PollClosed {
			return nil, rules.Refuse(rules.Conflict, "poll.early")
		}
		counted, n, err := t.fromRecord(&p)
		if err != nil {
			return nil, err
		}
		told, err := ballots.Tally(t.DB, id)
		if err != nil {
			return nil, err
		}
		r := &Recount{PollID: id, Units: counted.Cast, Ballots: n, Marks: counted.Marks(), Faults: []RecountFault{}}
		r.compare("shards", told.Cast, counted.Cast)
		r.compare("tally", told.Lines, counted.Lines)
		if err := t.recountVerdict(r, &p, counted); err != nil {
			return nil, err
		}
		return r, t.recountBoard(r, &p)
	})
}

// fromRecord counts a poll anew: a secret one by opening its ballots again, or,
// where its key is not disclosed, from its list.
func (t *tx) fromRecord(p *Poll) (c ballots.Count, all int64, err error) {
	d, err := p.definition()
	if err != nil {
		return c, 0, err
	}
	if d.Secret == nil {
		return ballots.FromRecord(t.DB, p.ID)
	}
	of := func() *gorm.DB { return t.Model(&SecretBallot{}).Where("poll_id = ?", p.ID) }
	if err := errors.Join(of().Count(&all).Error, of().Where("turn = 0").Count(&c.Cast).Error); err != nil {
		return c, all, err
	}
	o, err := t.openingOf(p.ID)
	if err != nil {
		return c, all, err
	}
	said := o.List
	if o.Key != "" {
		key, err := secret.ReadKey(o.Key)
		if err != nil {
			return c, all, err
		}
		if said, err = t.openAll(p, d, key); err != nil {
			return c, all, err
		}
	}
	marks, _ := counted(said)
	for _, m := range marks {
		c.Lines = append(c.Lines, ballots.Line{Choice: m.Choice, Door: doorSecret, Ballots: m.Ballots})
	}
	return c, all, nil
}

// compare notes a fault where two things, written down alike, differ.
func (r *Recount) compare(what string, told, is any) {
	a, b := fmt.Sprintf("%v", told), fmt.Sprintf("%v", is)
	if a != b {
		r.Faults = append(r.Faults, RecountFault{what, a, b})
	}
}

// recountVerdict judges a closed poll anew. Who was there without voting is taken
// from the verdict: the record of ballots cannot tell.
func (t *tx) recountVerdict(r *Recount, p *Poll, counted ballots.Count) error {
	g, err := t.f.Glance(t.Statement.Context, p.ID)
	if err != nil {
		return err
	}
	var seen PollTally
	if err := json.Unmarshal(g.Body, &seen); err != nil {
		return err
	}
	r.compare("snapshot", seen.Cast, counted.Cast)
	told, err := decode[rules.Verdict](p.Verdict)
	if err != nil {
		return err
	}
	d, err := p.definition()
	if err != nil {
		return err
	}
	turnout := rules.Turnout{Due: d.Due, DueArea: d.Area, Attended: told.Count.Attended}
	if told.Area != nil {
		turnout.AttendedArea = told.Area.Count.Attended
	}
	anew, err := json.Marshal(rules.Decide(d.Pack, d.Ask, turnout, r.Marks))
	if err != nil {
		return err
	}
	r.Result = told.Result
	r.compare("verdict", p.Verdict, string(anew))
	return nil
}

// recountBoard builds the board anew and compares its head with each checkpoint.
func (t *tx) recountBoard(r *Recount, p *Poll) error {
	tree := &board.Tree{}
	if err := t.grow(tree, p); err != nil {
		return err
	}
	var heads []Checkpoint
	if err := t.Where("poll_id = ?", p.ID).Find(&heads).Error; err != nil {
		return err
	}
	slices.SortFunc(heads, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	for _, h := range heads {
		r.BoardAt = h.Size
		signed, err := board.OpenCheckpoint(h.Note, t.f.signer)
		if err != nil {
			r.compare("board", err, "a checkpoint")
			continue
		}
		root, err := tree.Root(signed.Size)
		if err != nil {
			r.compare("board", fmt.Sprintf("%d leaves", signed.Size), fmt.Sprintf("%d leaves", tree.Size()))
			continue
		}
		r.compare("board", fmt.Sprintf("%x", signed.Root), fmt.Sprintf("%x", root))
	}
	return nil
}
