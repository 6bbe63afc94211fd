package engine

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
)

const (
	// CloseGrace is how long a closing connection may take to get rid of its queue and to hear
	// the peer's close frame.
	CloseGrace = 5 * time.Second
	// MissedPings is how many keep-alive intervals may pass without a sign of life.
	MissedPings = 2
	// lingerTime and lingerBytes bound what is read from a peer after it broke the protocol,
	// so that it can still receive why.
	lingerTime  = 2 * time.Second
	lingerBytes = 4 << 20
)

// Handler is what a connection is for. Its methods are called without locks; Message, Broken
// and Closed one after the other. On an event loop they must not wait for anything.
type Handler interface {
	// Message takes a message; its payload is the handler's own. When it reports that the
	// handler is busy, nothing more is read until [Conn.Resume].
	Message(c *Conn, text bool, payload []byte) (busy bool)
	// Busy reports whether nothing should be read for now. It may be called at any time.
	Busy(c *Conn) bool
	// Broken is told that the peer does not follow the protocol or its limits, by the close
	// code for that, which the handler is to [Conn.Finish] with. No message comes after it.
	Broken(c *Conn, code int)
	// Sent counts messages that have been handed to the system.
	Sent(c *Conn, messages int)
	// Closed is told once, last, when the socket is closed: the code and reason of the peer's
	// close frame, 1005 for one without code, or 1006 when there was none.
	Closed(c *Conn, code int, reason string)
}

// Limits bound what waits for a connection: one message more, and [Conn.Push] refuses it.
type Limits struct{ Messages, Bytes int }

// Options are what a connection starts with.
type Options struct {
	Handler Handler
	Limits  *Limits // shared by many
	// MaxMessage is how many bytes a message from the peer may have.
	MaxMessage int
	// KeepAlive is the interval of pings.
	KeepAlive time.Duration
	// Deflate is how the peers agreed to compress; nil is not at all.
	Deflate *websocket.Deflate
}

// Conn is one WebSocket, of a server. All its methods are safe for concurrent use and don't
// wait. It is made by [Upgrade] of a [Socket].
type Conn struct {
	// Fixed by Start.
	*terms
	handler Handler
	io      transport

	parser websocket.Parser // owned by the reader

	unheard atomic.Int64 // since when an answer to a ping is missing, engine time; 0 when none is

	mu     sync.Mutex
	queue  queue   // guarded by mu
	ending *ending // guarded by mu; nil while the connection is open
	flags  flags   // guarded by mu
	window uint8   // fixed; of compression, in bits; 0 is none
	over   bool    // owned by the reader; the parser ignores what comes
}

// terms are what many connections have in common.
type terms struct {
	engine   *Engine
	limits   *Limits
	interval time.Duration
}

// ending is how a connection ends.
type ending struct {
	deadline int64 // of finishing, engine time; 0 is none
	fate     *fate // nil is lost
}

// fate is how the peer closed.
type fate struct {
	code   int
	reason string
}

// endingLocked is for writing.
func (c *Conn) endingLocked() *ending {
	if c.ending == nil {
		c.ending = &ending{}
	}
	return c.ending
}

// deadlineLocked is when finishing has to be over; 0 is never.
func (c *Conn) deadlineLocked() int64 {
	if c.ending == nil {
		return 0
	}
	return c.ending.deadline
}

// flags are the states of a connection that is not simply open.
type flags uint16

const (
	started   flags = 1 << iota // may be written
	dirty                       // the writer has been told that there is something
	blocked                     // on a loop: nothing can be written until the socket says so
	pinging                     // a ping is queued
	ponging                     // a pong is queued
	paused                      // not reading, for the handler is busy
	finishing                   // nothing can be pushed any more; a close frame is last
	answered                    // the peer's close frame has come
	broken                      // the peer broke the protocol
	lingering                   // all is sent; the peer's end is awaited
	aborted                     // to be closed at once
	closed                      // Closed has been, or is being told
	arming                      // on a loop: the timer is to be set
)

// Outbox is what handlers have put off.
type Outbox interface {
	// Settle makes good for it. It is called on the loop, with no locks held, when all that
	// has come in is handled, and before anything is written.
	Settle()
}

