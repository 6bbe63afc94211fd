package engine

import (
	"bytes"
	"time"
)

const (
	// headTimeout is how long a client may take to send the head of a request, or of its body
	// what is awaited.
	headTimeout = 20 * time.Second
	// idleTimeout is how long it may take until the next one.
	idleTimeout = 3 * time.Minute
	// maxHead is how long a head may be, in bytes; a longer one is passed on.
	maxHead = 64 << 10
)

// Guest is a connection of which the head of a request has come. One of its methods has to be
// called, once.
type Guest struct {
	m      *member
	read   []byte // the head, and what has come behind it
	choice choice // owned by the loop, during the visit
	body   int    // bytes of it, that Respond has used or Await waits for
}

// choice is what was done with a guest during the visit.
type choice uint8

const (
	taken     choice = iota // Upgrade or Reply, which may come later
	responded               // Respond
	awaited                 // Await
)

// Upgrade makes it a WebSocket. Head is written first. The caller has to Start it.
func (g *Guest) Upgrade(head []byte, o Options) *Conn {
	return g.m.Conn.open(g.m.loop.engine, g.m, head, o)
}

// Reply writes a response, as far as the system takes it at once, and closes.
func (g *Guest) Reply(response []byte) {
	g.m.loop.post(func() {
		if !g.m.gone {
			rawWrite(int(g.m.fd), response)
			g.m.leave()
		}
	})
}

// Respond answers a request whose body has so many bytes, and goes on with the next one; only
// during visit. Who doesn't read responses is closed when the system takes no more.
func (g *Guest) Respond(response []byte, body int) {
	g.choice, g.body = responded, body
	if n, _ := rawWrite(int(g.m.fd), response); n < len(response) {
		g.m.leave()
	}
}

// Await has the request visited again when n bytes of body, [MaxAwait] at most, have come; only
// during visit. Who takes too long is passed on.
func (g *Guest) Await(n int) { g.choice, g.body = awaited, n }

// Pass gives it to whoever accepts from the listener; only during visit.
func (g *Guest) Pass() { g.m.pass(g.read) }

// head takes requests.
func (m *member) head(b []byte) {
	before := m.held()
	if len(before) > 0 {
		b = append(before, b...)
	}
	searched := max(0, len(before)-3)
	if m.lingered > 0 { // the head has been found
		searched = 0
	}
	for len(b) > 0 && !m.gone && !m.stopped {
		if len(b) < int(m.lingered) {
			m.hold(b)
			return
		}
		d, maybe := m.port.door(b)
		if !maybe {
			m.pass(b)
			return
		}
		end := -1
		if d != nil {
			end = bytes.Index(b[searched:], []byte("\r\n\r\n"))
		}
		if end < 0 && len(b) > maxHead {
			m.pass(b)
			return
		}
		if end < 0 {
			if len(before) == 0 {
				m.hurry()
			}
			m.hold(b)
			return
		}
		b = m.visited(d, b, searched+end+4)
		before, searched = nil, 0
	}
}

// visited has a request visited that has a complete head. It returns what is left to look at.
func (m *member) visited(d *Door, b []byte, end int) (rest []byte) {
	m.lingered = 0
	g := &Guest{m: m, read: b}
	d.Visit(g, b[:end], b[end:])
	switch {
	case m.gone:
	case g.choice == responded:
		m.loop.timers.set(m, coarse(m.loop.now+int64(idleTimeout), idleTimeout))
		return b[end+g.body:]
	case g.choice == awaited:
		m.lingered = int32(end + g.body)
		m.hurry()
		m.hold(b)
	default:
		m.stopped = true
		m.loop.timers.remove(m)
		m.hold(b[end:])
	}
	return nil
}

// hurry bounds the time until there is more.
func (m *member) hurry() {
	m.loop.timers.set(m, coarse(m.loop.now+int64(headTimeout), headTimeout))
}

// late is called when a guest has taken too long.
func (m *member) late() {
	if m.lingered > 0 {
		m.pass(m.held())
		return
	}
	m.leave()
}

// door finds the one for a request that begins with b; when there may be one, once more has
// come, it is nil.
func (p *port) door(b []byte) (d *Door, maybe bool) {
	for i := range p.doors {
		d := &p.doors[i]
		n := min(len(b), len(d.Prefix))
		switch {
		case string(b[:n]) != d.Prefix[:n]:
		case n == len(d.Prefix):
			return d, true
		default:
			maybe = true
		}
	}
	return nil, maybe
}
