package wechat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// The codes of WeChat that this package acts on.
const (
	codeBusy         = -1
	codeTokenInvalid = 40001
	codeTokenBad     = 40014
	codeTokenExpired = 42001
	codeLoginInvalid = 40029
	codeLoginMissing = 41008
	codeDailyLimit   = 45009
	codeMinuteLimit  = 45011
	codeNotFollowing = 43004
	codeNoConsent    = 43101
	codeWindowOver   = 45015
	codeTooMany      = 45047
)

// failure is every error of this package that comes from a call to WeChat. It
// is built from scratch, never from the text of another error, because those
// carry URLs and URLs carry secrets.
type failure struct {
	op     string
	code   int
	reason string
	again  bool
	until  time.Time // when the limit that was reached passes
	cause  error     // context.Canceled or context.DeadlineExceeded, if one of them
}

// Error names the call, WeChat's code and a scrubbed reason.
func (f *failure) Error() string {
	if f.code != 0 {
		return fmt.Sprintf("wechat: %s: errcode %d: %s", f.op, f.code, f.reason)
	}
	return fmt.Sprintf("wechat: %s: %s", f.op, f.reason)
}

// Unwrap gives the context error, if the call ended by one.
func (f *failure) Unwrap() error { return f.cause }

// Code returns WeChat's errcode inside err, or 0 if there is none.
func Code(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	return 0
}

// Retryable reports whether the same call may succeed later without anyone
// changing anything: WeChat was busy, out of reach, or over a limit that
// passes. A message may have been delivered although its call failed so;
// sending again may repeat it.
func Retryable(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.again
}

// RetryAt is the moment from which a call that reached a limit may succeed
// again, and zero of any other error.
func RetryAt(err error) time.Time {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.until
	}
	return time.Time{}
}

// beijing is where WeChat's day begins.
var beijing = time.FixedZone("Beijing", 8*60*60)

// passes is when the limit behind an errcode is over. For some calls WeChat
// writes the limit of the minute as that of the day.
func passes(op string, code int, now time.Time) time.Time {
	switch {
	case code == codeMinuteLimit, code == codeDailyLimit && (op == opMiniCode || op == opCheckText || op == opCheckImage):
		return now.Truncate(time.Minute).Add(time.Minute)
	case code == codeDailyLimit:
		year, month, day := now.In(beijing).Date()
		return time.Date(year, month, day+1, 0, 0, 0, 0, beijing)
	}
	return time.Time{}
}

// limited is what WeChat would say again of a call that reached a limit, or
// nil. Asking nonetheless would count against the next day's patience.
func (c *Client) limited(op, appID string) error {
	if known, ok := c.limits.Load(appID + " " + op); ok {
		if f := known.(*failure); c.now().Before(f.until) {
			return f
		}
		c.limits.Delete(appID + " " + op)
	}
	return nil
}

// limit remembers a limit.
func (c *Client) limit(op, appID string, err error) {
	if f, ok := errors.AsType[*failure](err); ok && !f.until.IsZero() {
		c.limits.Store(appID+" "+op, f)
	}
}

// refused is a call that this package does not make.
func refused(op, reason string) *failure {
	return &failure{op: op, reason: reason}
}

// unreadable is an answer that is not what the protocol promises.
func unreadable(op string) *failure {
	return &failure{op: op, reason: "unreadable answer", again: true}
}

// codeFailure is an answer of WeChat with an errcode.
func codeFailure(op string, code int, message string) *failure {
	again := tokenDead(code) || code == codeBusy || code == codeDailyLimit || code == codeMinuteLimit
	return &failure{op: op, code: code, reason: scrub(message), again: again}
}

// transportFailure is a call that brought no answer.
func transportFailure(op string, err error) *failure {
	f := &failure{op: op, again: true}
	var dial *net.OpError
	var off *refusedHost
	switch {
	case errors.As(err, &off):
		f.reason, f.again = off.Error(), false
	case errors.Is(err, context.Canceled):
		f.reason, f.cause = "canceled", context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		f.reason, f.cause = "no answer in time", context.DeadlineExceeded
	case errors.As(err, &dial):
		f.reason = "no connection"
	default:
		f.reason = "no answer"
	}
	return f
}

func tokenDead(code int) bool {
	return code == codeTokenInvalid || code == codeTokenBad || code == codeTokenExpired
}

var (
	requestID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`)
	private   = regexp.MustCompile(`[0-9A-Za-z_-]{16,}|[0-9]{7,}`)
)

// scrub keeps of a message of WeChat what an operator needs, which is words,
// addresses and the request id, and drops whatever could identify or unlock.
func scrub(message string) string {
	message = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, message)
	message = private.ReplaceAllStringFunc(message, func(s string) string {
		if requestID.MatchString(s) {
			return s
		}
		return "***"
	})
	return cut(message, 200, 800)
}
