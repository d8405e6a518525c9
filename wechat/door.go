package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	maxBody       = 64 << 10
	maxSkew       = 5 * time.Minute
	maxEcho       = 128
	answerTimeout = 4 * time.Second // WeChat hangs up after five
	success       = "success"       // tells WeChat that there is no reply
)

// door is the callback URL of one app. What it unseals is WeChat's.
type door struct {
	app  App
	keys []aesKey // current, then old
	now  func() time.Time
}

// newDoor fails on a key that is not an AES key, and on an app with only one of
// Token and AESKey.
func newDoor(app App, now func() time.Time) (door, error) {
	d := door{app: app, now: now}
	if (app.Token == "") != (app.AESKey == "") {
		return d, errors.New("wechat: an app needs both Token and AESKey, or neither")
	}
	for _, text := range []string{app.AESKey, app.AESKeyOld} {
		if text == "" {
			continue
		}
		key, err := decodeKey(text)
		if err != nil {
			return d, fmt.Errorf("wechat: %w", err)
		}
		d.keys = append(d.keys, key)
	}
	return d, nil
}

// handler lets deliveries through to receive and answers WeChat's questions.
func (d door) handler(receive http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			d.echo(w, r.URL.Query())
		case http.MethodPost:
			receive(w, r)
		default:
			w.Header().Set("Allow", "GET, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

// echo proves to WeChat that this URL holds the token.
func (d door) echo(w http.ResponseWriter, q url.Values) {
	said, token := q.Get("echostr"), d.app.Token
	if token == "" || !d.fresh(q) || said == "" || len(said) > maxEcho ||
		!signed(q.Get("signature"), token, q.Get("timestamp"), q.Get("nonce")) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	write(w, "text/plain; charset=utf-8", []byte(said))
}

// unseal returns the text of an authentic delivery and the key that opened it,
// or the status of the refusal.
func (d door) unseal(w http.ResponseWriter, r *http.Request) ([]byte, aesKey, int) {
	q := r.URL.Query()
	if len(d.keys) == 0 || !d.fresh(q) {
		return nil, nil, http.StatusForbidden
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, nil, http.StatusRequestEntityTooLarge
	}
	var outer struct {
		Encrypt string `xml:"Encrypt" json:"Encrypt"`
	}
	if err != nil || parse(body, &outer) != nil {
		return nil, nil, http.StatusBadRequest
	}
	if outer.Encrypt == "" || !signed(q.Get("msg_signature"), d.app.Token, q.Get("timestamp"), q.Get("nonce"), outer.Encrypt) {
		return nil, nil, http.StatusForbidden
	}
	for _, key := range d.keys {
		if text, err := key.open(outer.Encrypt, d.app.ID); err == nil {
			return text, key, http.StatusOK
		}
	}
	return nil, nil, http.StatusForbidden
}

// parse reads JSON, which only mini-programs choose, or XML.
func parse(body []byte, into any) error {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return json.Unmarshal(body, into)
	}
	return xml.Unmarshal(body, into)
}

// fresh tells whether a request was signed within five minutes of now.
func (d door) fresh(q url.Values) bool {
	at, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
	return err == nil && d.now().Sub(time.Unix(at, 0)).Abs() <= maxSkew
}

// attempt does what a delivery asks for, in the time that WeChat leaves; a
// panic there is an error like any other.
func attempt(ctx context.Context, do func(ctx context.Context) error) (ok bool) {
	defer func() {
		if recover() != nil {
			slog.ErrorContext(ctx, "wechat: callback panicked")
			ok = false
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return do(ctx) == nil
}

func write(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) //nolint:gosec // sealed, or signed by WeChat and never sniffed
}
