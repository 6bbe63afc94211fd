package engine

import (
	"sync"
	"sync/atomic"
	"time"
)

// Engine serves connections. Safe for concurrent use.
type Engine struct {
	start          time.Time
	streamed       meter
	silent, broken atomic.Uint64 // connections closed for that

	mu      sync.Mutex
	streams map[*Conn]struct{} // guarded by mu
	loops   []*loop            // guarded by mu; fixed once they are there
	closed  atomic.Bool        // set under mu
	terms   map[terms]*terms   // guarded by mu; some of them
}

// New returns an Engine.
func New() *Engine {
	return &Engine{start: time.Now(), streams: map[*Conn]struct{}{}, terms: map[terms]*terms{}}
}

// maxTerms is how many terms of connections are shared. Applications choose intervals.
const maxTerms = 64

func (e *Engine) termsOf(o Options) *terms {
	e.mu.Lock()
	defer e.mu.Unlock()
	of := terms{e, o.Limits, o.KeepAlive}
	t := e.terms[of]
	if t == nil {
		if len(e.terms) >= maxTerms {
			clear(e.terms)
		}
		t = &of
		e.terms[of] = t
	}
	return t
}

// Door is for connections whose request begins with Prefix. Visit decides about it, as soon as
// its head is complete; body is what has come behind that, of the next request too. Both are
// valid during the call, on a loop, which must not wait.
type Door struct {
	Prefix string
	Visit  func(g *Guest, head, body []byte)
}

// MaxAwait is how much of a body a [Guest] can wait for, in bytes.
const MaxAwait = 64 << 10

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
