package wechattest

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The errors of a push.
var (
	// ErrNoService is what a resident sees as WeChat's fault notice: three
	// deliveries without a good answer.
	ErrNoService = errors.New("wechattest: the service is not available")
	// ErrNotFollowing is an act that needs following first.
	ErrNotFollowing = errors.New("wechattest: not following")
)

const deliveries = 3

// Say sends a text to the bot.
func (f *Fake) Say(r *Resident, text string) (string, error) {
	return f.message(r, "text", text, field{"Content", text})
}

// SendImage sends a picture to the bot.
func (f *Fake) SendImage(r *Resident) (string, error) {
	id := f.AddMedia(picture())
	return f.message(r, "image", "", field{"PicUrl", "http://mmbiz.qpic.cn/" + id}, field{"MediaId", id})
}

// SendVoice sends a voice message to the bot, with what WeChat heard, if anything.
func (f *Fake) SendVoice(r *Resident, heard string) (string, error) {
	return f.message(r, "voice", heard, field{"MediaId", f.AddMedia([]byte("#!AMR\n" + rand.Text()))}, field{"Format", "amr"}, field{"Recognition", heard})
}

// Locate sends a position to the bot, with the name of the place, if it has one.
func (f *Fake) Locate(r *Resident, lat, lng float64, label string) (string, error) {
	x, y := strconv.FormatFloat(lat, 'f', 6, 64), strconv.FormatFloat(lng, 'f', 6, 64)
	return f.message(r, "location", label,
		field{"Location_X", x}, field{"Location_Y", y}, field{"Scale", "16"}, field{"Label", label})
}

// Follow begins to follow the official account, by its name or, with a scene,
// by scanning a code.
func (f *Fake) Follow(r *Resident, scene string) (string, error) {
	key := ""
	if scene != "" {
		key = "qrscene_" + scene
	}
	f.mu.Lock()
	r.following = true
	f.mu.Unlock()
	return f.event(r, "subscribe", key, line{true, "follow", f.label(scene)})
}

// Followed has somebody follow since long ago: nothing is pushed.
func (f *Fake) Followed(r *Resident) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.following = true
}

// Scan scans a code of the official account. Who does not follow yet begins
// to.
func (f *Fake) Scan(r *Resident, scene string) (string, error) {
	f.mu.Lock()
	following := r.following
	f.mu.Unlock()
	if !following {
		return f.Follow(r, scene)
	}
	return f.event(r, "SCAN", scene, line{true, "scan", f.label(scene)})
}

// Unfollow stops following. A reply is never shown.
func (f *Fake) Unfollow(r *Resident) (string, error) {
	f.mu.Lock()
	r.following = false
	r.window = window{}
	f.mu.Unlock()
	return f.event(r, "unsubscribe", "", line{true, "unfollow", ""})
}

// Click presses a button of the menu.
func (f *Fake) Click(r *Resident, key string) (string, error) {
	return f.event(r, "CLICK", key, line{true, "click", key})
}

// Redeliver delivers the resident's latest act once more, with the same MsgId,
// as WeChat does when an answer got lost on its way.
func (f *Fake) Redeliver(r *Resident) (string, error) {
	f.mu.Lock()
	inner := r.last
	a, err := f.official()
	f.mu.Unlock()
	switch {
	case err != nil:
		return "", err
	case inner == "":
		return "", errors.New("wechattest: nothing to deliver again")
	}
	return f.deliver(a, r.OpenID(a.ID), inner)
}

// label is what stands under the code of a scene.
func (f *Fake) label(scene string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.scenes {
		if s.Scene == scene {
			return s.Label
		}
	}
	return scene
}

// field is an element of a push.
type field struct{ name, value string }

// message pushes what a resident wrote, which opens the 48-hour window.
func (f *Fake) message(r *Resident, kind, text string, fields ...field) (string, error) {
	f.mu.Lock()
	if !r.following {
		f.mu.Unlock()
		return "", ErrNotFollowing
	}
	f.lastMsgID++
	fields = append(fields, field{"MsgId", strconv.FormatUint(f.lastMsgID, 10)})
	r.window = window{until: f.now().Add(48 * time.Hour), left: 5}
	f.mu.Unlock()
	return f.push(r, line{true, kind, text}, append([]field{{"MsgType", kind}}, fields...))
}

// event pushes what a resident did, which opens a window of a minute.
func (f *Fake) event(r *Resident, name, key string, shown line) (string, error) {
	f.mu.Lock()
	if !r.following && name != "unsubscribe" {
		f.mu.Unlock()
		return "", ErrNotFollowing
	}
	if until := f.now().Add(time.Minute); r.following && until.After(r.window.until) {
		r.window = window{until: until, left: 3}
	}
	f.mu.Unlock()
	return f.push(r, shown, []field{{"MsgType", "event"}, {"Event", name}, {"EventKey", key}})
}

// push writes an act down, delivers it, and shows the outcome in the chat.
func (f *Fake) push(r *Resident, shown line, fields []field) (string, error) {
	f.mu.Lock()
	a, err := f.official()
	if err != nil {
		f.mu.Unlock()
		return "", err
	}
	inner := render(append([]field{
		{"ToUserName", "gh_" + digest(a.ID)[:12]},
		{"FromUserName", r.OpenID(a.ID)},
		{"CreateTime", strconv.FormatInt(f.now().Unix(), 10)},
	}, fields...))
	r.last = inner
	r.note(shown.Mine, shown.Act, shown.Text)
	f.mu.Unlock()

	reply, err := f.deliver(a, r.OpenID(a.ID), inner)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !r.following:
	case err != nil:
		r.note(false, "fault", "")
	case reply != "":
		r.note(false, "text", reply)
	}
	return reply, err
}

