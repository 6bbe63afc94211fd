package upstream

import (
	"fmt"
	"net/http"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/story"
)

// Source says which connection an event comes from, and its state at that moment.
type Source struct {
	Hub          webpubsub.HubName
	ConnectionID webpubsub.ConnectionID
	// Story is told what becomes of events; nil is nobody.
	Story *story.Log
	// UserID is empty for an anonymous connection.
	UserID webpubsub.UserID
	// Subprotocol is the agreed one; empty at connect and for simple clients.
	Subprotocol string
	// State is the connection state; nil when no handler ever set one.
	State *string
	// EventID counts the connection's events: connect is 0, connected 1, and so on.
	EventID uint64
	// Session belongs to the connection; nil keeps no session.
	Session *Session
}

// ConnectRequest is what a client brought to its handshake. Credentials in it (the
// access_token of the query, the Authorization header) are not delivered.
type ConnectRequest struct {
	Claims, Query, Headers map[string][]string
	// Subprotocols are the names the client offers, in its order.
	Subprotocols []string
}

// ConnectResponse is a handler's say about a new connection. Nil keeps what the token says.
type ConnectResponse struct {
	// UserID "" makes the connection anonymous.
	UserID *string
	// Groups replace the token's; they are valid names and never an empty list, which
	// keeps the token's.
	Groups *[]string
	// Roles replace the token's; an empty list removes them all.
	Roles *[]string
	// Subprotocol is one of those offered, in the client's spelling; empty leaves the
	// choice to the service.
	Subprotocol string
	// State is the new connection state; nil leaves it unset.
	State *string
}

// UserResponse is a handler's answer to a user event.
type UserResponse struct {
	// Data is for the client that sent the event; nil is no message.
	Data *webpubsub.Data
	// Metadata goes with Data.
	Metadata webpubsub.Metadata
	// State is the new connection state; nil keeps the present one.
	State *string
}

// StatusError is the HTTP status that refuses a client at connect.
type StatusError struct {
	Status int
	// Err is why, for the log only.
	Err error
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("connect refused with %d %s: %v", e.Status, http.StatusText(e.Status), e.Err)
}

func (e *StatusError) Unwrap() error { return e.Err }
