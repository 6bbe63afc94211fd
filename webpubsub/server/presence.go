package server

import "github.com/easelhq/easel/webpubsub"

// presence tells the handlers that want to know that a connection has joined or left a
// group. The caller holds the hub's lock, so that comings and goings are told in their
// order.
//
// Source: event handlers, group presence.
func (c *conn) presence(g webpubsub.GroupName, joined bool) {
	s := c.server
	if !s.events.WantsPresence(c.hubName, g) {
		return
	}
	id := c.nextEventID()
	if joined {
		s.events.GroupJoined(c.source(id), g)
	} else {
		s.events.GroupLeft(c.source(id), g)
	}
}

// nextEventID takes the id of an event that the state does not raise.
func (c *conn) nextEventID() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.NextEventID()
}
