// Package rest is the service's HTTP API for app servers: the data plane under
// /api/hubs and /api/health as Azure Web PubSub serves it, and the settings API of our
// own under /api/settings. It decodes, checks and encodes; an [Engine] does the work.
package rest

import (
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/filter"
)

// SendOptions refine a send.
type SendOptions struct {
	// Excluded connections do not receive the message; unknown ids are harmless.
	Excluded []webpubsub.ConnectionID
	// Filter selects among the receivers; nil is all of them.
	Filter *filter.Filter
	// Metadata goes with the data; nil is none.
	Metadata webpubsub.Metadata
	// TTL bounds how long the message waits for a detached reliable connection; 0 is
	// no limit.
	TTL time.Duration
}

// Member is one connection of a group.
type Member struct {
	ConnectionID webpubsub.ConnectionID
	// UserID is empty for an anonymous connection.
	UserID webpubsub.UserID
}

// Engine is what the API acts on: the connections of all hubs. Implementations are safe
// for concurrent use and never wait for a slow receiver.
//
// A detached connection that may still be recovered counts as existing. Sends and
// closes reach whoever is there; nobody is not an error.
type Engine interface {
	SendToAll(hub webpubsub.HubName, d webpubsub.Data, o SendOptions)
	SendToGroup(hub webpubsub.HubName, g webpubsub.GroupName, d webpubsub.Data, o SendOptions)
	SendToUser(hub webpubsub.HubName, u webpubsub.UserID, d webpubsub.Data, o SendOptions)
	SendToConnection(hub webpubsub.HubName, id webpubsub.ConnectionID, d webpubsub.Data, o SendOptions)

	ConnectionExists(hub webpubsub.HubName, id webpubsub.ConnectionID) bool
	// GroupExists reports whether g has at least one member.
	GroupExists(hub webpubsub.HubName, g webpubsub.GroupName) bool
	UserExists(hub webpubsub.HubName, u webpubsub.UserID) bool

	CloseConnection(hub webpubsub.HubName, id webpubsub.ConnectionID, reason string)
	CloseAll(hub webpubsub.HubName, excluded []webpubsub.ConnectionID, reason string)
	CloseGroup(hub webpubsub.HubName, g webpubsub.GroupName, excluded []webpubsub.ConnectionID, reason string)
	CloseUser(hub webpubsub.HubName, u webpubsub.UserID, excluded []webpubsub.ConnectionID, reason string)

	// AddConnectionToGroup fails with NotFound when there is no such connection.
	AddConnectionToGroup(hub webpubsub.HubName, g webpubsub.GroupName, id webpubsub.ConnectionID) error
	RemoveConnectionFromGroup(hub webpubsub.HubName, g webpubsub.GroupName, id webpubsub.ConnectionID)
	RemoveConnectionFromAllGroups(hub webpubsub.HubName, id webpubsub.ConnectionID)
	// AddUserToGroup adds the present connections of u; it fails with NotFound when
	// there are none.
	AddUserToGroup(hub webpubsub.HubName, u webpubsub.UserID, g webpubsub.GroupName) error
	RemoveUserFromGroup(hub webpubsub.HubName, u webpubsub.UserID, g webpubsub.GroupName)
	RemoveUserFromAllGroups(hub webpubsub.HubName, u webpubsub.UserID)
	// AddConnectionsToGroups adds the present connections of the hub that f selects to
	// every one of the groups; RemoveConnectionsFromGroups takes them out.
	AddConnectionsToGroups(hub webpubsub.HubName, groups []webpubsub.GroupName, f *filter.Filter)
	RemoveConnectionsFromGroups(hub webpubsub.HubName, groups []webpubsub.GroupName, f *filter.Filter)
	// GroupMembers returns at most limit members of g whose ids are greater than after,
	// in ascending order of id, bytewise.
	GroupMembers(hub webpubsub.HubName, g webpubsub.GroupName, after webpubsub.ConnectionID, limit int) []Member

	// Grant and Revoke fail with NotFound when there is no such connection and with
	// Conflict when its list of permissions is full.
	Grant(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error
	Revoke(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) error
	// HasPermission fails with NotFound when there is no such connection.
	HasPermission(hub webpubsub.HubName, p webpubsub.Permission, id webpubsub.ConnectionID, g webpubsub.GroupName) (bool, error)
}
