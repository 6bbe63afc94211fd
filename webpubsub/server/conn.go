package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/connid"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/internal/upstream"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

type (
	connState = connection.State
	effects   = []connection.Effect
)

// conn is one logical connection; its socket comes and goes.
type conn struct {
	// Fixed after accept.
	key connid.ID
	*kind
	hub     *hub // set by Server.enter
	session *upstream.Session

	// Guarded by hub.mu.
	groups   memberships
	nextByID *conn // of hub.conns
	nextUser *conn // of hub.users
	kin      *kin  // nil for most

	// turn is held while effects are performed, so that they are so one after the other, in
	// the order in which the state asked for them. Locked before hub.mu and mu.
	turn sync.Mutex

	// What every message takes is close together.
	mu      sync.Mutex
	backlog *effects // guarded by mu; to be performed by who has the turn; nil is nothing
	socket  *socket  // guarded by mu; nil while detached
	in, out counter  // guarded by mu; until the tally takes them over
	later   *later   // guarded by mu; nil for most
	story   *story.Log
	state   connState // guarded by mu, but for its User, which is fixed
}

// kind is what many connections have in common. It never changes.
type kind struct {
	server      *Server
	hubName     webpubsub.HubName
	subprotocol string // as agreed; empty for simple clients
}

// later is what few connections have to do: at a time, or at their end.
type later struct {
	timer   *time.Timer        // nil before the first
	cancel  context.CancelFunc // of the event at its handler
	closing *connection.Close  // how the socket is to be closed
	in, out Traffic            // what the counters had no room for
}

// laterLocked is for writing.
func (c *conn) laterLocked() *later {
	if c.later == nil {
		c.later = &later{}
	}
	return c.later
}

func (c *conn) id() webpubsub.ConnectionID { return c.key.Text() }
func (c *conn) user() webpubsub.UserID     { return c.state.User }

// act changes the state and performs what follows. The caller holds no lock and no turn.
func (c *conn) act(change func(*connState) effects) { c.actOn(nil, change) }

// actOn is act, during Message of a socket.
func (c *conn) actOn(from *socket, change func(*connState) effects) {
	c.turn.Lock()
	c.step(change)
	c.yield(from)
}

// catchUp performs what is in the backlog, unless someone else has the turn and will do so.
// It never waits, so that the caller may have another connection's turn.
func (c *conn) catchUp() {
	if c.turn.TryLock() {
		c.yield(nil)
	}
}

// yield performs the backlog and gives up the turn. It looks again after that: who left
// something meanwhile may have found the turn taken. From is as of actOn.
func (c *conn) yield(from *socket) {
	for {
		for list := c.takeBacklog(); len(list) > 0; list = c.takeBacklog() {
			for _, e := range list {
				c.perform(from, e)
			}
		}
		c.turn.Unlock()
		if !c.behind() || !c.turn.TryLock() {
			return
		}
	}
}

func (c *conn) takeBacklog() effects {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.backlog == nil {
		return nil
	}
	list := *c.backlog
	c.backlog = nil
	return list
}

func (c *conn) behind() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.backlog != nil
}

// oweLocked adds to the backlog.
func (c *conn) oweLocked(list effects) {
	switch {
	case len(list) == 0:
	case c.backlog == nil:
		first := slices.Clip(list) // which may be others', too
		c.backlog = &first
	default:
		*c.backlog = append(*c.backlog, list...)
	}
}

// step changes the state; the effects go to the backlog. Frames that come first are queued
// at once, so that messages leave in the order of their sequence ids.
func (c *conn) step(change func(*connState) effects) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := change(&c.state)
	var full effects
	for len(list) > 0 && c.backlog == nil && c.atOnceLocked(list[0], &full) {
		list = list[1:]
	}
	c.oweLocked(list)
	c.oweLocked(full)
}

// atOnceLocked performs an effect that need not wait for its turn; false when it has to.
func (c *conn) atOnceLocked(e connection.Effect, full *effects) bool {
	switch e := e.(type) {
	case connection.Send:
		*full = append(*full, c.sendLocked(e.Frame)...)
	case connection.Refusal:
		c.noteRefusal(e)
	default:
		return false
	}
	return true
}

// sendLocked queues a frame on the socket, if there is one. It returns the effects of the
// connection's end when the queue is full.
func (c *conn) sendLocked(f connection.Frame) effects {
	if c.socket == nil || c.push(f) {
		return nil
	}
	return c.state.QueueFull()
}

// deliver sends a message. When it reports that the connection is behind, the caller has to
// catchUp without locks.
func (c *conn) deliver(m *wire.Shared) (behind bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deliverLocked(m)
	return c.backlog != nil
}

func (c *conn) deliverLocked(m *wire.Shared) {
	var now time.Time // the clock is only looked at when something may expire
	if m.Message.TTL > 0 || c.state.Detached() {
		now = time.Now()
	}
	f, send, rest := c.state.Deliver(now, m)
	if send {
		rest = c.sendLocked(f)
	}
	c.oweLocked(rest)
}

// close ends the connection at the application's wish.
func (c *conn) close(reason string) {
	c.act(func(s *connState) effects {
		list := s.Close(reason)
		if list != nil {
			c.story.Add(story.Closing(connection.CloseNormal, reason, ""))
		}
		return list
	})
}

