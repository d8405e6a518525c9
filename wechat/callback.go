package wechat

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"errors"
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

// Callback returns the handler of the official account's callback URL. It
// calls answer once per delivery of an authentic event, with a context that
// ends before WeChat hangs up, and sends the reply, cut to 600 characters; no
// reply is fine. On an error it answers 500 and WeChat delivers the event
// again, three times in all, with the same MsgID. So answer must be idempotent
// and must commit before it returns; it logs its own errors.
//
// Only sealed callbacks ("safe mode") are accepted: in the other modes the
// signature does not cover the body. An official account without an AES key
// gets nothing through.
func (c *Client) Callback(answer func(ctx context.Context, e Event) (reply string, err error)) http.Handler {
	d := &door{client: c, answer: answer}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			d.echo(w, r.URL.Query())
		case http.MethodPost:
			d.receive(w, r)
		default:
			w.Header().Set("Allow", "GET, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

type door struct {
	client *Client
	answer func(ctx context.Context, e Event) (string, error)
}

// echo proves to WeChat that this URL holds the token.
func (d *door) echo(w http.ResponseWriter, q url.Values) {
	said := q.Get("echostr")
	token := d.client.cfg.Official.Token
	if token == "" || !d.fresh(q) || said == "" || len(said) > maxEcho ||
		!signed(q.Get("signature"), token, q.Get("timestamp"), q.Get("nonce")) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	write(w, "text/plain; charset=utf-8", []byte(said))
}

// receive takes one delivery.
func (d *door) receive(w http.ResponseWriter, r *http.Request) {
	text, key, status := d.unseal(w, r)
	if status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	p, ok := readPushed(text)
	if !ok { // authentic, yet no event: another delivery would not help
		slog.WarnContext(r.Context(), "wechat: callback not understood")
		write(w, "text/plain", []byte(success))
		return
	}
	reply, ok := d.ask(r.Context(), p.event(d.client.cfg.Official.ID))
	if !ok {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if reply = cut(clean(reply), maxRunes, maxBytes); reply == "" {
		write(w, "text/plain", []byte(success))
		return
	}
	body, err := d.sealReply(key, p, reply)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	write(w, "application/xml; charset=utf-8", body)
}

// unseal returns the text of an authentic delivery and the key that opened it,
// or the status of the refusal.
func (d *door) unseal(w http.ResponseWriter, r *http.Request) ([]byte, aesKey, int) {
	q := r.URL.Query()
	app := d.client.cfg.Official
	if len(d.client.keys) == 0 || !d.fresh(q) {
		return nil, nil, http.StatusForbidden
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, nil, http.StatusRequestEntityTooLarge
	}
	var outer struct {
		Encrypt string `xml:"Encrypt"`
	}
	if err != nil || xml.Unmarshal(body, &outer) != nil {
		return nil, nil, http.StatusBadRequest
	}
	if outer.Encrypt == "" || !signed(q.Get("msg_signature"), app.Token, q.Get("timestamp"), q.Get("nonce"), outer.Encrypt) {
		return nil, nil, http.StatusForbidden
	}
	for _, key := range d.client.keys {
		if text, err := key.open(outer.Encrypt, app.ID); err == nil {
			return text, key, http.StatusOK
		}
	}
	return nil, nil, http.StatusForbidden
}

// fresh tells whether a request was signed within five minutes of now.
func (d *door) fresh(q url.Values) bool {
	at, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
	return err == nil && d.client.now().Sub(time.Unix(at, 0)).Abs() <= maxSkew
}

// ask calls answer; a panic there is an error like any other.
func (d *door) ask(ctx context.Context, e Event) (reply string, ok bool) {
	defer func() {
		if recover() != nil {
			slog.ErrorContext(ctx, "wechat: answer panicked", "kind", string(e.Kind))
			reply, ok = "", false
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	reply, err := d.answer(ctx, e)
	return reply, err == nil
}

type cdata struct {
	Text string `xml:",cdata"`
}

// sealReply renders a text reply and puts it under the key of the request.
func (d *door) sealReply(key aesKey, p pushed, reply string) ([]byte, error) {
	now := d.client.now().Unix()
	text, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"xml"`
		To      cdata    `xml:"ToUserName"`
		From    cdata    `xml:"FromUserName"`
		Created int64    `xml:"CreateTime"`
		Type    cdata    `xml:"MsgType"`
		Content cdata    `xml:"Content"`
	}{To: cdata{p.From}, From: cdata{p.To}, Created: now, Type: cdata{"text"}, Content: cdata{reply}})
	if err != nil {
		return nil, err
	}
	app := d.client.cfg.Official
	sealed, err := key.seal(text, app.ID)
	if err != nil {
		return nil, err
	}
	stamp, nonce := strconv.FormatInt(now, 10), rand.Text()
	return xml.Marshal(struct {
		XMLName   xml.Name `xml:"xml"`
		Encrypt   cdata    `xml:"Encrypt"`
		Signature cdata    `xml:"MsgSignature"`
		Stamp     int64    `xml:"TimeStamp"`
		Nonce     cdata    `xml:"Nonce"`
	}{Encrypt: cdata{sealed}, Signature: cdata{sign(app.Token, stamp, nonce, sealed)}, Stamp: now, Nonce: cdata{nonce}})
}

func write(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) //nolint:gosec // sealed, or signed by WeChat and never sniffed
}
