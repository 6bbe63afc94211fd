package upstream

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/token"
)

// event is one CloudEvent on its way to a handler.
type event struct {
	source      Source
	kind        eventKind
	name        string
	contentType string
	body        []byte
	metadata    webpubsub.Metadata
	at          time.Time
}

func newEvent(s Source, kind eventKind, name, contentType string, body []byte) event {
	return event{source: s, kind: kind, name: name, contentType: contentType, body: body, at: time.Now()}
}

// size is about what e holds while it waits.
func (e event) size() int {
	n := 256 + len(e.body) + len(e.source.UserID)
	if e.source.State != nil {
		n += len(*e.source.State)
	}
	return n
}

// ceTime is when e happened.
func (e event) ceTime() string { return e.at.UTC().Format("2006-01-02T15:04:05Z") }

// label is what kind of event it is. The names of user events are clients' to choose, and may
// be any number.
func (e event) label() string {
	switch e.kind {
	case userEvent:
		return "user"
	case presenceEvent:
		return "presence"
	}
	return e.name
}

// ceSource says where e comes from.
func (e event) ceSource() string {
	return "/hubs/" + string(e.source.Hub) + "/client/" + string(e.source.ConnectionID)
}

// jsonType is the content type of system events.
const jsonType = "application/json; charset=utf-8"

// typePrefix is that of ce-type, by kind.
var typePrefix = map[eventKind]string{
	systemEvent:   "azure.webpubsub.sys.",
	userEvent:     "azure.webpubsub.user.",
	presenceEvent: "azure.webpubsub.gp.",
}

// answer is a handler's 2xx response.
type answer struct {
	header http.Header
	body   []byte
}

// state is the connection state the handler sets; nil when it sets none. An empty state
// is a state. Of several the last counts.
func (a answer) state() (*string, error) {
	values := a.header.Values("ce-connectionState")
	if len(values) == 0 {
		return nil, nil
	}
	last := values[len(values)-1]
	if len(last) > MaxStateBytes {
		return nil, fmt.Errorf("connection state has %d bytes; the limit is %d", len(last), MaxStateBytes)
	}
	return &last, nil
}

// MaxStateBytes is the longest connection state a handler may set. It travels in a
// header of each later event, and common servers take 16 KiB of headers in all.
const MaxStateBytes = 12 << 10

var errClosed = &webpubsub.Error{Code: webpubsub.Unavailable, Msg: "the service is shutting down"}

// deliver asks for h's consent, then sends it the event. Any 2xx is an answer; anything
// else, after retries, is an error.
func (d *Dispatcher) deliver(ctx context.Context, h webpubsub.EventHandler, e event) (answer, error) {
	if !d.begin() {
		return answer{}, errClosed
	}
	defer d.work.Done()
	return d.deliverCounted(ctx, h, e)
}

// deliverCounted is deliver for work that is counted already.
func (d *Dispatcher) deliverCounted(ctx context.Context, h webpubsub.EventHandler, e event) (answer, error) {
	w := d.watch(h, e)
	a, err := d.deliverWatched(w.watching(ctx), h, e)
	w.done(err)
	return a, err
}

func (d *Dispatcher) deliverWatched(ctx context.Context, h webpubsub.EventHandler, e event) (answer, error) {
	ctx, cancel := d.within(ctx)
	defer cancel()
	target, err := resolve(h.URLTemplate, e.source.Hub, e.name)
	if err != nil {
		return answer{}, err
	}
	if err := d.consent(ctx, h, e.source.Hub); err != nil {
		return answer{}, err
	}
	header, err := d.header(e)
	if err != nil {
		return answer{}, err
	}
	if cookies := e.source.Session.header(target, time.Now()); cookies != "" {
		header.Set("Cookie", cookies)
	}
	if err := d.authorize(ctx, h.Auth, header); err != nil {
		return answer{}, err
	}
	r, err := d.callRetrying(ctx, call{http.MethodPost, target, header, e.body, e.source.Hub, e.source.Session})
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusUnauthorized {
		d.tokens.forget(h.Auth.ClientCredentials)
	}
	if r.status/100 != 2 {
		return answer{}, &answerError{url: plain(target), status: r.status}
	}
	e.source.Session.keep(target, r.header, time.Now())
	return answer{r.header, r.body}, nil
}

// answerError is a response other than 2xx.
type answerError struct {
	url    string
	status int
}

