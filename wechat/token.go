package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Token is an access token of one app.
type Token struct {
	Value   string
	Expires time.Time
}

// TokenStore keeps access tokens, so that every process of a forum uses the
// same one. Load of an unknown app returns the zero Token and no error. A store
// that fails costs one call to WeChat, nothing else.
type TokenStore interface {
	Load(ctx context.Context, appID string) (Token, error)
	Keep(ctx context.Context, appID string, t Token) error
}

// NewMemoryTokens returns a store that forgets everything with the process.
func NewMemoryTokens() TokenStore {
	return &memoryTokens{held: make(map[string]Token)}
}

type memoryTokens struct {
	mu   sync.Mutex
	held map[string]Token
}

func (m *memoryTokens) Load(_ context.Context, appID string) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held[appID], nil
}

func (m *memoryTokens) Keep(_ context.Context, appID string, t Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held[appID] = t
	return nil
}

// tokenMargin is how long before its end a token is no longer handed out. It
// must stay below the five minutes for which WeChat honours both the old token
// and its successor.
const tokenMargin = time.Minute

// source hands out the access token of one app. However many callers ask, at
// most one of them has the store and WeChat asked.
type source struct {
	appID string
	store TokenStore
	now   func() time.Time
	fetch func(ctx context.Context) (Token, error)

	mu     sync.Mutex
	held   Token
	flight *flight
}

// flight is one search for a token that any number of callers wait for.
type flight struct {
	dead  string // the value it must not land with
	done  chan struct{}
	token Token
	err   error
}

// token returns a token that is fresh and is not dead, the value WeChat has
// just refused ("" if none was). Waiting ends with ctx; the search does not.
func (s *source) token(ctx context.Context, dead string) (string, error) {
	for range 2 { // a flight begun before dead was known may land with it; then fly once more
		value, f := s.take(ctx, dead)
		if f == nil {
			return value, nil
		}
		select {
		case <-ctx.Done():
			return "", transportFailure("token", ctx.Err())
		case <-f.done:
		}
		if f.err != nil {
			return "", f.err
		}
		if f.token.Value != dead || f.dead == dead {
			return f.token.Value, nil
		}
	}
	return "", unreadable("token")
}

// take returns the held token, or else the flight to wait for.
func (s *source) take(ctx context.Context, dead string) (string, *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.usable(s.held, dead) {
		return s.held.Value, nil
	}
	if s.flight == nil {
		s.flight = &flight{dead: dead, done: make(chan struct{})}
		go s.fly(context.WithoutCancel(ctx), s.flight)
	}
	return "", s.flight
}

func (s *source) usable(t Token, dead string) bool {
	return t.Value != "" && t.Value != dead && s.now().Before(t.Expires.Add(-tokenMargin))
}

func (s *source) fly(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	f.token, f.err = s.search(ctx, f.dead)
	s.mu.Lock()
	if f.err == nil {
		s.held = f.token
	}
	s.flight = nil
	s.mu.Unlock()
	close(f.done)
}

// search asks the store, then WeChat.
func (s *source) search(ctx context.Context, dead string) (Token, error) {
	t, err := s.store.Load(ctx, s.appID)
	if err != nil {
		slog.WarnContext(ctx, "wechat: token store not readable", "error", fmt.Sprintf("%T", err))
	} else if s.usable(t, dead) {
		return t, nil
	}
	if t, err = s.fetch(ctx); err != nil {
		return Token{}, err
	}
	if err = s.store.Keep(ctx, s.appID, t); err != nil {
		slog.WarnContext(ctx, "wechat: token store not writable", "error", fmt.Sprintf("%T", err))
	}
	return t, nil
}

// stableToken asks WeChat for the token of an app. The stable kind is the same
// for all who ask, so several processes do not void each other's.
func (c *Client) stableToken(ctx context.Context, app App) (Token, error) {
	body, err := json.Marshal(map[string]string{
		"grant_type": "client_credential", "appid": app.ID, "secret": app.Secret,
	})
	if err != nil {
		return Token{}, errors.New("wechat: token: cannot be asked for")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, origin+"/cgi-bin/stable_token", bytes.NewReader(body))
	if err != nil {
		return Token{}, transportFailure("token", err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := c.exchange("token", req)
	if err != nil {
		return Token{}, err
	}
	var out struct {
		Value   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}
	if json.Unmarshal(answer.body, &out) != nil || out.Value == "" || out.Seconds <= 0 {
		return Token{}, unreadable("token")
	}
	return Token{Value: out.Value, Expires: c.now().Add(time.Duration(out.Seconds) * time.Second)}, nil
}
