package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"

	"yishi/models"
	"yishi/models/rules"
)

type ctxKey string

const (
	keyToken   ctxKey = "token"
	keyOnce    ctxKey = "once"
	keyDigest  ctxKey = "digest"
	keyAddress ctxKey = "address"
)

// keyless are the writes that a retry may simply repeat: logins and screens, whose
// answers hold secrets that are not kept; secret ballots and paper codes, which are
// keys themselves.
var keyless = map[rules.Deed]bool{rules.LoginMini: true, rules.LoginStaff: true, rules.SecretCast: true, rules.PaperRedeem: true, rules.ScreenAsk: true, rules.ScreenLeave: true}

// actor says who asks, from the token alone, and with which key.
func (a *API) actor(ctx context.Context, method string, deed rules.Deed) (models.Actor, error) {
	who := models.Actor{Door: models.DoorMini}
	token, _ := ctx.Value(keyToken).(string)
	if deed == rules.SecretCast {
		if token != "" {
			return who, rules.Refuse(rules.Invalid, "secret.login")
		}
		return models.Booth, nil
	}
	if token != "" {
		var err error
		if who, err = a.Forum.Recognize(ctx, token); err != nil {
			return who, err
		}
		if !a.perPerson.allow(strconv.FormatInt(who.PersonID, 10)) {
			return who, rules.Refuse(rules.TooMany, "request.many")
		}
	}
	if method != http.MethodPost || keyless[deed] {
		return who, nil
	}
	who.Key, _ = ctx.Value(keyOnce).(string)
	who.Digest, _ = ctx.Value(keyDigest).(string)
	if who.Key == "" || len(who.Key) > 128 {
		return who, rules.Refuse(rules.Invalid, "request.key")
	}
	return who, nil
}

// bounded limits the body and the time of a request and notes what it is, before
// anything reads it: its token, its key and the digest of what it asks.
func (a *API) bounded(c *gin.Context) {
	ctx := c.Request.Context()
	if a.Deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.Deadline)
		defer cancel()
	}
	if token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); ok {
		ctx = context.WithValue(ctx, keyToken, token)
	}
	if c.Request.Method == http.MethodPost {
		digest, ok := a.digest(c)
		if !ok {
			return
		}
		ctx = context.WithValue(ctx, keyAddress, network(c.ClientIP()))
		ctx = context.WithValue(ctx, keyOnce, c.GetHeader("Idempotency-Key"))
		ctx = context.WithValue(ctx, keyDigest, digest)
	}
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// digest reads the body of a request, within its bound, and returns what stands
// for path and body. The boundary of an upload differs with every retry, so of
// that the path stands alone here; its file is added once it has been read.
func (a *API) digest(c *gin.Context) (string, bool) {
	sum := sha256.New()
	_, _ = io.WriteString(sum, c.Request.URL.Path+"\n")
	if strings.HasPrefix(c.GetHeader("Content-Type"), "multipart/form-data") {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, a.PhotoSize+1<<16)
		return hex.EncodeToString(sum.Sum(nil)), true
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, a.BodyBytes))
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		a.refuse(c, http.StatusRequestEntityTooLarge, "request.big")
		return "", false
	}
	if err != nil {
		a.refuse(c, http.StatusBadRequest, "request.malformed")
		return "", false
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	_, _ = sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil)), true
}

// secured sets the headers that keep a page or an answer from being misused.
func (a *API) secured(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "private, no-cache")
	c.Next()
}

// recovered turns a panic into a fault that is logged whole and told in a word.
func (a *API) recovered(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			slog.ErrorContext(c.Request.Context(), "panic", "route", c.FullPath(), "value", v)
			a.refuse(c, http.StatusInternalServerError, "fault")
		}
	}()
	c.Next()
}

func (a *API) measure(c *gin.Context) {
	if a.Measure == nil {
		c.Next()
		return
	}
	began := a.Clock()
	c.Next()
	a.Measure(c.FullPath(), c.Writer.Status(), a.Clock().Sub(began))
}

// limits are the rate limiters of those who came lately. Who they are is kept as
// a hash, for ten minutes.
type limits struct {
	cache     *otter.Cache[string, *rate.Limiter]
	perMinute int
}

func newLimits(perMinute int) *limits {
	cache := otter.Must(&otter.Options[string, *rate.Limiter]{
		MaximumSize:      100_000,
		ExpiryCalculator: otter.ExpiryAccessing[string, *rate.Limiter](10 * time.Minute),
	})
	return &limits{cache, perMinute}
}

// allow reports whether somebody may come now, with bursts of a quarter minute.
func (l *limits) allow(who string) bool {
	if l.perMinute == 0 {
		return true
	}
	sum := sha256.Sum256([]byte(who))
	limiter, _ := l.cache.ComputeIfAbsent(string(sum[:]), func() (*rate.Limiter, bool) {
		return rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), max(1, l.perMinute/4)), false
	})
	return limiter.Allow()
}

// retryAfter is when to come again who came too often, in seconds.
const retryAfter = "5"

// limited bounds what comes from one address, whatever token it shows: a made-up
// one costs as much as none. The bound of each person follows once the token is
// recognised, see [API.actor].
func (a *API) limited(c *gin.Context) {
	if !a.perAddress.allow(network(c.ClientIP())) {
		c.Header("Retry-After", retryAfter)
		a.refuse(c, http.StatusTooManyRequests, "request.many")
		return
	}
	c.Next()
}

// network is what one subscriber has: an address of IPv4, the first half of one
// of IPv6.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil || addr.Unmap().Is4() {
		return ip
	}
	return netip.PrefixFrom(addr.WithZone(""), 64).Masked().String()
}

// tagged answers a reading that has not changed with 304.
func (a *API) tagged(c *gin.Context) {
	if c.Request.Method != http.MethodGet {
		c.Next()
		return
	}
	w := &held{ResponseWriter: c.Writer, status: http.StatusOK}
	c.Writer = w
	c.Next()
	c.Writer = w.ResponseWriter
	if w.status == http.StatusOK {
		sum := sha256.Sum256(w.body.Bytes())
		tag := `"` + hex.EncodeToString(sum[:12]) + `"`
		c.Header("ETag", tag)
		if c.GetHeader("If-None-Match") == tag {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return
		}
	}
	c.Status(w.status)
	_, _ = c.Writer.Write(w.body.Bytes())
}

// held keeps an answer back until its tag is known.
type held struct {
	gin.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *held) WriteHeader(status int)            { w.status = status }
func (w *held) WriteHeaderNow()                   {}
func (w *held) Write(b []byte) (int, error)       { return w.body.Write(b) }
func (w *held) WriteString(s string) (int, error) { return w.body.WriteString(s) }
func (w *held) Status() int                       { return w.status }
func (w *held) Written() bool                     { return w.body.Len() > 0 }
func (w *held) Size() int                         { return w.body.Len() }
func (w *held) Flush()                            {}
