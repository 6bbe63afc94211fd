package server

import (
	"bytes"
	"context"
	"errors"
	"io"
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
	// The queue takes what a recovery sends again, and what goes with it.
	maxQueuedFrames = webpubsub.MaxQueuedMessages + 16
	maxQueuedBytes  = webpubsub.MaxQueuedBytes + 64<<10
)

var errTooLarge = errors.New("message is too large")

// socket is one WebSocket: a queue, its writer, and a way to read. Only this file knows the
// WebSocket library.
type socket struct {
	ws    *websocket.Conn
	ctx   context.Context // of reading and writing; ended by abort
	abort context.CancelFunc
	wake  chan struct{} // holds one
	story *story.Log    // set before write starts

	mu      sync.Mutex
	queue   []connection.Frame // guarded by mu
	bytes   int                // guarded by mu; of queue
	closing *connection.Close  // guarded by mu; to be sent after the queue
}

func newSocket(life context.Context, ws *websocket.Conn) *socket {
	ws.SetReadLimit(-1) // read bounds the message itself, to close with the documented reason
	s := &socket{ws: ws, wake: make(chan struct{}, 1)}
	s.ctx, s.abort = context.WithCancel(life)
	return s
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
	if len(s.queue) >= maxQueuedFrames || s.bytes+len(f.Bytes) > maxQueuedBytes {
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

// take returns what is queued, and the close frame when there is one to send.
func (s *socket) take() ([]connection.Frame, *connection.Close) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.queue
	s.queue, s.bytes = nil, 0
	return batch, s.closing
}

// write sends what is queued until the socket is finished or aborted. It returns after the
// socket is closed.
func (s *socket) write() {
	defer s.abort()
	defer s.ws.CloseNow()
	for {
		select {
		case <-s.wake:
		case <-s.gone():
			return
		}
		batch, closing := s.take()
		for _, f := range batch {
			if s.ws.Write(s.ctx, messageType(f.Text), f.Bytes) != nil {
				return
			}
		}
		s.story.Sent(len(batch))
		if closing != nil {
			s.ws.Close(websocket.StatusCode(closing.Code), closing.Reason)
			return
		}
	}
}

func messageType(text bool) websocket.MessageType {
	if text {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}

// read returns the client's next message. Errors: errTooLarge, or the socket's end.
func (s *socket) read() (connection.Frame, error) {
	t, r, err := s.ws.Reader(s.ctx)
	if err != nil {
		return connection.Frame{}, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, webpubsub.MaxMessageBytes+1))
	if err != nil {
		return connection.Frame{}, err
	}
	if n > webpubsub.MaxMessageBytes {
		return connection.Frame{}, errTooLarge
	}
	return connection.Frame{Text: t == websocket.MessageText, Bytes: b.Bytes()}, nil
}

func isTooLarge(err error) bool { return errors.Is(err, errTooLarge) }

// closeStatus is the code and reason of the client's close frame; 1006 when there was none.
func closeStatus(err error) (code int, reason string) {
	if c, ok := errors.AsType[websocket.CloseError](err); ok {
		return int(c.Code), c.Reason
	}
	return 1006, ""
}

// keepAlive pings the client until the socket is gone, and drops it when pongs stay out.
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
			continue
		}
		ctx, cancel := context.WithTimeout(s.ctx, missedPings*interval)
		err := s.ws.Ping(ctx)
		cancel()
		if err != nil {
			s.abort()
			return
		}
	}
}
