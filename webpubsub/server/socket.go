package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

const (
	// closeGrace is how long a closing socket may take to get rid of its queue.
	closeGrace = 5 * time.Second
	// missedPings is how many keep-alive intervals may pass without a pong.
	missedPings = 2
)

// queueBounds bound what waits for a socket.
type queueBounds struct{ frames, bytes int }

// atLeast has room for what is unacknowledged, and for a greeting and acks beside it.
func (q queueBounds) atLeast(unacknowledged queueBounds) queueBounds {
	const moreFrames, moreBytes = 16, 64 << 10
	return queueBounds{max(q.frames, unacknowledged.frames+moreFrames), max(q.bytes, unacknowledged.bytes+moreBytes)}
}

var errTooLarge = errors.New("message is too large")

// socket is one WebSocket: a queue, its writer, and a way to read. Only this file knows the
// WebSocket library. Pings and pongs are written here: the library would give a slow client
// five seconds to take one, and then drop it.
type socket struct {
	ws    *websocket.Conn
	raw   *framing
	ctx   context.Context // of reading and writing; ended by abort
	abort context.CancelFunc
	wake  chan struct{} // holds one
	story *story.Log    // set before write starts
	most  queueBounds   // set before the first push of a message

	mu      sync.Mutex
	queue   []connection.Frame // guarded by mu
	bytes   int                // guarded by mu; of queue
	closing *connection.Close  // guarded by mu; to be sent after the queue
	ping    bool               // guarded by mu; one is to be sent
	pong    []byte             // guarded by mu; to be sent, the latest
	// Guarded by mu: since when an answer to a ping is missing; zero when none is. While the
	// ping waits for its turn, it is since when nothing could be written.
	unheard time.Time
}

// upgrade answers a handshake with 101. The subprotocol is echoed as it is; empty is none.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, subprotocol string) (*socket, error) {
	return s.upgradeWithin(s.life, w, r, subprotocol)
}

// upgradeWithin is upgrade to a socket that lives no longer than a context.
func (s *Server) upgradeWithin(life context.Context, w http.ResponseWriter, r *http.Request, subprotocol string) (*socket, error) {
	sock := &socket{wake: make(chan struct{}, 1), most: s.queue}
	if subprotocol != "" {
		w.Header().Set("Sec-WebSocket-Protocol", subprotocol)
	}
	h := &hijacked{ResponseWriter: w}
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // tokens authorize, not origins; apps of other origins are welcome
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived:     func(_ context.Context, payload []byte) bool { sock.pinged(payload); return false },
		OnPongReceived:     func(context.Context, []byte) { sock.heard() },
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1) // read bounds the message itself, to close with the documented reason
	sock.ws, sock.raw = ws, h.framing
	sock.ctx, sock.abort = context.WithCancel(life)
	return sock, nil
}

// gone is closed when the socket is of no use any more.
func (s *socket) gone() <-chan struct{} { return s.ctx.Done() }

// push queues a frame; false when the queue's bounds are reached.
func (s *socket) push(f connection.Frame) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing != nil || s.ctx.Err() != nil {
		return true
	}
	if len(s.queue) >= s.most.frames || s.bytes+len(f.Bytes) > s.most.bytes {
		return false
	}
	s.queue = append(s.queue, f)
	s.bytes += len(f.Bytes)
	s.signal()
	return true
}

func (s *socket) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// pinged is told of a client's ping; the latest is answered.
func (s *socket) pinged(payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unheard = time.Time{}
	s.pong = controlFrame(framePong, payload)
	s.signal()
}

// heard is told of any sign of life.
func (s *socket) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unheard = time.Time{}
}

// wrote is told of progress in writing.
func (s *socket) wrote() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ping {
		s.unheard = time.Now()
	}
}

// finish closes the socket after what is queued, within closeGrace.
func (s *socket) finish(c connection.Close) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing != nil {
		return
	}
	s.closing = &c
	time.AfterFunc(closeGrace, s.abort)
	s.signal()
}

