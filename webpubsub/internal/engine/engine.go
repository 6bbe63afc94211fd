package engine

import (
	"sync"
	"sync/atomic"
	"time"
)

// Engine serves connections. Safe for concurrent use.
type Engine struct {
	start    time.Time
	counters counters

	mu      sync.Mutex
	streams map[*Conn]struct{} // guarded by mu
	loops   []*loop            // guarded by mu; fixed once they are there
	closed  atomic.Bool        // set under mu
}

// New returns an Engine.
func New() *Engine { return &Engine{start: time.Now(), streams: map[*Conn]struct{}{}} }

// keep remembers a connection that no loop knows.
func (e *Engine) keep(c *Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams[c] = struct{}{}
	if e.closed.Load() {
		c.Abort()
	}
}

func (e *Engine) forget(c *Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.streams, c)
}

// Close aborts all connections, and those to come. Event loops end when the listeners that
// they serve are closed, too.
func (e *Engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed.Store(true)
	for c := range e.streams {
		c.Abort()
	}
	for _, l := range e.loops {
		l.post(l.close)
	}
}

// now is the monotonic time since the start, plus one, in nanoseconds; never 0.
func (e *Engine) now() int64 { return int64(time.Since(e.start)) + 1 }

// reason is why the engine itself closed a connection.
type reason int

const (
	closedSilent reason = iota
	closedBroken
	reasons
)

type counters struct {
	messagesIn, bytesIn, messagesOut, bytesOut, writes atomic.Int64
	closed                                             [reasons]atomic.Int64
}

func (e *Engine) received(bytes int) {
	e.counters.messagesIn.Add(1)
	e.counters.bytesIn.Add(int64(bytes))
}

func (e *Engine) sent(messages, bytes int) {
	e.counters.writes.Add(1)
	e.counters.messagesOut.Add(int64(messages))
	e.counters.bytesOut.Add(int64(bytes))
}

func (e *Engine) count(why reason) { e.counters.closed[why].Add(1) }

// Stats are counts since the start.
type Stats struct {
	MessagesIn, BytesIn   int64 // payloads
	MessagesOut, BytesOut int64 // bytes with headers
	Writes                int64
	// Why the engine closed connections by itself: nothing was heard from the peer, or it
	// broke the protocol.
	Silent, Broken int64
}

// Stats returns the counts of this moment.
func (e *Engine) Stats() Stats {
	c := &e.counters
	return Stats{
		MessagesIn: c.messagesIn.Load(), BytesIn: c.bytesIn.Load(),
		MessagesOut: c.messagesOut.Load(), BytesOut: c.bytesOut.Load(), Writes: c.writes.Load(),
		Silent: c.closed[closedSilent].Load(), Broken: c.closed[closedBroken].Load(),
	}
}
