package eventhandler

import "github.com/easelhq/easel/webpubsub"

// Connection says where an event comes from.
type Connection struct {
	Hub          webpubsub.HubName
	ConnectionID webpubsub.ConnectionID
	// UserID is empty for an anonymous connection.
	UserID webpubsub.UserID
	// Subprotocol is the agreed one; empty at connect and for simple clients.
	Subprotocol string
	// State is what a handler last attached to the connection; nil when none did.
	State *string
	// EventID counts the connection's events: connect is 0.
	EventID uint64
}

// ConnectRequest is a client that wants to connect.
type ConnectRequest struct {
	Connection
	// Claims are those of the client's token; Query and Headers of its handshake.
	Claims, Query, Headers map[string][]string
	// Subprotocols are the names the client offers, in its order.
	Subprotocols []string
	// ClientCertificates are there with mutual TLS.
	ClientCertificates []Certificate
}

// Certificate is a client's TLS certificate.
type Certificate struct {
	// Thumbprint is the SHA-1 digest in hexadecimal.
	Thumbprint string `json:"thumbprint"`
	// Content is PEM.
	Content string `json:"content"`
}

// ConnectResponse accepts a client; nil fields keep what its token says.
type ConnectResponse struct {
	// UserID "" makes the connection anonymous.
	UserID *string
	// Groups replace those of the token. An empty list keeps them, like nil.
	Groups []string
	// Roles replace those of the token. An empty list that is not nil removes them.
	Roles []string
	// Subprotocol has to be one that the client offers; empty leaves the choice to the
	// service.
	Subprotocol string
	// State is attached to the connection. It travels in a header: no control
	// characters, and best below 4 KiB.
	State *string
}

// ConnectedEvent is a client that has connected.
type ConnectedEvent struct{ Connection }

// DisconnectedEvent is a client that is gone for good.
type DisconnectedEvent struct {
	Connection
	// Reason may be empty.
	Reason string
}

// GroupEvent is a connection that has joined or left a group.
type GroupEvent struct {
	Connection
	Group webpubsub.GroupName
}

// UserEvent is an event that a client sent.
type UserEvent struct {
	Connection
	// Name is "message" for what a simple client sends.
	Name webpubsub.EventName
	Data webpubsub.Data
	// Metadata came with the data, its keys in lower case; nil is none.
	Metadata webpubsub.Metadata
}

// UserResponse answers a user event.
type UserResponse struct {
	// Data is sent to the client that sent the event; nil or empty sends nothing, unless
	// there is Metadata.
	Data *webpubsub.Data
	// Metadata goes with Data, within the limits of [webpubsub.Metadata.Check].
	Metadata webpubsub.Metadata
	// State replaces the connection's; nil keeps it. See [ConnectResponse].
	State *string
}
