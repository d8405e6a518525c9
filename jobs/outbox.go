package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"yishi/models"
	"yishi/wechat"
)

// inbox is the channel of a notice that no account can carry: it is read in the
// apps alone.
const inbox = "inbox"

// outbox sends what waits to be sent.
func (j *Jobs) outbox(ctx context.Context) (int, error) {
	parcels, err := j.forum.ClaimNotices(ctx, batch)
	if err != nil {
		return 0, err
	}
	for i, p := range parcels {
		channel, failure, retry, from := j.deliver(ctx, p)
		if _, err := j.forum.SettleNotice(ctx, p.ID, channel, failure, retry, from); err != nil {
			return i, err
		}
	}
	return len(parcels), nil
}

// deliver tries the person's accounts in the order of the apps. A failure that
// may pass stops there, so that nobody is told twice; from is when it passes, if
// that is known.
func (j *Jobs) deliver(ctx context.Context, p models.Parcel) (channel, failure string, retry bool, from time.Time) {
	var last error
	for _, app := range j.apps {
		for _, account := range p.Accounts {
			if account.AppID != app || j.send == nil {
				continue
			}
			channel, err := j.send(ctx, j.message(account, p))
			if err == nil {
				return string(channel), "", false, from
			}
			if wechat.Retryable(err) || errors.Is(err, context.Canceled) {
				return "", reason(err), true, wechat.RetryAt(err)
			}
			if last = err; wechat.NeedsOperator(err) {
				slog.ErrorContext(ctx, "WeChat needs the operator", "advice", j.text.Say(wechat.Advice(err), nil), "err", err)
			}
		}
	}
	if last != nil {
		return inbox, reason(last), false, from
	}
	return inbox, "", false, from
}

func (j *Jobs) message(a models.Account, p models.Parcel) wechat.Message {
	params := make(map[string]string, len(p.Data))
	for name, value := range p.Data {
		params[name] = fmt.Sprint(value)
	}
	return wechat.Message{AppID: a.AppID, OpenID: a.OpenID, Code: p.Code, Title: j.text.Say(p.Code, p.Data), Params: params}
}

// reason is what operators read of a failure, cut to what its column holds.
func reason(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), 200)])
}
