package models

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"yishi/models/rules"
)

// Token is an access token of a WeChat app, sealed, so that every instance uses
// the same one.
type Token struct {
	AppID     string `gorm:"primaryKey"`
	Token     []byte
	ExpiresAt time.Time
}

// Token returns the access token of an app and when it ends; "" if none is kept.
func (f *Forum) Token(ctx context.Context, appID string) (string, time.Time, error) {
	row, err := see(ctx, f, Clock, rules.TokenKeep, anywhere("token"), func(t *tx) (Token, error) {
		var row Token
		return row, t.Where("app_id = ?", appID).Limit(1).Find(&row).Error
	})
	if err != nil {
		return "", time.Time{}, err
	}
	token, err := f.seal.Open(row.Token)
	return token, row.ExpiresAt, err
}

// KeepToken keeps the access token of an app.
func (f *Forum) KeepToken(ctx context.Context, appID, token string, expires time.Time) error {
	on := place{"token/" + appID, anywhere("").find}
	_, err := do(ctx, f, Clock, rules.TokenKeep, on, func(t *tx) (None, error) {
		row := Token{AppID: appID, Token: f.seal.Seal(token), ExpiresAt: expires.UTC().Truncate(time.Second)}
		return None{}, t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
	return err
}
