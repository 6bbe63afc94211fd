// Package inproc carries HTTP requests to handlers in the same process, so that parts that
// know each other only by HTTP can share a process without a socket.
package inproc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// Transport is an http.RoundTripper that has handlers for some hosts. Safe for concurrent
// use as long as its fields don't change.
type Transport struct {
	// Handlers serve the hosts that are their keys, in the spelling of the URL.
	Handlers map[string]http.Handler
	// Fallback serves other hosts; nil is http.DefaultTransport.
	Fallback http.RoundTripper
}

// RoundTrip calls the host's handler. The response's header and body arrive as they are
// written. The request's context reaches the handler; when it ends, or the body is closed,
// writing fails. A panic of the handler becomes an error.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	h := t.Handlers[r.URL.Host]
	if h == nil {
		return t.fallback().RoundTrip(r)
	}
	if r.Body != nil {
		defer r.Body.Close()
	}
	e := newExchange()
	ctx, cancel := context.WithCancel(r.Context())
	go e.serve(h, incoming(r.WithContext(ctx)))
	select {
	case <-e.started:
	case <-r.Context().Done():
	}
	if err := r.Context().Err(); err != nil {
		cancel()
		e.reader.CloseWithError(err)
		<-e.done // the handler may still read the request
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

// incoming is the request as a server would see it.
func incoming(r *http.Request) *http.Request {
	in := r.Clone(r.Context())
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

// exchange is one request on its way; it is the handler's ResponseWriter.
type exchange struct {
	header  http.Header
	status  int
	sent    http.Header // as it was when the response started
	reader  *io.PipeReader
	writer  *io.PipeWriter
	body    *bufio.Writer
	started chan struct{} // closed with the header, or with failure set
	done    chan struct{} // closed when the handler has returned
	failure error
}

func newExchange() *exchange {
	e := &exchange{header: http.Header{}, started: make(chan struct{}), done: make(chan struct{})}
	e.reader, e.writer = io.Pipe()
	e.body = bufio.NewWriterSize(e.writer, 32<<10)
	return e
}

func (e *exchange) serve(h http.Handler, r *http.Request) {
	defer close(e.done)
	defer func() {
		if p := recover(); p != nil {
			e.fail(fmt.Errorf("handler of %s panicked: %v", r.URL.Host, p))
		}
	}()
	h.ServeHTTP(e, r)
	e.WriteHeader(http.StatusOK)
	e.writer.CloseWithError(e.body.Flush())
}

func (e *exchange) fail(err error) {
	e.writer.CloseWithError(err)
	if e.status == 0 {
		e.failure = err
		close(e.started)
	}
}

// Header returns the response's header; changes after the first write have no effect.
func (e *exchange) Header() http.Header { return e.header }

// WriteHeader starts the response; only the first call counts.
func (e *exchange) WriteHeader(status int) {
	if e.status != 0 || status < 200 {
		return
	}
	e.status, e.sent = status, e.header.Clone()
	close(e.started)
}

func (e *exchange) Write(b []byte) (int, error) {
	e.WriteHeader(http.StatusOK)
	return e.body.Write(b)
}

// Flush hands over what has been written so far.
func (e *exchange) Flush() {
	e.WriteHeader(http.StatusOK)
	e.body.Flush() // an error shows at the next write
}

func (e *exchange) response(r *http.Request, cancel context.CancelFunc) *http.Response {
	res := &http.Response{
		Status: fmt.Sprintf("%d %s", e.status, http.StatusText(e.status)), StatusCode: e.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: e.sent, Request: r, ContentLength: -1,
		Body: &body{e.reader, cancel},
	}
	if n, err := strconv.ParseInt(e.sent.Get("Content-Length"), 10, 64); err == nil && r.Method != http.MethodHead {
		res.ContentLength = n
	}
	return res
}

// body ends the handler's context when the caller is done with the response.
type body struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *body) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
