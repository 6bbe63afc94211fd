package client

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// closeGrace is how long a closing client gets rid of its queue and waits for the service's
// close frame.
const closeGrace = 2 * time.Second

// Client keeps up a connection to one hub. It is safe for concurrent use.
type Client struct {
	// Fixed after New.
	source URLSource
	o      Options
	format wire.Format
	log    *slog.Logger
	life   context.Context // of all that the client does by itself
	kill   context.CancelFunc
	done   chan struct{} // closed when all goroutines have ended

	budget   *budget // of the four queues, and those of streams
	messages *queue[webpubsub.Message]
	states   *queue[GroupState]
	streams  *queue[*StreamReader]
	events   *queue[func()] // callbacks; bounded by maxEvents

	readers streamReaders  // owned by run
	work    sync.WaitGroup // goroutines beside run; grows only in run and before it

	mu          sync.Mutex
	phase       phase                    // guarded by mu
	closing     bool                     // guarded by mu; Close was called
	draining    bool                     // guarded by mu; Shutdown was called
	err         error                    // guarded by mu; set when stopped
	session     session                  // guarded by mu
	link        *link                    // guarded by mu; nil while there is no socket
	changed     broadcast                // guarded by mu; fires when any of these changes, or a queue has room
	lastID      uint64                   // guarded by mu; ack ids and invocation ids given out
	pending     map[uint64]*request      // guarded by mu; by ack id
	invocations map[string]*request      // guarded by mu
	standing    standing                 // guarded by mu; to be repeated on a new connection
	writers     map[string]*StreamWriter // guarded by mu; open streams, by id
}

type phase uint8

const (
	idle phase = iota
	starting
	running
	stopped
)

// broadcast wakes everybody who waits.
type broadcast struct{ ch chan struct{} }

// wait returns a channel that the next fire closes.
func (b *broadcast) wait() <-chan struct{} {
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) fire() {
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

func random() float64 { return rand.Float64() }

// New returns a client that is not connected yet. Nil options are the defaults.
// Errors: BadRequest for options that are not valid.
func New(source URLSource, o *Options) (*Client, error) {
	full, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if source == nil {
		return nil, webpubsub.Errorf(webpubsub.BadRequest, "the source of the URL is missing")
	}
	c := &Client{
		source: source, o: full, format: full.Subprotocol.format(), log: full.Logger,
		done:    make(chan struct{}),
		budget:  newBudget(full.MaxReceivedMessages, full.MaxReceivedBytes),
		events:  newQueue[func()](nil),
		pending: map[uint64]*request{}, invocations: map[string]*request{},
		standing: standing{}, writers: map[string]*StreamWriter{}, readers: streamReaders{},
	}
	c.messages = newQueue[webpubsub.Message](c.budget)
	c.states = newQueue[GroupState](c.budget)
	c.streams = newQueue[*StreamReader](c.budget)
	c.life, c.kill = context.WithCancel(context.Background())
	return c, nil
}

// Start opens the first connection and returns when it is there. It makes one attempt; after
// an error Start may be called again. A started client lives until Close.
//
//   - Errors: those of the URL source; Unauthorized, Forbidden, BadRequest, NotFound when the
//     service refuses; Unavailable; ErrClosed; ctx.Err(). A second start is a Conflict.
func (c *Client) Start(ctx context.Context) error {
	if err := c.enterStarting(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	l, err := c.connect(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closing:
		if l != nil {
			l.sock.release()
		}
		c.link = nil
		c.stopLocked(ErrClosed)
		close(c.done)
		return ErrClosed
	case err != nil:
		c.phase = idle
		c.changed.fire()
		return fmt.Errorf("start: %w", err)
	}
	c.phase = running
	c.work.Go(c.callBack)
	go c.run(l)
	return nil
}

func (c *Client) enterStarting() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closing || c.draining || c.phase == stopped:
		return ErrClosed
	case c.phase != idle:
		return webpubsub.Errorf(webpubsub.Conflict, "the client is started already")
	}
	c.phase = starting
	return nil
}

// Close ends the connection and waits until everything of the client has ended, for some
// seconds when the service does not answer. What is queued is sent first if that is quick;
// operations that still wait fail with [ErrClosed]. Messages that were received can still be
// taken. Closing again does no harm.
func (c *Client) Close() {
	c.mu.Lock()
	c.closing = true
	switch c.phase {
	case idle:
		c.stopLocked(ErrClosed)
		close(c.done)
	case starting:
		c.kill()
	case running:
		c.goodbyeLocked()
	}
	c.changed.fire()
	c.mu.Unlock()
	<-c.done
	c.kill()
}

// goodbyeLocked makes the client's own goroutine end.
func (c *Client) goodbyeLocked() {
	if c.link == nil {
		c.kill()
		return
	}
	if !c.link.bye {
		c.link.bye = true
		c.link.signal()
		time.AfterFunc(closeGrace, c.kill)
	}
}

// Shutdown refuses new operations, waits until those under way are answered and everything
// queued is sent, and closes the client. When ctx ends first it closes the client at once
// and returns ctx's error. Open streams are not waited for; close them before.
func (c *Client) Shutdown(ctx context.Context) error {
	err := c.drain(ctx)
	c.Close()
	return err
}

func (c *Client) drain(ctx context.Context) error {
	for {
		c.mu.Lock()
		c.draining = true
		idle := len(c.pending)+len(c.invocations) == 0 && (c.link == nil || len(c.link.queue) == 0 && !c.link.busy)
		if idle || c.phase != running {
			c.mu.Unlock()
			return nil
		}
		changed := c.changed.wait()
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Done is closed when the client has stopped and everything of it has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is why the client has stopped: [ErrClosed] after Close, otherwise why the connection
// was lost. Nil as long as the client lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Connection is the present connection; ok is false before the first one, and from when one
// is lost for good until the next one.
func (c *Client) Connection() (_ Connection, ok bool) {
	now := c.current()
	return now, now.ID != ""
}

func (c *Client) current() Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.Connection
}

// stopLocked makes everything fail from now on.
func (c *Client) stopLocked(cause error) {
	c.phase, c.err = stopped, cause
	c.session = session{}
	c.failLocked(cause)
	for _, w := range c.writers {
		w.failLocked(cause)
	}
	c.changed.fire()
	c.messages.end(cause)
	c.states.end(cause)
	c.streams.end(cause)
	if f := c.o.OnStopped; f != nil {
		c.post(func() { f(cause) })
	}
	c.events.end(cause)
}

// maxEvents is how many callbacks may wait.
const maxEvents = 64

// post has a callback called.
func (c *Client) post(f func()) {
	c.events.push(f, 0)
	if c.events.dropOldest(maxEvents) {
		c.log.Warn("a callback is left out: earlier ones take too long")
	}
}

// callBack calls callbacks until the last one.
func (c *Client) callBack() {
	for {
		f, err := c.events.take(context.WithoutCancel(c.life))
		if err != nil {
			return
		}
		f()
	}
}
