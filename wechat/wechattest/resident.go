package wechattest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"time"

	"yishi/wechat"
)

// Resident is a person with a phone. The fields never change.
type Resident struct {
	Name, Phone, UnionID string

	id        string
	following bool
	grants    map[grant]int
	visits    map[string]time.Time // of mini-programs, by app
	window    window
	sent      []Delivery
	lines     []line
	last      string // the latest push, for another delivery
}

// grant is a consent to subscribe messages of one template.
type grant struct{ appID, templateID string }

// window is the right to send customer messages.
type window struct {
	until time.Time
	left  int
}

// Delivery is a message that arrived on a phone, apart from replies in the
// chat.
type Delivery struct {
	At       time.Time         `json:"at"`
	AppID    string            `json:"app"`
	Channel  wechat.Channel    `json:"channel"`
	Text     string            `json:"text"` // of a template: its values, one a line
	Template string            `json:"template"`
	Params   map[string]string `json:"params"`
	Page     string            `json:"page"`
}

// line is one bubble of the chat.
type line struct {
	Mine bool   `json:"mine"`
	Act  string `json:"act"` // text, scan, follow, unfollow, click, location, image, voice, fault
	Text string `json:"text"`
}

const maxLines = 200

// code is a one-time code of the mini-program. appID is empty for the code of
// the phone button.
type code struct {
	resident *Resident
	appID    string
	made     time.Time
	used     bool
	snapshot bool // of a snapshot page
	union    bool // asked for with the identity across apps
}

// AddResident registers a person, who follows nobody yet.
func (f *Fake) AddResident(name, phone string) *Resident {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := strconv.Itoa(len(f.residents) + 1)
	r := &Resident{Name: name, Phone: phone, UnionID: "u" + digest("union "+id), id: id}
	r.grants, r.visits = make(map[grant]int), make(map[string]time.Time)
	f.residents = append(f.residents, r)
	return r
}

// OpenID is the resident's openid in an app.
func (r *Resident) OpenID(appID string) string { return "o" + digest(r.id+" "+appID) }

// digest is 27 characters that look like part of an id of WeChat.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:27]
}

// LoginCode is what wx.login gives: good once, for five minutes.
func (f *Fake) LoginCode(r *Resident, appID string) string { return f.issue(r, appID) }

// PhoneCode is what the phone button gives: good once, for five minutes.
func (f *Fake) PhoneCode(r *Resident) string { return f.issue(r, "") }

func (f *Fake) issue(r *Resident, appID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := rand.Text() + rand.Text()[:6]
	f.codes[text] = &code{resident: r, appID: appID, made: f.now()}
	return text
}

// spend takes a code; the caller holds the lock.
func (f *Fake) spend(text, appID string) (*Resident, any) {
	c := f.codes[text]
	if c == nil || c.appID != appID || f.now().Sub(c.made) > 5*time.Minute {
		return nil, refusal(40029)
	}
	if c.used {
		return nil, refusal(40163)
	}
	c.used = true
	return c.resident, nil
}

// Allow is the resident's consent to n subscribe messages of a template.
func (f *Fake) Allow(r *Resident, appID, templateID string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.grants[grant{appID, templateID}] += n
}

// Sent is what has arrived on the resident's phone, oldest first.
func (f *Fake) Sent(r *Resident) []Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	sent := slices.Clone(r.sent)
	for i := range sent {
		sent[i].Params = maps.Clone(sent[i].Params)
	}
	return sent
}

// note adds a bubble; the caller holds the lock.
func (r *Resident) note(mine bool, act, text string) {
	r.lines = append(r.lines, line{mine, act, text})
	if len(r.lines) > maxLines {
		r.lines = slices.Delete(r.lines, 0, len(r.lines)-maxLines)
	}
}
