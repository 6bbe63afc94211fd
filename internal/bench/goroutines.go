package bench

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// goroutines is a network that works everywhere and speaks TLS: each connection has a
// goroutine that reads, and one that writes while there is something to write.
type goroutines struct {
	to     netip.AddrPort
	secure *tls.Config
	news   chan news // never closed
	done   chan struct{}
	cancel context.CancelFunc
	ctx    context.Context
	work   sync.WaitGroup
	lines  []*line // owned by the user's goroutine
}

// news is what a reading goroutine tells. Bytes are the user's until resume.
type news struct {
	line *line
	b    []byte // nil for opened and ended
	err  error  // of the end
}

// line is one connection.
type line struct {
	id     int
	resume chan struct{} // lets the reader go on

	// Owned by the user's goroutine.
	rest            []byte
	stalled, closed bool
	waiting         bool // the reader waits to resume

	mu      sync.Mutex
	conn    net.Conn // guarded by mu; nil while dialing
	out     []byte
	writing bool
	ended   bool // closed before it was open
}

func newGoroutines(to netip.AddrPort, secure *tls.Config) *goroutines {
	g := &goroutines{to: to, secure: secure, news: make(chan news), done: make(chan struct{})}
	g.ctx, g.cancel = context.WithCancel(context.Background()) // ended by shutdown
	return g
}

func (g *goroutines) dial() error {
	l := &line{id: len(g.lines), resume: make(chan struct{}, 1)}
	g.lines = append(g.lines, l)
	g.work.Go(func() { g.serve(l) })
	return nil
}

// serve is a connection's reading goroutine.
func (g *goroutines) serve(l *line) {
	conn, err := g.connect(l.id)
	if err != nil {
		g.tell(news{line: l, err: err})
		return
	}
	defer conn.Close()
	l.mu.Lock()
	l.conn = conn
	ended := l.ended
	l.mu.Unlock()
	if ended || !g.tell(news{line: l}) {
		return
	}
	buf := make([]byte, 16<<10)
	for {
		n, err := conn.Read(buf)
		if n > 0 && !g.tell(news{line: l, b: buf[:n]}) {
			return
		}
		if err != nil {
			g.tell(news{line: l, err: err})
			return
		}
	}
}

func (g *goroutines) connect(id int) (net.Conn, error) {
	d := &net.Dialer{}
	if from, ok := source(g.to.Addr(), id); ok {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	if g.secure != nil {
		return (&tls.Dialer{NetDialer: d, Config: g.secure}).DialContext(g.ctx, "tcp", g.to.String())
	}
	return d.DialContext(g.ctx, "tcp", g.to.String())
}

// tell hands over news, waits until they have been read, and reports whether to go on.
func (g *goroutines) tell(n news) bool {
	select {
	case g.news <- n:
	case <-g.done:
		return false
	}
	if n.err != nil {
		return false
	}
	select {
	case _, more := <-n.line.resume:
		return more
	case <-g.done:
		return false
	}
}

func (g *goroutines) write(id int, b []byte) {
	l := g.lines[id]
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil || len(l.out)+len(b) > maxWaiting {
		return // the end of the connection is told by its reader
	}
	l.out = append(l.out, b...)
	if !l.writing {
		l.writing = true
		g.work.Go(l.flush)
	}
}

// maxWaiting bounds what waits because the peer doesn't read; more is lost, and missed.
const maxWaiting = 64 << 20

// flush writes until nothing waits. What fails is told by the reader.
func (l *line) flush() {
	for {
		l.mu.Lock()
		out := l.out
		l.out = nil
		l.writing = len(out) > 0
		l.mu.Unlock()
		if len(out) == 0 {
			return
		}
		if _, err := l.conn.Write(out); err != nil {
			return
		}
	}
}

func (g *goroutines) stall(id int) { g.lines[id].stalled = true }

func (g *goroutines) resume(id int) {
	l := g.lines[id]
	if l.stalled = false; l.waiting && !l.closed {
		l.goOn()
	}
}

func (g *goroutines) close(id int) {
	l := g.lines[id]
	if l.closed {
		return
	}
	l.closed = true
	close(l.resume)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.conn != nil {
		l.conn.Close()
	}
}

func (g *goroutines) shutdown() {
	for id := range g.lines {
		g.close(id)
	}
	close(g.done)
	g.cancel()
	g.work.Wait()
}

func (g *goroutines) wait(timeout time.Duration, s sink) error {
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case n := <-g.news:
		g.take(n, s)
	case <-t.C:
		return nil
	}
	for range eventsPerWait {
		select {
		case n := <-g.news:
			g.take(n, s)
		default:
			return nil
		}
	}
	return nil
}

// eventsPerWait bounds how much happens in one call of wait.
const eventsPerWait = 512

func (g *goroutines) take(n news, s sink) {
	l := n.line
	switch {
	case l.closed:
		return
	case n.err != nil:
		g.close(l.id)
		s.ended(l.id, n.err)
		return
	case n.b == nil:
		s.opened(l.id)
	default:
		b := n.b
		if len(l.rest) > 0 {
			l.rest = append(l.rest, b...)
			b = l.rest
		}
		used := s.received(l.id, b)
		l.rest = append(l.rest[:0], b[used:]...)
		if len(l.rest) > 2*maxFrame {
			g.close(l.id)
			s.ended(l.id, fmt.Errorf("%d bytes are no frame; the limit is %d", len(l.rest), maxFrame))
		}
	}
	l.waiting = !l.closed
	if l.waiting && !l.stalled {
		l.goOn()
	}
}

// goOn lets the reader read again.
func (l *line) goOn() {
	l.waiting = false
	l.resume <- struct{}{}
}
