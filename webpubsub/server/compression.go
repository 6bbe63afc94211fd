package server

import (
	"net/http"
	"sync"
	"unsafe"

	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/websocket"
)

// compression agrees to what the client offers; nil is none.
func (s *Server) compression(r *http.Request) *websocket.Deflate {
	if s.deflated == nil {
		return nil
	}
	if d, agreed := websocket.Negotiate(r.Header.Values("Sec-Websocket-Extensions"), false); agreed {
		return &d
	}
	return nil
}

// push queues a frame on the socket; false when its bounds are reached. The caller holds mu.
func (c *conn) push(f connection.Frame) bool {
	kind, payload := websocket.Binary, f.Bytes
	if f.Text {
		kind = websocket.Text
	}
	if c.socket.Compresses(len(payload)) {
		if smaller := c.server.deflated.of(payload); smaller != nil {
			kind, payload = kind|websocket.Compressed, smaller
		}
	}
	if !c.socket.Push(kind, payload) {
		return false
	}
	if c.out.add(len(f.Bytes)) {
		c.carryLocked()
	}
	return true
}

// deflated is the messages that were compressed last, so that one for many is compressed
// once. Safe for concurrent use.
type deflated struct{ shards [16]deflatedShard }

type deflatedShard struct {
	mu   sync.Mutex // held while compressing, for others are likely to want the same
	last [2]deflatedMessage
	next int
}

type deflatedMessage struct {
	from *byte // the first of the message; a message that is kept is no other's memory
	size int
	to   []byte // nil when it would be longer
}

// of returns a payload compressed, or nil when that is not shorter. Payloads are told from
// each other by where they are, and must not be changed.
func (d *deflated) of(payload []byte) []byte {
	from := unsafe.SliceData(payload)
	s := &d.shards[uintptr(unsafe.Pointer(from))>>6%uintptr(len(d.shards))]
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.last {
		if m.from == from && m.size == len(payload) {
			return m.to
		}
	}
	to := websocket.AppendDeflated(make([]byte, 0, len(payload)/2), payload)
	if len(to) >= len(payload) {
		to = nil
	}
	s.last[s.next] = deflatedMessage{from, len(payload), to}
	s.next = (s.next + 1) % len(s.last)
	return to
}
