package wechattest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// receipt is a message whose fate is still to be pushed.
type receipt struct {
	app        *app
	openID, id string
	number     uint64
}

// Consent is a resident's answer to the question whether messages of a template
// may come. An accepted one is good for one message. The app is told.
func (f *Fake) Consent(r *Resident, appID, templateID string, accepted bool) error {
	status := "reject"
	if accepted {
		f.Allow(r, appID, templateID, 1)
		status = "accept"
	}
	return f.tell(appID, r.OpenID(appID), "subscribe_msg_popup_event", item{
		{"TemplateId", templateID}, {"SubscribeStatusString", status}, {"PopupScene", "0"},
	})
}

// Withdraw takes back every consent to a template. The app is told.
func (f *Fake) Withdraw(r *Resident, appID, templateID string) error {
	f.mu.Lock()
	delete(r.grants, grant{appID, templateID})
	f.mu.Unlock()
	return f.tell(appID, r.OpenID(appID), "subscribe_msg_change_event", item{
		{"TemplateId", templateID}, {"SubscribeStatusString", "reject"},
	})
}

// Settle pushes what WeChat tells later: the fate of sent messages and the
// verdicts of pictures. A picture that cannot be fetched, is too large, or is
// not on this computer, gets none but errcode -1008.
func (f *Fake) Settle() error {
	f.mu.Lock()
	receipts, pictures := f.receipts, f.media
	f.receipts, f.media = nil, nil
	f.mu.Unlock()
	var errs []error
	for _, x := range receipts {
		errs = append(errs, f.tell(x.app.ID, x.openID, "subscribe_msg_sent_event", item{
			{"TemplateId", x.id}, {"MsgID", strconv.FormatUint(x.number, 10)}, {"ErrorCode", "0"}, {"ErrorStatus", "success"},
		}))
	}
	for _, m := range pictures {
		if !m.lost {
			errs = append(errs, f.judge(m))
		}
	}
	return errors.Join(errs...)
}

// judge pushes the verdict of a picture.
func (f *Fake) judge(m media) error {
	about := []field{{"appid", m.app.ID}, {"trace_id", m.trace}, {"version", "2"}}
	picture, err := f.fetch(m.where)
	if err != nil {
		return f.tellFields(m.app.ID, m.openID, "wxa_media_check",
			append(about, field{"errcode", "-1008"}, field{"errmsg", "media url not accessible"}), "", nil)
	}
	f.mu.Lock()
	verdict, label := f.suggest(m.where, string(picture))
	f.mu.Unlock()
	return f.tellFields(m.app.ID, m.openID, "wxa_media_check", append(about, field{"errcode", "0"}, field{"errmsg", "ok"}),
		"result", item{{"suggest", string(verdict)}, {"label", strconv.Itoa(label)}})
}

// maxPicture is how large a picture may be.
const maxPicture = 10 << 20

func (f *Fake) fetch(where string) ([]byte, error) {
	far := errors.New("wechattest: not fetched")
	u, err := url.Parse(where)
	if err != nil {
		return nil, far
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err != nil || !ip.IsLoopback() {
		return nil, far
	}
	ctx, cancel := context.WithTimeout(context.Background(), f.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, http.NoBody)
	if err != nil {
		return nil, far
	}
	res, err := f.pusher.Do(req)
	if err != nil {
		return nil, far
	}
	defer func() { _ = res.Body.Close() }()
	picture, err := io.ReadAll(io.LimitReader(res.Body, maxPicture+1))
	if err != nil || res.StatusCode != http.StatusOK || len(picture) > maxPicture {
		return nil, far
	}
	return picture, nil
}

// item is an element of a push with elements of its own.
type item []field

// tell pushes an event about one template.
func (f *Fake) tell(appID, openID, event string, about item) error {
	return f.tellFields(appID, openID, event, nil, "List", about)
}

// tellFields pushes an event to an app, if it has a callback.
func (f *Fake) tellFields(appID, openID, event string, fields []field, name string, inner item) error {
	f.mu.Lock()
	known := f.app(appID)
	if known == nil || known.callback == "" {
		f.mu.Unlock()
		return nil
	}
	a := *known
	f.mu.Unlock()
	fields = append([]field{
		{"ToUserName", "gh_" + digest(a.ID)[:12]},
		{"FromUserName", openID},
		{"CreateTime", strconv.FormatInt(f.now().Unix(), 10)},
		{"MsgType", "event"},
		{"Event", event},
	}, fields...)
	text := inXML(event, fields, name, inner)
	if a.json {
		text = inJSON(fields, name, inner)
	}
	reply, err := f.deliver(a, openID, text)
	if err == nil && reply != "" && a.mini {
		err = errors.New("wechattest: a mini-program does not reply")
	}
	return err
}

// wrappers are the elements around the list of an event.
var wrappers = map[string]string{
	"subscribe_msg_popup_event":  "SubscribeMsgPopupEvent",
	"subscribe_msg_change_event": "SubscribeMsgChangeEvent",
	"subscribe_msg_sent_event":   "SubscribeMsgSentEvent",
}

func inXML(event string, fields []field, name string, inner item) string {
	text := render(fields)
	if name == "" {
		return text
	}
	list := strings.TrimSuffix(strings.TrimPrefix(render(inner), "<xml>"), "</xml>")
	list = fmt.Sprintf("<%s>%s</%s>", name, list, name)
	if around := wrappers[event]; around != "" {
		list = fmt.Sprintf("<%s>%s</%s>", around, list, around)
	}
	return strings.TrimSuffix(text, "</xml>") + list + "</xml>"
}

// inJSON writes times, errcodes and labels as numbers, the rest as texts, and a
// list of one without brackets, as WeChat has been seen to.
func inJSON(fields []field, name string, inner item) string {
	object := func(fields []field) map[string]any {
		out := make(map[string]any, len(fields)+1)
		for _, x := range fields {
			out[x.name] = x.value
			switch x.name {
			case "CreateTime", "errcode", "version", "label":
				out[x.name] = json.Number(x.value)
			}
		}
		return out
	}
	all := object(fields)
	if name != "" {
		all[name] = object(inner)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(all)
	return out.String()
}
