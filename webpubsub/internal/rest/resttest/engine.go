// Package resttest holds a small engine and settings store in memory, for tests of the
// REST API and its client.
package resttest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
	"github.com/easelhq/easel/webpubsub/internal/rest"
)

// Connection is one connection of an [Engine].
type Connection struct {
	User        webpubsub.UserID
	Groups      map[webpubsub.GroupName]bool
	Permissions map[string]bool
	// Full makes changes of permissions fail with Conflict.
	Full bool
}

// Engine keeps the connections of one hub and records every send and close.
type Engine struct {
	mu          sync.Mutex
	hub         webpubsub.HubName
	connections map[webpubsub.ConnectionID]*Connection
	calls       []string
}

var _ rest.Engine = (*Engine)(nil)

// NewEngine returns an engine without connections; other hubs than hub stay empty.
func NewEngine(hub webpubsub.HubName) *Engine {
	return &Engine{hub: hub, connections: map[webpubsub.ConnectionID]*Connection{}}
}

// Connect adds a connection and returns it.
func (e *Engine) Connect(id webpubsub.ConnectionID, u webpubsub.UserID, groups ...webpubsub.GroupName) *Connection {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := &Connection{User: u, Groups: map[webpubsub.GroupName]bool{}, Permissions: map[string]bool{}}
	for _, g := range groups {
		c.Groups[g] = true
	}
	e.connections[id] = c
	return c
}

// Calls returns what was sent and closed since the last call of Calls.
func (e *Engine) Calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	calls := e.calls
	e.calls = nil
	return calls
}

func (e *Engine) record(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, fmt.Sprintf(format, args...))
}

func (e *Engine) SendToAll(hub webpubsub.HubName, d webpubsub.Data, o rest.SendOptions) {
	e.record("send %s all %s %s", hub, show(d), e.showOptions(o))
}

func (e *Engine) SendToGroup(hub webpubsub.HubName, g webpubsub.GroupName, d webpubsub.Data, o rest.SendOptions) {
	e.record("send %s group %q %s %s", hub, g, show(d), e.showOptions(o))
}

func (e *Engine) SendToUser(hub webpubsub.HubName, u webpubsub.UserID, d webpubsub.Data, o rest.SendOptions) {
	e.record("send %s user %q %s %s", hub, u, show(d), e.showOptions(o))
}

func (e *Engine) SendToConnection(hub webpubsub.HubName, id webpubsub.ConnectionID, d webpubsub.Data, o rest.SendOptions) {
	e.record("send %s connection %q %s %s", hub, id, show(d), e.showOptions(o))
}

func show(d webpubsub.Data) string { return fmt.Sprintf("%s:%q", d.Type, d.Bytes) }

// showOptions tells of a filter whom it selects among all connections.
func (e *Engine) showOptions(o rest.SendOptions) string {
	s := fmt.Sprintf("excluded=%q ttl=%s", o.Excluded, o.TTL)
	if o.Filter != nil {
		s += fmt.Sprintf(" filter=%s", e.selected(o.Filter))
	}
	if o.Metadata != nil {
		s += fmt.Sprintf(" %s", o.Metadata)
	}
	return s
}

