package wechat

import (
	"context"
	"regexp"

	"github.com/silenceper/wechat/v2/officialaccount/user"
)

var openIDs = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// Follower asks who somebody in the chat is, and whether they follow. Of those
// who do not, WeChat may tell no UnionID.
func (c *Client) Follower(ctx context.Context, openID string) (id Identity, following bool, err error) {
	const op = "follower"
	if !openIDs.MatchString(openID) {
		return Identity{}, false, refused(op, "no openid")
	}
	err = c.sdk(ctx, op, c.cfg.Official.ID, func(_ context.Context, ref reference) error {
		got, err := user.NewUser(c.official(ref)).GetUserInfo(openID)
		if err == nil {
			id = Identity{AppID: c.cfg.Official.ID, OpenID: got.OpenID, UnionID: got.UnionID}
			following = got.Subscribe == 1
		}
		return err
	})
	if err == nil && id.OpenID != openID {
		id, following, err = Identity{}, false, unreadable(op)
	}
	return id, following, err
}
