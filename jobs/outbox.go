package jobs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"yishi/models"
	"yishi/models/rules"
	"yishi/wechat"
)

// inbox is the channel of a notice that no account can carry: it is read in the
// apps alone.
const inbox wechat.Channel = "inbox"

// outbox sends what waits to be sent.
func (j *Jobs) outbox(ctx context.Context) (int, error) {
	parcels, err := j.forum.ClaimNotices(ctx, batch)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range parcels {
		done, err := j.settle(ctx, p)
		if n += done; err != nil {
			return n, err
		}
	}
	return n, nil
}

// settle sends a parcel and notes what came of it. The notices of a digest that no
// way takes go one by one: each may have a template of its own.
func (j *Jobs) settle(ctx context.Context, p models.Parcel) (int, error) {
	n, all := 0, append([]models.Notice{p.Notice}, p.Also...)
	got := j.deliver(ctx, p)
	for _, notice := range all {
		if len(all) > 1 && got.by == inbox {
			done, err := j.settle(ctx, models.Parcel{Notice: notice, Accounts: p.Accounts})
			if n += done; err != nil {
				return n, err
			}
			continue
		}
		if _, err := j.forum.SettleNotice(ctx, notice.ID, string(got.by), got.failure, got.again, got.from); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// sending is what came of sending: by which channel, why it failed, whether the
// failure may pass, and when, if that is known.
type sending struct {
	by      wechat.Channel
	failure string
	again   bool
	from    time.Time
}

// deliver tries the person's accounts in the order of the apps, each by its ways,
// the best first, as far as they gave a right to it. A failure that may pass stops
// there, so that nobody is told twice.
func (j *Jobs) deliver(ctx context.Context, p models.Parcel) sending {
	last := sending{by: inbox}
	if rules.Minor(p.Code) && len(p.Also) == 0 {
		return last
	}
	for _, app := range j.apps {
		for _, account := range p.Accounts {
			if account.AppID != app {
				continue
			}
			got := j.tryAll(ctx, account, j.message(account, p))
			if got.by != inbox {
				return got
			}
			last = got
		}
	}
	return last
}

// tryAll tries the ways to one account, until one takes the message or may take it
// later.
func (j *Jobs) tryAll(ctx context.Context, a models.Account, m wechat.Message) sending {
	last := sending{by: inbox}
	for _, by := range j.post.Ways(a.AppID, m.Code) {
		got := j.try(ctx, a, m, by)
		if got.failure == "" || got.again {
			return got
		}
		last.failure = got.failure
	}
	return last
}

// try sends a message by one way, if there is a right to it. The right is spent
// before: what may have been sent is never sent by it again. Where WeChat says that
// it was not, the right is given back, or closed if WeChat knows of none.
func (j *Jobs) try(ctx context.Context, a models.Account, m wechat.Message, by wechat.Channel) sending {
	way := rules.Channel(by)
	if ok, err := j.forum.SpendRight(ctx, a, way, m.Code); err != nil || !ok {
		if err != nil {
			return sending{by: by, failure: reason(err), again: true}
		}
		return sending{by: by, failure: noRight}
	}
	err := j.post.Send(ctx, m, by)
	if err == nil {
		return sending{by: by}
	}
	if wechat.NeedsOperator(err) {
		slog.ErrorContext(ctx, "WeChat needs the operator", "advice", j.text.Say(wechat.Advice(err), nil), "err", err)
	}
	if wechat.Code(err) != 0 {
		if _, err := j.forum.SettleRight(ctx, a, way, m.Code, wechat.NoRight(err)); err != nil {
			return sending{by: by, failure: reason(err), again: true}
		}
	}
	return sending{by, reason(err), wechat.Retryable(err) || errors.Is(err, context.Canceled), wechat.RetryAt(err)}
}

// noRight is what operators read where a person let nothing through.
const noRight = "no right to send is left"

// message is a parcel as it goes to an account: a notice by its sentence, a digest
// as a list of them.
func (j *Jobs) message(a models.Account, p models.Parcel) wechat.Message {
	m := wechat.Message{AppID: a.AppID, OpenID: a.OpenID, Code: p.Code, Title: j.text.Say(p.Code, p.Data), Params: j.text.Values(p.Code, p.Data)}
	if len(p.Also) > 0 {
		said := []string{j.text.Say(digest, map[string]any{"n": len(p.Also) + 1}), m.Title}
		for _, n := range p.Also {
			said = append(said, j.text.Say(n.Code, n.Data))
		}
		m.Code, m.Title, m.Params = digest, strings.Join(said, "\n"), map[string]string{}
	}
	return m
}

// digest is the code of what tells the notices of a day at once.
const digest = "digest.today"

// reason is what operators read of a failure, cut to what its column holds.
func reason(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), 200)])
}
