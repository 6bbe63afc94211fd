package server

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// members are connections, by identity.
type members map[*conn]struct{}

// hub indexes the connections of one hub. What all connections have, a user and groups, is
// kept in lists: publishing walks a slice, and a connection knows its places.
type hub struct {
	mu     sync.RWMutex
	conns  map[webpubsub.ConnectionID]*conn
	users  map[webpubsub.UserID]*conn // the first of a user's; they are linked
	groups map[webpubsub.GroupName]*group
	// The states of connections in groups, and who is told of them.
	states   map[webpubsub.GroupName]map[*conn]wire.StateItem
	watchers map[webpubsub.GroupName]members
}

// group is a group with members.
type group struct {
	name    webpubsub.GroupName
	members []*conn
}

// memberships are the groups of a connection, in no order.
type memberships []membership

// membership is a place in a group.
type membership struct {
	group *group
	at    int // in members
}

// Has implements filter.Groups.
func (m *memberships) Has(g webpubsub.GroupName) bool {
	return slices.ContainsFunc(*m, func(of membership) bool { return of.group.name == g })
}

// Len implements filter.Groups.
func (m *memberships) Len() int { return len(*m) }

func (m *memberships) find(g *group) int {
	return slices.IndexFunc(*m, func(of membership) bool { return of.group == g })
}

func newHub() *hub {
	return &hub{
		conns:  map[webpubsub.ConnectionID]*conn{},
		users:  map[webpubsub.UserID]*conn{},
		groups: map[webpubsub.GroupName]*group{},

		states:   map[webpubsub.GroupName]map[*conn]wire.StateItem{},
		watchers: map[webpubsub.GroupName]members{},
	}
}

// insert and drop are about a set among many, which is there while it is not empty.
func insert(index map[webpubsub.GroupName]members, key webpubsub.GroupName, c *conn) {
	set := index[key]
	if set == nil {
		set = members{}
		index[key] = set
	}
	set[c] = struct{}{}
}

func drop(index map[webpubsub.GroupName]members, key webpubsub.GroupName, c *conn) {
	set := index[key]
	delete(set, c)
	if len(set) == 0 {
		delete(index, key)
	}
}

func (h *hub) add(c *conn, groups []webpubsub.GroupName) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c.id()] = c
	if c.user() != "" {
		h.linkLocked(c)
	}
	if len(groups) > 0 {
		c.groups = make(memberships, 0, len(groups))
	}
	for _, g := range groups {
		h.joinLocked(c, g)
	}
}

// linkLocked makes c the first of its user's connections.
func (h *hub) linkLocked(c *conn) {
	if c.next = h.users[c.user()]; c.next != nil {
		c.next.previous = c
	}
	h.users[c.user()] = c
}

func (h *hub) unlinkLocked(c *conn) {
	if c.next != nil {
		c.next.previous = c.previous
	}
	switch {
	case c.previous != nil:
		c.previous.next = c.next
	case c.next != nil:
		h.users[c.user()] = c.next
	default:
		delete(h.users, c.user())
	}
	c.next, c.previous = nil, nil
}

// remove takes c out of everything. It returns how many connections remain, and which are
// behind.
func (h *hub) remove(c *conn) (left int, behind []*conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns[c.id()] == c {
		delete(h.conns, c.id())
		if c.user() != "" {
			h.unlinkLocked(c)
		}
		h.leaveAllLocked(c)
		behind = h.forgetStatesLocked(c)
	}
	return len(h.conns), behind
}

func (h *hub) joinLocked(c *conn, name webpubsub.GroupName) {
	g := h.groups[name]
	if g == nil {
		name = webpubsub.GroupName(strings.Clone(string(name))) // of a request, which would be kept with it
		g = &group{name: name}
		h.groups[name] = g
	} else if c.groups.find(g) >= 0 {
		return
	}
	c.groups = append(c.groups, membership{g, len(g.members)})
	g.members = append(g.members, c)
	c.presence(name, true)
}

func (h *hub) leaveLocked(c *conn, name webpubsub.GroupName) {
	if g := h.groups[name]; g != nil {
		if i := c.groups.find(g); i >= 0 {
			h.leaveAtLocked(c, i)
		}
	}
}

// leaveAtLocked takes c out of the group that is its i-th. The group's last member takes its
// place.
func (h *hub) leaveAtLocked(c *conn, i int) {
	of := c.groups[i]
	g, last := of.group, len(of.group.members)-1
	if moved := g.members[last]; moved != c {
		g.members[of.at] = moved
		moved.groups[moved.groups.find(g)].at = of.at
	}
	g.members[last] = nil
	g.members = g.members[:last]
	if last == 0 {
		delete(h.groups, g.name)
	}
	c.groups = slices.Delete(c.groups, i, i+1)
	c.presence(g.name, false)
}

func (h *hub) leaveAllLocked(c *conn) {
	for i := len(c.groups) - 1; i >= 0; i-- {
		h.leaveAtLocked(c, i)
	}
}

// join adds c to g; false when c is gone.
func (h *hub) join(c *conn, g webpubsub.GroupName) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns[c.id()] != c {
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

func (h *hub) ofUser(u webpubsub.UserID) (conns []*conn) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for c := h.users[u]; c != nil; c = c.next {
		conns = append(conns, c)
	}
	return conns
}

func (h *hub) hasUser(u webpubsub.UserID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.users[u] != nil
}

func (h *hub) ofGroup(g webpubsub.GroupName) []*conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Clone(h.membersLocked(g))
}

func (h *hub) membersLocked(name webpubsub.GroupName) []*conn {
	if g := h.groups[name]; g != nil {
		return g.members
	}
	return nil
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
	if x.ids == nil {
		return false
	}
	_, out := x.ids[c.id()]
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
	to := h.membersLocked(m.Message.Group)
	for _, c := range to {
		if !x.covers(c) && c.deliver(m) {
			behind = append(behind, c)
		}
	}
	return behind, len(to)
}

func deliverEach(to members, m *wire.Shared) (behind []*conn) {
	for c := range to {
		if c.deliver(m) {
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
