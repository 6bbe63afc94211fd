package engine

import (
	"sync/atomic"

	"github.com/easelhq/easel/webpubsub/internal/histogram"
)

// meter counts what one loop does, or all streams together. That of a loop is memory that no
// other core writes to.
type meter struct {
	written atomic.Uint64  // bytes, with headers
	batches histogram.Log2 // messages
	turns   histogram.Log2 // microseconds
	_       [64]byte
}

// sent is told of what has been handed to the system at a time.
func (m *meter) sent(messages, bytes int) {
	m.written.Add(uint64(bytes))
	if messages > 0 {
		m.batches.Observe(uint64(messages))
	}
}

// turn is told how long a loop took to do all there was to do, in nanoseconds.
func (m *meter) turn(took int64) { m.turns.Observe(uint64(took) / 1000) }

// Stats are counts since the start.
type Stats struct {
	Written uint64           // bytes, headers included
	Batches histogram.Counts // messages that were written to a socket together
	// Turns are how many microseconds turns of event loops took: what came in meanwhile had
	// to wait as long.
	Turns histogram.Counts
	// Why the engine closed connections by itself: nothing was heard from the peer, or it
	// broke the protocol.
	Silent, Broken uint64
}

func (s *Stats) add(m *meter) {
	s.Written += m.written.Load()
	s.Batches.Add(&m.batches)
	s.Turns.Add(&m.turns)
}

// Stats returns the counts of this moment.
func (e *Engine) Stats() Stats {
	s := Stats{Silent: e.silent.Load(), Broken: e.broken.Load()}
	s.add(&e.streamed)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.loops {
		s.add(l.measured())
	}
	return s
}

// Queued is how many messages wait to be written, and how many bytes of payload they have.
func (c *Conn) Queued() (messages, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int(c.queue.messages), c.queue.bytes
}
