package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

const (
	host        = "api.weixin.qq.com"
	origin      = "https://" + host
	callTimeout = 4 * time.Second
	maxAnswer   = 4 << 20
)

// wire is the only way out. It knows one host, and with an endpoint set it
// replaces even that one.
type wire struct {
	endpoint *url.URL // nil in production
	base     http.RoundTripper
}

// refusedHost is the error of a request to anyone but WeChat.
type refusedHost struct{}

func (*refusedHost) Error() string { return "host refused" }

// RoundTrip sends a request to WeChat or to the endpoint in its place.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" || req.URL.Host != host {
		return nil, &refusedHost{}
	}
	if w.endpoint != nil {
		req = req.Clone(req.Context())
		req.URL.Scheme, req.URL.Host, req.Host = w.endpoint.Scheme, w.endpoint.Host, ""
	}
	return w.base.RoundTrip(req)
}

func newHTTP(endpoint *url.URL) *http.Client {
	base := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     time.Minute,
		TLSHandshakeTimeout: callTimeout,
	}
	if endpoint != nil {
		dialer := &net.Dialer{Control: dialLoopback}
		base.Proxy, base.DialContext = nil, dialer.DialContext
	}
	return &http.Client{
		Transport:     &wire{endpoint: endpoint, base: base},
		Timeout:       callTimeout,
		CheckRedirect: stay,
	}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// loopback parses an endpoint and refuses any that could leave this computer.
func loopback(endpoint string) (*url.URL, error) {
	if endpoint == "" {
		return nil, nil //nolint:nilnil // no endpoint is the production case
	}
	u, err := url.Parse(endpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return nil, errors.New("wechat: endpoint is not a plain URL")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, errors.New("wechat: endpoint is not a loopback address")
	}
	return u, nil
}

// dialLoopback refuses what a name such as localhost resolves to, unless it is
// this computer.
func dialLoopback(_, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().IsLoopback() {
		return &refusedHost{}
	}
	return nil
}

// answer is a good answer of WeChat, read whole.
type answer struct {
	header http.Header
	body   []byte
}

// exchange sends a request and reads the answer. A missing answer, a status
// other than 200 and an errcode are all failures.
func (c *Client) exchange(op string, req *http.Request) (answer, error) {
	res, err := c.http.Do(req) //nolint:gosec // the wire knows one host
	if err != nil {
		return answer{}, transportFailure(op, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return answer{}, transportFailure(op, err)
	}
	if res.StatusCode != http.StatusOK {
		f := refused(op, "status "+strconv.Itoa(res.StatusCode))
		f.again = res.StatusCode >= http.StatusInternalServerError || res.StatusCode == http.StatusTooManyRequests
		return answer{}, f
	}
	if len(body) > maxAnswer {
		return answer{}, refused(op, "answer too large")
	}
	var said struct {
		Code    int    `json:"errcode"`
		Message string `json:"errmsg"`
	}
	if bytes.HasPrefix(body, []byte("{")) && json.Unmarshal(body, &said) == nil && said.Code != 0 {
		f := codeFailure(op, said.Code, said.Message)
		f.until = passes(op, said.Code, c.now())
		return answer{}, f
	}
	return answer{header: res.Header, body: body}, nil
}

// The SDK takes an access token without a context, sends through one global
// client and puts the token into its errors. So it is given, instead of a
// token, the reference of a call; the switchboard behind the global client
// swaps it for the token of that call's app, under that call's context. One
// process can hold any number of clients, and the SDK holds no secret.
type switchboard struct {
	last  atomic.Uint64
	calls sync.Map // reference → *call
}

var (
	board  switchboard
	plugIn = sync.OnceFunc(func() {
		util.DefaultHTTPClient = &http.Client{Transport: &board, CheckRedirect: stay}
	})
)

// call is one use of the SDK.
type call struct {
	ctx    context.Context
	op     string
	client *Client
	source *source
	fail   error // what went wrong on the wire
}

// reference stands in for an access token in the hands of the SDK.
type reference string

// GetAccessToken returns the reference.
func (r reference) GetAccessToken() (string, error) { return string(r), nil }

// GetAccessTokenContext returns the reference.
func (r reference) GetAccessTokenContext(context.Context) (string, error) { return string(r), nil }

// sdk runs one call of the SDK for an app. What the SDK says of an error is
// dropped: the wire knows better.
func (c *Client) sdk(ctx context.Context, op, appID string, do func(ctx context.Context, ref reference) error) error {
	src := c.sources[appID]
	if src == nil {
		return refused(op, "no such app")
	}
	if err := c.limited(op, appID); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	k := &call{ctx: ctx, op: op, client: c, source: src}
	ref := reference("call-" + strconv.FormatUint(board.last.Add(1), 10))
	board.calls.Store(ref, k)
	defer board.calls.Delete(ref)
	if err := do(ctx, ref); err == nil {
		return nil
	}
	if k.fail != nil {
		c.limit(op, appID, k.fail)
		return k.fail
	}
	return unreadable(op)
}

// RoundTrip carries a request of the SDK. A request without a call goes
// nowhere.
func (b *switchboard) RoundTrip(req *http.Request) (*http.Response, error) {
	found, ok := b.calls.Load(reference(req.URL.Query().Get("access_token")))
	if !ok {
		return nil, &refusedHost{}
	}
	k := found.(*call)
	got, err := k.carry(req)
	if err != nil {
		k.fail = err
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: got.header, Body: io.NopCloser(bytes.NewReader(got.body)),
		ContentLength: int64(len(got.body)), Request: req,
	}, nil
}

// carry sends a request with the app's token, and once more with a new one if
// WeChat says that the first is dead.
func (k *call) carry(req *http.Request) (answer, error) {
	dead := ""
	for {
		token, err := k.source.token(k.ctx, dead)
		if err != nil {
			return answer{}, err
		}
		sent, err := k.dress(req, token)
		if err != nil {
			return answer{}, err
		}
		got, err := k.client.exchange(k.op, sent)
		if dead != "" || !tokenDead(Code(err)) {
			return got, err
		}
		dead = token
	}
}

// dress copies a request with the true token and a body of its own.
func (k *call) dress(req *http.Request, token string) (*http.Request, error) {
	sent := req.Clone(k.ctx)
	q := sent.URL.Query()
	q.Set("access_token", token)
	sent.URL.RawQuery = q.Encode()
	if req.GetBody == nil {
		return sent, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, unreadable(k.op)
	}
	sent.Body = body
	return sent, nil
}
