package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	Turn      int64  // counts the messages whose answer was kept
	Step      string // "" when nothing is under way
	Notes     string // JSON
	ExpiresAt time.Time
	Data      map[string]string `gorm:"-"`
	found     heard             // as it was heard
}

// heard is what one query tells of a message: where the conversation stands, what
// may be said to who has it, and what was replied.
type heard struct {
	Turn      int64
	Step      string
	Notes     string
	ExpiresAt *time.Time
	Rest      int
	Until     *time.Time
	Reply     *string
}

// Key is under which a deed of a message is done once.
func (d Dialogue) Key(msgID, deed string) string {
	return fmt.Sprintf("wx-%s/%d/%s", msgID, d.Turn, deed)
}

// Inbox is a message that was answered. One without a number is not kept.
type Inbox struct {
	AppID  string `gorm:"primaryKey"`
	OpenID string `gorm:"primaryKey"`
	MsgID  string `gorm:"primaryKey"`
	Reply  string
	At     time.Time
	Wrote  bool `gorm:"-"` // a message, not a tap or a scan
	Heard  bool `gorm:"-"` // there is a reply
}

// Hear returns where the conversation with somebody stands, and what is known of a
// message of theirs. Whoever writes is heard: nobody's permissions are read for it.
func (f *Forum) Hear(ctx context.Context, id Identity, msgID string) (Dialogue, Inbox, error) {
	in := Inbox{AppID: id.AppID, OpenID: id.OpenID, MsgID: msgID}
	d, err := see(ctx, f, Actor{Door: DoorChat}, rules.DialogueTurn, anywhere("dialogue"), func(t *tx) (Dialogue, error) {
		d := Dialogue{AppID: id.AppID, OpenID: id.OpenID, Data: map[string]string{}}
		err := f.store.Prepared(ctx).Raw(`SELECT COALESCE(d.turn, 0) AS turn, COALESCE(d.step, '') AS step, d.notes, d.expires_at, COALESCE(r.rest, 0) AS rest, r.until, i.reply
			FROM (SELECT 1) AS one LEFT JOIN dialogues d ON d.app_id = @app AND d.open_id = @id
			LEFT JOIN rights r ON r.app_id = @app AND r.open_id = @id AND r.channel = @channel AND r.code = ''
			LEFT JOIN inboxes i ON i.app_id = @app AND i.open_id = @id AND i.msg_id = @msg`,
			set{"app": id.AppID, "id": id.OpenID, "channel": rules.ChannelCustomer, "msg": msgID}).Scan(&d.found).Error
		d.Turn = d.found.Turn
		if err == nil && d.found.Step != "" && d.found.ExpiresAt != nil && t.now.Before(*d.found.ExpiresAt) {
			d.Step = d.found.Step
			err = json.Unmarshal([]byte(d.found.Notes), &d.Data)
		}
		return d, err
	})
	if r := d.found.Reply; r != nil && msgID != "" {
		in.Reply, in.Heard = *r, true
	}
	return d, in, err
}

// rested is for how long nothing is written down of a conversation that nothing came
// of, though its owner might be written to, and may come back to it, a little longer
// than is known.
const rested = 5 * time.Minute

// still reports whether a reply leaves nothing to be remembered: the conversation
// waits for nothing, as before, and it is not long since it was kept. The same
// message, if it is delivered again, is answered anew, and does no more than now.
func (d Dialogue) still(idle string, in Inbox, now time.Time) bool {
	notes, err := json.Marshal(d.Data)
	was := d.found
	if err != nil || d.Step != idle || was.Step != idle || was.ExpiresAt == nil {
		return false
	}
	return was.Notes == string(notes) && !was.ExpiresAt.Before(now.Add(DialogueFor-rested)) && was.open(in.Wrote, now)
}

// open reports whether as much may be said to somebody as their message lets.
func (h heard) open(wrote bool, now time.Time) bool {
	switch {
	case h.Until == nil:
		return false
	case wrote:
		return h.Rest >= rules.WroteMessages && !h.Until.Before(now.Add(rules.WroteFor-rested))
	}
	return h.Rest > 0 && h.Until.After(now.Add(rules.TappedFor))
}

// Jointly runs what answers a message so that all of it stands or nothing does: the
// deeds under its context, and what was replied. It may be run again, whole.
func (f *Forum) Jointly(ctx context.Context, answer func(ctx context.Context) error) error {
	return f.store.Jointly(ctx, answer)
}

// Replied remembers where a conversation stands and what was replied to a message,
// in one transaction. Where this or another message was answered meanwhile it is
// [ErrTurn]. Where no deed was done and nothing is to be remembered it writes
// nothing; idle is the step that waits for nothing.
func (f *Forum) Replied(ctx context.Context, who Actor, d Dialogue, in Inbox, idle string) error {
	if !store.Joined(ctx) && d.still(idle, in, f.Now()) {
		return nil
	}
	who.Key = "" // the reply to a repeated message is in the inbox
	_, err := do(ctx, f, who, rules.DialogueTurn, anywhere("dialogue"), func(t *tx) (None, error) {
		return None{}, t.replied(d, in)
	})
	return err
}

// replied writes without gorm's bookkeeping: among ballots it is done for each of them.
func (t *tx) replied(d Dialogue, in Inbox) error {
	if in.MsgID != "" {
		kept := t.Exec("INSERT INTO inboxes (app_id, open_id, msg_id, reply, at) VALUES (?, ?, ?, ?, ?)", in.AppID, in.OpenID, in.MsgID, in.Reply, t.now)
		if errors.Is(kept.Error, gorm.ErrDuplicatedKey) {
			return ErrTurn
		}
		if kept.Error != nil {
			return kept.Error
		}
	}
	if !d.found.open(in.Wrote, t.now) {
		if err := t.opened(Account{AppID: in.AppID, OpenID: in.OpenID}, in.Wrote); err != nil {
			return err
		}
	}
	return t.moveOn(d)
}

// moveOn moves a conversation on by one message.
func (t *tx) moveOn(d Dialogue) error {
	notes, err := json.Marshal(d.Data)
	if err != nil {
		return err
	}
	d.Notes, d.ExpiresAt = string(notes), t.now.Add(DialogueFor)
	if d.Turn == 0 {
		d.Turn = 1
		if err := t.Create(&d).Error; !errors.Is(err, gorm.ErrDuplicatedKey) {
			return err
		}
		return ErrTurn
	}
	moved := t.Exec("UPDATE dialogues SET turn = turn + 1, step = ?, notes = ?, expires_at = ? WHERE app_id = ? AND open_id = ? AND turn = ?",
		d.Step, d.Notes, d.ExpiresAt, d.AppID, d.OpenID, d.Turn)
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

// dropTalk forgets what was said with an account.
func (t *tx) dropTalk(a Account) error {
	talk := t.Where("app_id = ? AND open_id = ?", a.AppID, a.OpenID).Delete(&Dialogue{}).Error
	return errors.Join(talk, t.Where("app_id = ? AND open_id = ?", a.AppID, a.OpenID).Delete(&Inbox{}).Error)
}
