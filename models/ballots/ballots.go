// Package ballots is the vote engine. Ballots that come at the same time are
// committed together: each waits in a bounded queue, a writer takes what is
// there, and whoever voted is answered once the transaction stands. The roll of
// an open poll is held in memory, but what decides is the database: the key
// (poll, unit, turn) lets a unit vote once, and the shards that closing writes
// let nobody vote later. So any number of instances may take ballots.
package ballots

import (
	"errors"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
)

// The doors through which a ballot comes that is not cast by its voter alone.
const (
	DoorPaper    = "paper"    // a sheet, or a code redeemed on the spot
	DoorAssisted = "assisted" // taken down by others, with consent
	DoorProxy    = "proxy"    // cast by whom its holder named
)

// Vote is a ballot on its way.
type Vote struct {
	Poll    int64
	Person  int64
	Unit    string // "" where the person has one seat
	Choice  string // as it was sent; the rulebook reads it
	Door    string
	Request string // 32 characters; a retry of it gets the same answer

	// Beside is written in the transaction of the ballot, if anything is. An error
	// undoes both. It may be run again, in another transaction; for a retry of the
	// request it is not run.
	Beside func(db *gorm.DB, row *Ballot, proof *Proof) error
}

// Ballot is a row of a poll's record. Rows are only ever added: the highest turn
// of a unit is the one that counts.
type Ballot struct {
	PollID   int64        `json:"poll_id" gorm:"primaryKey;autoIncrement:false"`
	Unit     string       `json:"unit" gorm:"primaryKey"`
	Turn     int          `json:"turn" gorm:"primaryKey;autoIncrement:false"`
	PersonID int64        `json:"-"`
	Choice   rules.Choice `json:"choice"`
	Area     int64        `json:"-"` // cm², 0 where the poll counts heads alone
	Door     string       `json:"door"`
	Receipt  string       `json:"receipt"` // 8 characters, see board.Code
	Request  string       `json:"-"`
	Batch    int64        `json:"-"`
	Place    int          `json:"-"`
	At       time.Time    `json:"at"`
}

// Shards is into how many parts the tally of a poll is split, so that writers do
// not queue for one row. Part number Shards is for paper.
const Shards = 8

// Shard is a part of the tally of a poll.
type Shard struct {
	PollID  int64 `gorm:"primaryKey;autoIncrement:false"`
	Shard   int   `gorm:"primaryKey;autoIncrement:false"`
	Open    bool
	Ballots int64
}

// Open makes the shards of a poll that is being opened.
func Open(db *gorm.DB, poll int64) error {
	parts := make([]Shard, Shards+1)
	for i := range parts {
		parts[i] = Shard{PollID: poll, Shard: i, Open: true}
	}
	return db.Create(parts).Error
}

// Batch is the row of ballots that were committed together.
type Batch struct {
	PollID int64 `gorm:"primaryKey;autoIncrement:false"`
	ID     int64 `gorm:"primaryKey;autoIncrement:false"`
	Size   int
	First  *int64 // the place of its first leaf on the board; nil: not there yet
}

// Place gives a batch its place on the board.
func Place(db *gorm.DB, b Batch, first int64) error {
	return db.Model(&Batch{}).Where("poll_id = ? AND id = ?", b.PollID, b.ID).Update("first", first).Error
}

// Batched notes a batch that was made elsewhere, of secret ballots, by so many
// units that vote for the first time. It is refused once the poll takes nothing
// more.
func Batched(db *gorm.DB, b Batch, units int64) error {
	r := db.Exec("UPDATE shards SET ballots = ballots + ? WHERE poll_id = ? AND shard = 0 AND open = ?", units, b.PollID, true)
	if r.Error == nil && r.RowsAffected == 0 {
		return rules.Refuse(rules.Conflict, "poll.closed")
	}
	return errors.Join(r.Error, db.Create(&b).Error)
}

// Tell writes a line of the tally of a poll whose ballots are opened at once.
func Tell(db *gorm.DB, poll int64, choice rules.Choice, door string, n int64) error {
	return db.Exec("INSERT INTO tallies (poll_id, shard, choice, door, ballots, area) VALUES (?, 0, ?, ?, ?, 0)", poll, string(choice), door, n).Error
}
