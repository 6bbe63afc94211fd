package client

import (
	"context"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// Receive returns the next message, of a group or from the server, in the order of the
// service. Several goroutines may receive; each message goes to one of them.
//
// The client reads ahead no further than [Options] say; then the connection waits for the
// app. After the client has stopped, Receive first returns what was received before.
//
// Errors: ctx.Err(), and that of [Client.Err].
func (c *Client) Receive(ctx context.Context) (webpubsub.Message, error) {
	return c.messages.take(ctx)
}

// receive acts on a frame of the service. It is called by run alone, in the order of frames.
func (c *Client) receive(l *link, r wire.Response) {
	switch r.Type {
	case wire.Connected:
		c.renew(l, r)
	case wire.Disconnected:
		c.mu.Lock()
		c.session.reason = r.Reason
		c.mu.Unlock()
	case wire.Ack:
		c.acknowledged(r)
	case wire.InvokeResponse:
		c.invoked(r)
	case wire.Message, wire.GroupStateSnapshot, wire.GroupStateUpdate:
		if c.isNew(l, r.SequenceID) {
			c.deliver(r)
		}
	case wire.StreamAck, wire.StreamNack, wire.StreamClosed:
		c.streamAnswered(l, r)
	case wire.Unknown:
		c.log.Debug("message of an unknown kind", "conn", c.current().ID)
	}
}

// renew takes a further greeting on a connection, with a fresh token.
func (c *Client) renew(l *link, r wire.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.session.renewed(r.ConnectionID, r.ReconnectionToken) {
		c.session.token = "" // there is no telling whose messages these are
		l.sock.abort(webpubsub.Errorf(webpubsub.Unavailable, "the service continued connection %s as %s", c.session.ID, r.ConnectionID))
	}
}

// isNew reports whether a message has not come before.
func (c *Client) isNew(l *link, sequenceID uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	received := &c.session.received
	isNew := received.accept(sequenceID)
	if received.urgent() && !l.ack {
		l.ack = true
		l.signal()
	}
	return isNew
}

func (c *Client) deliver(r wire.Response) {
	switch m := r.Message; {
	case c.o.NoReceive:
	case r.Type != wire.Message:
		s, bytes := groupState(r)
		c.states.push(s, bytes)
	case m.Stream != nil && c.o.AcceptStreams:
		c.acceptPart(m)
	default:
		c.messages.push(m, size(m))
	}
}

// size is about how much memory a message takes beside itself, in bytes.
func size(m webpubsub.Message) int {
	n := len(m.Data.Bytes) + len(m.Group) + len(m.FromUserID)
	for k, v := range m.Metadata {
		n += len(k) + len(v)
	}
	return n
}
