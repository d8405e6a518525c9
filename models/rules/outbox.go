package rules

import (
	"slices"
	"time"
)

// Channel is how a notice reaches an account at WeChat.
type Channel string

// The channels, in the order in which they are tried. A template message of the
// official account needs a follower and no right; the others need one that the
// person gave.
const (
	ChannelTemplate  Channel = "template"
	ChannelCustomer  Channel = "customer"
	ChannelConsented Channel = "consented" // of the official account, with consent for each
	ChannelSubscribe Channel = "subscribe" // of the mini-program, with consent for each
)

// What a person lets the official account say by writing to it, after WeChat's rules
// for customer messages: five within two days of a message, and three within a
// minute of a scan, a click or the beginning of following.
const (
	WroteMessages  = 5
	WroteFor       = 48 * time.Hour
	TappedMessages = 3
	TappedFor      = time.Minute
)

// MaxRights is how many consents to one kind of notice are counted. WeChat keeps all;
// more than this are not needed by anybody.
const MaxRights = 20

// Tap is where in the mini-program somebody is asked which notices they want: only
// what a finger does may ask (wx.requestSubscribeMessage).
type Tap string

// The taps.
const (
	TapRaise Tap = "raise" // a matter was submitted
	TapVote  Tap = "vote"  // a ballot was cast
	TapJoin  Tap = "join"  // somebody joined a matter or an alliance
)

// consents are the notices that a tap may ask for, the one that matters most first:
// what came of it before what happens on the way.
var consents = map[Tap][]string{
	TapRaise: {"notice.confirm", "notice.topic_agree", "notice.topic_announce", "notice.order_done", "notice.topic_ask"},
	TapVote:  {"notice.verdict", "notice.topic_agree", "notice.order_done"},
	TapJoin:  {"notice.topic_announce", "notice.topic_agree", "notice.member_confirmed"},
}

// AskedAtOnce is how many notices WeChat puts on one sheet for consent.
const AskedAtOnce = 3

// ConsentPlan is for which notices to ask at a tap: those that a template exists
// for, of which the person has fewest rights left, and of these the most important.
func ConsentPlan(tap Tap, exists func(code string) bool, left func(code string) int) []string {
	var codes []string
	for _, code := range consents[tap] {
		if exists(code) && left(code) < MaxRights {
			codes = append(codes, code)
		}
	}
	slices.SortStableFunc(codes, func(a, b string) int { return left(a) - left(b) })
	return codes[:min(len(codes), AskedAtOnce)]
}

// Quiet is when a person does not want to be disturbed: from one hour of the day to
// another, over midnight where the first is later. Equal hours are never.
type Quiet struct {
	From int `json:"quiet_from" gorm:"column:quiet_from" minimum:"0" maximum:"23"`
	To   int `json:"quiet_to" gorm:"column:quiet_to" minimum:"0" maximum:"23"`
}

// DefaultQuiet holds for whoever wished nothing else.
var DefaultQuiet = Quiet{From: 21, To: 8}

// Until is the moment from which a person may be disturbed: at itself outside the
// quiet hours.
func (q Quiet) Until(at time.Time) time.Time {
	t := at.In(Beijing)
	hour, within := t.Hour(), false
	switch {
	case q.From < q.To:
		within = hour >= q.From && hour < q.To
	case q.From > q.To:
		within = hour >= q.From || hour < q.To
	}
	if !within {
		return at
	}
	end := time.Date(t.Year(), t.Month(), t.Day(), q.To, 0, 0, 0, Beijing)
	if hour >= q.To {
		end = end.AddDate(0, 0, 1)
	}
	return end
}

// DigestHour is when those who want one message a day get it.
const DigestHour = 18

// DigestAt is the first digest after a moment.
func DigestAt(at time.Time) time.Time {
	t := at.In(Beijing)
	digest := time.Date(t.Year(), t.Month(), t.Day(), DigestHour, 0, 0, 0, Beijing)
	if !at.Before(digest) {
		digest = digest.AddDate(0, 0, 1)
	}
	return digest
}

// urgent are the notices that wait neither for the morning nor for a digest: danger,
// a meeting that changes, and what somebody else did with one's account or vote.
var urgent = []string{
	"notice.alarm", "notice.topic_postpone", "notice.topic_call_off", "notice.session_cancelled",
	"notice.account_moved", "notice.account_dropped", "notice.account_joined", "notice.paper", "notice.assisted", "notice.envelope",
	"notice.sheet", "notice.sheet_withdrawn", "notice.proxy_agent", "notice.proxy_principal",
}

// Urgent reports whether a notice is sent at any hour.
func Urgent(code string) bool { return slices.Contains(urgent, code) }

// minor are the notices that are read in the apps alone: a right to send is for what
// came of something, not for each step on the way.
var minor = []string{"notice.screening_held", "notice.screening_passed"}

// Minor reports whether a notice is not worth a right to send.
func Minor(code string) bool { return slices.Contains(minor, code) }