// transport is how a connection's bytes travel: by a loop or by goroutines.
type transport interface {
	// wake says that there is something to write, or an abort. The caller holds c.mu.
	wake(c *Conn)
	// abort is a wake that cannot wait for what is being written. The caller holds c.mu.
	abort(c *Conn)
	// spare is memory for a queue. The caller holds c.mu.
	spare() []frame
	// expire has tick called in d. The caller holds c.mu.
	expire(c *Conn, d time.Duration)
	// start and resume are called without locks.
	start(c *Conn)
	resume(c *Conn)
	// outbox is called during Message.
	outbox(make func() Outbox) Outbox
}

// open makes c a connection with a transport.
func (c *Conn) open(e *Engine, io transport, head []byte, o Options) *Conn {
	c.terms, c.io, c.handler = e.termsOf(o), io, o.Handler
	c.parser.Limit = o.MaxMessage
	c.agree(o.Deflate)
	if len(head) > 0 {
		c.queue.frames = io.spare()
		c.queue.add(frame{head, raw})
	}
	return c
}

// Push queues a message. It reports false when the bounds don't let it in; nothing is queued
// then. Payloads are shared and must not be changed. After Finish or Abort, what is pushed is
// dropped.
func (c *Conn) Push(kind websocket.Kind, payload []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flags&(finishing|aborted) != 0 {
		return true
	}
	if int(c.queue.messages) >= c.limits.Messages || c.queue.bytes+len(payload) > c.limits.Bytes {
		return false
	}
	c.addLocked(frame{payload, kind})
	return true
}

func (c *Conn) addLocked(f frame) {
	if c.queue.frames == nil {
		c.queue.frames = c.io.spare()
	} else if len(c.queue.frames) == cap(c.queue.frames) {
		c.queue.pack()
	}
	c.queue.add(f)
	c.wakeLocked()
}

func (c *Conn) wakeLocked() {
	if c.flags&(started|dirty|blocked) == started {
		c.flags |= dirty
		c.io.wake(c)
	}
}

// Start begins to read and write; what has been pushed before leaves with the first write.
func (c *Conn) Start() {
	busy := c.handler.Busy(c)
	c.mu.Lock()
	c.flags |= started
	if busy {
		c.flags |= paused
	}
	c.mu.Unlock()
	if busy {
		c.pause() // unless it is no longer
	}
	c.io.start(c)
}

// Finish closes the connection after what is queued, within [CloseGrace].
func (c *Conn) Finish(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flags&(finishing|aborted) == 0 {
		c.finishLocked(websocket.AppendClose(nil, code, reason))
	}
}

func (c *Conn) finishLocked(closeFrame []byte) {
	c.addLocked(frame{closeFrame, raw})
	c.flags |= finishing
	c.expireLocked(CloseGrace)
}

// expireLocked aborts a finishing connection in d.
func (c *Conn) expireLocked(d time.Duration) {
	c.endingLocked().deadline = c.engine.now() + int64(d)
	if c.flags&started != 0 {
		c.io.expire(c, d)
	}
}

// Abort closes the connection at once.
func (c *Conn) Abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abortLocked()
}

func (c *Conn) abortLocked() {
	c.flags = c.flags&^blocked | aborted
	if c.flags&started != 0 {
		c.io.abort(c)
	}
	c.wakeLocked()
}

// Resume goes on reading when the handler is no longer busy.
func (c *Conn) Resume() {
	if c.unpause() {
		c.io.resume(c)
	}
}

func (c *Conn) unpause() (was bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was = c.flags&paused != 0
	c.flags &^= paused
	return was
}

// pause stops reading, unless the handler is no longer busy meanwhile.
func (c *Conn) pause() bool {
	c.mu.Lock()
	c.flags |= paused
	c.mu.Unlock()
	return c.handler.Busy(c) || !c.unpause()
}

// Outbox returns what handlers of c's loop put off, made by make the first time, and has it
// settled this turn. It is nil where there are no turns. Only during Message.
func (c *Conn) Outbox(make func() Outbox) Outbox { return c.io.outbox(make) }

