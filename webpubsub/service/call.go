package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

const apiVersion = "2024-12-01"

// Defaults of [Options].
const (
	DefaultTimeout    = 30 * time.Second
	DefaultMaxRetries = 3
)

const (
	// tokenLifetime is how long a signed request is good for, retries excluded: each
	// attempt is signed anew.
	tokenLifetime = time.Minute
	// maxAnswerBytes bounds how much of an answer is read.
	maxAnswerBytes = 8 << 20
	// firstPause doubles with each retry up to maxPause.
	firstPause = 100 * time.Millisecond
	maxPause   = 5 * time.Second
)

// Options configure [New] and [NewSettings].
type Options struct {
	// Transport carries the requests; nil is a shared one that keeps connections open.
	Transport http.RoundTripper
	// ReverseProxyEndpoint is the http or https URL that requests go to in place of the
	// endpoint, when the service is behind a reverse proxy. Tokens are signed for the
	// endpoint all the same, and clients are sent there. Empty is the endpoint itself.
	ReverseProxyEndpoint string
	// Timeout bounds one call, retries included; 0 is [DefaultTimeout].
	Timeout time.Duration
	// MaxRetries is how often a call is repeated; 0 is [DefaultMaxRetries], below 0 is
	// never.
	MaxRetries int
}

// endpoint is a service as one access key sees it. Fixed after newEndpoint.
type endpoint struct {
	base    string // no trailing slash
	via     string // where requests go: base, or a reverse proxy; no trailing slash
	key     string
	http    *http.Client
	timeout time.Duration
	retries int
}

// sharedTransport keeps more connections to one host than the default one, for an app
// server speaks to one service.
var sharedTransport = sync.OnceValue(func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
})

func newEndpoint(connectionString string, o *Options) (*endpoint, error) {
	cs, err := token.ParseConnectionString(connectionString)
	if err != nil {
		return nil, err
	}
	var opts Options
	if o != nil {
		opts = *o
	}
	e := &endpoint{base: cs.Endpoint, via: cs.Endpoint, key: cs.AccessKey, timeout: opts.Timeout, retries: max(opts.MaxRetries, 0)}
	if opts.ReverseProxyEndpoint != "" {
		if e.via, err = proxyURL(opts.ReverseProxyEndpoint); err != nil {
			return nil, err
		}
	}
	if opts.Timeout <= 0 {
		e.timeout = DefaultTimeout
	}
	if opts.MaxRetries == 0 {
		e.retries = DefaultMaxRetries
	}
	if opts.Transport == nil {
		opts.Transport = sharedTransport()
	}
	e.http = &http.Client{Transport: opts.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return e, nil
}

func proxyURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", webpubsub.Errorf(webpubsub.BadRequest, "reverse proxy endpoint %q is not an http or https URL without a query", s)
	}
	return strings.TrimRight(s, "/"), nil
}

// request is one call before it is sent.
type request struct {
	op     string // for errors
	method string
	path   string // escaped, from /api
	query  url.Values
	header http.Header // nil is none
	kind   string      // content type; empty without a body
	body   []byte
	once   bool // repeating it would have another effect
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends r until it succeeds, fails for good or runs out of retries or time. Any 2xx
// is a success.
func (e *endpoint) do(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	for attempt := 0; ; attempt++ {
		a, err := e.send(ctx, r)
		if err == nil && a.status/100 == 2 {
			return a, nil
		}
		if err == nil {
			err = a.problem(r.op)
		} else {
			err = &webpubsub.Error{Op: r.op, Code: webpubsub.Unavailable, Msg: "the service could not be reached", Err: err}
		}
		if attempt == e.retries || !mayRetry(r, a) || !pause(ctx, attempt, a) {
			return a, err
		}
	}
}

// mayRetry reports whether r can be sent again after a, the zero answer for a failure of
// transport.
func mayRetry(r request, a answer) bool {
	switch a.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case 0, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return !r.once
	}
	return false
}

// pause waits before the next attempt; false when there is no time left for it.
func pause(ctx context.Context, attempt int, a answer) bool {
	wait := min(firstPause<<min(attempt, 10), maxPause)
	wait += rand.N(wait) // spread callers that failed together
	if s, err := strconv.Atoi(a.header.Get("Retry-After")); err == nil && s >= 0 {
		wait = max(wait, time.Duration(min(s, 3600))*time.Second)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return false
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (e *endpoint) send(ctx context.Context, r request) (answer, error) {
	signed, err := token.Mint(e.key, token.MintOptions{Audience: e.base + r.path, Lifetime: tokenLifetime}, time.Now())
	if err != nil {
		return answer{}, err
	}
	query := url.Values{"api-version": {apiVersion}}
	for name, values := range r.query {
		query[name] = values
	}
	req, err := http.NewRequestWithContext(ctx, r.method, e.via+r.path+"?"+query.Encode(), bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	maps.Copy(req.Header, r.header)
	req.Header.Set("Authorization", "Bearer "+signed)
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	resp, err := e.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// codes translates statuses; what is missing is Unavailable from 500 on, else Internal.
var codes = map[int]webpubsub.Code{
	http.StatusBadRequest:            webpubsub.BadRequest,
	http.StatusUnauthorized:          webpubsub.Unauthorized,
	http.StatusForbidden:             webpubsub.Forbidden,
	http.StatusNotFound:              webpubsub.NotFound,
	http.StatusConflict:              webpubsub.Conflict,
	http.StatusRequestEntityTooLarge: webpubsub.TooLarge,
	http.StatusUnsupportedMediaType:  webpubsub.UnsupportedMediaType,
	http.StatusTooManyRequests:       webpubsub.Unavailable,
	http.StatusInternalServerError:   webpubsub.Internal,
	http.StatusNotImplemented:        webpubsub.Internal,
}

// problem is the error an answer stands for.
func (a answer) problem(op string) error {
	code, known := codes[a.status]
	if !known && a.status >= 500 {
		code = webpubsub.Unavailable
	}
	var body struct{ Message string }
	if json.Unmarshal(a.body, &body) != nil || body.Message == "" {
		body.Message = fmt.Sprintf("the service answered %d %s", a.status, http.StatusText(a.status))
	}
	return &webpubsub.Error{Op: op, Code: code, Msg: body.Message}
}

// decode reads the JSON of an answer into v.
func (a answer) decode(op string, v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return &webpubsub.Error{Op: op, Code: webpubsub.Internal, Msg: "the service's answer is not what was expected", Err: err}
	}
	return nil
}
