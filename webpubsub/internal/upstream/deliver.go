package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/easelhq/easel/webpubsub"
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

// answer is a handler's 2xx response.
type answer struct {
	header http.Header
	body   []byte
}

// state is the connection state the handler sets; nil when it sets none. An empty state
// is a state. Of several the last counts.
func (a answer) state() (*string, error) {
	values := a.header["Ce-Connectionstate"]
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
	ctx, cancel := d.within(ctx)
	defer cancel()
	return d.deliverCounted(ctx, h, e)
}

// deliverCounted is deliver for work that is counted already, within a time that ends.
func (d *Dispatcher) deliverCounted(ctx context.Context, h webpubsub.EventHandler, e event) (answer, error) {
	w := d.watch(h, e)
	a, err := d.deliverWatched(ctx, w, e)
	w.done(err)
	return a, err
}

func (d *Dispatcher) deliverWatched(ctx context.Context, w *watch, e event) (answer, error) {
	h := w.handler
	to := d.targets.resolve(h.URLTemplate, e.source.Hub, e.name)
	if to.err != nil {
		return answer{}, to.err
	}
	if err := d.consent(ctx, h, e.source.Hub); err != nil {
		return answer{}, err
	}
	header, err := d.header(e)
	if err != nil {
		return answer{}, err
	}
	if cookies := e.source.Session.header(to.url, e.at); cookies != "" {
		header.Set("Cookie", cookies)
	}
	if err := d.authorize(ctx, w, header); err != nil {
		return answer{}, err
	}
	r, err := d.callRetrying(ctx, call{http.MethodPost, to.url, header, e.body, e.source.Hub, e.source.Session, w})
	if err != nil {
		return answer{}, err
	}
	if r.status == http.StatusUnauthorized {
		d.tokens.forget(h.Auth.ClientCredentials)
	}
	if r.status/100 != 2 {
		return answer{}, &answerError{url: to.plain, status: r.status}
	}
	if r.header["Set-Cookie"] != nil {
		e.source.Session.keep(to.url, r.header, time.Now())
	}
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

// call is one HTTP request, to be made once or more.
type call struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	// For tunnels.
	hub     webpubsub.HubName
	session *Session

	watch *watch // told of each attempt; nil is nobody
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
		c.watch.attempted(r, err, true)
		if !d.pauseWhileOpen(ctx, wait) {
			return r, err
		}
		r, err = d.call(ctx, c)
	}
	c.watch.attempted(r, err, false)
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
	if resp.Body == nil {
		return response{resp.StatusCode, resp.Header, nil}, nil
	}
	defer resp.Body.Close()
	body, err := readBody(resp)
	if err != nil {
		return response{}, err
	}
	return response{resp.StatusCode, resp.Header, body}, nil
}

func readBody(r *http.Response) ([]byte, error) {
	if n := r.ContentLength; n >= 0 && n <= webpubsub.MaxHandlerResponseBytes {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, webpubsub.MaxHandlerResponseBytes+1))
	if err == nil && len(body) > webpubsub.MaxHandlerResponseBytes {
		err = errTooLarge
	}
	return body, err
}

// newRequest takes URL and header as they are, for whoever sends a request must not change
// them.
func newRequest(ctx context.Context, c call) *http.Request {
	r := (&http.Request{
		Method: c.method, URL: c.url, Host: c.url.Host, Header: c.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: http.NoBody, GetBody: func() (io.ReadCloser, error) { return http.NoBody, nil },
	}).WithContext(ctx)
	if len(c.body) > 0 {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c.body)), nil }
		r.Body, _ = r.GetBody()
		r.ContentLength = int64(len(c.body))
	}
	if user := c.url.User; user != nil && c.header["Authorization"] == nil { // as http.Client does
		password, _ := user.Password()
		r.Header = c.header.Clone()
		r.SetBasicAuth(user.Username(), password)
	}
	return r
}
