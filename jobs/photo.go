package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"

	"yishi/models"
	"yishi/models/rules"
	"yishi/photos"
	"yishi/wechat"
)

// Media has what residents send by chat fetched, and keeps it.
type Media struct {
	Fetch func(ctx context.Context, id string) (data []byte, kind string, err error)
	Shelf *photos.Store
}

// Fetching returns the clock with somebody who fetches pictures. Without, they stay
// with WeChat.
func (j *Jobs) Fetching(from Media) *Jobs {
	j.media = from
	return j
}

// photos fetches the pictures that residents sent by chat. What WeChat does not hold
// any more, and what is no picture, is told to whoever sent it; every other fault is
// met again later.
func (j *Jobs) photos(ctx context.Context) (int, error) {
	if j.media.Fetch == nil {
		return 0, nil
	}
	waiting, err := j.forum.ClaimPhotos(ctx, batch)
	if err != nil {
		return 0, err
	}
	var errs []error
	for i, w := range waiting {
		if err := j.fetch(ctx, w); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			return i, ctx.Err() // another fetches when this claim is over
		}
	}
	return len(waiting), errors.Join(errs...)
}

// fetch brings one picture.
func (j *Jobs) fetch(ctx context.Context, w models.AwaitedPhoto) error {
	data, _, err := j.media.Fetch(ctx, w.MediaID)
	passes := wechat.Retryable(err) || wechat.NeedsOperator(err)
	switch {
	case err == nil:
	case passes && j.forum.Now().Before(w.At.Add(models.MediaFor)):
		slog.WarnContext(ctx, "a picture sent by chat was not fetched", "err", err)
		return nil
	default:
		return j.settlePhoto(ctx, w.ID, photos.Photo{})
	}
	kept, err := j.media.Shelf.Keep(ctx, bytes.NewReader(data))
	if _, refused := rules.AsRefusal(err); err != nil && !refused {
		return err
	}
	return j.settlePhoto(ctx, w.ID, kept)
}

// settlePhoto writes down how the wait for a picture ended. A file that another
// instance was faster with is not kept twice.
func (j *Jobs) settlePhoto(ctx context.Context, id int64, kept photos.Photo) error {
	_, err := j.forum.SettlePhoto(ctx, id, models.Photo{File: kept.File, Width: kept.Width, Height: kept.Height})
	_, settled := rules.AsRefusal(err)
	switch {
	case settled && kept.File != "":
		return j.media.Shelf.Delete(ctx, kept.File)
	case settled:
		return nil
	}
	return err
}
