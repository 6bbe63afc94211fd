package engine

import (
	"net"
	"sync"
	"time"
)

const readBytes = 4 << 10

// stream is the transport of a connection that no loop can serve: ended TLS, other systems,
// and what was taken over from an HTTP server. One goroutine reads, another writes.
type stream struct {
	conn   net.Conn
	early  []byte        // read before the connection was taken over
	wakeup chan struct{} // holds one
	goOn   chan struct{} // holds one; to read again
	gone   chan struct{} // closed with conn

	once  sync.Once   // of closing gone and conn
	timer *time.Timer // guarded by the Conn's mu
}

var batches = sync.Pool{New: func() any { return new([batchBytes]byte) }}

// NewStream serves a connection by goroutines. Early is what has been read from it, and head
// what is written first, such as the answer to a handshake.
func (e *Engine) NewStream(conn net.Conn, early, head []byte, o Options) *Conn {
	s := &stream{conn: conn, early: early, wakeup: make(chan struct{}, 1), goOn: make(chan struct{}, 1), gone: make(chan struct{})}
	return new(Conn).open(e, s, head, o)
}

func (s *stream) spare() []frame { return nil }

func (s *stream) outbox(func() Outbox) Outbox { return nil }

func (s *stream) wake(*Conn) { signal(s.wakeup) }

// abort closes what is below TLS, for that does not wait.
func (s *stream) abort(*Conn) {
	s.once.Do(func() {
		close(s.gone)
		if over, ok := s.conn.(interface{ NetConn() net.Conn }); ok {
			over.NetConn().Close()
			return
		}
		s.conn.Close()
	})
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *stream) resume(*Conn) { signal(s.goOn) }

// close may wait for TLS to say goodbye.
func (s *stream) close() {
	s.once.Do(func() {
		close(s.gone)
		s.conn.Close()
	})
}

func (s *stream) start(c *Conn) {
	c.engine.keep(c)
	writer := make(chan struct{})
	go func() {
		defer close(writer)
		s.write(c)
	}()
	go func() {
		s.read(c)
		c.Abort()
		<-writer
		s.stopTimer(c)
		c.tell()
		c.engine.forget(c)
	}()
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.interval
	if c.deadlineLocked() != 0 {
		first = CloseGrace
	}
	s.expire(c, first)
	if c.flags&aborted != 0 {
		s.abort(c)
	}
	c.flags |= dirty
	s.wake(c)
}

// expire sets the timer. The caller holds c.mu.
func (s *stream) expire(c *Conn, d time.Duration) {
	if s.timer != nil {
		s.timer.Reset(d)
		return
	}
	s.timer = time.AfterFunc(d, func() {
		if d := c.tick(); d > 0 {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.flags&aborted == 0 {
				s.timer.Reset(d)
			}
		}
	})
}

func (s *stream) stopTimer(c *Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.timer.Stop()
}

func (s *stream) read(c *Conn) {
	rest := s.early
	s.early = nil
	buf := make([]byte, readBytes)
	lingered := 0
	for {
		for s.waits(c) {
			select {
			case <-s.goOn:
			case <-s.gone:
				return
			}
		}
		if len(rest) > 0 {
			rest, _ = c.input(rest)
			continue
		}
		n, err := s.conn.Read(buf)
		rest = buf[:n]
		if err != nil {
			c.input(rest)
			return
		}
		if c.over {
			if lingered += n; lingered > lingerBytes {
				return
			}
		}
	}
}

func (s *stream) waits(c *Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flags&paused != 0
}

// write writes what is queued until the connection is closed, or only waits for its end.
func (s *stream) write(c *Conn) {
	for {
		select {
		case <-s.wakeup:
		case <-s.gone:
			return
		}
		for s.flush(c) {
		}
	}
}

// flush writes one batch, and reports whether there may be another.
func (s *stream) flush(c *Conn) bool {
	buf := batches.Get().(*[batchBytes]byte)
	defer batches.Put(buf)
	c.mu.Lock()
	c.flags &^= dirty
	b := c.queue.gather(buf[:])
	messages := c.wroteLocked(b.size()) // what is being written does not wait
	then := nothing
	if c.queue.empty() {
		c.queue = queue{frames: c.queue.frames[:0]}
		if b.frames == 0 {
			then = c.drainedLocked()
		}
	}
	c.mu.Unlock()
	if b.frames == 0 {
		s.end(c, then)
		return false
	}
	if !s.put(b) {
		s.close()
		return false
	}
	c.mu.Lock()
	c.wroteLocked(0)
	c.mu.Unlock()
	c.engine.streamed.sent(messages, b.size())
	if messages > 0 {
		c.handler.Sent(c, messages)
	}
	return true
}

func (s *stream) put(b batch) bool {
	var err error
	if len(b.large) == 0 {
		_, err = s.conn.Write(b.buf)
	} else {
		list := net.Buffers{b.buf, b.large}
		_, err = list.WriteTo(s.conn)
	}
	return err == nil
}

// end does what follows when all is written.
func (s *stream) end(c *Conn, then next) {
	switch then {
	case closeNow:
		s.close()
	case halfClose:
		half, ok := s.conn.(interface{ CloseWrite() error })
		if !ok || half.CloseWrite() != nil {
			s.close()
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.expireLocked(lingerTime)
	}
}
