package tunnel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/easelhq/easel/webpubsub"
)

// maxWaiting is how many requests of the other end wait for a worker; one more is answered
// with 503.
const maxWaiting = 256

// Conn is a connection that carries frames. Read is called by one goroutine, Write by many.
type Conn interface {
	Read(ctx context.Context) ([]byte, error)
	Write(ctx context.Context, frame []byte) error
}

// Options configure a [Peer].
type Options struct {
	// Handler answers the other end's requests. Required.
	Handler http.Handler
	// Workers is how many it answers at a time; 1 keeps their order.
	Workers int
	// LocalRouting marks our requests, as app servers do.
	LocalRouting bool
	// OnMessage gets every message that is no request and no response. It must not wait.
	OnMessage func(Message)
}

// Peer is one end of a tunnel. It is an http.RoundTripper to the other end while Run runs.
// Safe for concurrent use.
type Peer struct {
	// Fixed.
	conn Conn
	Options
	done chan struct{} // closed when Run has ended

	mu      sync.Mutex
	lastID  uint64               // guarded by mu
	pending map[uint64]*exchange // guarded by mu; nil when Run has ended
}

// exchange is a request on its way to the other end. Its fields are Peer.Run's until done
// is closed.
type exchange struct {
	first *Response
	body  []byte
	err   error
	done  chan struct{}
}

// NewPeer returns a Peer on c. Nothing happens before Run.
func NewPeer(c Conn, o Options) *Peer {
	return &Peer{conn: c, Options: o, done: make(chan struct{}), pending: map[uint64]*exchange{}}
}

// Run reads until the connection or ctx ends, and returns why. Then requests under way
// have failed, and no handler is running.
func (p *Peer) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	requests := make(chan *Request, maxWaiting)
	for range max(p.Workers, 1) {
		workers.Go(func() {
			for r := range requests {
				p.answer(ctx, r)
			}
		})
	}
	err := p.read(ctx, requests)
	close(requests)
	cancel()
	p.end(err)
	workers.Wait()
	return err
}

func (p *Peer) read(ctx context.Context, requests chan<- *Request) error {
	for {
		frame, err := p.conn.Read(ctx)
		if err != nil {
			return err
		}
		m, err := Decode(frame)
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case nil: // from a newer version
		case *Request:
			select {
			case requests <- m:
			default:
				err = p.refuse(ctx, m)
			}
		case *Response:
			p.take(m)
		default:
			if p.OnMessage != nil {
				p.OnMessage(m)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (p *Peer) refuse(ctx context.Context, r *Request) error {
	return p.Send(ctx, &Response{
		AckID: r.AckID, StatusCode: http.StatusServiceUnavailable, LocalRouting: r.LocalRouting, ChannelName: r.ChannelName,
		Headers: map[string][]string{"Content-Type": {"text/plain; charset=utf-8"}},
		Content: fmt.Appendf(nil, "%d requests are waiting in the tunnel", maxWaiting),
	})
}

// take adds a response, or a part of one, to its exchange.
func (p *Peer) take(r *Response) {
	p.mu.Lock()
	defer p.mu.Unlock()
	x := p.pending[r.AckID]
	if x == nil { // nobody waits any more
		return
	}
	if x.first == nil {
		x.first = r
	}
	x.body = append(x.body, r.Content...)
	if len(x.body) > webpubsub.MaxHandlerResponseBytes {
		x.err = webpubsub.Errorf(webpubsub.TooLarge, "the response in the tunnel is over the limit of %d bytes", webpubsub.MaxHandlerResponseBytes)
	}
	if x.err != nil || !r.NotCompleted {
		delete(p.pending, r.AckID)
		close(x.done)
	}
}

// end fails what is under way, and all that may come.
func (p *Peer) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.pending {
		x.err = fmt.Errorf("the tunnel broke: %w", err)
		close(x.done)
	}
	p.pending = nil
	close(p.done)
}

// Done is closed when Run has ended, or is about to.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Send sends a message.
func (p *Peer) Send(ctx context.Context, m Message) error {
	frame, err := Encode(m)
	if err != nil {
		return err
	}
	return p.conn.Write(ctx, frame)
}

var errEnded = errors.New("the tunnel has ended")

// RoundTrip sends r to the other end and waits for the whole response. The request's body
// is read whole. Errors: TooLarge, errors of the connection, and the context's.
func (p *Peer) RoundTrip(r *http.Request) (*http.Response, error) {
	m, err := encodeRequest(r)
	if err != nil {
		return nil, err
	}
	m.LocalRouting = p.LocalRouting
	x := p.begin(m)
	if x == nil {
		return nil, errEnded
	}
	if err := p.Send(r.Context(), m); err != nil {
		p.forget(m.AckID)
		return nil, err
	}
	select {
	case <-x.done:
	case <-r.Context().Done():
		p.forget(m.AckID)
		return nil, r.Context().Err()
	}
	if x.err != nil {
		return nil, x.err
	}
	return x.response(r)
}

// begin numbers m and expects its response; nil when Run has ended.
func (p *Peer) begin(m *Request) *exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending == nil {
		return nil
	}
	p.lastID++
	m.AckID = p.lastID
	x := &exchange{done: make(chan struct{})}
	p.pending[m.AckID] = x
	return x
}

func (p *Peer) forget(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pending, id)
}

func encodeRequest(r *http.Request) (*Request, error) {
	m := &Request{Method: r.Method, URL: r.URL.String(), Headers: r.Header.Clone()}
	if m.Headers == nil {
		m.Headers = map[string][]string{}
	}
	if r.Body == nil || r.Body == http.NoBody {
		return m, nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxFrameBytes))
	if err != nil {
		return nil, err
	}
	m.Content = body
	// Servers behind the tunnel are free not to know its content from the frame.
	m.Headers["Content-Length"] = []string{strconv.Itoa(len(body))}
	return m, nil
}

func (x *exchange) response(r *http.Request) (*http.Response, error) {
	status := x.first.StatusCode
	if status < 200 || status > 599 {
		return nil, fmt.Errorf("the response in the tunnel has the status %d", status)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: canonical(x.first.Headers), Body: io.NopCloser(bytes.NewReader(x.body)), ContentLength: int64(len(x.body)),
	}, nil
}

// canonical is a header as net/http spells it: names in tunnels may be in lower case.
func canonical(from map[string][]string) http.Header {
	h := make(http.Header, len(from))
	for name, values := range from {
		for _, v := range values {
			h.Add(name, v)
		}
	}
	return h
}