// input takes what the peer sent, and changes it. When it stops, for the handler is busy,
// the rest has to come again after a resume.
func (c *Conn) input(b []byte) (rest []byte, stopped bool) {
	for len(b) > 0 {
		n, e := c.parser.Next(b)
		b = b[n:]
		switch e.Kind {
		case websocket.Text, websocket.Binary:
			c.heard()
			if c.handler.Message(c, e.Kind == websocket.Text, bytes.Clone(e.Payload)) && c.pause() {
				return b, true
			}
		case websocket.Ping:
			c.heard()
			c.answerPing(e.Payload)
		case websocket.Pong:
			c.heard()
		case websocket.Close:
			c.peerClosed(e.Code, string(e.Payload))
		case websocket.Broken:
			c.over = true
			c.mu.Lock()
			c.flags |= broken
			c.mu.Unlock()
			c.engine.broken.Add(1)
			c.handler.Broken(c, e.Code)
		}
	}
	return nil, false
}

// heard is told of any sign of life.
func (c *Conn) heard() {
	if c.unheard.Load() != 0 {
		c.unheard.Store(0)
	}
}

// answerPing answers the latest ping.
func (c *Conn) answerPing(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := frame{bytes.Clone(payload), websocket.Pong}
	if c.flags&(finishing|aborted) != 0 || c.flags&ponging != 0 && c.queue.replace(f) {
		return
	}
	c.flags |= ponging
	c.addLocked(f)
}

// peerClosed answers a close frame, unless it is itself the answer to one.
func (c *Conn) peerClosed(code int, reason string) {
	c.over = true
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endingLocked().fate = &fate{code, reason}
	c.flags |= answered
	switch {
	case c.flags&(finishing|aborted) == 0:
		c.queue.drop()
		c.finishLocked(websocket.AppendClose(nil, code, ""))
	case c.flags&lingering != 0:
		c.abortLocked()
	}
}

// wroteLocked is told that n bytes have been written. It returns how many messages ended in them.
// The caller holds c.mu.
func (c *Conn) wroteLocked(n int) (messages int) {
	messages, pinged := c.queue.advance(n)
	if c.flags&pinging != 0 { // while a ping waits for its turn, progress is a sign of life
		c.unheard.Store(c.engine.now())
	}
	if pinged {
		c.flags &^= pinging
	}
	if c.queue.empty() {
		c.flags &^= ponging
	}
	return messages
}

// next is what to do when all is written.
type next uint8

const (
	nothing   next = iota
	closeNow       // close the socket
	halfClose      // let the peer know that nothing comes any more, and wait for its end
)

// drainedLocked says what follows when the queue is empty. The caller holds c.mu.
func (c *Conn) drainedLocked() next {
	switch {
	case c.flags&aborted != 0 || c.flags&(finishing|answered) == finishing|answered:
		return closeNow
	case c.flags&(finishing|lingering) != finishing:
		return nothing
	}
	c.flags |= lingering
	if c.flags&broken != 0 {
		return halfClose
	}
	return nothing
}

// tick is called when the timer goes off: it keeps the connection alive. It returns when it
// is to be called again; 0 is never, for the connection is aborted.
func (c *Conn) tick() (again time.Duration) {
	busy := c.handler.Busy(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.engine.now()
	switch since := c.unheard.Load(); {
	case c.deadlineLocked() != 0:
		if again = time.Duration(c.ending.deadline - now); again <= 0 {
			c.abortLocked()
			return 0
		}
		return again
	case c.flags&aborted != 0:
		return 0
	case busy: // not reading, so no pong could be seen
		c.heard()
	case since == 0:
		c.unheard.Store(now)
		c.flags |= pinging
		c.addLocked(frame{nil, websocket.Ping})
	case now-since >= int64(MissedPings*c.interval):
		c.engine.silent.Add(1)
		c.abortLocked()
		return 0
	}
	return c.interval
}

// tell tells the handler of the end. The socket is closed.
func (c *Conn) tell() {
	c.mu.Lock()
	again := c.flags&closed != 0
	c.flags |= closed | aborted
	c.queue = queue{}
	var f *fate
	if c.ending != nil {
		f = c.ending.fate
	}
	c.mu.Unlock()
	switch {
	case again:
	case f == nil:
		c.handler.Closed(c, websocket.CodeLost, "")
	default:
		c.handler.Closed(c, f.code, f.reason)
	}
}
