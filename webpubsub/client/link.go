package client

import (
	"math"
	"time"

	"github.com/easelhq/easel/webpubsub/internal/wire"
)

const (
	// ackInterval is how long a received message may wait for its acknowledgement.
	// Source: client spec, sequence ack.
	ackInterval = time.Second
	// Beyond these, operations wait before they are queued.
	maxQueuedFrames = 256
	maxQueuedBytes  = 4 << 20
)

// link is one socket and what is to be sent over it. Everything but the first fields is
// guarded by Client.mu.
type link struct {
	// Fixed.
	sock *socket
	wake chan struct{} // holds one; for the writer

	queue  [][]byte
	bytes  int  // of queue
	ack    bool // a sequence ack is to be sent
	ping   bool // a ping is to be sent
	bye    bool // to be closed after the queue
	busy   bool // the writer has taken frames and not written them all
	heard  time.Time
	pinged time.Time
	alive  bool // it brought a message
}

func newLink(s *socket) *link {
	now := time.Now()
	return &link{sock: s, wake: make(chan struct{}, 1), heard: now, pinged: now}
}

func (l *link) full() bool { return len(l.queue) >= maxQueuedFrames || l.bytes >= maxQueuedBytes }

// push queues a frame. Only callers that wait for room first may push without a bound of
// their own.
func (l *link) push(frame []byte) {
	l.queue = append(l.queue, frame)
	l.bytes += len(frame)
	l.signal()
}

func (l *link) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// serve reads from a link, and writes what is queued, until its socket is lost. It returns
// why.
func (c *Client) serve(l *link) error {
	writing, tending := make(chan struct{}), make(chan struct{})
	go func() { defer close(writing); c.write(l) }()
	go func() { defer close(tending); c.tend(l) }()
	err := c.read(l)
	c.detach(l)
	l.sock.abort(err)
	<-writing
	<-tending
	l.sock.release()
	return err
}

func (c *Client) read(l *link) error {
	for {
		frame, err := l.sock.read()
		if err != nil {
			return err
		}
		c.heard(l)
		r, err := wire.DecodeResponse(c.format, frame)
		if err != nil {
			c.log.Warn("message of the service is malformed", "conn", c.current().ID, "err", err)
			continue
		}
		c.receive(l, r)
		waited, ok := c.budget.room(l.sock.gone())
		if !ok {
			_, err := l.sock.read() // fails, and says why
			return err
		}
		if waited { // pongs were not read either
			c.heard(l)
		}
	}
}

func (c *Client) heard(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.heard, l.alive = time.Now(), true
}

func (c *Client) write(l *link) {
	for {
		select {
		case <-l.wake:
		case <-l.sock.gone():
			return
		}
		batch, bye := c.takeQueue(l)
		for _, frame := range batch {
			if err := l.sock.write(frame); err != nil {
				l.sock.abort(err)
				return
			}
		}
		if bye {
			l.sock.close()
			return
		}
		c.written(l)
	}
}

// takeQueue returns what is to be sent. Acknowledgements go first: they free what the
// service holds.
func (c *Client) takeQueue(l *link) (batch [][]byte, bye bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.ack {
		l.ack = false
		received := &c.session.received
		received.acked = received.last
		batch = append(batch, c.mustEncode(wire.Request{Type: wire.SequenceAck, SequenceID: received.last}))
	}
	if l.ping {
		l.ping = false
		batch = append(batch, c.mustEncode(wire.Request{Type: wire.Ping}))
	}
	batch = append(batch, l.queue...)
	l.queue, l.bytes = nil, 0
	l.busy = true
	c.changed.fire()
	return batch, l.bye
}

func (c *Client) written(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.busy = false
	c.changed.fire()
}

// tend does what is due from time to time: acknowledgements, pings, and giving up a socket
// that nothing comes from.
func (c *Client) tend(l *link) {
	ticker := time.NewTicker(c.tick())
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-l.sock.gone():
			return
		}
		if c.tendOnce(l, time.Now()) {
			l.sock.abort(errSilent)
			return
		}
	}
}

// tick is how often there may be something to do.
func (c *Client) tick() time.Duration {
	shortest := ackInterval
	for _, d := range []time.Duration{c.o.KeepAlive, c.o.KeepAliveTimeout} {
		if d > 0 {
			shortest = min(shortest, d)
		}
	}
	return shortest
}

// tendOnce reports whether the service has been silent for too long.
func (c *Client) tendOnce(l *link, now time.Time) (silent bool) {
	paused := c.budget.isPaused()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != l {
		return false
	}
	if c.session.received.owed() {
		l.ack = true
		l.signal()
	}
	if c.o.KeepAlive > 0 && now.Sub(l.pinged) >= c.o.KeepAlive {
		l.ping, l.pinged = true, now
		l.signal()
	}
	for _, w := range c.writers {
		w.tend(l, now)
	}
	return c.o.KeepAliveTimeout > 0 && !paused && now.Sub(l.heard) >= c.o.KeepAliveTimeout
}

// pause returns how long to wait before attempt n, counted from 0: the delay, doubled each
// time up to most, and jittered.
func (c *Client) pause(n int, most time.Duration) time.Duration {
	d := min(float64(c.o.RetryDelay)*math.Pow(2, float64(min(n, 62))), float64(most))
	return time.Duration(d * (1 + c.o.Jitter*(2*random()-1)))
}
