// Package wechat is the one door between the forum and WeChat. Outgoing calls
// leave through a single HTTP client that can be confined to a loopback fake;
// incoming callbacks pass an envelope that trusts nothing but the AES key.
//
// No error of this package carries a secret, an access token, an openid or a
// URL, so every error may be logged whole.
package wechat

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// App is one app at WeChat: a mini-program or an official account.
type App struct {
	ID        string
	Secret    string
	Token     string // signs callbacks
	AESKey    string // 43 characters; seals callbacks
	AESKeyOld string // the key before a rotation, if one is under way
}

// Config says which apps the forum speaks for. An app without an ID is absent:
// calls that need it are refused.
type Config struct {
	Mini     App
	Official App
	// Endpoint is empty in production. Set to a loopback URL, such as that of
	// a fake, it takes every call and no other host can be reached.
	Endpoint string
	// Templates maps a notice code to its template. Template ids belong to one
	// app, so a forum with two apps writes "appid/code" as the key; that form
	// wins over the bare code.
	Templates map[string]Template
}

// Template is a message template approved by WeChat.
type Template struct {
	ID string
	// Fields maps a field of the template, such as "thing1", to the name of a
	// notice parameter. The name "title" means the ready sentence, unless the
	// notice has a parameter of that name.
	Fields map[string]string
	// Consented says, of an official account's template, that it is for those
	// who consented to it, not for followers.
	Consented bool
}

// Client speaks to WeChat for the configured apps. It is safe for concurrent
// use.
type Client struct {
	cfg     Config
	chat    door // of the official account
	push    door // of the mini-program
	http    *http.Client
	sources map[string]*source // access tokens by app id
	tickets *source            // of the official account's web pages
	now     func() time.Time
}

// New returns a client. It fails on an endpoint that is not loopback, on a key
// that is not an AES key, and on an app with only one of Token and AESKey.
func New(cfg Config, tokens TokenStore, now func() time.Time) (*Client, error) {
	if tokens == nil || now == nil {
		return nil, errors.New("wechat: a token store and a clock are needed")
	}
	endpoint, err := loopback(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, now: now, sources: make(map[string]*source, 2)}
	if c.chat, err = newDoor(cfg.Official, now); err != nil {
		return nil, err
	}
	if c.push, err = newDoor(cfg.Mini, now); err != nil {
		return nil, err
	}
	c.http = newHTTP(endpoint)
	for _, app := range []App{cfg.Mini, cfg.Official} {
		if app.ID == "" {
			continue
		}
		fetch := func(ctx context.Context) (Token, error) { return c.stableToken(ctx, app) }
		c.sources[app.ID] = &source{appID: app.ID, store: tokens, now: now, fetch: fetch}
	}
	c.tickets = &source{appID: cfg.Official.ID, store: NewMemoryTokens(), now: now, fetch: c.pageTicket}
	plugIn()
	return c, nil
}

// Close drops idle connections. The client stays usable.
func (c *Client) Close() { c.http.CloseIdleConnections() }
