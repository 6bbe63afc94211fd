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
	server      *Server
	hub         *hub // set by Server.enter
	hubName     webpubsub.HubName
	id          webpubsub.ConnectionID
	user        webpubsub.UserID
	subprotocol string // as agreed; empty for simple clients
	story       *story.Log

	groups map[webpubsub.GroupName]struct{} // guarded by hub.mu

	// turn is held while a request takes its effect, so that requests do so one after the
	// other, whether they come from the reader or from behind an event. Locked before hub.mu
	// and mu.
	turn sync.Mutex

	mu     sync.Mutex
	state  *connState  // guarded by mu
	socket *socket     // guarded by mu; nil while detached
	expiry *time.Timer // guarded by mu; runs while detached
	free   chan struct{}
}

// ending is what remains to be done for a connection whose time has come.
type ending struct {
	conn    *conn
	effects effects
}

func finish(endings []ending) {
	for _, e := range endings {
		e.conn.perform(e.effects)
	}
}

// step changes the state and returns the effects that remain. Frames that come first are
// queued under the lock, so that messages leave in the order of their sequence ids.
func (c *conn) step(change func(*connState) effects) effects {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queueLocked(change(c.state))
}

func (c *conn) queueLocked(e effects) effects {
	for i, effect := range e {
		send, ok := effect.(connection.Send)
		if !ok {
			return e[i:]
		}
		if c.socket == nil || c.socket.push(send.Frame) || c.state.Ended() {
			continue
		}
		return c.state.QueueFull()
	}
	return nil
}

// deliver sends a message; what it returns is to be performed without locks.
func (c *conn) deliver(m *wire.Shared) effects {
	c.mu.Lock()
	defer c.mu.Unlock()
	var now time.Time
	if m.Message.TTL > 0 {
		now = time.Now()
	}
	return c.queueLocked(c.state.Deliver(now, m))
}

// close ends the connection at the application's wish.
func (c *conn) close(reason string) {
	list := c.step(func(s *connState) effects { return s.Close(reason) })
	if list != nil {
		c.story.Add(story.Closing(connection.CloseNormal, reason, ""))
	}
	c.perform(list)
}

// perform carries out effects in order. The caller holds no lock.
func (c *conn) perform(list effects) {
	for i, e := range list {
		switch e := e.(type) {
		case connection.Send:
			c.perform(c.step(func(*connState) effects { return list[i : i+1] }))
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
		case connection.Close:
			c.closeSocket(e)
		case connection.Detach:
			c.detach()
		case connection.End:
			c.end(e)
		}
	}
}

func (c *conn) publish(e connection.Publish) {
	x := exclusion{}
	if e.NoEcho {
		x.conn = c
	}
	c.notePublished(e, c.hub.publish(wire.Share(e.Message), x))
}

// raise has an event handled; frames that come meanwhile wait in the state. The caller holds
// turn.
func (c *conn) raise(e connection.Raise) {
	if !c.server.begin() {
		c.settle(connection.Outcome{Failed: true})
		return
	}
	source := c.source(e.EventID)
	go func() {
		defer c.server.work.Done()
		ctx, cancel := context.WithTimeout(c.server.life, webpubsub.HandlerTimeout)
		defer cancel()
		answer, err := c.server.events.UserEvent(ctx, source, e.Event, e.Data, nil)
		if err != nil {
			c.noteEventFailed(string(e.Event), err)
			c.server.log.Debug("user event failed", "hub", c.hubName, "conn", c.id, "event", e.Event, "err", err)
			c.eventDone(connection.Outcome{Failed: true})
			return
		}
		c.eventDone(connection.Outcome{Data: answer.Data, State: answer.State})
	}()
}

func (c *conn) eventDone(o connection.Outcome) {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.settle(o)
}

// settle tells the state how an event ended, and lets the frames behind it have their turn.
// The caller holds turn.
func (c *conn) settle(o connection.Outcome) {
	c.perform(c.step(func(s *connState) effects { return s.EventDone(time.Now(), o) }))
	select {
	case c.free <- struct{}{}:
	default:
	}
}

// source describes the connection to its handlers.
func (c *conn) source(eventID uint64) upstream.Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	return upstream.Source{Hub: c.hubName, Story: c.story, ConnectionID: c.id, UserID: c.user, Subprotocol: c.subprotocol, State: c.state.ConnectionState, EventID: eventID}
}

func (c *conn) closeSocket(e connection.Close) {
	c.noteClosing(e)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.socket != nil {
		c.socket.finish(e)
		c.socket = nil
	}
}

// detach starts the recovery window.
func (c *conn) detach() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.state.Detached() { // recovered in between
		return
	}
	if c.expiry != nil {
		c.expiry.Stop()
	}
	c.expiry = time.AfterFunc(c.server.window, func() {
		list := c.step((*connState).Expire)
		if list != nil {
			c.story.Add(story.Facts{Kind: story.KindEnded, Cause: story.WindowOver, By: story.ByService})
		}
		c.perform(list)
	})
}

// end removes the connection and tells the handlers.
func (c *conn) end(e connection.End) {
	c.mu.Lock()
	if c.expiry != nil {
		c.expiry.Stop()
	}
	if c.socket != nil {
		c.socket.abort()
		c.socket = nil
	}
	c.mu.Unlock()
	c.server.leave(c)
	c.server.events.Disconnected(c.source(e.EventID), e.Reason)
	c.server.log.Debug("connection ended", "hub", c.hubName, "conn", c.id, "user", c.user, "reason", e.Reason)
}

// serve reads a socket until it is gone.
func (c *conn) serve(sock *socket) {
	for {
		f, err := sock.read()
		if err != nil {
			c.socketGone(sock, err)
			return
		}
		c.noteReceived(f)
		c.receive(sock, f)
		if !c.waitUntilFree(sock) {
			c.socketGone(sock, context.Canceled)
			return
		}
	}
}

// receive takes a frame, unless another socket took over.
func (c *conn) receive(sock *socket, f connection.Frame) {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.perform(c.step(func(s *connState) effects {
		if c.socket != sock {
			return nil
		}
		return s.Receive(f)
	}))
}

// socketGone tells the state how the reading ended, unless another socket took over.
func (c *conn) socketGone(sock *socket, err error) {
	c.mu.Lock()
	if c.socket != sock {
		c.mu.Unlock()
		return
	}
	var list effects
	if isTooLarge(err) {
		list = c.state.TooLarge()
	} else {
		code, reason := closeStatus(err)
		c.noteSocketGone(code, reason)
		list = c.state.Dropped(code, reason)
		c.socket = nil
		sock.abort()
	}
	c.mu.Unlock()
	c.perform(list)
}

// waitUntilFree holds up reading while too many frames wait for an event's answer; false
// when the socket is gone.
func (c *conn) waitUntilFree(sock *socket) bool {
	for c.busy() {
		select {
		case <-c.free:
		case <-sock.gone():
			return false
		}
	}
	return true
}

func (c *conn) busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Busy()
}

// resume takes a reliable connection over to a new socket; false when it is gone.
func (c *conn) resume(sock *socket, token string) bool {
	c.mu.Lock()
	if c.state.Ended() {
		c.mu.Unlock()
		return false
	}
	if c.expiry != nil {
		c.expiry.Stop()
	}
	if c.socket != nil {
		c.socket.abort()
	}
	c.socket, sock.story = sock, c.story
	c.story.Add(story.Facts{Kind: story.KindRecovered})
	rest := c.queueLocked(c.state.Resume(time.Now(), token))
	c.mu.Unlock()
	c.perform(rest)
	return true
}
