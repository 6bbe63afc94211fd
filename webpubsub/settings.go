package webpubsub

import (
	"context"
	"time"
)

// Settings are what an operator configures and what survives a restart. A Settings
// value is never changed in place: a store hands out a new one.
type Settings struct {
	Keys   Keys
	Hubs   map[HubName]Hub
	Labels Labels
}

// Keys are the two access keys; both are valid at any time, so that one can be rotated
// while the other is in use. A key is used as its raw UTF-8 bytes.
type Keys struct {
	Primary   string
	Secondary string
}

// Hub is one hub's settings. A hub that was never configured works with the zero value:
// no handlers, no anonymous clients.
type Hub struct {
	EventHandlers  []EventHandler
	EventListeners []EventListener
	AllowAnonymous bool
	// KeepAlive is the interval of WebSocket pings; 0 is [DefaultKeepAlive].
	KeepAlive time.Duration
}

// EventHandler says which events of a hub go to which upstream.
type EventHandler struct {
	// URLTemplate is an absolute http or https URL, or tunnel:///path for an app server
	// that connects to the service; {hub} and {event} in its path or query are replaced.
	URLTemplate string
	// UserEventPattern selects user events: empty for none, * for all, else names and
	// patterns separated by commas.
	UserEventPattern string
	// SystemEvents is a subset of connect, connected, disconnected.
	SystemEvents []string
	// GroupPresence selects the comings and goings of group members.
	GroupPresence GroupPresence
	// Auth is how the service shows who it is; the zero value sends nothing.
	Auth HandlerAuth
}

// GroupPresence selects events of groups. The zero value selects none.
type GroupPresence struct {
	// EventNames is a subset of joined, left.
	EventNames []string
	// GroupFilters are patterns, as in [ParsePattern]; a group has to match one.
	GroupFilters []string
}

// HandlerAuth is what the service adds to the requests to a handler, besides the
// signature: nothing, a fixed header, or a bearer token that it gets for client
// credentials. It stands in for the managed identities of Azure.
type HandlerAuth struct {
	// HeaderName and HeaderValue are a fixed header; an empty name is none.
	HeaderName, HeaderValue string
	// ClientCredentials are for a bearer token; nil is none.
	ClientCredentials *ClientCredentials
}

// ClientCredentials get an access token from an OAuth 2.0 server. Source: RFC 6749, 4.4.
type ClientCredentials struct {
	TokenURL     string
	ClientID     string
	ClientSecret string
	// Scope may be empty.
	Scope string
}

// EventListener gets copies of a hub's events; clients and handlers never notice it.
// Source: event listeners.
type EventListener struct {
	// SystemEvents is a subset of connected, disconnected.
	SystemEvents []string
	// UserEventPattern is empty for none, * for all, else names separated by commas.
	UserEventPattern string
	Endpoint         ListenerEndpoint
}

// ListenerEndpoint is where copies of events go. It is comparable: equal endpoints are one.
type ListenerEndpoint struct {
	// Type is [ListenerHTTP], [ListenerNATS], or another that the service was built with.
	Type string
	URL  string
	// Subject is a NATS subject; {hub} and {event} in it are replaced, with _ for their dots.
	Subject string
	// Stream is the JetStream stream that has to take the subject; empty is any.
	Stream string
}

// Types of listener endpoints.
const (
	ListenerHTTP = "Http"
	ListenerNATS = "NatsJetStream"
)

// SettingsStore keeps the settings. Implementations are safe for concurrent use; a
// change is durable when the call returns.
type SettingsStore interface {
	// Settings returns the current settings; cheap enough to call for each event.
	Settings() Settings
	// SetKeys replaces both keys.
	SetKeys(ctx context.Context, k Keys) error
	// SetHub creates or replaces a hub's settings.
	SetHub(ctx context.Context, name HubName, h Hub) error
	// DeleteHub forgets a hub's settings; a missing hub is not an error.
	DeleteHub(ctx context.Context, name HubName) error
}

// LabelStore is a [SettingsStore] that keeps labels too.
type LabelStore interface {
	// SetLabels replaces what the service is called.
	SetLabels(ctx context.Context, l Labels) error
}
