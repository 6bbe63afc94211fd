// Package inproc carries HTTP requests to handlers in the same process, so that parts that
// know each other only by HTTP can share a process without a socket.
package inproc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// Transport is an http.RoundTripper that has handlers for some hosts. Safe for concurrent
// use as long as its fields don't change.
type Transport struct {
	// Handlers serve the hosts that are their keys, in the spelling of the URL.
	Handlers map[string]http.Handler
	// Fallback serves other hosts; nil is http.DefaultTransport.
	Fallback http.RoundTripper
	// Whole hands responses over when their handler has returned, up to [MaxWhole] bytes. It is
	// for callers that want all of a response anyway, and takes no goroutine.
	Whole bool
}

// MaxWhole is the longest response with [Transport.Whole]; writing more fails.
const MaxWhole = 32 << 20

// RoundTrip calls the host's handler. The response arrives as a server would send it: when the
// handler returns, or piece by piece when it flushes or writes much. The request's context
// reaches the handler; when it ends, or the body is closed, writing fails. A panic of the
// handler becomes an error.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	h := t.Handlers[r.URL.Host]
	if h == nil {
		return t.fallback().RoundTrip(r)
	}
	if r.Body != nil {
		defer r.Body.Close()
	}
	if t.Whole {
		return serveWhole(h, r)
	}
	e := &exchange{header: http.Header{}, begun: make(chan struct{})}
	ctx, cancel := context.WithCancel(r.Context())
	in := incoming(ctx, r)
	e.handler.Go(func() { e.serve(h, in) })
	select {
	case <-e.begun:
	case <-ctx.Done():
	}
	if err := r.Context().Err(); err != nil {
		cancel()
		e.abandon(err)
		e.handler.Wait() // it may still read the request
		return nil, err
	}
	if e.failure != nil {
		cancel()
		return nil, e.failure
	}
	return e.response(r, cancel), nil
}

func (t *Transport) fallback() http.RoundTripper {
	if t.Fallback != nil {
		return t.Fallback
	}
	return http.DefaultTransport
}

// serveWhole calls the handler at once. It hears of the end of the request's context, as who
// waits for it does, who cannot leave before it.
func serveWhole(h http.Handler, r *http.Request) (*http.Response, error) {
	e := &exchange{header: http.Header{}, whole: true}
	e.serve(h, incoming(r.Context(), r))
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if e.failure != nil {
		return nil, e.failure
	}
	return e.response(r, func() {}), nil
}

// incoming is the request as a server would see it, which may be changed as handlers do.
func incoming(ctx context.Context, r *http.Request) *http.Request {
	in := r.WithContext(ctx)
	u := *r.URL
	in.URL, in.Header = &u, maps.Clone(r.Header)
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	if in.Body == nil {
		in.Body = http.NoBody
	}
	return in
}

// bufferSize is how much a handler may write before its response begins, in bytes.
const bufferSize = 32 << 10

// exchange is one request on its way; it is the handler's ResponseWriter.
type exchange struct {
	handler sync.WaitGroup
	begun   chan struct{} // closed when the response has begun, or with failure set
	whole   bool          // it never begins before the handler has returned

	// Owned by the handler until begun is closed.
	header  http.Header
	sent    http.Header // as it was when the response was started
	status  int
	buffer  []byte // not yet handed over
	failure error

	mu        sync.Mutex
	abandoned error          // guarded by mu; nobody waits for the response
	reader    *io.PipeReader // guarded by mu; nil unless the response comes piece by piece
	writer    *io.PipeWriter // guarded by mu; likewise
}

func (e *exchange) serve(h http.Handler, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			e.end(fmt.Errorf("handler of %s panicked: %v", r.URL.Host, p))
		}
	}()
	h.ServeHTTP(e, r)
	e.WriteHeader(http.StatusOK)
	e.end(nil)
}

// end is the end of the handler, which may have failed.
func (e *exchange) end(failure error) {
	if e.whole {
		e.failure = failure
		return
	}
	if !e.streams() {
		e.failure = failure
		close(e.begun)
		return
	}
	if failure == nil {
		failure = e.flush()
	}
	e.writer.CloseWithError(failure)
}

// abandon makes all further writing fail.
func (e *exchange) abandon(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.abandoned = err
	if e.reader != nil {
		e.reader.CloseWithError(err)
	}
}

func (e *exchange) streams() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reader != nil
}

// flush hands over what has been written, and so begins the response.
func (e *exchange) flush() error {
	if !e.streams() {
		if err := e.begin(); err != nil {
			return err
		}
	}
	b := e.buffer
	e.buffer = e.buffer[:0]
	if len(b) == 0 {
		return nil
	}
	_, err := e.writer.Write(b) // until it has been read
	return err
}

func (e *exchange) begin() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.abandoned != nil {
		return e.abandoned
	}
	e.reader, e.writer = io.Pipe()
	close(e.begun)
	return nil
}

// Header returns the response's header; changes after the first write have no effect.
func (e *exchange) Header() http.Header { return e.header }

// WriteHeader starts the response; only the first call counts.
func (e *exchange) WriteHeader(status int) {
	if e.status != 0 || status < 200 {
		return
	}
	e.status, e.sent = status, maps.Clone(e.header)
}

func (e *exchange) Write(b []byte) (int, error) {
	e.WriteHeader(http.StatusOK)
	if e.whole {
		return e.writeWhole(b)
	}
	if len(e.buffer) > 0 && len(e.buffer)+len(b) > bufferSize {
		if err := e.flush(); err != nil {
			return 0, err
		}
	}
	e.buffer = append(e.buffer, b...)
	if len(e.buffer) >= bufferSize {
		if err := e.flush(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func (e *exchange) writeWhole(b []byte) (int, error) {
	if len(e.buffer)+len(b) > MaxWhole {
		return 0, fmt.Errorf("the response has more than %d bytes; that is the limit", MaxWhole)
	}
	e.buffer = append(e.buffer, b...)
	return len(b), nil
}

// Flush hands over what has been written so far, unless the response comes whole.
func (e *exchange) Flush() {
	e.WriteHeader(http.StatusOK)
	if !e.whole {
		_ = e.flush() // an error shows at the next write
	}
}

func (e *exchange) response(r *http.Request, cancel context.CancelFunc) *http.Response {
	res := &http.Response{
		Status: statusLine(e.status), StatusCode: e.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: e.sent, Request: r, ContentLength: -1,
	}
	if e.streams() {
		res.Body = &stream{e.reader, cancel}
	} else {
		cancel()
		res.Body = io.NopCloser(bytes.NewReader(e.buffer))
		res.ContentLength = int64(len(e.buffer))
	}
	if n, err := strconv.ParseInt(e.sent.Get("Content-Length"), 10, 64); err == nil && r.Method != http.MethodHead {
		res.ContentLength = n
	}
	return res
}

func statusLine(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return fmt.Sprintf("%d %s", status, http.StatusText(status))
}

// stream ends the handler's context when the caller is done with the response.
type stream struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *stream) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
