package models

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"yishi/models/rules"
)

// Right is how often an account at WeChat may still be sent something by one way.
// Nobody but WeChat knows it for sure, and WeChat does not tell: it is counted here.
type Right struct {
	AppID   string        `gorm:"primaryKey"`
	OpenID  string        `gorm:"primaryKey"`
	Channel rules.Channel `gorm:"primaryKey"`
	Code    string        `gorm:"primaryKey"` // of the notice; "" where any may be sent
	Rest    int           // not below 0
	Until   *time.Time    // nil: without end
}

// right picks an account's right.
func right(a Account, by rules.Channel, code string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		return q.Where("app_id = ? AND open_id = ? AND channel = ? AND code = ?", a.AppID, a.OpenID, by, code)
	}
}

// opened notes that an account wrote to the official account, or only tapped: what
// may be said to it then. A tap never takes away what a message gave.
func (t *tx) opened(a Account, wrote bool) error {
	left, lasts := rules.TappedMessages, rules.TappedFor
	if wrote {
		left, lasts = rules.WroteMessages, rules.WroteFor
	}
	until := t.now.Add(lasts)
	var had Right
	if err := t.Model(&Right{}).Scopes(right(a, rules.ChannelCustomer, "")).Limit(1).Find(&had).Error; err != nil {
		return err
	}
	if !wrote && had.Rest > 0 && had.Until != nil && had.Until.After(until) {
		return nil
	}
	return t.Clauses(clause.OnConflict{UpdateAll: true}).
		Create(&Right{AppID: a.AppID, OpenID: a.OpenID, Channel: rules.ChannelCustomer, Rest: left, Until: &until}).Error
}

// Consent is what a person answered when they were asked for one kind of notice.
type Consent struct {
	Code   string `json:"code" maxLength:"64" doc:"of the notice"`
	Answer string `json:"answer" enum:"accept,reject,ban,filter" doc:"as WeChat reports it"`
}

// GiveConsents counts what a person's mini-program reports that they answered to its
// sheet. Each "accept" lets one notice of that kind through, "ban" closes it. It is
// for deployments to which WeChat itself does not report; see [Forum.HearConsents].
func (f *Forum) GiveConsents(ctx context.Context, who Actor, app string, answers []Consent) (None, error) {
	return do(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) (None, error) {
		accounts, err := t.accountsAt(who.PersonID, app)
		if err != nil {
			return None{}, err
		}
		for _, a := range accounts {
			if err := t.consents(a, rules.ChannelSubscribe, answers); err != nil {
				return None{}, err
			}
		}
		return None{}, nil
	})
}

// HearConsents counts what WeChat reports of an account, once for each report. by is
// the channel that the consents are for.
func (f *Forum) HearConsents(ctx context.Context, a Account, by rules.Channel, report string, answers []Consent) (None, error) {
	who := Clock
	who.Key = "consent-" + report
	return do(ctx, f, who, rules.NoticeClaim, anywhere("notice"), func(t *tx) (None, error) {
		return None{}, t.consents(a, by, answers)
	})
}

func (t *tx) consents(a Account, by rules.Channel, answers []Consent) error {
	for _, answer := range answers {
		if err := t.consent(a, by, answer); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) accountsAt(person int64, app string) ([]Account, error) {
	var accounts []Account
	return accounts, t.Where("person_id = ? AND app_id = ?", person, app).Order("open_id").Find(&accounts).Error
}

func (t *tx) consent(a Account, by rules.Channel, c Consent) error {
	switch c.Answer {
	case "ban":
		return t.Model(&Right{}).Scopes(right(a, by, c.Code)).Update("rest", 0).Error
	case "accept":
	default:
		return nil
	}
	more := t.Model(&Right{}).Scopes(right(a, by, c.Code)).Where("rest < ?", rules.MaxRights).Update("rest", gorm.Expr("rest + 1"))
	if more.Error != nil || more.RowsAffected > 0 {
		return more.Error
	}
	return t.Clauses(clause.OnConflict{DoNothing: true}).
		Create(&Right{AppID: a.AppID, OpenID: a.OpenID, Channel: by, Code: c.Code, Rest: 1}).Error
}

// ConsentPlan is for which notices to ask a person at a tap; see [rules.ConsentPlan].
// exists tells for which of them there is a template.
func (f *Forum) ConsentPlan(ctx context.Context, who Actor, app string, tap rules.Tap, exists func(code string) bool) ([]string, error) {
	return see(ctx, f, who, rules.PersonSelf, oneself(who), func(t *tx) ([]string, error) {
		var rights []Right
		err := t.Where("channel = ? AND app_id = ? AND open_id IN (?)", rules.ChannelSubscribe, app,
			t.Model(&Account{}).Select("open_id").Where("person_id = ? AND app_id = ?", who.PersonID, app)).Find(&rights).Error
		left := map[string]int{}
		for _, r := range rights {
			left[r.Code] += r.Rest
		}
		return rules.ConsentPlan(tap, exists, func(code string) int { return left[code] }), err
	})
}

// SpendRight takes one right before something is sent by it, and reports whether
// there was one. It is spent once, whoever asks beside; see [Forum.SettleRight].
func (f *Forum) SpendRight(ctx context.Context, a Account, by rules.Channel, code string) (bool, error) {
	if by == rules.ChannelTemplate {
		return true, nil
	}
	return do(ctx, f, Clock, rules.NoticeClaim, anywhere("notice"), func(t *tx) (bool, error) {
		spent := t.Model(&Right{}).Scopes(right(a, by, about(by, code))).Where("rest > 0 AND (until IS NULL OR until > ?)", t.now).Update("rest", gorm.Expr("rest - 1"))
		return spent.RowsAffected > 0, spent.Error
	})
}

// SettleRight corrects a right that was spent on what WeChat did not send: given
// back, or closed where WeChat says that there is none.
func (f *Forum) SettleRight(ctx context.Context, a Account, by rules.Channel, code string, closed bool) (None, error) {
	return do(ctx, f, Clock, rules.NoticeClaim, anywhere("notice"), func(t *tx) (None, error) {
		left := any(gorm.Expr("rest + 1"))
		if closed {
			left = 0
		}
		return None{}, t.Model(&Right{}).Scopes(right(a, by, about(by, code))).Update("rest", left).Error
	})
}

// about is the notice that a right speaks of: a customer message may say anything.
func about(by rules.Channel, code string) string {
	if by == rules.ChannelCustomer {
		return ""
	}
	return code
}

// dropRights forgets what may be sent to an account.
func (t *tx) dropRights(a Account) error {
	return t.Where("app_id = ? AND open_id = ?", a.AppID, a.OpenID).Delete(&Right{}).Error
}
