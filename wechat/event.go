package wechat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind is what a resident did.
type Kind string

// The kinds of event. A position that a phone reports by itself is KindOther
// and brings no coordinates: only a location that the resident sent counts.
const (
	KindText        Kind = "text"
	KindImage       Kind = "image"
	KindVoice       Kind = "voice"
	KindLocation    Kind = "location"
	KindSubscribe   Kind = "subscribe" // followed, perhaps by scanning a code
	KindUnsubscribe Kind = "unsubscribe"
	KindScan        Kind = "scan"  // scanned a code while following
	KindClick       Kind = "click" // pressed a menu button
	KindOther       Kind = "other"
)

// Message reports whether a resident wrote or sent something. That lets the official
// account write back for two days; what is only tapped does so for a minute.
func (k Kind) Message() bool {
	switch k {
	case KindText, KindImage, KindVoice, KindLocation:
		return true
	case KindSubscribe, KindUnsubscribe, KindScan, KindClick, KindOther:
	}
	return false
}

// Event is one act of a resident in the chat of the official account.
type Event struct {
	AppID  string
	OpenID string
	// MsgID is the same for every delivery of one act and differs between
	// acts. WeChat numbers messages; for events it is derived.
	MsgID    string
	Kind     Kind
	Text     string // typed, or what WeChat heard or calls a place: at most 600 characters, without control characters
	Scene    string // of the scanned code
	Key      string // of the menu button
	MediaID  string // of an image or a voice
	Lat, Lng float64
	Consents []Consent // to the account's subscribe notices; the kind is KindOther then
	At       time.Time
}

// Bounds of a text in either direction: WeChat counts bytes, people characters.
const (
	maxRunes = 600
	maxBytes = 2040
)

// pushed is the sealed part of a callback.
type pushed struct {
	To      string  `xml:"ToUserName"`
	From    string  `xml:"FromUserName"`
	Created int64   `xml:"CreateTime"`
	Type    string  `xml:"MsgType"`
	MsgID   string  `xml:"MsgId"`
	Event   string  `xml:"Event"`
	Key     string  `xml:"EventKey"`
	Content string  `xml:"Content"`
	Heard   string  `xml:"Recognition"`
	Label   string  `xml:"Label"`
	MediaID string  `xml:"MediaId"`
	Lat     float64 `xml:"Location_X"`
	Lng     float64 `xml:"Location_Y"`
}

// readPushed parses the sealed part. Residents can type characters that no XML
// parser takes; those are dropped first.
func readPushed(text []byte) (p pushed, ok bool) {
	err := xml.Unmarshal([]byte(clean(string(text))), &p)
	return p, err == nil && p.From != "" && p.Type != "" && p.Created > 0
}

// event turns a pushed act into an Event.
func (p *pushed) event(appID string) Event {
	e := Event{AppID: appID, OpenID: p.From, MsgID: p.id(), Kind: KindOther, At: time.Unix(p.Created, 0)}
	switch p.Type {
	case "text":
		e.Kind, e.Text = KindText, trim(p.Content)
	case "image":
		e.Kind, e.MediaID = KindImage, p.MediaID
	case "voice":
		e.Kind, e.MediaID, e.Text = KindVoice, p.MediaID, trim(p.Heard)
	case "location":
		if math.Abs(p.Lat) <= 90 && math.Abs(p.Lng) <= 180 {
			e.Kind, e.Lat, e.Lng, e.Text = KindLocation, p.Lat, p.Lng, trim(p.Label)
		}
	case "event":
		p.eventInto(&e)
	}
	return e
}

func (p *pushed) eventInto(e *Event) {
	switch p.Event {
	case "subscribe":
		e.Kind = KindSubscribe
		if scene, ok := strings.CutPrefix(p.Key, "qrscene_"); ok {
			e.Scene = scene
		}
	case "unsubscribe":
		e.Kind = KindUnsubscribe
	case "SCAN":
		e.Kind, e.Scene = KindScan, p.Key
	case "CLICK":
		e.Kind, e.Key = KindClick, p.Key
	}
}

// id is WeChat's number of a message, or a digest of what makes an event one.
func (p *pushed) id() string {
	if id := strings.TrimSpace(p.MsgID); id != "" && len(id) <= 64 {
		return id
	}
	sum := sha256.New()
	for _, part := range []string{p.From, strconv.FormatInt(p.Created, 10), p.Type, p.Event, p.Key, p.Content, p.MediaID} {
		_, _ = sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return "e" + hex.EncodeToString(sum.Sum(nil)[:20])
}

// trim is clean, without blanks at the ends, cut to what a text may hold.
func trim(text string) string {
	text = strings.TrimSpace(clean(text))
	if utf8.RuneCountInString(text) > maxRunes {
		text = string([]rune(text)[:maxRunes])
	}
	return text
}

// clean drops what is not text: broken UTF-8, control characters other than
// line feed and tab, noncharacters, and marks that reverse the reading
// direction.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
			return -1
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, text)
}

// mark shows that a text was cut.
const mark = "\u2026"

// cut shortens a text to so many characters and bytes, and shows that it did.
func cut(text string, runes, size int) string {
	if utf8.RuneCountInString(text) <= runes && len(text) <= size {
		return text
	}
	kept, n := 0, 0
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		if n++; n > runes-1 || end > size-len(mark) {
			break
		}
		kept = end
	}
	return text[:kept] + mark
}
