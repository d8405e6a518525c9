package models

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"

	"gorm.io/gorm"

	"yishi/models/ballots"
	"yishi/models/rules"
	"yishi/models/store"
)

// Ballot is the vote of one unit as its voter sees it.
type Ballot struct {
	ballots.Ballot
	Definition string `json:"definition,omitempty" doc:"hash of what was asked, of whom and under which rule"`
	Proof      string `json:"proof,omitempty" doc:"the full receipt: what was signed when the ballot was stored"`
}

// CastBallot casts the ballot of a unit on an open poll. The unit may be left
// out by a person who has one seat. Where the rule pack lets people vote again,
// the last ballot counts. The same request gets the same answer however often it
// comes.
//
// It is the one deed that does not go through do: it is committed together with
// others, and the record of the poll is its audit.
func (f *Forum) CastBallot(ctx context.Context, who Actor, pollID int64, unit string, choice rules.Choice) (*Ballot, error) {
	if err := f.mayCast(ctx, who); err != nil {
		return nil, err
	}
	return f.cast(ctx, voteOf(who, pollID, unit, choice))
}

func (f *Forum) mayCast(ctx context.Context, who Actor) error {
	standing, err := f.standing(ctx, who)
	if err != nil {
		return err
	}
	return rules.May(standing, rules.BallotCast, rules.Object{})
}

func voteOf(who Actor, pollID int64, unit string, choice rules.Choice) ballots.Vote {
	return ballots.Vote{Poll: pollID, Person: who.PersonID, Unit: unit, Choice: string(choice), Door: string(who.Door), Request: requestOf(who)}
}

// CastBallotByChat casts a ballot and does, in the same transaction, what
// [Forum.Replied] does: one cannot be there without the other. reply says with what
// the conversation goes on; it may be called again, and by others. Where the ballot
// is there already it is [ErrTurn]: its reply is in the inbox.
func (f *Forum) CastBallotByChat(ctx context.Context, who Actor, pollID int64, unit string, choice rules.Choice, reply func(*Ballot) (Dialogue, Inbox)) error {
	if err := f.mayCast(ctx, who); err != nil {
		return err
	}
	if store.Joined(ctx) { // which the ballot would wait for
		return errors.New("models: a ballot after other deeds of one answer")
	}
	v := voteOf(who, pollID, unit, choice)
	var written *ballots.Ballot
	v.Beside = func(db *gorm.DB, row *ballots.Ballot, proof *ballots.Proof) error {
		t := &tx{DB: db, f: f, now: row.At, who: who}
		d, in := reply(&Ballot{*row, proof.Definition, proof.Full})
		written = row
		return t.replied(d, in)
	}
	row, _, err := f.ballots.Cast(ctx, v)
	if err == nil && row != written {
		err = ErrTurn
	}
	return err
}

func (f *Forum) cast(ctx context.Context, v ballots.Vote) (*Ballot, error) {
	row, proof, err := f.ballots.Cast(ctx, v)
	if err != nil {
		return nil, err
	}
	return &Ballot{*row, proof.Definition, proof.Full}, nil
}

// requestOf is the name of a request, by which a retry is known. One without a
// key is never the retry of another.
func requestOf(who Actor) string {
	if who.Key == "" {
		return hex.EncodeToString([]byte(rand.Text())[:16])
	}
	sum := sha256.Sum256([]byte(strconv.FormatInt(who.PersonID, 10) + " " + who.Key))
	return hex.EncodeToString(sum[:16])
}
