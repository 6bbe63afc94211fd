package server

import (
	"maps"
	"slices"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// members are connections, by identity.
type members map[*conn]struct{}

// hub indexes the connections of one hub.
type hub struct {
	mu     sync.RWMutex
	conns  map[webpubsub.ConnectionID]*conn
	users  map[webpubsub.UserID]members
	groups map[webpubsub.GroupName]members
	// The states of connections in groups, and who is told of them.
	states   map[webpubsub.GroupName]map[*conn]wire.StateItem
	watchers map[webpubsub.GroupName]members
}

func newHub() *hub {
	return &hub{
		conns:  map[webpubsub.ConnectionID]*conn{},
		users:  map[webpubsub.UserID]members{},
		groups: map[webpubsub.GroupName]members{},

		states:   map[webpubsub.GroupName]map[*conn]wire.StateItem{},
		watchers: map[webpubsub.GroupName]members{},
	}
}

func insert[K comparable](index map[K]members, key K, c *conn) {
	set := index[key]
	if set == nil {
		set = members{}
		index[key] = set
	}
	set[c] = struct{}{}
}

func drop[K comparable](index map[K]members, key K, c *conn) {
	set := index[key]
	delete(set, c)
	if len(set) == 0 {
		delete(index, key)
	}
}

func (h *hub) add(c *conn, groups []webpubsub.GroupName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c.id] = c
	if c.user != "" {
		insert(h.users, c.user, c)
	}
	for _, g := range groups {
		h.joinLocked(c, g)
	}
}

// remove takes c out of everything. It returns how many connections remain, and which are
// behind.
func (h *hub) remove(c *conn) (left int, behind []*conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns[c.id] == c {
		delete(h.conns, c.id)
		drop(h.users, c.user, c)
		h.leaveAllLocked(c)
		behind = h.forgetStatesLocked(c)
	}
	return len(h.conns), behind
}

func (h *hub) joinLocked(c *conn, g webpubsub.GroupName) {
	if _, member := c.groups[g]; member {
		return
	}
	insert(h.groups, g, c)
	if c.groups == nil {
		c.groups = map[webpubsub.GroupName]struct{}{}
	}
	c.groups[g] = struct{}{}
	c.presence(g, true)
}

func (h *hub) leaveLocked(c *conn, g webpubsub.GroupName) {
	if _, member := c.groups[g]; !member {
		return
	}
	drop(h.groups, g, c)
	delete(c.groups, g)
	c.presence(g, false)
}

func (h *hub) leaveAllLocked(c *conn) {
	for g := range c.groups {
		h.leaveLocked(c, g)
	}
}

// join adds c to g; false when c is gone.
func (h *hub) join(c *conn, g webpubsub.GroupName) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns[c.id] != c {
		return false
	}
	h.joinLocked(c, g)
	return true
}

func (h *hub) leave(c *conn, g webpubsub.GroupName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leaveLocked(c, g)
}

func (h *hub) leaveAll(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leaveAllLocked(c)
}

func (h *hub) conn(id webpubsub.ConnectionID) *conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.conns[id]
}

func (h *hub) all() []*conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Values(h.conns))
}

func (h *hub) ofUser(u webpubsub.UserID) []*conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.users[u]))
}

func (h *hub) hasUser(u webpubsub.UserID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.users[u]) > 0
}

func (h *hub) ofGroup(g webpubsub.GroupName) []*conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.groups[g]))
}

// exclusion says which connections don't get a message.
type exclusion struct {
	conn *conn                               // nil is none
	ids  map[webpubsub.ConnectionID]struct{} // nil is none
}

func (x exclusion) covers(c *conn) bool {
	if c == x.conn {
		return true
	}
	_, out := x.ids[c.id]
	return out
}

func excluding(ids []webpubsub.ConnectionID) exclusion {
	if len(ids) == 0 {
		return exclusion{}
	}
	set := make(map[webpubsub.ConnectionID]struct{}, len(ids))
	for _, id := range ids {
		set[id] = struct{}{}
	}
	return exclusion{ids: set}
}

// publish delivers a message to a group's members without copying their list. It returns how
// many there are, those excluded included.
func (h *hub) publish(m *wire.Shared, x exclusion) (members int) {
	behind, members := h.deliverToGroup(m, x)
	catchUp(behind)
	return members
}

// deliverToGroup also returns the members that are behind.
func (h *hub) deliverToGroup(m *wire.Shared, x exclusion) (behind []*conn, members int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	to := h.groups[m.Message.Group]
	return deliverEach(to, m, x), len(to)
}

func deliverEach(to members, m *wire.Shared, x exclusion) (behind []*conn) {
	for c := range to {
		if !x.covers(c) && c.deliver(m) {
			behind = append(behind, c)
		}
	}
	return behind
}

// catchUp is for connections that a message was too much for. The caller holds no lock.
func catchUp(behind []*conn) {
	for _, c := range behind {
		c.catchUp()
	}
}

// deliver sends a message to some connections.
func deliver(to []*conn, m *wire.Shared, x exclusion) {
	for _, c := range to {
		if !x.covers(c) && c.deliver(m) {
			c.catchUp()
		}
	}
}
