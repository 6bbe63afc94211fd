package tunnel

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// partBytes is how much of a response goes into one frame.
const partBytes = MaxFrameBytes / 4

// answer has the handler serve a request of the other end.
func (p *Peer) answer(ctx context.Context, m *Request) {
	w := &responder{peer: p, ctx: ctx, request: m, header: http.Header{}}
	r, err := decodeRequest(ctx, m)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		w.finish()
		return
	}
	w.serve(p.Handler, r)
	w.finish()
}

// serve turns a panic into a 500, as far as nothing was sent.
func (w *responder) serve(h http.Handler, r *http.Request) {
	defer func() {
		if recover() != nil && !w.sent {
			w.status, w.body = 0, nil
			http.Error(w, "the handler panicked", http.StatusInternalServerError)
		}
	}()
	h.ServeHTTP(w, r)
}

// decodeRequest is m as a server would see it.
func decodeRequest(ctx context.Context, m *Request) (*http.Request, error) {
	u, err := url.Parse(m.URL)
	if err != nil {
		return nil, malformed("its URL is not one")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	r, err := http.NewRequestWithContext(ctx, m.Method, u.String(), bytes.NewReader(m.Content))
	if err != nil {
		return nil, malformed("it is not an HTTP request")
	}
	r.Header = canonical(m.Headers)
	r.Header.Del("Content-Length")
	r.RequestURI = u.RequestURI()
	r.RemoteAddr = "127.0.0.1:0"
	if r.Body == nil || m.Content == nil {
		r.Body = http.NoBody
	}
	return r, nil
}

// responder is an http.ResponseWriter that sends a response in one part or more.
type responder struct {
	peer    *Peer
	ctx     context.Context // of the connection
	request *Request
	header  http.Header
	status  int
	body    []byte
	sent    bool
	err     error
}

func (w *responder) Header() http.Header { return w.header }

func (w *responder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
}

func (w *responder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	for part := range slices.Chunk(b, partBytes) {
		if len(w.body)+len(part) > partBytes {
			w.send(true)
		}
		w.body = append(w.body, part...)
	}
	if w.err != nil {
		return 0, w.err
	}
	return len(b), nil
}

// WriteString saves a copy.
func (w *responder) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

var _ io.StringWriter = (*responder)(nil)

// Flush sends what was written so far.
func (w *responder) Flush() {
	w.WriteHeader(http.StatusOK)
	w.send(true)
}

func (w *responder) finish() {
	w.WriteHeader(http.StatusOK)
	w.send(false)
}

func (w *responder) send(more bool) {
	if w.err != nil {
		return
	}
	if w.header.Get("Content-Type") == "" && len(w.body) > 0 && !w.sent {
		w.header.Set("Content-Type", http.DetectContentType(w.body))
	}
	w.err = w.peer.Send(w.ctx, &Response{
		AckID: w.request.AckID, StatusCode: w.status, Headers: maps.Clone(w.header), NotCompleted: more,
		LocalRouting: w.request.LocalRouting, ChannelName: w.request.ChannelName, Content: w.body,
	})
	w.sent, w.body = true, nil
}
