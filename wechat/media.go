package wechat

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"

	"github.com/silenceper/wechat/v2/util"
)

var mediaID = regexp.MustCompile(`^[0-9A-Za-z_-]{8,256}$`)

// Media fetches a picture or a voice message that a resident sent to the
// official account, at most 4 MiB, within WeChat's three days. It returns the
// MIME type that the bytes themselves show; anything but JPEG, PNG, GIF and AMR
// is refused.
func (c *Client) Media(ctx context.Context, id string) (data []byte, kind string, err error) {
	const op = "media"
	if !mediaID.MatchString(id) {
		return nil, "", refused(op, "no id of a medium")
	}
	err = c.sdk(ctx, op, c.cfg.Official.ID, func(ctx context.Context, ref reference) error {
		q := url.Values{"access_token": {string(ref)}, "media_id": {id}}
		got, err := util.HTTPGetContext(ctx, origin+"/cgi-bin/media/get?"+q.Encode())
		data = got
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if kind = kindOf(data); kind == "" {
		return nil, "", refused(op, "neither a picture nor a voice message")
	}
	return data, kind, nil
}

func kindOf(data []byte) string {
	if bytes.HasPrefix(data, []byte("#!AMR")) {
		return "audio/amr"
	}
	switch kind := http.DetectContentType(data); kind {
	case "image/jpeg", "image/png", "image/gif":
		return kind
	}
	return ""
}
