package client

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// Text is a text message.
func Text(s string) webpubsub.Data {
	return webpubsub.Data{Type: webpubsub.Text, Bytes: []byte(s)}
}

// JSON is a message of JSON text, delivered as it is written here.
func JSON(text []byte) webpubsub.Data { return webpubsub.Data{Type: webpubsub.JSON, Bytes: text} }

// Binary is a message of bytes.
func Binary(b []byte) webpubsub.Data { return webpubsub.Data{Type: webpubsub.Binary, Bytes: b} }

// JoinGroup joins g on this connection and on those that follow it, until LeaveGroup.
// Joining twice does no harm.
//
//   - Errors: Forbidden without the role webpubsub.joinLeaveGroup for g; BadRequest;
//     Internal, Unavailable after the retries; ctx.Err().
//   - Source: JSON subprotocol, joinGroup.
func (c *Client) JoinGroup(ctx context.Context, g webpubsub.GroupName) error {
	return c.stand(ctx, "join group", wire.Request{Type: wire.JoinGroup, Group: g})
}

// LeaveGroup leaves g. Leaving a group one is not in does no harm. Errors as in JoinGroup.
// Source: JSON subprotocol, leaveGroup.
func (c *Client) LeaveGroup(ctx context.Context, g webpubsub.GroupName) error {
	c.forgetStanding(wire.JoinGroup, g)
	return wrap("leave group", g, c.call(ctx, wire.Request{Type: wire.LeaveGroup, Group: g}, nil))
}

// wrap says what failed, and with what name.
func wrap[S ~string](op string, name S, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %q: %w", op, string(name), err)
}

// SendOptions refine [Client.SendToGroup]; nil is none.
type SendOptions struct {
	// NoEcho keeps the message from the sender itself, when it is in the group.
	NoEcho bool
	// FireAndForget returns when the message is queued, without an acknowledgement. It may
	// be lost; it is not sent again; a refusal goes unnoticed.
	FireAndForget bool
	// TTL bounds how long the message waits for a receiver that lost its socket: whole
	// seconds, at most [webpubsub.MaxTTL]; 0 is no limit.
	TTL time.Duration
	// Metadata goes with the message.
	Metadata webpubsub.Metadata
	// AckID is for callers that repeat a call themselves: on one connection the service
	// takes each id once, of the last 1000. At least [MinAckID]; 0 has the client choose.
	AckID uint64
}

// SendToGroup publishes d to every connection in g. The sender need not be a member.
//
//   - Limits: [webpubsub.MaxMessageBytes] with the envelope; a third is added to binary data
//     in the JSON subprotocols.
//   - Errors: Forbidden without the role webpubsub.sendToGroup for g; BadRequest, TooLarge;
//     Internal, Unavailable after the retries; ctx.Err(), after which the message may still
//     have been published.
//   - Order: messages of calls that follow one another arrive in that order.
//   - Source: JSON subprotocol, sendToGroup.
func (c *Client) SendToGroup(ctx context.Context, g webpubsub.GroupName, d webpubsub.Data, o *SendOptions) error {
	if o == nil {
		o = &SendOptions{}
	}
	const op = "send to group"
	if o.TTL < 0 || o.TTL%time.Second != 0 || o.TTL > webpubsub.MaxTTL {
		return wrap(op, g, webpubsub.Errorf(webpubsub.BadRequest, "the TTL is %v; it takes whole seconds, at most %v", o.TTL, webpubsub.MaxTTL))
	}
	r := wire.Request{Type: wire.SendToGroup, Group: g, NoEcho: o.NoEcho, Data: &d, TTL: o.TTL, Metadata: c.metadata(o.Metadata)}
	return wrap(op, g, c.send(ctx, r, o.AckID, o.FireAndForget))
}

// EventOptions refine [Client.SendEvent]; nil is none. The fields are those of
// [SendOptions].
type EventOptions struct {
	FireAndForget bool
	Metadata      webpubsub.Metadata
	AckID         uint64
}

