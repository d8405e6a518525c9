package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"yishi/models/rules"
	"yishi/models/store"
)

// DialogueFor is how long a dialogue waits for the next message.
const DialogueFor = 30 * time.Minute

// InboxFor is how long a reply is kept for a message that is delivered again.
// WeChat tries three times within a quarter of a minute.
const InboxFor = 24 * time.Hour

// ErrTurn says that somebody's conversation went on elsewhere meanwhile: the same
// message has to be taken again, from where it stands now, or was answered there.
var ErrTurn = errors.New("the dialogue went on meanwhile")

// Dialogue is where a conversation with the bot stands. It survives restarts and
// is the same on every instance.
type Dialogue struct {
	AppID     string `gorm:"primaryKey"`
	OpenID    string `gorm:"primaryKey"`
	Turn      int64  // counts the messages that were answered
	Step      string // "" when nothing is under way
	Notes     string // JSON
	ExpiresAt time.Time
	Data      map[string]string `gorm:"-"`
}

// Key is under which a deed of a message is done once: a message that is taken
// again from where the dialogue stood does it once, and one that comes late, after
// others were answered, is found by its number (see [Inbox]).
func (d Dialogue) Key(msgID, deed string) string {
	return fmt.Sprintf("%s%d/%s", keysOf(msgID), d.Turn, deed)
}

func keysOf(msgID string) string { return "wx-" + msgID + "/" }

// Inbox is a message that was answered. One without a number is not kept.
type Inbox struct {
	AppID  string `gorm:"primaryKey"`
	OpenID string `gorm:"primaryKey"`
	MsgID  string `gorm:"primaryKey"`
	Reply  string
	At     time.Time
	Wrote  bool `gorm:"-"` // a message, not a tap or a scan
	Heard  bool `gorm:"-"` // there is a reply
	Done   bool `gorm:"-"` // there is none, but what the message asked for was done, earlier in the dialogue
}

// Hear returns where the conversation with somebody stands, and what is known of a
// message of theirs.
func (f *Forum) Hear(ctx context.Context, who Actor, id Identity, msgID string) (Dialogue, Inbox, error) {
	in := Inbox{AppID: id.AppID, OpenID: id.OpenID, MsgID: msgID}
	d, err := see(ctx, f, who, rules.DialogueTurn, anywhere("dialogue"), func(t *tx) (Dialogue, error) {
		d := Dialogue{AppID: id.AppID, OpenID: id.OpenID}
		err := t.Where("app_id = ? AND open_id = ?", id.AppID, id.OpenID).Limit(1).Find(&d).Error
		if err == nil && d.Step != "" && t.now.Before(d.ExpiresAt) {
			err = json.Unmarshal([]byte(d.Notes), &d.Data)
		} else {
			d.Step, d.Data = "", map[string]string{}
		}
		if err != nil || msgID == "" {
			return d, err
		}
		return d, t.lookUp(&in, d)
	})
	return d, in, err
}

// lookUp finds what is known of a message.
func (t *tx) lookUp(in *Inbox, d Dialogue) error {
	found := t.Where("app_id = ? AND open_id = ? AND msg_id = ?", in.AppID, in.OpenID, in.MsgID).Limit(1).Find(in)
	if in.Heard = found.RowsAffected > 0; found.Error != nil || in.Heard {
		return found.Error
	}
	keys := keysOf(in.MsgID)
	var done []string
	err := t.Model(&store.Once{}).Where("person_id = ? AND request >= ? AND request < ?", t.who.PersonID, keys, keys+"~").Pluck("request", &done).Error
	for _, key := range done {
		in.Done = in.Done || !strings.HasPrefix(key, d.Key(in.MsgID, ""))
	}
	return err
}

// Jointly runs what answers a message so that all of it stands or nothing does: the
// deeds under its context, and what was replied. It may be run again, whole.
func (f *Forum) Jointly(ctx context.Context, answer func(ctx context.Context) error) error {
	return f.store.Jointly(ctx, answer)
}

// Replied remembers where a conversation stands and what was replied to a message,
// in one transaction. Where this or another message was answered meanwhile it is
// [ErrTurn].
func (f *Forum) Replied(ctx context.Context, who Actor, d Dialogue, in Inbox) error {
	who.Key = "" // the reply to a repeated message is in the inbox
	_, err := do(ctx, f, who, rules.DialogueTurn, anywhere("dialogue"), func(t *tx) (None, error) {
		return None{}, t.replied(d, in)
	})
	return err
}

func (t *tx) replied(d Dialogue, in Inbox) error {
	if in.MsgID != "" {
		in.At = t.now
		if err := t.Create(&in).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrTurn
		} else if err != nil {
			return err
		}
	}
	if err := t.opened(Account{AppID: in.AppID, OpenID: in.OpenID}, in.Wrote); err != nil {
		return err
	}
	return t.moveOn(d)
}

// moveOn moves a conversation on by one message.
func (t *tx) moveOn(d Dialogue) error {
	notes, err := json.Marshal(d.Data)
	if err != nil {
		return err
	}
	d.Turn, d.Notes, d.ExpiresAt = d.Turn+1, string(notes), t.now.Add(DialogueFor)
	if d.Turn == 1 {
		if err := t.Create(&d).Error; !errors.Is(err, gorm.ErrDuplicatedKey) {
			return err
		}
		return ErrTurn
	}
	moved := t.Model(&Dialogue{}).Where("app_id = ? AND open_id = ? AND turn = ?", d.AppID, d.OpenID, d.Turn-1).
		Updates(set{"turn": d.Turn, "step": d.Step, "notes": d.Notes, "expires_at": d.ExpiresAt})
	if moved.Error == nil && moved.RowsAffected == 0 {
		return ErrTurn
	}
	return moved.Error
}

// sweepDialogues forgets conversations that nobody went on with, and replies that
// nobody asks for again: they hold what people typed.
func (t *tx) sweepDialogues() (int, error) {
	talks := t.Where("expires_at <= ?", t.now).Delete(&Dialogue{})
	replies := t.Where("at <= ?", t.now.Add(-InboxFor)).Delete(&Inbox{})
	return int(talks.RowsAffected + replies.RowsAffected), errors.Join(talks.Error, replies.Error)
}
