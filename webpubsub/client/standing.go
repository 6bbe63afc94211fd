package client

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// standing is what holds as long as a connection and is to hold on the next one: groups
// joined, subscriptions to group state, and state set.
type standing map[standingKey]wire.Request

type standingKey struct {
	kind  wire.RequestType
	group webpubsub.GroupName
}

// ordered returns the requests: groups first, so that nothing is missed.
func (s standing) ordered() []wire.Request {
	return slices.SortedFunc(maps.Values(s), func(a, b wire.Request) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Group, b.Group))
	})
}

// stand makes a request that holds from now on.
func (c *Client) stand(ctx context.Context, op string, r wire.Request) error {
	return wrap(op, r.Group, c.call(ctx, r, func() { c.standing[standingKey{r.Type, r.Group}] = r }))
}

func (c *Client) forgetStanding(kind wire.RequestType, g webpubsub.GroupName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.standing, standingKey{kind, g})
}

// rejoinLocked makes hold again what held on the last connection.
func (c *Client) rejoinLocked() {
	if c.o.NoRejoin {
		clear(c.standing)
		return
	}
	requests := c.standing.ordered()
	sent := make([]*request, len(requests))
	for i, r := range requests {
		c.lastID++
		id := c.lastID
		r.AckID = &id
		sent[i] = newRequest(c.mustEncode(r), 0)
		sent[i].ackID = id
		c.pending[id] = sent[i]
		c.link.push(sent[i].frame)
	}
	if len(sent) == 0 {
		return
	}
	c.work.Go(func() {
		for i, q := range sent {
			c.rejoined(requests[i], <-q.answer)
		}
	})
}

// rejoined looks at what became of a repeated request.
func (c *Client) rejoined(r wire.Request, a answer) {
	err := a.err
	switch {
	case err == nil || err == errLost: // a new connection repeats it again
		return
	case mayRepeat(err) && c.o.MaxRetries > 0 && !c.isOver():
		if !sleep(c.life, c.pause(0, c.o.RetryDelay)) {
			return
		}
		err = c.call(c.life, r, nil)
	}
	if err == nil || c.isOver() {
		return
	}
	c.log.Warn("group not joined again", "group", r.Group, "err", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.standing, standingKey{r.Type, r.Group})
	if f := c.o.OnRejoinFailed; f != nil {
		c.post(func() { f(r.Group, err) })
	}
}

// GroupState is what is known about the states that connections set in a group.
type GroupState struct {
	Group webpubsub.GroupName
	// Snapshot says that Items are all there are; otherwise they are changes.
	Snapshot bool
	Items    []GroupStateItem
}

// GroupStateItem is one connection's state in a group.
type GroupStateItem struct {
	ConnectionID webpubsub.ConnectionID
	UserID       webpubsub.UserID // empty when anonymous
	// State is nil when it was cleared, or its connection is gone.
	State map[string]string
	// UpdatedAt has milliseconds and rises strictly for each connection.
	UpdatedAt time.Time
}

// SetGroupState sets this connection's state in g, for all who subscribe to it; nil clears
// it. It is set again on a new connection. The protobuf subprotocols have no group state.
//
//   - Limits: [webpubsub.MaxGroupStateBytes].
//   - Errors: Forbidden without the role webpubsub.sendToGroup for g; BadRequest; Internal,
//     Unavailable after the retries; ctx.Err().
//   - Source: JSON subprotocol, group state (preview).
func (c *Client) SetGroupState(ctx context.Context, g webpubsub.GroupName, state map[string]string) error {
	r := wire.Request{Type: wire.SetGroupState, Group: g, State: maps.Clone(state)}
	if state == nil {
		c.forgetStanding(wire.SetGroupState, g)
		return wrap("clear group state", g, c.call(ctx, r, nil))
	}
	return c.stand(ctx, "set group state", r)
}

// SubscribeGroupState has the states of g's connections come from
// [Client.ReceiveGroupState]: first a snapshot, then changes. On a new connection the client
// subscribes again and a snapshot comes. Errors as in SetGroupState, with the role
// webpubsub.joinLeaveGroup.
func (c *Client) SubscribeGroupState(ctx context.Context, g webpubsub.GroupName) error {
	return c.stand(ctx, "subscribe to group state", wire.Request{Type: wire.SubscribeGroupState, Group: g})
}

// UnsubscribeGroupState ends what [Client.SubscribeGroupState] began.
func (c *Client) UnsubscribeGroupState(ctx context.Context, g webpubsub.GroupName) error {
	c.forgetStanding(wire.SubscribeGroupState, g)
	return wrap("unsubscribe from group state", g, c.call(ctx, wire.Request{Type: wire.UnsubscribeGroupState, Group: g}, nil))
}

// ReceiveGroupState returns the next snapshot or change, in the order of the service. Who
// subscribes has to receive; see [Client.Receive].
func (c *Client) ReceiveGroupState(ctx context.Context) (GroupState, error) {
	return c.states.take(ctx)
}

func groupState(r wire.Response) (s GroupState, bytes int) {
	s = GroupState{Group: r.Group, Snapshot: r.Type == wire.GroupStateSnapshot}
	for _, i := range r.Items {
		s.Items = append(s.Items, GroupStateItem(i))
		bytes += itemOverhead
		for k, v := range i.State {
			bytes += len(k) + len(v)
		}
	}
	return s, bytes
}
