package wechat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"

	"github.com/silenceper/wechat/v2/miniprogram/auth"
	miniconfig "github.com/silenceper/wechat/v2/miniprogram/config"
	minicontext "github.com/silenceper/wechat/v2/miniprogram/context"
)

// Identity is who a resident is to WeChat. The pair of app and openid is the
// key; UnionID is empty unless the apps are bound to one open platform account.
type Identity struct {
	AppID, OpenID, UnionID string
}

// ticketCode is the shape of every one-time code of WeChat.
var ticketCode = regexp.MustCompile(`^[0-9A-Za-z_-]{8,128}$`)

// checkCode refuses, with WeChat's own errcode, a code that is none.
func checkCode(op, code string) error {
	if code == "" {
		return codeFailure(op, codeLoginMissing, "code missing")
	}
	if !ticketCode.MatchString(code) {
		return codeFailure(op, codeLoginInvalid, "invalid code")
	}
	return nil
}

// Code2Session turns the login code of the mini-program into an identity. A
// code is good once. The session key that comes with it is dropped at once.
func (c *Client) Code2Session(ctx context.Context, code string) (Identity, error) {
	const op = "login"
	app := c.cfg.Mini
	if app.ID == "" {
		return Identity{}, refused(op, "no such app")
	}
	if err := checkCode(op, code); err != nil {
		return Identity{}, err
	}
	q := url.Values{
		"appid": {app.ID}, "secret": {app.Secret},
		"js_code": {code}, "grant_type": {"authorization_code"},
	}
	who, _, err := c.whose(ctx, op, app, "/sns/jscode2session?"+q.Encode())
	return who, err
}

// whose asks WeChat whom a code stands for, at an address with the code in it, and
// whether that is a visitor of the snapshot page.
func (c *Client) whose(ctx context.Context, op string, app App, path string) (who Identity, snapshot bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+path, http.NoBody)
	if err != nil {
		return who, false, transportFailure(op, err)
	}
	got, err := c.exchange(op, req)
	if err != nil {
		return who, false, err
	}
	var out struct {
		OpenID   string `json:"openid"`
		UnionID  string `json:"unionid"`
		Snapshot int    `json:"is_snapshotuser"`
	}
	if json.Unmarshal(got.body, &out) != nil || out.OpenID == "" {
		return who, false, unreadable(op)
	}
	return Identity{AppID: app.ID, OpenID: out.OpenID, UnionID: out.UnionID}, out.Snapshot != 0, nil
}

// PhoneNumber turns the code of the mini-program's phone button into the
// number: bare for the mainland, with +country otherwise.
func (c *Client) PhoneNumber(ctx context.Context, code string) (string, error) {
	const op = "phone"
	if err := checkCode(op, code); err != nil {
		return "", err
	}
	var info auth.PhoneInfo
	err := c.sdk(ctx, op, c.cfg.Mini.ID, func(ctx context.Context, ref reference) error {
		out, err := auth.NewAuth(c.mini(ref)).GetPhoneNumberContext(ctx, code)
		if err == nil {
			info = out.PhoneInfo
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if info.PurePhoneNumber == "" || info.WaterMark.AppID != c.cfg.Mini.ID {
		return "", unreadable(op)
	}
	if info.CountryCode == "" || info.CountryCode == "86" {
		return info.PurePhoneNumber, nil
	}
	return "+" + info.CountryCode + info.PurePhoneNumber, nil
}

// mini is the SDK's view of the mini-program for one call.
func (c *Client) mini(ref reference) *minicontext.Context {
	return &minicontext.Context{
		Config:                   &miniconfig.Config{AppID: c.cfg.Mini.ID},
		AccessTokenContextHandle: ref,
	}
}
