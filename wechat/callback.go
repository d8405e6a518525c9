package wechat

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
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
	h := &chat{door: c.chat, answer: answer}
	return h.door.handler(h.receive)
}

// chat is the official account's callback.
type chat struct {
	door   door
	answer func(ctx context.Context, e Event) (string, error)
}

// receive takes one delivery.
func (h *chat) receive(w http.ResponseWriter, r *http.Request) {
	text, key, status := h.door.unseal(w, r)
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
	reply := ""
	if !attempt(r.Context(), func(ctx context.Context) (err error) {
		reply, err = h.answer(ctx, h.event(p, text))
		return err
	}) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if reply = cut(clean(reply), maxRunes, maxBytes); reply == "" {
		write(w, "text/plain", []byte(success))
		return
	}
	body, err := h.sealReply(key, p, reply)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	write(w, "application/xml; charset=utf-8", body)
}

// event is what was pushed, with the consents that it may carry.
func (h *chat) event(p pushed, text []byte) Event {
	e := p.event(h.door.app.ID)
	if p.Type == "event" && strings.HasPrefix(p.Event, "subscribe_msg_") {
		if n, ok := readNews(text, h.door.app.ID); ok {
			e.MsgID, e.Consents = n.ID, n.Consents
		}
	}
	return e
}

type cdata struct {
	Text string `xml:",cdata"`
}

// sealReply renders a text reply and puts it under the key of the request.
func (h *chat) sealReply(key aesKey, p pushed, reply string) ([]byte, error) {
	now := h.door.now().Unix()
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
	app := h.door.app
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