// render writes elements the way WeChat does. What a resident typed goes in as
// it is, control characters included.
func render(fields []field) string {
	var b strings.Builder
	b.WriteString("<xml>")
	for _, x := range fields {
		value := strings.ReplaceAll(x.value, "]]>", "]]]]><![CDATA[>")
		fmt.Fprintf(&b, "<%s><![CDATA[%s]]></%s>\n", x.name, value, x.name)
	}
	b.WriteString("</xml>")
	return b.String()
}

// deliver tries up to three times to get a good answer.
func (f *Fake) deliver(a app, openID, inner string) (string, error) {
	var last error
	for range deliveries {
		var reply string
		if reply, last = f.try(a, openID, inner); last == nil {
			return reply, nil
		}
	}
	return "", fmt.Errorf("%w: %w", ErrNoService, last)
}

func (f *Fake) try(a app, openID, inner string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), f.Patience)
	defer cancel()
	req, err := f.Sealed(ctx, a.ID, openID, inner)
	if err != nil {
		return "", err
	}
	res, err := f.pusher.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("wechattest: callback answered %d", res.StatusCode)
	}
	if text := string(body); text == "" || text == "success" {
		return "", nil
	}
	return f.unseal(a, openID, body)
}

// Act is something that a resident does, for those who bring many acts in an order
// of their own.
type Act struct {
	Kind string    // "text", or the name of an event such as "SCAN"
	Text string    // what is typed, or the key of the event
	ID   string    // of a message
	At   time.Time // an event has no id: it is known by its moment
}

// Letter is a genuine delivery of an act to the official account, as often as it is
// asked for. It leaves no trace on the phone.
func (f *Fake) Letter(ctx context.Context, r *Resident, act Act) (*http.Request, error) {
	f.mu.Lock()
	a, err := f.official()
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	fields := []field{
		{"ToUserName", "gh_" + digest(a.ID)[:12]}, {"FromUserName", r.OpenID(a.ID)}, {"CreateTime", strconv.FormatInt(act.At.Unix(), 10)},
	}
	if act.Kind == "text" {
		fields = append(fields, field{"MsgType", "text"}, field{"Content", act.Text}, field{"MsgId", act.ID})
	} else {
		fields = append(fields, field{"MsgType", "event"}, field{"Event", act.Kind}, field{"EventKey", act.Text})
	}
	return f.Sealed(ctx, a.ID, r.OpenID(a.ID), render(fields))
}

// Read is what the answer to a letter says, "" for none.
func (f *Fake) Read(r *Resident, body []byte) (string, error) {
	f.mu.Lock()
	a, err := f.official()
	f.mu.Unlock()
	if text := string(body); err != nil || text == "" || text == "success" {
		return "", err
	}
	return f.unseal(a, r.OpenID(a.ID), body)
}

// Sealed is a genuine delivery to the callback of an app: sealed, signed, with
// the moment of the fake's clock. Tests of the callback may spoil it.
func (f *Fake) Sealed(ctx context.Context, appID, openID, inner string) (*http.Request, error) {
	f.mu.Lock()
	known := f.app(appID)
	if known == nil {
		f.mu.Unlock()
		return nil, errors.New("wechattest: no such app")
	}
	a, stamp := *known, strconv.FormatInt(f.now().Unix(), 10)
	f.mu.Unlock()
	sealed, err := encrypt(a.AESKey, a.ID, inner)
	if err != nil {
		return nil, err
	}
	nonce := rand.Text()[:10]
	q := url.Values{
		"signature": {signature(a.Token, stamp, nonce)}, "timestamp": {stamp}, "nonce": {nonce},
		"openid": {openID}, "encrypt_type": {"aes"}, "msg_signature": {signature(a.Token, stamp, nonce, sealed)},
	}
	account, kind := "gh_"+digest(a.ID)[:12], "text/xml"
	body := render([]field{{"ToUserName", account}, {"Encrypt", sealed}})
	if a.json {
		kind, body = "application/json", fmt.Sprintf(`{"ToUserName":%q,"Encrypt":%q}`, account, sealed)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.callback+"?"+q.Encode(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	return req, nil
}

// unseal checks a reply as strictly as WeChat and returns its text.
func (f *Fake) unseal(a app, openID string, body []byte) (string, error) {
	var outer struct {
		XMLName                                 xml.Name `xml:"xml"`
		Encrypt, MsgSignature, TimeStamp, Nonce string
	}
	if err := xml.Unmarshal(body, &outer); err != nil {
		return "", fmt.Errorf("wechattest: reply is not XML: %w", err)
	}
	if outer.MsgSignature != signature(a.Token, outer.TimeStamp, outer.Nonce, outer.Encrypt) {
		return "", errors.New("wechattest: reply is not signed")
	}
	inner, err := decrypt(a.AESKey, a.ID, outer.Encrypt)
	if err != nil {
		return "", err
	}
	var reply struct {
		XMLName                                    xml.Name `xml:"xml"`
		ToUserName, FromUserName, MsgType, Content string
	}
	if err = xml.Unmarshal([]byte(inner), &reply); err != nil {
		return "", fmt.Errorf("wechattest: sealed reply is not XML: %w", err)
	}
	switch {
	case reply.ToUserName != openID || !strings.HasPrefix(reply.FromUserName, "gh_"):
		return "", errors.New("wechattest: reply goes to somebody else")
	case reply.MsgType != "text" || reply.Content == "" || len(reply.Content) > 2048:
		return "", errors.New("wechattest: reply is not a text of at most 2048 bytes")
	}
	return reply.Content, nil
}