// perform carries out one effect. The caller has the turn, and no lock.
func (c *conn) perform(from *socket, e connection.Effect) {
	switch e.(type) {
	case connection.Publish, connection.Send, connection.Timer, connection.Close:
	default: // others may notice
		c.settle()
	}
	switch e := e.(type) {
	case connection.Send:
		c.send(e.Frame)
	case connection.Join:
		c.hub.join(c, e.Group)
		c.noteMembership(story.KindJoined, story.ByClient, e.Group)
	case connection.Leave:
		c.hub.leave(c, e.Group)
		c.noteMembership(story.KindLeft, story.ByClient, e.Group)
	case connection.Publish:
		c.publish(from, e)
	case connection.Raise:
		c.raise(e)
	case connection.CancelRaise:
		c.cancelRaise()
	case connection.SetState:
		c.hub.setState(c, e)
	case connection.Watch:
		c.hub.watch(c, e.Group)
	case connection.Unwatch:
		c.hub.unwatch(c, e.Group)
	case connection.Timer:
		c.setTimer(e.At)
	case connection.Refusal:
		c.noteRefusal(e)
	case connection.Close: // at the End
		c.noteClosing(e)
		c.setClosing(e)
	case connection.Detach: // the socket is gone already; a Timer ends the wait
	case connection.End:
		c.end(e)
	}
}

func (c *conn) send(f connection.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.oweLocked(c.sendLocked(f))
}

func (c *conn) setClosing(e connection.Close) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.laterLocked().closing = &e
}

func (c *conn) publish(from *socket, e connection.Publish) {
	if c.putsOff(from, e) {
		return
	}
	c.settle()
	x := exclusion{}
	if e.NoEcho {
		x.conn = c
	}
	c.notePublished(e.Message.Group, e.NoEcho, c.hub.publish(wire.Share(e.Message), x))
}

// raise has an event handled; frames that come meanwhile wait in the state.
func (c *conn) raise(e connection.Raise) {
	if !c.server.begin() {
		c.step(func(s *connState) effects { return s.EventDone(time.Now(), connection.Outcome{Failed: true}) })
		return
	}
	source := c.source(e.EventID)
	ctx, cancel := context.WithTimeout(c.server.life, webpubsub.HandlerTimeout)
	c.mu.Lock()
	c.laterLocked().cancel = cancel
	c.mu.Unlock()
	c.server.events.Go(func() {
		defer c.server.work.Done()
		defer cancel()
		answer, err := c.server.events.UserEvent(ctx, source, e.Event, e.Data, e.Metadata)
		if err != nil {
			c.noteEventFailed(string(e.Event), err)
			c.server.log.Debug("user event failed", "hub", c.hubName, "conn", c.id(), "event", e.Event, "err", err)
			c.eventDone(connection.Outcome{Failed: true})
			return
		}
		c.eventDone(connection.Outcome{Data: answer.Data, Metadata: answer.Metadata, State: answer.State})
	})
}

func (c *conn) cancelRaise() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.later != nil && c.later.cancel != nil {
		c.later.cancel()
	}
}

// eventDone tells the state how an event ended, and lets the frames behind it have their
// turn.
func (c *conn) eventDone(o connection.Outcome) {
	var sock *socket
	c.act(func(s *connState) effects {
		list := s.EventDone(time.Now(), o)
		if !s.Busy() {
			sock = c.socket
		}
		return list
	})
	if sock != nil {
		sock.Resume()
	}
}

// source describes the connection to its handlers.
func (c *conn) source(eventID uint64) upstream.Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	return upstream.Source{
		Hub: c.hubName, Story: c.story, ConnectionID: c.id(), UserID: c.user(), Subprotocol: c.subprotocol,
		State: c.state.ConnectionState, EventID: eventID, Session: c.session,
	}
}

func (c *conn) setTimer(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.laterLocked()
	if l.timer != nil {
		l.timer.Stop()
	}
	if c.state.Ended() {
		return
	}
	l.timer = time.AfterFunc(time.Until(at), func() { c.act(c.tick) })
}

func (c *conn) tick(s *connState) effects {
	list := s.Tick(time.Now())
	if len(list) > 0 && s.Ended() {
		c.noteWindowOver()
	}
	return list
}

// end removes the connection, closes its socket and tells the handlers. Who sees the socket
// closed finds the connection gone.
func (c *conn) end(e connection.End) {
	c.server.leave(c)
	c.endSocket()
	c.server.events.Disconnected(c.source(c.nextEventID()), e.Reason)
	c.server.log.Debug("connection ended", "hub", c.hubName, "conn", c.id(), "user", c.user(), "reason", e.Reason)
}

func (c *conn) endSocket() {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.later
	if l != nil && l.timer != nil {
		l.timer.Stop()
	}
	switch {
	case c.socket == nil:
	case l != nil && l.closing != nil:
		c.socket.Finish(l.closing.Code, l.closing.Reason)
	default:
		c.socket.Abort()
	}
	c.socket = nil
}

// resume takes a reliable connection over to a new socket; false when it is gone.
func (c *conn) resume(sock *socket, token string) (alive bool) {
	c.act(func(s *connState) effects {
		if alive = !s.Ended(); !alive {
			return nil
		}
		if c.socket != nil {
			c.socket.Abort()
		}
		c.socket = sock
		c.story.Add(story.Facts{Kind: story.KindRecovered})
		return s.Resume(time.Now(), c.id(), token)
	})
	c.settle() // what came by the earlier socket, before anything comes by this one
	return alive
}
