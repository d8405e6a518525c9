package proving

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Problem is a refusal as the HTTP door tells it.
type Problem struct {
	Method, Path string `json:"-"`
	Status       int    `json:"status"`
	Code         string `json:"code"`
	Title        string `json:"title"`
}

// Error implements error.
func (p *Problem) Error() string {
	return fmt.Sprintf("%s %s: %d %s %q", p.Method, p.Path, p.Status, p.Code, p.Title)
}

// newWeb is shared by all clients: many people at once, each with a connection.
func newWeb() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}}
}

// client asks the HTTP door in the name of one person, or of nobody.
type client struct {
	web        *http.Client
	url, token string
}

// as returns the same client with a token.
func (c client) as(token string) client {
	c.token = token
	return c
}

func (c client) get(ctx context.Context, path string, out any) error {
	body, err := c.ask(ctx, http.MethodGet, path, "", nil)
	return decoded(body, err, out)
}

// newKey is a key under which a request is sent for the first time.
func newKey() string { return rand.Text() }

// post sends a request that is made once: its key is fresh.
func (c client) post(ctx context.Context, path string, in, out any) error {
	body, err := c.retry(ctx, path, newKey(), in)
	return decoded(body, err, out)
}

// retry sends a request under a key that may have been used for it before.
func (c client) retry(ctx context.Context, path, key string, in any) ([]byte, error) {
	return c.ask(ctx, http.MethodPost, path, key, in)
}

func decoded(body []byte, err error, out any) error {
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%w in %s", err, brief(body))
	}
	return nil
}

// ask sends a request and returns the body of its answer, or a [Problem].
func (c client) ask(ctx context.Context, method, path, key string, in any) ([]byte, error) {
	var sent io.Reader
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, sent)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.web.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil, problem(method, path, res, body)
	}
	return body, nil
}

func problem(method, path string, res *http.Response, body []byte) error {
	p := &Problem{Method: method, Path: path}
	if err := json.Unmarshal(body, p); err != nil || p.Code == "" || p.Title == "" {
		return fmt.Errorf("%s %s: %d without code and sentence: %s", method, path, res.StatusCode, brief(body))
	}
	if kind := res.Header.Get("Content-Type"); p.Status != res.StatusCode || kind != "application/problem+json" {
		return fmt.Errorf("%s %s: %d (%s) with a problem that says %d", method, path, res.StatusCode, kind, p.Status)
	}
	return p
}

// brief is as much of an answer as an error shows.
func brief(body []byte) string {
	const most = 300
	r := []rune(strings.TrimSpace(string(body)))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

// at is the path of a thing: at("topics", 7, "accept") is /api/v1/topics/7/accept.
func at(parts ...any) string {
	var b strings.Builder
	b.WriteString("/api/v1")
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}

// set is a JSON object to be sent.
type set = map[string]any
