package server

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/connid"
	"github.com/easelhq/easel/webpubsub/internal/index"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// members are connections, by identity.
type members map[*conn]struct{}

// hub indexes the connections of one hub. What all connections have, a user and groups, is
// kept in lists: publishing walks a slice, and a connection knows its places.
type hub struct {
	mu     sync.RWMutex
	conns  *index.Index[connid.ID, conn]
	users  *index.Index[webpubsub.UserID, conn] // the first of a user's; they are linked as kin
	groups map[webpubsub.GroupName]*group
	// Groups by their numbers, and the numbers that no group has.
	numbered []*group
	free     []uint32
	// The states of connections in groups, and who is told of them.
	states   map[webpubsub.GroupName]map[*conn]wire.StateItem
	watchers map[webpubsub.GroupName]members
}

// group is a group with members.
type group struct {
	name    webpubsub.GroupName
	number  uint32
	members []*conn
}

// kin are the user's connections after and before one, and the connection's states.
type kin struct {
	next, previous *conn
	states         *groupStates // nil for most
}

// memberships are the groups of a connection, in no order.
type memberships []membership

// membership is a place in a group.
type membership struct {
	group uint32 // its number
	at    uint32 // in members
}

func (m memberships) find(g *group) int {
	return slices.IndexFunc(m, func(of membership) bool { return of.group == g.number })
}

// groupsOf is what filters see of a connection's groups.
type groupsOf conn

// Has implements filter.Groups.
func (c *groupsOf) Has(name webpubsub.GroupName) bool {
	g := c.hub.groups[name]
	return g != nil && c.groups.find(g) >= 0
}

// Len implements filter.Groups.
func (c *groupsOf) Len() int { return len(c.groups) }

func newHub() *hub {
	seed := maphash.MakeSeed()
	return &hub{
		conns: index.New(func(c *conn) connid.ID { return c.key }, connid.ID.Hash, func(c *conn) **conn { return &c.nextByID }),
		users: index.New((*conn).user, func(u webpubsub.UserID) uint64 { return maphash.String(seed, string(u)) }, func(c *conn) **conn { return &c.nextUser }),

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
	h.conns.Put(c)
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

// kinLocked is for writing.
func (c *conn) kinLocked() *kin {
	if c.kin == nil {
		c.kin = &kin{}
	}
	return c.kin
}

// linkLocked makes c the first of its user's connections.
func (h *hub) linkLocked(c *conn) {
	first := h.users.Get(c.user())
	h.users.Put(c)
	if first != nil {
		c.kinLocked().next, first.kinLocked().previous = first, c
	}
}

func (h *hub) unlinkLocked(c *conn) {
	var next, previous *conn
	if k := c.kin; k != nil {
		next, previous = k.next, k.previous
		k.next, k.previous = nil, nil
	}
	if next != nil {
		next.kin.previous = previous
	}
	switch {
	case previous != nil:
		previous.kin.next = next
	case next != nil:
		h.users.Put(next)
	default:
		h.users.Delete(c.user())
	}
}

// remove takes c out of everything. It returns how many connections remain, and which are
// behind.
func (h *hub) remove(c *conn) (left int, behind []*conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns.Get(c.key) == c {
		h.conns.Delete(c.key)
		if c.user() != "" {
			h.unlinkLocked(c)
		}
		h.leaveAllLocked(c)
		behind = h.forgetStatesLocked(c)
	}
	return h.conns.Len(), behind
}

func (h *hub) joinLocked(c *conn, name webpubsub.GroupName) {
	g := h.groups[name]
	if g == nil {
		g = h.newGroupLocked(name)
	} else if c.groups.find(g) >= 0 {
		return
	}
	c.groups = append(c.groups, membership{g.number, uint32(len(g.members))})
	g.members = append(g.members, c)
	c.presence(g.name, true)
}

func (h *hub) newGroupLocked(name webpubsub.GroupName) *group {
	g := &group{name: webpubsub.GroupName(strings.Clone(string(name)))} // of a request, which would be kept with it
	if last := len(h.free) - 1; last >= 0 {
		g.number, h.free = h.free[last], h.free[:last]
		h.numbered[g.number] = g
	} else {
		g.number = uint32(len(h.numbered))
		h.numbered = append(h.numbered, g)
	}
	h.groups[g.name] = g
	return g
}

func (h *hub) dropGroupLocked(g *group) {
	delete(h.groups, g.name)
	h.numbered[g.number] = nil
	h.free = append(h.free, g.number)
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
	g := h.numbered[of.group]
	last := len(g.members) - 1
	if moved := g.members[last]; moved != c {
		g.members[of.at] = moved
		moved.groups[moved.groups.find(g)].at = of.at
	}
	g.members[last] = nil
	g.members = g.members[:last]
	if last == 0 {
		h.dropGroupLocked(g)
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
	if h.conns.Get(c.key) != c {
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

// has reports whether c is a member of a group.
func (h *hub) has(c *conn, g webpubsub.GroupName) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return (*groupsOf)(c).Has(g)
}

func (h *hub) conn(id webpubsub.ConnectionID) *conn {
	key, ok := connid.Parse(id)
	if !ok {
		return nil
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.conns.Get(key)
}

func (h *hub) all() []*conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.AppendSeq(make([]*conn, 0, h.conns.Len()), h.conns.All())
}

func (h *hub) ofUser(u webpubsub.UserID) (conns []*conn) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for c := h.users.Get(u); c != nil; c = c.nextOfUserLocked() {
		conns = append(conns, c)
	}
	return conns
}

func (h *hub) hasUser(u webpubsub.UserID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.users.Get(u) != nil
}

func (c *conn) nextOfUserLocked() *conn {
	if c.kin == nil {
		return nil
	}
	return c.kin.next
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
	conn *conn                  // nil is none
	keys map[connid.ID]struct{} // nil is none
}

func (x exclusion) covers(c *conn) bool {
	if c == x.conn {
		return true
	}
	if x.keys == nil {
		return false
	}
	_, out := x.keys[c.key]
	return out
}

func excluding(ids []webpubsub.ConnectionID) exclusion {
	if len(ids) == 0 {
		return exclusion{}
	}
	set := make(map[connid.ID]struct{}, len(ids))
	for _, id := range ids {
		if key, ok := connid.Parse(id); ok {
			set[key] = struct{}{}
		}
	}
	return exclusion{keys: set}
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