func (e *Engine) selected(f *filter.Filter) []webpubsub.ConnectionID {
	e.mu.Lock()
	defer e.mu.Unlock()
	var ids []webpubsub.ConnectionID
	for id, c := range e.connections {
		if byFilter(f)(id, c) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func byFilter(f *filter.Filter) func(webpubsub.ConnectionID, *Connection) bool {
	return func(id webpubsub.ConnectionID, c *Connection) bool {
		groups := filter.GroupSet{}
		for g, member := range c.Groups {
			if member {
				groups[g] = struct{}{}
			}
		}
		return f.Match(&filter.Subject{UserID: c.User, ConnectionID: id, Groups: groups})
	}
}

func (e *Engine) CloseConnection(hub webpubsub.HubName, id webpubsub.ConnectionID, reason string) {
	e.record("close %s connection %q reason=%q", hub, id, reason)
}

func (e *Engine) CloseAll(hub webpubsub.HubName, excluded []webpubsub.ConnectionID, reason string) {
	e.record("close %s all excluded=%q reason=%q", hub, excluded, reason)
}

func (e *Engine) CloseGroup(hub webpubsub.HubName, g webpubsub.GroupName, excluded []webpubsub.ConnectionID, reason string) {
	e.record("close %s group %q excluded=%q reason=%q", hub, g, excluded, reason)
}

func (e *Engine) CloseUser(hub webpubsub.HubName, u webpubsub.UserID, excluded []webpubsub.ConnectionID, reason string) {
	e.record("close %s user %q excluded=%q reason=%q", hub, u, excluded, reason)
}

// with runs do for every connection of hub that keep selects and returns how many.
func (e *Engine) with(hub webpubsub.HubName, keep func(webpubsub.ConnectionID, *Connection) bool, do func(*Connection)) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for id, c := range e.connections {
		if hub == e.hub && keep(id, c) {
			do(c)
			n++
		}
	}
	return n
}

func byID(want webpubsub.ConnectionID) func(webpubsub.ConnectionID, *Connection) bool {
	return func(id webpubsub.ConnectionID, _ *Connection) bool { return id == want }
}

func byUser(want webpubsub.UserID) func(webpubsub.ConnectionID, *Connection) bool {
	return func(_ webpubsub.ConnectionID, c *Connection) bool { return c.User == want }
}

func byGroup(want webpubsub.GroupName) func(webpubsub.ConnectionID, *Connection) bool {
	return func(_ webpubsub.ConnectionID, c *Connection) bool { return c.Groups[want] }
}

func nothing(*Connection) {}

func (e *Engine) ConnectionExists(hub webpubsub.HubName, id webpubsub.ConnectionID) bool {
	return e.with(hub, byID(id), nothing) > 0
}

func (e *Engine) GroupExists(hub webpubsub.HubName, g webpubsub.GroupName) bool {
	return e.with(hub, byGroup(g), nothing) > 0
}

func (e *Engine) UserExists(hub webpubsub.HubName, u webpubsub.UserID) bool {
	return e.with(hub, byUser(u), nothing) > 0
}

func (e *Engine) AddConnectionToGroup(hub webpubsub.HubName, g webpubsub.GroupName, id webpubsub.ConnectionID) error {
	return e.mustFind("Connection", string(id), e.with(hub, byID(id), func(c *Connection) { c.Groups[g] = true }))
}

func (e *Engine) RemoveConnectionFromGroup(hub webpubsub.HubName, g webpubsub.GroupName, id webpubsub.ConnectionID) {
	e.with(hub, byID(id), func(c *Connection) { delete(c.Groups, g) })
}

func (e *Engine) RemoveConnectionFromAllGroups(hub webpubsub.HubName, id webpubsub.ConnectionID) {
	e.with(hub, byID(id), func(c *Connection) { clear(c.Groups) })
}

func (e *Engine) AddUserToGroup(hub webpubsub.HubName, u webpubsub.UserID, g webpubsub.GroupName) error {
	return e.mustFind("User", string(u), e.with(hub, byUser(u), func(c *Connection) { c.Groups[g] = true }))
}

func (e *Engine) RemoveUserFromGroup(hub webpubsub.HubName, u webpubsub.UserID, g webpubsub.GroupName) {
	e.with(hub, byUser(u), func(c *Connection) { delete(c.Groups, g) })
}

func (e *Engine) RemoveUserFromAllGroups(hub webpubsub.HubName, u webpubsub.UserID) {
	e.with(hub, byUser(u), func(c *Connection) { clear(c.Groups) })
}

func (e *Engine) AddConnectionsToGroups(hub webpubsub.HubName, groups []webpubsub.GroupName, f *filter.Filter) {
	e.with(hub, byFilter(f), func(c *Connection) {
		for _, g := range groups {
			c.Groups[g] = true
		}
	})
}

func (e *Engine) RemoveConnectionsFromGroups(hub webpubsub.HubName, groups []webpubsub.GroupName, f *filter.Filter) {
	e.with(hub, byFilter(f), func(c *Connection) {
		for _, g := range groups {
			delete(c.Groups, g)
		}
	})
}

func (e *Engine) mustFind(kind, name string, n int) error {
	if n == 0 {
		return webpubsub.Errorf(webpubsub.NotFound, "%s `%s` is not found.", kind, name)
	}
	return nil
}

func (e *Engine) GroupMembers(hub webpubsub.HubName, g webpubsub.GroupName, after webpubsub.ConnectionID, limit int) []rest.Member {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []rest.Member
	for id, c := range e.connections {
		if hub == e.hub && c.Groups[g] && id > after {
			list = append(list, rest.Member{ConnectionID: id, UserID: c.User})
		}
	}
	slices.SortFunc(list, func(a, b rest.Member) int { return cmp.Compare(a.ConnectionID, b.ConnectionID) })
	return list[:min(limit, len(list))]
}

func (e *Engine) Grant(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error {
	return e.permit(hub, id, func(c *Connection) { c.Permissions[permission(p, g)] = true })
}

func (e *Engine) Revoke(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error {
	return e.permit(hub, id, func(c *Connection) { delete(c.Permissions, permission(p, g)) })
}

func (e *Engine) HasPermission(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) (bool, error) {
	granted := false
	n := e.with(hub, byID(id), func(c *Connection) { granted = c.Permissions[permission(p, g)] })
	return granted, e.mustFind("Connection", string(id), n)
}

func (e *Engine) permit(hub webpubsub.HubName, id webpubsub.ConnectionID, change func(*Connection)) error {
	full := false
	n := e.with(hub, byID(id), func(c *Connection) {
		if full = c.Full; !full {
			change(c)
		}
	})
	if full {
		return webpubsub.Errorf(webpubsub.Conflict, "Connection `%s` has too many permissions; the limit is 1000.", id)
	}
	return e.mustFind("Connection", string(id), n)
}

func permission(p webpubsub.Permission, g webpubsub.GroupName) string {
	return fmt.Sprintf("%d %s", p, g)
}

// Settings is a store in memory.
type Settings struct {
	mu sync.Mutex
	s  webpubsub.Settings
	// Err, when set before use, is what every change fails with.
	Err error
}

// SetLabels replaces the labels.
func (s *Settings) SetLabels(_ context.Context, l webpubsub.Labels) error {
	return s.change(func(next *webpubsub.Settings) { next.Labels = l })
}

// NewSettings returns a store with keys and no hubs.
func NewSettings(k webpubsub.Keys) *Settings {
	return &Settings{s: webpubsub.Settings{Keys: k, Hubs: map[webpubsub.HubName]webpubsub.Hub{}}}
}

func (s *Settings) Settings() webpubsub.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s
}

func (s *Settings) SetKeys(_ context.Context, k webpubsub.Keys) error {
	return s.change(func(next *webpubsub.Settings) { next.Keys = k })
}

func (s *Settings) SetHub(_ context.Context, name webpubsub.HubName, h webpubsub.Hub) error {
	return s.change(func(next *webpubsub.Settings) { next.Hubs[name] = h })
}

func (s *Settings) DeleteHub(_ context.Context, name webpubsub.HubName) error {
	return s.change(func(next *webpubsub.Settings) { delete(next.Hubs, name) })
}

func (s *Settings) change(do func(*webpubsub.Settings)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Err != nil {
		return s.Err
	}
	next := s.s
	next.Hubs = maps.Clone(s.s.Hubs)
	do(&next)
	s.s = next
	return nil
}
