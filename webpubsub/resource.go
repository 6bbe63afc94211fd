package webpubsub

import (
	"fmt"
	"strings"
	"time"
)

// Limits of a hub's settings.
const (
	// MaxEventHandlers is how many event handlers one hub may have.
	MaxEventHandlers = 100
	// MaxEventListeners is how many event listeners all hubs have together.
	// Source: event listeners.
	MaxEventListeners = 10
	// MaxGroupFilters is how many group filters one event handler may have.
	MaxGroupFilters = 100
	// MaxURLTemplate is the longest URL template, in bytes.
	MaxURLTemplate = 8192
	// MaxUserEventPattern is the longest user event pattern, in bytes.
	MaxUserEventPattern = 4096
	// MaxKeepAlive is the longest interval of WebSocket pings.
	// Source: hub setting webSocketKeepAliveIntervalInSeconds, 1 to 120.
	MaxKeepAlive = 120 * time.Second
)

// HubResource is a hub's settings as management tools print and send them.
// Source: resource model, WebPubSubHub.
type HubResource struct {
	Name       HubName       `json:"name"`
	Properties HubProperties `json:"properties"`
}

// HubProperties are the settings inside a [HubResource].
type HubProperties struct {
	EventHandlers  []EventHandlerResource  `json:"eventHandlers"`
	EventListeners []EventListenerResource `json:"eventListeners,omitempty"`
	// AnonymousConnectPolicy is allow or deny; empty is deny.
	AnonymousConnectPolicy string `json:"anonymousConnectPolicy"`
	// KeepAliveSeconds is 0 for the default, else 1 to 120.
	KeepAliveSeconds int `json:"webSocketKeepAliveIntervalInSeconds,omitempty"`
}

// KeysResource is the answer of key show and key regenerate.
// Source: resource model, WebPubSubKeys.
type KeysResource struct {
	PrimaryKey                string `json:"primaryKey"`
	SecondaryKey              string `json:"secondaryKey"`
	PrimaryConnectionString   string `json:"primaryConnectionString"`
	SecondaryConnectionString string `json:"secondaryConnectionString"`
}

// NewHubResource describes h. Lists are never nil, so that they print as [].
func NewHubResource(name HubName, h Hub) HubResource {
	p := HubProperties{
		EventHandlers:          []EventHandlerResource{},
		AnonymousConnectPolicy: "deny",
		KeepAliveSeconds:       int(h.KeepAlive / time.Second),
	}
	if h.AllowAnonymous {
		p.AnonymousConnectPolicy = "allow"
	}
	for _, e := range h.EventHandlers {
		p.EventHandlers = append(p.EventHandlers, newEventHandlerResource(e))
	}
	for _, l := range h.EventListeners {
		p.EventListeners = append(p.EventListeners, newEventListenerResource(l))
	}
	return HubResource{Name: name, Properties: p}
}

// Hub returns the settings p describes. Words are taken in any case.
// Errors: BadRequest, naming the property.
func (p HubProperties) Hub() (Hub, error) {
	if n := len(p.EventHandlers); n > MaxEventHandlers {
		return Hub{}, Errorf(BadRequest, "eventHandlers has %d entries; the limit is %d", n, MaxEventHandlers)
	}
	if n := len(p.EventListeners); n > MaxEventListeners {
		return Hub{}, Errorf(BadRequest, "eventListeners has %d entries; the limit is %d over all hubs", n, MaxEventListeners)
	}
	h := Hub{KeepAlive: time.Duration(p.KeepAliveSeconds) * time.Second}
	if p.KeepAliveSeconds < 0 || h.KeepAlive > MaxKeepAlive {
		return Hub{}, Errorf(BadRequest, "webSocketKeepAliveIntervalInSeconds is %d; it must be 1 to %d", p.KeepAliveSeconds, MaxKeepAlive/time.Second)
	}
	switch strings.ToLower(p.AnonymousConnectPolicy) {
	case "", "deny":
	case "allow":
		h.AllowAnonymous = true
	default:
		return Hub{}, Errorf(BadRequest, "anonymousConnectPolicy %q must be allow or deny", clip(p.AnonymousConnectPolicy))
	}
	for i, r := range p.EventHandlers {
		e, err := r.handler()
		if err != nil {
			return Hub{}, Errorf(BadRequest, "event handler %d: %s", i+1, MessageOf(err))
		}
		h.EventHandlers = append(h.EventHandlers, e)
	}
	for i, r := range p.EventListeners {
		l, err := r.listener()
		if err != nil {
			return Hub{}, Errorf(BadRequest, "event listener %d: %s", i+1, MessageOf(err))
		}
		h.EventListeners = append(h.EventListeners, l)
	}
	return h, nil
}

// NewKeysResource describes k for the service at endpoint, an origin without a trailing
// slash such as https://wps.example.net.
func NewKeysResource(endpoint string, k Keys) KeysResource {
	connection := func(key string) string {
		return fmt.Sprintf("Endpoint=%s;AccessKey=%s;Version=1.0;", endpoint, key)
	}
	return KeysResource{
		PrimaryKey:                k.Primary,
		SecondaryKey:              k.Secondary,
		PrimaryConnectionString:   connection(k.Primary),
		SecondaryConnectionString: connection(k.Secondary),
	}
}