func (e *answerError) Error() string {
	return fmt.Sprintf("event handler %s answered %d %s", e.url, e.status, http.StatusText(e.status))
}

// header makes the headers of e, the same for each of its attempts.
func (d *Dispatcher) header(e event) (http.Header, error) {
	s := e.source
	h := d.commonHeader()
	set := func(name, value string) { h[http.CanonicalHeaderKey(name)] = []string{value} }
	set("Content-Type", e.contentType)
	set("ce-specversion", "1.0")
	set("ce-type", typePrefix[e.kind]+e.name)
	set("ce-source", e.ceSource())
	set("ce-id", strconv.FormatUint(s.EventID, 10))
	set("ce-time", e.ceTime())
	set("ce-signature", token.SignEvent(d.settings.Settings().Keys, s.ConnectionID))
	set("ce-connectionId", string(s.ConnectionID))
	set("ce-hub", string(s.Hub))
	set("ce-eventName", e.name)
	if s.UserID != "" {
		set("ce-userId", string(s.UserID))
	}
	if s.Subprotocol != "" {
		set("ce-subprotocol", s.Subprotocol)
	}
	if s.State != nil {
		set("ce-connectionState", *s.State)
	}
	for _, key := range e.metadata.Keys() {
		set(webpubsub.MetadataHeader+strings.ToLower(key), e.metadata[key])
	}
	for name, values := range h {
		if !fitsHeader(values[0]) {
			return nil, webpubsub.Errorf(webpubsub.BadRequest, "%s has control characters and cannot travel in a header", name)
		}
	}
	return h, nil
}

// commonHeader is what events and validation requests share.
func (d *Dispatcher) commonHeader() http.Header {
	return http.Header{
		"Webhook-Request-Origin": {d.origin.host},
		"Ce-Awpsversion":         {"1.0"},
		"X-Ms-Client-Request-Id": {newRequestID()},
	}
}

// fitsHeader reports whether a header can carry s unchanged; UTF-8 it can.
func fitsHeader(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// newRequestID returns a random UUID.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// call is one HTTP request, to be made once or more.
type call struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	// For tunnels.
	hub     webpubsub.HubName
	session *Session
}

// response is a whole HTTP response of any status.
type response struct {
	status int
	header http.Header
	body   []byte
}

// retryWaits are the pauses between attempts. Source: event handlers, retries.
var retryWaits = []time.Duration{time.Second, 3 * time.Second, 5 * time.Second}

// callRetrying makes c until it works, retryWaits are used up or ctx ends, and returns
// the outcome of the last attempt.
func (d *Dispatcher) callRetrying(ctx context.Context, c call) (response, error) {
	r, err := d.call(ctx, c)
	for _, wait := range retryWaits {
		if !worthRetrying(r, err) {
			break
		}
		attempted(ctx, r, err, true)
		if !d.pauseWhileOpen(ctx, wait) {
			return r, err
		}
		r, err = d.call(ctx, c)
	}
	attempted(ctx, r, err, false)
	return r, err
}

func worthRetrying(r response, err error) bool {
	if err != nil {
		return !errors.Is(err, errTooLarge)
	}
	return r.status == http.StatusRequestTimeout || r.status/100 == 5
}

// pauseWhileOpen is pause, ended by Close too.
func (d *Dispatcher) pauseWhileOpen(ctx context.Context, wait time.Duration) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.open, cancel)()
	return pause(ctx, wait)
}

// pause waits and reports whether it may go on.
func pause(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

var errTooLarge = fmt.Errorf("response of event handler is over the limit of %d bytes", webpubsub.MaxHandlerResponseBytes)

// call makes one attempt. Its errors name the URL without what may be secret in it.
func (d *Dispatcher) call(ctx context.Context, c call) (response, error) {
	r, err := d.roundTrip(ctx, c)
	if err == nil {
		return r, nil
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // e names the whole URL
	}
	return r, fmt.Errorf("%s %s: %w", c.method, plain(c.url), err)
}

func (d *Dispatcher) roundTrip(ctx context.Context, c call) (response, error) {
	resp, err := d.send(ctx, c)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, webpubsub.MaxHandlerResponseBytes+1))
	if err != nil {
		return response{}, err
	}
	if len(body) > webpubsub.MaxHandlerResponseBytes {
		return response{}, errTooLarge
	}
	return response{resp.StatusCode, resp.Header, body}, nil
}

func newRequest(ctx context.Context, c call) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, c.method, c.url.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	r.Header = c.header.Clone()
	return r, nil
}
