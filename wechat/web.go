package wechat

import (
	"context"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the protocol signs with SHA-1
	"encoding/hex"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/credential"
)

const authorizeOrigin = "https://open.weixin.qq.com"

// webState is what ties an authorization to the browser that asked for it.
var webState = regexp.MustCompile(`^[0-9A-Za-z]{16,128}$`)

// ErrSnapshot refuses a visitor of WeChat's snapshot page: their openid is made
// up. They go on with a tap on the full service.
var ErrSnapshot error = refused("authorize", "snapshot page, the identity is not real")

// AuthorizeURL is where a web page inside WeChat sends its visitor to learn who
// they are. They come back to back, an https URL of the page's own host, with a
// code for [Client.Authorized] and with state, which must be random, bound to
// the browser's session, and compared there. unionID asks for the identity
// across apps too, for which WeChat asks the visitor.
func (c *Client) AuthorizeURL(back, state string, unionID bool) (string, error) {
	const op = "authorize"
	u, err := url.Parse(back)
	if err != nil || !isURL(back) || u.Host == "" || u.User != nil || u.Fragment != "" || !webState.MatchString(state) {
		return "", refused(op, "a URL to come back to and a random state are needed")
	}
	if c.cfg.Official.ID == "" {
		return "", refused(op, "no such app")
	}
	from, scope := authorizeOrigin, "snsapi_base"
	if c.cfg.Endpoint != "" {
		from = strings.TrimSuffix(c.cfg.Endpoint, "/")
	}
	if unionID {
		scope = "snsapi_userinfo"
	}
	// WeChat wants the parameters in the order of their names.
	q := url.Values{
		"appid": {c.cfg.Official.ID}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {scope}, "state": {state},
	}
	return from + "/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect", nil
}

// Authorized turns the code of a visitor who came back into an identity. A code
// is good once. A visitor of the snapshot page is [ErrSnapshot].
func (c *Client) Authorized(ctx context.Context, code string) (Identity, error) {
	const op = "authorize"
	app := c.cfg.Official
	if app.ID == "" {
		return Identity{}, refused(op, "no such app")
	}
	if err := checkCode(op, code); err != nil {
		return Identity{}, err
	}
	q := url.Values{"appid": {app.ID}, "secret": {app.Secret}, "code": {code}, "grant_type": {"authorization_code"}}
	who, snapshot, err := c.whose(ctx, op, app, "/sns/oauth2/access_token?"+q.Encode())
	if err == nil && snapshot {
		return Identity{}, ErrSnapshot
	}
	return who, err
}

// PageConfig lets the scripts of one web page use the phone: the arguments of
// wx.config.
type PageConfig struct {
	AppID     string `json:"appId"`
	Timestamp int64  `json:"timestamp"`
	Nonce     string `json:"nonceStr"`
	Signature string `json:"signature"`
}

// PageConfig signs the web page at a URL, which must be one of ours: WeChat
// trusts by host, the caller by page.
func (c *Client) PageConfig(ctx context.Context, page string) (PageConfig, error) {
	const op = "page"
	page, _, _ = strings.Cut(page, "#")
	if !isURL(page) {
		return PageConfig{}, refused(op, "no URL of a page")
	}
	if c.cfg.Official.ID == "" {
		return PageConfig{}, refused(op, "no such app")
	}
	ticket, err := c.tickets.token(ctx, "")
	if err != nil {
		return PageConfig{}, err
	}
	p := PageConfig{AppID: c.cfg.Official.ID, Timestamp: c.now().Unix(), Nonce: rand.Text()}
	sum := sha1.Sum([]byte("jsapi_ticket=" + ticket + "&noncestr=" + p.Nonce + //nolint:gosec // the protocol signs with SHA-1
		"&timestamp=" + strconv.FormatInt(p.Timestamp, 10) + "&url=" + page))
	p.Signature = hex.EncodeToString(sum[:])
	return p, nil
}

// pageTicket asks WeChat for the ticket that signs web pages.
func (c *Client) pageTicket(ctx context.Context) (Token, error) {
	const op = "page ticket"
	var ticket credential.ResTicket
	err := c.sdk(ctx, op, c.cfg.Official.ID, func(ctx context.Context, ref reference) error {
		got, err := credential.GetTicketFromServerContext(ctx, string(ref))
		ticket = got
		return err
	})
	if err != nil {
		return Token{}, err
	}
	if ticket.Ticket == "" || ticket.ExpiresIn <= 0 {
		return Token{}, unreadable(op)
	}
	return Token{Value: ticket.Ticket, Expires: c.now().Add(time.Duration(ticket.ExpiresIn) * time.Second)}, nil
}
