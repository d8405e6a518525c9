package models

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"yishi/models/ballots"
	"yishi/models/rules"
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
	standing, err := f.standing(ctx, who)
	if err != nil {
		return nil, err
	}
	if err := rules.May(standing, rules.BallotCast, rules.Object{}); err != nil {
		return nil, err
	}
	return f.cast(ctx, ballots.Vote{
		Poll: pollID, Person: who.PersonID, Unit: unit, Choice: string(choice), Door: string(who.Door), Request: requestOf(who),
	})
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