// take returns what is to be written: pongs, messages, and the close frame. It reuses the
// memory of messages that have been written.
func (s *socket) take(written []connection.Frame) (pong []byte, batch []connection.Frame, closing *connection.Close) {
	clear(written)
	s.mu.Lock()
	defer s.mu.Unlock()
	pong, batch = s.pong, s.queue
	s.pong, s.queue, s.bytes = nil, written[:0], 0
	return pong, batch, s.closing
}

// write sends what is queued until the socket is finished or aborted. It returns after the
// socket is closed.
func (s *socket) write() {
	defer s.ws.CloseNow()
	defer s.abort()
	stop := context.AfterFunc(s.ctx, func() { s.raw.Close() })
	defer stop()
	var batch []connection.Frame
	for {
		select {
		case <-s.wake:
		case <-s.gone():
			return
		}
		var pong []byte
		var closing *connection.Close
		pong, batch, closing = s.take(batch)
		if !s.writeControl(pong) || !s.writeBatch(batch) {
			return
		}
		s.story.Sent(len(batch))
		if closing != nil {
			s.ws.Close(websocket.StatusCode(closing.Code), closing.Reason)
			return
		}
	}
}

func (s *socket) writeBatch(batch []connection.Frame) bool {
	for _, f := range batch {
		if s.ws.Write(s.ctx, messageType(f.Text), f.Bytes) != nil {
			return false
		}
		s.wrote()
	}
	return true
}

// writeControl sends a pong, if there is one, and a ping, if one is due. Both are whole
// frames in a single write, and messages are written by the same goroutine, so that nothing
// gets in between; what else the library writes, an answer to a close frame, is one write.
func (s *socket) writeControl(pong []byte) bool {
	if pong != nil {
		if _, err := s.raw.Write(pong); err != nil {
			return false
		}
	}
	if !s.takePing() {
		return true
	}
	_, err := s.raw.Write(controlFrame(framePing, nil))
	return err == nil
}

// takePing reports whether a ping is due. From now on its answer is waited for.
func (s *socket) takePing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.ping
	if due {
		s.ping, s.unheard = false, time.Now()
	}
	return due
}

func messageType(text bool) websocket.MessageType {
	if text {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}

// read returns the client's next message. Errors: errTooLarge, errFraming, or the socket's
// end.
func (s *socket) read() (connection.Frame, error) { return s.readUpTo(webpubsub.MaxMessageBytes) }

func (s *socket) readUpTo(limit int64) (connection.Frame, error) {
	t, r, err := s.ws.Reader(s.ctx)
	if err != nil {
		return connection.Frame{}, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, limit+1))
	if err != nil {
		return connection.Frame{}, err
	}
	if n > limit {
		return connection.Frame{}, errTooLarge
	}
	s.heard()
	return connection.Frame{Text: t == websocket.MessageText, Bytes: b.Bytes()}, nil
}

// closeStatus is the code and reason of the client's close frame; 1006 when there was none.
func closeStatus(err error) (code int, reason string) {
	if c, ok := errors.AsType[websocket.CloseError](err); ok {
		return int(c.Code), c.Reason
	}
	return 1006, ""
}

// keepAlive pings the client until the socket is gone, and drops it when for missedPings
// intervals nothing is heard from it, or nothing can be written to it.
func (s *socket) keepAlive(interval time.Duration, busy func() bool) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.gone():
			return
		}
		if busy() { // not reading, so no pong could be seen
			s.heard()
			continue
		}
		if s.silentFor() >= missedPings*interval {
			s.abort()
			return
		}
	}
}

// silentFor is how long an answer to a ping has been missing. When none is, a ping is sent.
func (s *socket) silentFor() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unheard.IsZero() {
		return time.Since(s.unheard)
	}
	s.unheard, s.ping = time.Now(), true
	s.signal()
	return 0
}
