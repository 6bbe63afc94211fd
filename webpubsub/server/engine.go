package server

import (
	"cmp"
	"slices"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/story"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

var _ rest.Engine = (*Server)(nil)

func share(d webpubsub.Data, g webpubsub.GroupName, o rest.SendOptions) *wire.Shared {
	return wire.Share(webpubsub.Message{Group: g, Data: d, Metadata: o.Metadata, TTL: o.TTL})
}

// SendToAll sends to every connection of a hub. It never waits for a slow receiver.
//
// Source: REST API, Send To All.
func (s *Server) SendToAll(hub webpubsub.HubName, d webpubsub.Data, o rest.SendOptions) {
	if h := s.hub(hub); h != nil {
		deliver(h.selected(h.all(), o.Filter), share(d, "", o), excluding(o.Excluded))
	}
}

// SendToGroup sends to every member of a group; an empty group is not an error.
//
// Source: REST API, Send To Group.
func (s *Server) SendToGroup(hub webpubsub.HubName, g webpubsub.GroupName, d webpubsub.Data, o rest.SendOptions) {
	h := s.hub(hub)
	switch {
	case h == nil:
		s.noteEmptyGroup(hub, g)
	case o.Filter == nil:
		if h.publish(share(d, g, o), excluding(o.Excluded)) == 0 {
			s.noteEmptyGroup(hub, g)
		}
	default:
		deliver(h.selected(h.ofGroup(g), o.Filter), share(d, g, o), excluding(o.Excluded))
	}
}

// SendToUser sends to every connection of a user; nobody is not an error.
//
// Source: REST API, Send To User.
func (s *Server) SendToUser(hub webpubsub.HubName, u webpubsub.UserID, d webpubsub.Data, o rest.SendOptions) {
	h := s.hub(hub)
	if h == nil || !h.hasUser(u) {
		s.noteNobody(hub, story.RESTNoUser, "SendToUser", string(u))
		return
	}
	deliver(h.selected(h.ofUser(u), o.Filter), share(d, "", o), excluding(o.Excluded))
}

// SendToConnection sends to one connection; a missing one is not an error.
//
// Source: REST API, Send To Connection.
func (s *Server) SendToConnection(hub webpubsub.HubName, id webpubsub.ConnectionID, d webpubsub.Data, o rest.SendOptions) {
	c := s.find(hub, id)
	if c == nil {
		s.noteNobody(hub, story.RESTNoConnection, "SendToConnection", string(id))
		return
	}
	deliver([]*conn{c}, share(d, "", o), exclusion{})
}

// selected keeps those of conns that f selects by what they are at this moment. It changes
// conns.
func (h *hub) selected(conns []*conn, f *filter.Filter) []*conn {
	if f == nil {
		return conns
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	var s filter.Subject
	return slices.DeleteFunc(conns, func(c *conn) bool {
		s = c.subjectLocked()
		return !f.Match(&s)
	})
}

// subjectLocked is c as filters see it. The caller holds hub.mu while it is in use.
func (c *conn) subjectLocked() filter.Subject {
	return filter.Subject{UserID: c.user(), ConnectionID: c.id(), Groups: (*groupsOf)(c), Protocol: c.subprotocol}
}

func (s *Server) find(hub webpubsub.HubName, id webpubsub.ConnectionID) *conn {
	if h := s.hub(hub); h != nil {
		return h.conn(id)
	}
	return nil
}

// ofUser and ofGroup return connections of a hub; none when the hub has none.
func (s *Server) ofUser(hub webpubsub.HubName, u webpubsub.UserID) []*conn {
	if h := s.hub(hub); h != nil {
		return h.ofUser(u)
	}
	return nil
}

func (s *Server) ofGroup(hub webpubsub.HubName, g webpubsub.GroupName) []*conn {
	if h := s.hub(hub); h != nil {
		return h.ofGroup(g)
	}
	return nil
}

// ConnectionExists reports whether the connection is there, or may come back.
func (s *Server) ConnectionExists(hub webpubsub.HubName, id webpubsub.ConnectionID) bool {
	return s.find(hub, id) != nil
}

// GroupExists reports whether the group has a member.
func (s *Server) GroupExists(hub webpubsub.HubName, g webpubsub.GroupName) bool {
	return len(s.ofGroup(hub, g)) > 0
}

// UserExists reports whether the user has a connection.
func (s *Server) UserExists(hub webpubsub.HubName, u webpubsub.UserID) bool {
	return len(s.ofUser(hub, u)) > 0
}

func closeEach(conns []*conn, excluded []webpubsub.ConnectionID, reason string) {
	x := excluding(excluded)
	for _, c := range conns {
		if !x.covers(c) {
			c.close(reason)
		}
	}
}

// CloseConnection closes one connection. Source: REST API, Close Connection.
func (s *Server) CloseConnection(hub webpubsub.HubName, id webpubsub.ConnectionID, reason string) {
	if c := s.find(hub, id); c != nil {
		c.close(reason)
	}
}

// CloseAll closes a hub's connections. Source: REST API, Close All Connections.
func (s *Server) CloseAll(hub webpubsub.HubName, excluded []webpubsub.ConnectionID, reason string) {
	if h := s.hub(hub); h != nil {
		closeEach(h.all(), excluded, reason)
	}
}

// CloseGroup closes a group's connections. Source: REST API, Close Group Connections.
func (s *Server) CloseGroup(hub webpubsub.HubName, g webpubsub.GroupName, excluded []webpubsub.ConnectionID, reason string) {
	closeEach(s.ofGroup(hub, g), excluded, reason)
}

// CloseUser closes a user's connections. Source: REST API, Close User Connections.
func (s *Server) CloseUser(hub webpubsub.HubName, u webpubsub.UserID, excluded []webpubsub.ConnectionID, reason string) {
	closeEach(s.ofUser(hub, u), excluded, reason)
}

// AddConnectionToGroup adds a connection to a group. Errors: NotFound.
func (s *Server) AddConnectionToGroup(hub webpubsub.HubName, g webpubsub.GroupName, id webpubsub.ConnectionID) error {
	c := s.find(hub, id)
	if c == nil || !c.hub.join(c, g) {
		s.noteNobody(hub, story.RESTNoConnection, "AddConnectionToGroup", string(id))
		return connectionNotFound(id)
	}
	c.noteMembership(story.KindJoined, story.ByApplication, g)
	return nil
}

func connectionNotFound(id webpubsub.ConnectionID) error {
	return webpubsub.Errorf(webpubsub.NotFound, "Connection `%s` is not found.", id)
}

// RemoveConnectionFromGroup takes a connection out of a group, if it is in it.
func (s *Server) RemoveConnectionFromGroup(hub webpubsub.HubName, g webpubsub.GroupName, id webpubsub.ConnectionID) {
	if c := s.find(hub, id); c != nil {
		c.hub.leave(c, g)
		c.noteMembership(story.KindLeft, story.ByApplication, g)
	}
}

// RemoveConnectionFromAllGroups takes a connection out of all its groups.
func (s *Server) RemoveConnectionFromAllGroups(hub webpubsub.HubName, id webpubsub.ConnectionID) {
	if c := s.find(hub, id); c != nil {
		c.hub.leaveAll(c)
		c.noteMembership(story.KindLeft, story.ByApplication, "")
	}
}

// AddUserToGroup adds a user's present connections to a group. Errors: NotFound when
// there are none.
func (s *Server) AddUserToGroup(hub webpubsub.HubName, u webpubsub.UserID, g webpubsub.GroupName) error {
	joined := false
	for _, c := range s.ofUser(hub, u) {
		if c.hub.join(c, g) {
			joined = true
			c.noteMembership(story.KindJoined, story.ByApplication, g)
		}
	}
	if !joined {
		s.noteNobody(hub, story.RESTNoUser, "AddUserToGroup", string(u))
		return webpubsub.Errorf(webpubsub.NotFound, "User `%s` is not found.", u)
	}
	return nil
}

// RemoveUserFromGroup takes a user's connections out of a group.
func (s *Server) RemoveUserFromGroup(hub webpubsub.HubName, u webpubsub.UserID, g webpubsub.GroupName) {
	for _, c := range s.ofUser(hub, u) {
		c.hub.leave(c, g)
		c.noteMembership(story.KindLeft, story.ByApplication, g)
	}
}

// RemoveUserFromAllGroups takes a user's connections out of all groups.
func (s *Server) RemoveUserFromAllGroups(hub webpubsub.HubName, u webpubsub.UserID) {
	for _, c := range s.ofUser(hub, u) {
		c.hub.leaveAll(c)
		c.noteMembership(story.KindLeft, story.ByApplication, "")
	}
}

// AddConnectionsToGroups adds the hub's present connections that f selects to groups.
//
// Source: REST API, Add Connections To Groups.
func (s *Server) AddConnectionsToGroups(hub webpubsub.HubName, groups []webpubsub.GroupName, f *filter.Filter) {
	if h := s.hub(hub); h != nil {
		for _, c := range h.selected(h.all(), f) {
			for _, g := range groups {
				if h.join(c, g) {
					c.noteMembership(story.KindJoined, story.ByApplication, g)
				}
			}
		}
	}
}

// RemoveConnectionsFromGroups takes the hub's present connections that f selects out of
// groups.
//
// Source: REST API, Remove Connections From Groups.
func (s *Server) RemoveConnectionsFromGroups(hub webpubsub.HubName, groups []webpubsub.GroupName, f *filter.Filter) {
	if h := s.hub(hub); h != nil {
		for _, c := range h.selected(h.all(), f) {
			for _, g := range groups {
				h.leave(c, g)
				c.noteMembership(story.KindLeft, story.ByApplication, g)
			}
		}
	}
}

// GroupMembers lists at most limit members after an id, in order of id.
//
// Source: REST API, List Connections In Group.
func (s *Server) GroupMembers(hub webpubsub.HubName, g webpubsub.GroupName, after webpubsub.ConnectionID, limit int) []rest.Member {
	var list []rest.Member
	for _, c := range s.ofGroup(hub, g) {
		if id := c.id(); id > after {
			list = append(list, rest.Member{ConnectionID: id, UserID: c.user()})
		}
	}
	slices.SortFunc(list, func(a, b rest.Member) int { return cmp.Compare(a.ConnectionID, b.ConnectionID) })
	return list[:min(limit, len(list))]
}

// Grant lets a connection do something with a group. Errors: NotFound, Conflict.
//
// Source: REST API, Grant Permission.
func (s *Server) Grant(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error {
	err := s.permissions(hub, id, func(of *webpubsub.Permissions) error { return of.Grant(p, g) })
	s.notePermission(hub, id, story.KindGranted, p, g, err)
	return err
}

// Revoke takes a permission away. Errors: NotFound, Conflict.
//
// Source: REST API, Revoke Permission.
func (s *Server) Revoke(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error {
	err := s.permissions(hub, id, func(of *webpubsub.Permissions) error { return of.Revoke(p, g) })
	s.notePermission(hub, id, story.KindRevoked, p, g, err)
	return err
}

// HasPermission reports whether a connection has a permission. Errors: NotFound.
//
// Source: REST API, Check Permission.
func (s *Server) HasPermission(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) (has bool, err error) {
	err = s.permissions(hub, id, func(of *webpubsub.Permissions) error {
		has = of.Allows(p, g)
		return nil
	})
	return has, err
}

func (s *Server) permissions(hub webpubsub.HubName, id webpubsub.ConnectionID, do func(*webpubsub.Permissions) error) error {
	c := s.find(hub, id)
	if c == nil {
		return connectionNotFound(id)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return do(&c.state.Permissions)
}
