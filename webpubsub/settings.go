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
	AllowAnonymous bool
	// KeepAlive is the interval of WebSocket pings; 0 is [DefaultKeepAlive].
	KeepAlive time.Duration
}

// EventHandler says which events of a hub go to which upstream.
type EventHandler struct {
	// URLTemplate is an absolute http or https URL; {hub} and {event} in its path or
	// query are replaced.
	URLTemplate string
	// UserEventPattern selects user events: empty for none, * for all, else names and
	// patterns separated by commas.
	UserEventPattern string
	// SystemEvents is a subset of connect, connected, disconnected.
	SystemEvents []string
}

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