// SendEvent raises a user event at the hub's event handler. What the handler answers comes
// from [Client.Receive], as a message without group, before SendEvent returns.
//
//   - Errors: Internal when no handler took the event; otherwise as in [Client.SendToGroup].
//   - Source: JSON subprotocol, event.
func (c *Client) SendEvent(ctx context.Context, name webpubsub.EventName, d webpubsub.Data, o *EventOptions) error {
	if o == nil {
		o = &EventOptions{}
	}
	r := wire.Request{Type: wire.Event, Event: name, Data: &d, Metadata: c.metadata(o.Metadata)}
	return wrap("send event", name, c.send(ctx, r, o.AckID, o.FireAndForget))
}

// metadata adds to a message's own what goes with each.
func (c *Client) metadata(own webpubsub.Metadata) webpubsub.Metadata {
	if len(c.o.Metadata) == 0 {
		return own
	}
	all := maps.Clone(c.o.Metadata)
	maps.Copy(all, own)
	return all
}

func (c *Client) send(ctx context.Context, r wire.Request, ackID uint64, forget bool) error {
	if forget {
		return c.sendAndForget(ctx, r)
	}
	if ackID != 0 {
		r.AckID = &ackID
	}
	return c.call(ctx, r, nil)
}

// sendAndForget queues a request that nobody answers. It does not wait for a connection: such
// messages are for the moment.
func (c *Client) sendAndForget(ctx context.Context, r wire.Request) error {
	frame, err := c.encode(r)
	if err != nil {
		return err
	}
	if c.isOffline() {
		return errNotConnected
	}
	defer c.budget.await()()
	return c.onLink(ctx, func(l *link) error {
		l.push(frame)
		return nil
	})
}

func (c *Client) isOffline() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phase == running && c.link == nil
}

// Invoke raises a user event and returns the event handler's answer; without one, Bytes is
// nil. JSON data without bytes stands for no data. When ctx ends, the service is told to
// give up. It is not repeated after an error, nor when the socket is lost in between.
//
//   - Errors: Internal when no handler took the event; Unavailable when the socket was lost,
//     after which the handler may have done it; BadRequest, also in a protobuf subprotocol,
//     which has no invocations; TooLarge; ctx.Err().
//   - Source: JSON subprotocol, invoke (preview).
func (c *Client) Invoke(ctx context.Context, name webpubsub.EventName, d webpubsub.Data) (webpubsub.Data, error) {
	answer, err := c.invoke(ctx, name, d)
	return answer, wrap("invoke", name, err)
}

func (c *Client) invoke(ctx context.Context, name webpubsub.EventName, d webpubsub.Data) (none webpubsub.Data, err error) {
	defer c.budget.await()()
	number, err := c.nextAckID(nil)
	if err != nil {
		return none, err
	}
	r := wire.Request{Type: wire.Invoke, Event: name, InvocationID: strconv.FormatUint(number, 10)}
	if d.Type != webpubsub.JSON || d.Bytes != nil {
		r.Data = &d
	}
	frame, err := c.encode(r)
	if err != nil {
		return none, err
	}
	q := newRequest(frame, 0)
	response, err := c.exchange(ctx, q, func() error {
		c.invocations[r.InvocationID] = q
		return nil
	})
	if ctx.Err() != nil {
		c.cancelInvocation(r.InvocationID)
	}
	if err != nil || response.Data == nil {
		return none, err
	}
	return *response.Data, nil
}

// cancelInvocation tells the service when an invocation is still under way.
func (c *Client) cancelInvocation(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.invocations[id] == nil {
		return
	}
	delete(c.invocations, id)
	if c.link != nil {
		c.link.push(c.mustEncode(wire.Request{Type: wire.CancelInvocation, InvocationID: id}))
	}
}

// invoked passes the answer to an invocation on.
func (c *Client) invoked(r wire.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q := c.invocations[r.InvocationID]; q != nil {
		delete(c.invocations, r.InvocationID)
		q.succeed(r)
	}
	if c.draining {
		c.changed.fire()
	}
}
