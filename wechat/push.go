package wechat

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// PushKind is what WeChat tells a mini-program.
type PushKind string

// The kinds of push.
const (
	PushMedia   PushKind = "media"   // a picture was judged, or could not be
	PushConsent PushKind = "consent" // a resident allowed or refused messages
	PushReceipt PushKind = "receipt" // a message reached its receiver, or did not
	PushOther   PushKind = "other"
)

// Push is one message of WeChat to the mini-program.
type Push struct {
	AppID string
	// ID is the same for every delivery of one push and differs between pushes.
	ID       string
	Kind     PushKind
	OpenID   string // of the resident whose consents or receipts these are
	At       time.Time
	Media    MediaVerdict
	Consents []Consent
	Receipts []Receipt
}

// MediaVerdict is what became of a picture that [Client.CheckImage] sent in.
type MediaVerdict struct {
	Trace string
	// Verdict is empty if WeChat could not judge. That is no pass.
	Verdict Verdict
	Code    int // WeChat's errcode then
}

// Consent is a resident's answer to the question whether messages of one
// template may come. A refusal may also be a consent taken back.
type Consent struct {
	Template string
	Accepted bool
}

// Receipt is the fate of one message.
type Receipt struct {
	Template, MsgID string
	Code            int // 0 if it arrived
}

// MiniCallback returns the handler of the mini-program's callback URL, in XML
// or JSON. It calls take once per delivery of an authentic push; an error makes
// WeChat deliver it again, three times in all. The rules of [Client.Callback]
// hold: safe mode alone, and take is idempotent and logs its own errors.
func (c *Client) MiniCallback(take func(ctx context.Context, p Push) error) http.Handler {
	d := c.push
	return d.handler(func(w http.ResponseWriter, r *http.Request) {
		text, _, status := d.unseal(w, r)
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		p, ok := readNews(text, d.app.ID)
		if !ok { // authentic, yet no push: another delivery would not help
			slog.WarnContext(r.Context(), "wechat: push not understood")
		} else if !attempt(r.Context(), func(ctx context.Context) error { return take(ctx, p) }) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		write(w, "text/plain", []byte(success))
	})
}

// news is the sealed part of a push. WeChat writes numbers as texts in one
// format and as numbers in the other.
type news struct {
	From    loose `xml:"FromUserName" json:"FromUserName"`
	Created loose `xml:"CreateTime" json:"CreateTime"`
	Event   loose `xml:"Event" json:"Event"`
	Trace   loose `xml:"trace_id" json:"trace_id"`
	Code    loose `xml:"errcode" json:"errcode"`
	Result  struct {
		Suggest loose `xml:"suggest" json:"suggest"`
	} `xml:"result" json:"result"`
	List   items `xml:"-" json:"List"`
	Popup  items `xml:"SubscribeMsgPopupEvent>List" json:"-"`
	Change items `xml:"SubscribeMsgChangeEvent>List" json:"-"`
	Sent   items `xml:"SubscribeMsgSentEvent>List" json:"-"`
}

type item struct {
	Template loose `xml:"TemplateId" json:"TemplateId"`
	Status   loose `xml:"SubscribeStatusString" json:"SubscribeStatusString"`
	MsgID    loose `xml:"MsgID" json:"MsgID"`
	Code     loose `xml:"ErrorCode" json:"ErrorCode"`
}

// items is a list; in JSON a list of one comes without its brackets.
type items []item

// UnmarshalJSON takes a list, or its only item.
func (l *items) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		*l = make(items, 1)
		return json.Unmarshal(data, &(*l)[0])
	}
	return json.Unmarshal(data, (*[]item)(l))
}

// loose is a text, or a number as a text.
type loose string

// UnmarshalJSON takes a text, a number, or nothing.
func (l *loose) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte(`"`)) {
		var n *json.Number
		if err := json.Unmarshal(data, &n); err != nil || n == nil {
			return err
		}
		*l = loose(n.String())
		return nil
	}
	return json.Unmarshal(data, (*string)(l))
}

func (l loose) String() string { return clean(string(l)) }

// number is 0 for nothing, and no number that WeChat uses for what is none.
func (l loose) number() int {
	if l == "" {
		return 0
	}
	n, err := strconv.Atoi(string(l))
	if err != nil {
		return -1
	}
	return n
}

// readNews parses the sealed part.
func readNews(text []byte, appID string) (Push, bool) {
	var n news
	err := parse([]byte(clean(string(text))), &n)
	created, bad := strconv.ParseInt(string(n.Created), 10, 64)
	if err != nil || bad != nil || created <= 0 || n.Event == "" {
		return Push{}, false
	}
	sum := sha256.Sum256(text)
	p := Push{
		AppID: appID, ID: "p" + hex.EncodeToString(sum[:20]), Kind: PushOther,
		OpenID: n.From.String(), At: time.Unix(created, 0),
	}
	switch n.Event {
	case "wxa_media_check":
		return p, n.media(&p)
	case "subscribe_msg_popup_event":
		p.Kind, p.Consents = PushConsent, append(n.List, n.Popup...).consents()
	case "subscribe_msg_change_event":
		p.Kind, p.Consents = PushConsent, append(n.List, n.Change...).consents()
	case "subscribe_msg_sent_event":
		p.Kind, p.Receipts = PushReceipt, append(n.List, n.Sent...).receipts()
	}
	return p, true
}

// media reads a verdict; one without its trace is about nothing.
func (n *news) media(p *Push) bool {
	p.Kind, p.OpenID = PushMedia, "" // the sender is WeChat itself
	p.Media = MediaVerdict{Trace: n.Trace.String(), Code: n.Code.number()}
	if p.Media.Code == 0 {
		p.Media.Verdict, _ = verdictOf(n.Result.Suggest.String())
	}
	return p.Media.Trace != ""
}

func (l items) consents() []Consent {
	out := make([]Consent, len(l))
	for i, x := range l {
		out[i] = Consent{Template: x.Template.String(), Accepted: x.Status == "accept"}
	}
	return out
}

func (l items) receipts() []Receipt {
	out := make([]Receipt, len(l))
	for i, x := range l {
		out[i] = Receipt{Template: x.Template.String(), MsgID: x.MsgID.String(), Code: x.Code.number()}
	}
	return out
}
