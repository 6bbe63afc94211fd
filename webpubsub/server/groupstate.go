package server

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connection"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// A change of state and its news happen under one lock, as do a subscription and its
// snapshot, so that nobody misses a change, or hears of one twice.

// groupStates are the groups that a connection has a state in, and watches the states of.
type groupStates struct {
	set, watched map[webpubsub.GroupName]struct{}
}

// statesLocked is for writing.
func (c *conn) statesLocked() *groupStates {
	k := c.kinLocked()
	if k.states == nil {
		k.states = &groupStates{map[webpubsub.GroupName]struct{}{}, map[webpubsub.GroupName]struct{}{}}
	}
	return k.states
}

// setState replaces c's state in a group and tells who watches it.
func (h *hub) setState(c *conn, e connection.SetState) {
	catchUp(h.setStateAndTell(c, e))
}

func (h *hub) setStateAndTell(c *conn, e connection.SetState) (behind []*conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns.Get(c.key) != c {
		return nil
	}
	return h.setStateLocked(c, e.Group, wire.StateItem{ConnectionID: c.id(), UserID: c.user(), State: e.State, UpdatedAt: e.UpdatedAt})
}

func (h *hub) setStateLocked(c *conn, g webpubsub.GroupName, item wire.StateItem) (behind []*conn) {
	of := h.states[g]
	if item.State == nil {
		delete(of, c)
		delete(c.statesLocked().set, g)
		if len(of) == 0 {
			delete(h.states, g)
		}
	} else {
		if of == nil {
			of = map[*conn]wire.StateItem{}
			h.states[g] = of
		}
		of[c] = item
		c.statesLocked().set[g] = struct{}{}
	}
	return deliverEach(h.watchers[g], wire.ShareResponse(wire.Response{Type: wire.GroupStateUpdate, Group: g, Items: []wire.StateItem{item}}))
}

// watch delivers a snapshot to c, and from then on every change.
func (h *hub) watch(c *conn, g webpubsub.GroupName) {
	if h.watchAndShow(c, g) {
		c.catchUp()
	}
}

func (h *hub) watchAndShow(c *conn, g webpubsub.GroupName) (behind bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns.Get(c.key) != c {
		return false
	}
	insert(h.watchers, g, c)
	c.statesLocked().watched[g] = struct{}{}
	items := slices.SortedFunc(maps.Values(h.states[g]), func(a, b wire.StateItem) int { return cmp.Compare(a.ConnectionID, b.ConnectionID) })
	return c.deliver(wire.ShareResponse(wire.Response{Type: wire.GroupStateSnapshot, Group: g, Items: items}))
}

func (h *hub) unwatch(c *conn, g webpubsub.GroupName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	drop(h.watchers, g, c)
	delete(c.statesLocked().watched, g)
}

// forgetStatesLocked clears the states of a connection that ends.
func (h *hub) forgetStatesLocked(c *conn) (behind []*conn) {
	if c.kin == nil || c.kin.states == nil {
		return nil
	}
	states := c.kin.states
	for g := range states.watched {
		drop(h.watchers, g, c)
	}
	clear(states.watched)
	at := time.Now().Truncate(time.Millisecond)
	for g := range states.set {
		if last := h.states[g][c].UpdatedAt; !at.After(last) {
			at = last
		}
	}
	for g := range states.set { // each later than all before it
		at = at.Add(time.Millisecond)
		behind = append(behind, h.setStateLocked(c, g, wire.StateItem{ConnectionID: c.id(), UserID: c.user(), UpdatedAt: at})...)
	}
	return behind
}
