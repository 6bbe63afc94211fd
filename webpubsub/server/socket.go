package server

import (
	"bytes"
	"net/http"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/engine"
	"github.com/easelhq/easel/webpubsub/internal/websocket"
)

// socket is one WebSocket.
type socket = engine.Conn

// limits are the bounds of what waits for a socket: those of plain connections, or with room
// for what a recovery sends again, and for a greeting and acks beside it.
func limits(plain, unacknowledged engine.Limits) (short, long engine.Limits) {
	const moreMessages, moreBytes = 16, 64 << 10
	return plain, engine.Limits{
		Messages: max(plain.Messages, unacknowledged.Messages+moreMessages),
		Bytes:    max(plain.Bytes, unacknowledged.Bytes+moreBytes),
	}
}

// socketOptions are those of a client's socket.
func (s *Server) socketOptions(h engine.Handler, hub webpubsub.HubName, reliable bool, r *http.Request) engine.Options {
	o := engine.Options{Deflate: s.compression(r), Handler: h, Limits: &s.short, MaxMessage: webpubsub.MaxMessageBytes, KeepAlive: s.settings.Settings().Hubs[hub].KeepAlive}
	if reliable {
		o.Limits = &s.long
	}
	if o.KeepAlive <= 0 {
		o.KeepAlive = webpubsub.DefaultKeepAlive
	}
	return o
}

// upgrade answers a handshake with 101, with the first of what is sent after that. The
// subprotocol is echoed as it is; empty is none. The socket has to be started; its handler
// learns of its end.
func upgrade(on *engine.Engine, w http.ResponseWriter, r *http.Request, subprotocol string, o engine.Options) (*socket, error) {
	var head bytes.Buffer
	head.Grow(256)
	head.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	head.WriteString(websocket.AcceptKey(r.Header.Get("Sec-WebSocket-Key")))
	if subprotocol != "" {
		head.WriteString("\r\nSec-WebSocket-Protocol: ")
		head.WriteString(subprotocol)
	}
	if o.Deflate != nil {
		head.WriteString("\r\nSec-WebSocket-Extensions: ")
		head.WriteString(o.Deflate.Answer())
	}
	head.WriteString("\r\n\r\n")
	if g, ok := w.(*guestResponse); ok {
		return g.upgrade(head.Bytes(), o), nil
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "WebSockets are not possible here", http.StatusNotImplemented)
		return nil, err
	}
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		conn.Close()
		return nil, err
	}
	return on.NewStream(conn, bytes.Clone(early), head.Bytes(), o), nil
}

// Message implements engine.Handler: a frame came, unless another socket took over.
func (c *conn) Message(from *socket, text bool, payload []byte) (busy bool) {
	f := connection.Frame{Text: text, Bytes: payload}
	c.noteReceived(f)
	c.actOn(from, func(s *connState) effects {
		if c.socket != from {
			return nil
		}
		if c.in.add(len(payload)) {
			c.carryLocked()
		}
		list := s.Receive(time.Now(), f)
		busy = s.Busy()
		return list
	})
	return busy
}

// Busy implements engine.Handler: too many frames wait for an event's answer. A client that
// comes back again and again must not add one each time.
func (c *conn) Busy(*socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Busy()
}

// Broken implements engine.Handler.
func (c *conn) Broken(from *socket, code int) {
	c.act(func(s *connState) effects {
		switch {
		case c.socket != from:
			return nil
		case code == websocket.CodeTooLarge:
			return s.TooLarge()
		case code == websocket.CodeInvalid: // what this says depends on the subprotocol
			return s.Receive(time.Now(), connection.Frame{Text: true, Bytes: []byte{0xff}})
		}
		return s.FrameInvalid()
	})
}

// Sent implements engine.Handler.
func (c *conn) Sent(_ *socket, messages int) { c.story.Sent(messages) }

// Closed implements engine.Handler: the state is told how the socket ended, unless another
// took over.
func (c *conn) Closed(from *socket, code int, reason string) {
	defer c.server.work.Done()
	c.act(func(s *connState) effects {
		if c.socket != from {
			return nil
		}
		c.socket = nil
		c.noteSocketGone(code, reason)
		return s.Dropped(time.Now(), code, reason)
	})
}

// refusedSocket is of a client that is told why it is refused.
type refusedSocket struct{ server *Server }

func (refusedSocket) Message(*socket, bool, []byte) bool { return false }
func (refusedSocket) Busy(*socket) bool                  { return false }
func (refusedSocket) Broken(s *socket, code int)         { s.Finish(code, "") }
func (refusedSocket) Sent(*socket, int)                  {}
func (r refusedSocket) Closed(*socket, int, string)      { r.server.work.Done() }
