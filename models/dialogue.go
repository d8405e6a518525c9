package models

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm/clause"

	"yishi/models/rules"
)

// DialogueFor is how long a dialogue waits for the next message.
const DialogueFor = 30 * time.Minute

// Dialogue is where a conversation with the bot stands. It survives restarts and
// is the same on every instance.
type Dialogue struct {
	AppID     string `gorm:"primaryKey"`
	OpenID    string `gorm:"primaryKey"`
	Step      string // "" when nothing is under way
	Notes     string // JSON
	ExpiresAt time.Time
	Data      map[string]string `gorm:"-"`
}

// Dialogue returns where the conversation with somebody stands.
func (f *Forum) Dialogue(ctx context.Context, who Actor, id Identity) (Dialogue, error) {
	return see(ctx, f, who, rules.DialogueTurn, anywhere("dialogue"), func(t *tx) (Dialogue, error) {
		d := Dialogue{Data: map[string]string{}}
		err := t.Where("app_id = ? AND open_id = ? AND expires_at > ?", id.AppID, id.OpenID, t.now).Limit(1).Find(&d).Error
		if err != nil || d.Step == "" {
			return Dialogue{AppID: id.AppID, OpenID: id.OpenID, Data: map[string]string{}}, err
		}
		return d, json.Unmarshal([]byte(d.Notes), &d.Data)
	})
}

// KeepDialogue remembers where a conversation stands; an empty step ends it.
func (f *Forum) KeepDialogue(ctx context.Context, who Actor, d Dialogue) error {
	who.Key = "" // the reply to a repeated message is the deed's answer, not this
	_, err := do(ctx, f, who, rules.DialogueTurn, anywhere("dialogue"), func(t *tx) (None, error) {
		if d.Step == "" {
			return None{}, t.Where("app_id = ? AND open_id = ?", d.AppID, d.OpenID).Delete(&Dialogue{}).Error
		}
		notes, err := json.Marshal(d.Data)
		if err != nil {
			return None{}, err
		}
		d.Notes, d.ExpiresAt = string(notes), t.now.Add(DialogueFor)
		return None{}, t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&d).Error
	})
	return err
}

// sweepDialogues forgets conversations that nobody went on with: they hold what
// people typed.
func (t *tx) sweepDialogues() (int, error) {
	r := t.Where("expires_at <= ?", t.now).Delete(&Dialogue{})
	return int(r.RowsAffected), r.Error
}
