package server

import (
	"context"
	"sync"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
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
	hub         *hub // set by Server.enter
	hubName     webpubsub.HubName
	subprotocol string // as agreed; empty for simple clients
	session     *upstream.Session

	// Guarded by hub.mu.
	groups         memberships
	next, previous *conn        // of the user's connections
	states         *groupStates // nil for most

	// turn is held while effects are performed, so that they are so one after the other, in
	// the order in which the state asked for them. Locked before hub.mu and mu.
	turn    sync.Mutex
	closing *connection.Close // guarded by turn; how the socket is to be closed

	timer  *time.Timer        // guarded by mu; nil before the first
	cancel context.CancelFunc // guarded by mu; of the event at its handler

	// What every message takes is close together.
	mu      sync.Mutex
	backlog effects // guarded by mu; to be performed by who has the turn
	socket  *socket // guarded by mu; nil while detached
	in, out Traffic // guarded by mu; until the tally takes them over
	server  *Server
	story   *story.Log
	state   *connState // is own
	own     connState  // guarded by mu, but for its ID and User, which are fixed
}

func (c *conn) id() webpubsub.ConnectionID { return c.own.ID }
func (c *conn) user() webpubsub.UserID     { return c.own.User }

// act changes the state and performs what follows. The caller holds no lock and no turn.
func (c *conn) act(change func(*connState) effects) {
	c.turn.Lock()
	c.step(change)
	c.yield()
}

// catchUp performs what is in the backlog, unless someone else has the turn and will do so.
// It never waits, so that the caller may have another connection's turn.
func (c *conn) catchUp() {
	if c.turn.TryLock() {
		c.yield()
	}
}

// yield performs the backlog and gives up the turn. It looks again after that: who left
// something meanwhile may have found the turn taken.
func (c *conn) yield() {
	for {
		for list := c.takeBacklog(); len(list) > 0; list = c.takeBacklog() {
			for _, e := range list {
				c.perform(e)
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
	list := c.backlog
	c.backlog = nil
	return list
}

func (c *conn) behind() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.backlog) > 0
}

// step changes the state; the effects go to the backlog. Frames that come first are queued
// at once, so that messages leave in the order of their sequence ids.
func (c *conn) step(change func(*connState) effects) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := change(c.state)
	var full effects
	for len(list) > 0 && len(c.backlog) == 0 {
		send, ok := list[0].(connection.Send)
		if !ok {
			break
		}
		full = append(full, c.sendLocked(send.Frame)...)
		list = list[1:]
	}
	c.backlog = append(append(c.backlog, list...), full...)
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
	var now time.Time // the clock is only looked at when something may expire
	if m.Message.TTL > 0 || c.state.Detached() {
		now = time.Now()
	}
	f, send, rest := c.state.Deliver(now, m)
	if send {
		rest = c.sendLocked(f)
	}
	c.backlog = append(c.backlog, rest...)
	return len(c.backlog) > 0
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
func (c *conn) perform(e connection.Effect) {
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
		c.publish(e)
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
	case connection.Close: // at the End
		c.noteClosing(e)
		c.closing = &e
	case connection.Detach: // the socket is gone already; a Timer ends the wait
	case connection.End:
		c.end(e)
	}
}

func (c *conn) send(f connection.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backlog = append(c.backlog, c.sendLocked(f)...)
}

func (c *conn) publish(e connection.Publish) {
	x := exclusion{}
	if e.NoEcho {
		x.conn = c
	}
	c.notePublished(e, c.hub.publish(wire.Share(e.Message), x))
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
	c.cancel = cancel
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
	if c.cancel != nil {
		c.cancel()
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
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.state.Ended() {
		return
	}
	c.timer = time.AfterFunc(time.Until(at), func() { c.act(c.tick) })
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
	if c.timer != nil {
		c.timer.Stop()
	}
	switch {
	case c.socket == nil:
	case c.closing != nil:
		c.socket.Finish(c.closing.Code, c.closing.Reason)
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
		return s.Resume(time.Now(), token)
	})
	return alive
}
