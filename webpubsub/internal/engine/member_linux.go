package engine

import (
	"bytes"
	"syscall"
	"time"
)

// member is a connection on a loop: a guest, until it is upgraded, and then a Conn.
type member struct {
	Conn

	loop *loop
	port *port // of a guest; nil of a Conn

	// Owned by the loop.
	due      int64   // engine time
	rest     *[]byte // read and not dealt with; nil is nothing
	place    int32   // in the heap of timers, plus one; 0 is not there
	fd       int32
	slot     int32
	gen      uint32
	lingered int32 // bytes read of a peer that is not listened to; of a guest: for how many it waits
	stopped  bool  // not reading, until goOn
	hungUp   bool  // the peer writes no more; what it wrote has an end
	jammed   bool  // as the flag blocked
	gone     bool  // the socket is closed, or someone else's
}

// hold keeps a copy of what has been read, for later.
func (m *member) hold(b []byte) {
	if len(b) > 0 {
		b = bytes.Clone(b)
		m.rest = &b
	}
}

// held gives it back.
func (m *member) held() []byte {
	if m.rest == nil {
		return nil
	}
	b := *m.rest
	m.rest = nil
	return b
}

// spare implements transport.
func (m *member) spare() []frame {
	l := m.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.spares); n > 0 {
		q := l.spares[n-1]
		l.spares[n-1] = nil
		l.spares = l.spares[:n-1]
		return q
	}
	return make([]frame, 0, 4)
}

// wake implements transport.
func (m *member) wake(*Conn) {
	l := m.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = append(l.ready, m)
	l.wakeLocked()
}

// abort implements transport: the wake that follows is enough.
func (m *member) abort(*Conn) {}

// expire implements transport: what the timer is to be set to is the deadline.
func (m *member) expire(*Conn, time.Duration) {
	m.flags |= arming
	if m.flags&dirty == 0 {
		m.flags |= dirty
		m.wake(nil)
	}
}

// start implements transport.
func (m *member) start(*Conn) {
	m.mu.Lock()
	m.flags |= dirty | arming
	m.wake(nil)
	m.mu.Unlock()
	m.resume(nil)
}

// resume implements transport.
func (m *member) resume(*Conn) {
	l := m.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	l.goOn = append(l.goOn, m)
	l.wakeLocked()
}

// outbox implements transport.
func (m *member) outbox(make func() Outbox) Outbox {
	l := m.loop
	if l.outbox == nil {
		l.outbox = make()
	}
	l.owing = true
	return l.outbox
}

// event is what the kernel tells.
func (m *member) event(events uint32) {
	if events&syscall.EPOLLOUT != 0 && m.jammed {
		m.writable()
	}
	if events&(syscall.EPOLLRDHUP|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		m.hungUp = true
	}
	if events&^syscall.EPOLLOUT != 0 && !m.gone {
		m.readable()
	}
}

// writable has what is queued written again.
func (m *member) writable() {
	m.jammed = false
	m.mu.Lock()
	defer m.mu.Unlock()
	m.flags &^= blocked
	m.wakeLocked()
}

// goOn reads again after a start or a pause: first what has been read already.
func (m *member) goOn() {
	if m.port != nil { // it has been upgraded
		m.port = nil
		if m.engine.closed.Load() {
			m.Abort()
		}
	}
	m.mu.Lock()
	m.stopped = m.flags&paused != 0
	m.mu.Unlock()
	if m.stopped {
		return
	}
	if rest := m.held(); len(rest) > 0 && !m.gone {
		m.take(rest)
	}
	m.readable()
}

// readable reads what has come.
func (m *member) readable() {
	l := m.loop
	for range readRounds {
		if m.gone || m.stopped {
			return
		}
		n, errno := rawRead(int(m.fd), l.in[:])
		switch {
		case errno == syscall.EAGAIN || errno == syscall.EINTR:
			return
		case errno != 0 || n == 0:
			m.leave()
			return
		}
		m.take(l.in[:n])
		if n < len(l.in) && !m.hungUp {
			return
		}
	}
	l.more = append(l.more, m)
}

// take deals with bytes from the peer.
func (m *member) take(b []byte) {
	if m.port != nil {
		m.head(b)
		return
	}
	if m.over {
		if m.lingered += int32(len(b)); m.lingered > lingerBytes {
			m.leave()
		}
		return
	}
	if rest, stopped := m.input(b); stopped {
		m.stopped = true
		m.hold(rest)
	}
}

// expired is called when the timer goes off.
func (m *member) expired() {
	if m.port != nil {
		m.late()
		return
	}
	if d := m.tick(); d > 0 {
		m.loop.timers.set(m, coarse(m.loop.engine.now()+int64(d), d))
	}
}

// coarse rounds a time up, so that what is due at nearly the same time is one turn's work.
func coarse(at int64, d time.Duration) int64 {
	step := int64(min(d/64, 250*time.Millisecond))
	if step <= 0 {
		return at
	}
	return (at + step - 1) / step * step
}

// flush writes what is queued, as far as it can be.
func (m *member) flush() {
	if m.port != nil { // started, and about to go on
		m.goOn()
	}
	if m.gone {
		return
	}
	l := m.loop
	messages, size, writes := 0, 0, 0
	m.mu.Lock()
	m.flags &^= dirty
	if m.flags&arming != 0 {
		m.flags &^= arming
		at := m.deadlineLocked()
		if at == 0 {
			at = l.now + int64(m.interval)
		}
		l.timers.set(m, coarse(at, time.Duration(at-l.now)))
	}
	then := nothing
	for {
		if m.flags&aborted != 0 {
			then = closeNow
			break
		}
		if m.flags&blocked != 0 {
			break
		}
		if m.queue.empty() {
			then = m.drainedLocked()
			break
		}
		if writes == writeRounds {
			m.wakeLocked()
			break
		}
		b := l.last.gather(&m.queue, l.out[:])
		m.mu.Unlock()
		n, errno := put(int(m.fd), b)
		m.mu.Lock()
		if errno != 0 && errno != syscall.EAGAIN && errno != syscall.EINTR {
			then = closeNow
			break
		}
		writes++
		size += n
		messages += m.wroteLocked(n)
		if n < b.size() {
			m.flags |= blocked
			m.jammed = true
		}
	}
	if m.queue.empty() {
		l.release(&m.queue)
	}
	m.mu.Unlock()
	if writes > 0 {
		l.meter.sent(messages, size)
	}
	if messages > 0 {
		m.handler.Sent(&m.Conn, messages)
	}
	m.end(then)
}

// put writes a batch; how much of it, the kernel says.
func put(fd int, b batch) (int, syscall.Errno) {
	switch {
	case len(b.large) == 0:
		return rawWrite(fd, b.buf)
	case len(b.buf) == 0:
		return rawWrite(fd, b.large)
	}
	return rawWritev(fd, b.buf, b.large)
}

// end does what follows when all is written.
func (m *member) end(then next) {
	switch then {
	case closeNow:
		m.leave()
	case halfClose:
		syscall.Shutdown(int(m.fd), syscall.SHUT_WR)
		m.mu.Lock()
		m.expireLocked(lingerTime)
		m.mu.Unlock()
	}
}

// leave closes the socket and tells the handler.
func (m *member) leave() {
	if m.gone {
		return
	}
	m.gone, m.rest = true, nil
	syscall.Close(int(m.fd)) // which ends the watch, too
	m.loop.remove(m)
	if m.port == nil {
		m.tell()
	}
}
