package client_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// fake is a service whose every move the test makes. It works in memory, so that time is the
// test's too.
type fake struct {
	t        *testing.T
	incoming chan net.Conn
	closed   chan struct{}
	sockets  chan *fakeSocket

	mu     sync.Mutex
	status int // guarded by mu; of handshakes that are refused; 0 accepts
	dials  []time.Time
}

// scripted runs a test in its own time, with a fake service.
func scripted(t *testing.T, test func(*testing.T, *fake)) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{t: t, incoming: make(chan net.Conn), closed: make(chan struct{}), sockets: make(chan *fakeSocket, 100)}
		front := &http.Server{Handler: f}
		done := make(chan struct{})
		go func() { defer close(done); front.Serve(f) }()
		t.Cleanup(func() {
			front.Close()
			<-done
		})
		test(t, f)
	})
}

func (f *fake) Accept() (net.Conn, error) {
	select {
	case c := <-f.incoming:
		return c, nil
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

func (f *fake) Close() error {
	close(f.closed)
	return nil
}

func (f *fake) Addr() net.Addr { return &net.TCPAddr{} }

func (f *fake) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case f.incoming <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// refuse has handshakes answered with a status; 0 accepts them again.
func (f *fake) refuse(status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status = status
}

// attempts are the times of the handshakes so far.
func (f *fake) attempts() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Time(nil), f.dials...)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	status := f.status
	f.dials = append(f.dials, time.Now())
	if len(f.dials) > 10_000 { // in this time it would not end by itself
		panic("the test waits for something that does not come")
	}
	f.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	name := r.Header.Get("Sec-Websocket-Protocol")
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{name}})
	if err != nil {
		f.t.Error(err)
		return
	}
	s := &fakeSocket{t: f.t, ws: ws, query: r.URL.Query(), requests: make(chan wire.Request, 1000), end: make(chan error, 1)}
	if client.Subprotocol(name) == client.ReliableProtobuf || client.Subprotocol(name) == client.PlainProtobuf {
		s.format = wire.Protobuf
	}
	f.sockets <- s
	s.read()
}

// socket is the next one that a client opened.
func (f *fake) socket() *fakeSocket {
	f.t.Helper()
	select {
	case s := <-f.sockets:
		return s
	case <-time.After(time.Hour):
		f.t.Fatal("no client came")
		panic("unreachable")
	}
}

// client starts a client and greets it as connection c1 with token t1.
func (f *fake) client(o client.Options) (*client.Client, *fakeSocket) {
	f.t.Helper()
	o.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: f.dial, DisableKeepAlives: true}}
	c, err := client.New(client.URL("ws://fake/client/hubs/chat?access_token=x"), &o)
	check(f.t, err)
	f.t.Cleanup(c.Close)
	started := async(func() error { return c.Start(f.t.Context()) })
	s := f.socket()
	if o.Subprotocol == client.PlainJSON || o.Subprotocol == client.PlainProtobuf {
		s.greet("c1", "")
	} else {
		s.greet("c1", "t1")
	}
	check(f.t, <-started)
	return c, s
}

// async runs an operation of a client beside the test.
func async(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// fakeSocket is the service's side of a socket.
type fakeSocket struct {
	t        *testing.T
	ws       *websocket.Conn
	format   wire.Format
	query    url.Values
	requests chan wire.Request
	end      chan error // of reading
}

func (s *fakeSocket) read() {
	s.ws.SetReadLimit(-1)
	for {
		_, b, err := s.ws.Read(context.Background())
		if err != nil {
			s.end <- err
			close(s.requests)
			return
		}
		r, err := wire.DecodeRequest(s.format, b)
		if err != nil {
			s.t.Errorf("the client sent %q: %v", b, err)
		}
		s.requests <- r
	}
}

// next is the client's next request but pings and, unless it is wanted, sequence acks.
func (s *fakeSocket) next(want wire.RequestType) wire.Request {
	s.t.Helper()
	timeout := time.After(time.Hour)
	for {
		select {
		case r, ok := <-s.requests:
			switch {
			case !ok:
				s.t.Fatalf("the socket ended; expected request %d", want)
			case r.Type == want:
				return r
			case r.Type != wire.Ping && r.Type != wire.SequenceAck:
				s.t.Fatalf("request %+v; expected type %d", r, want)
			}
		case <-timeout:
			s.t.Fatalf("no request of type %d", want)
		}
	}
}

// quiet fails when a request but pings and sequence acks has come by now.
func (s *fakeSocket) quiet() {
	s.t.Helper()
	synctest.Wait()
	for {
		select {
		case r, ok := <-s.requests:
			if ok && r.Type != wire.Ping && r.Type != wire.SequenceAck {
				s.t.Errorf("unexpected request %+v", r)
			}
			if ok {
				continue
			}
		default:
		}
		return
	}
}

func (s *fakeSocket) send(r wire.Response) {
	s.t.Helper()
	kind := websocket.MessageText
	if !s.format.Text() {
		kind = websocket.MessageBinary
	}
	if err := s.ws.Write(s.t.Context(), kind, wire.EncodeResponse(s.format, r)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *fakeSocket) greet(id, token string) {
	s.t.Helper()
	s.send(wire.Response{Type: wire.Connected, ConnectionID: webpubsub.ConnectionID(id), ReconnectionToken: token})
}

func (s *fakeSocket) message(sequenceID uint64, text string) {
	s.t.Helper()
	s.send(wire.Response{Type: wire.Message, SequenceID: sequenceID, Message: webpubsub.Message{Group: "room", Data: client.Text(text)}})
}

func (s *fakeSocket) ack(r wire.Request) {
	s.t.Helper()
	s.send(wire.Response{Type: wire.Ack, AckID: *r.AckID, Success: true})
}

func (s *fakeSocket) nack(r wire.Request, name string) {
	s.t.Helper()
	s.send(wire.Response{Type: wire.Ack, AckID: *r.AckID, Error: &wire.Error{Name: name, Message: "because"}})
}

// drop breaks the socket off.
func (s *fakeSocket) drop() { s.ws.CloseNow() }

// closed waits for the client's end of the socket and returns its close code, -1 for none.
func (s *fakeSocket) closed() websocket.StatusCode {
	s.t.Helper()
	select {
	case err := <-s.end:
		var closing websocket.CloseError
		if errors.As(err, &closing) {
			return closing.Code
		}
		return -1
	case <-time.After(time.Hour):
		s.t.Fatal("the socket does not end")
		panic("unreachable")
	}
}

// isRecovery checks what a recovery asks for.
func (s *fakeSocket) isRecovery(id, token string) {
	s.t.Helper()
	if s.query.Get("awps_connection_id") != id || s.query.Get("awps_reconnection_token") != token || s.query.Get("access_token") != "x" {
		s.t.Errorf("recovery with %v", s.query)
	}
}
