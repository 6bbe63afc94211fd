package webpubsub

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Limits of a hub's settings.
const (
	// MaxEventHandlers is how many event handlers one hub may have.
	MaxEventHandlers = 100
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
	EventHandlers []EventHandlerResource `json:"eventHandlers"`
	// AnonymousConnectPolicy is allow or deny; empty is deny.
	AnonymousConnectPolicy string `json:"anonymousConnectPolicy"`
	// KeepAliveSeconds is 0 for the default, else 1 to 120.
	KeepAliveSeconds int `json:"webSocketKeepAliveIntervalInSeconds,omitempty"`
}

// EventHandlerResource is an [EventHandler] inside a [HubResource].
type EventHandlerResource struct {
	URLTemplate      string   `json:"urlTemplate"`
	UserEventPattern string   `json:"userEventPattern"`
	SystemEvents     []string `json:"systemEvents"`
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
		p.EventHandlers = append(p.EventHandlers, EventHandlerResource{
			URLTemplate:      e.URLTemplate,
			UserEventPattern: e.UserEventPattern,
			SystemEvents:     append([]string{}, e.SystemEvents...),
		})
	}
	return HubResource{Name: name, Properties: p}
}

// Hub returns the settings p describes. Words are taken in any case.
// Errors: BadRequest, naming the property.
func (p HubProperties) Hub() (Hub, error) {
	if n := len(p.EventHandlers); n > MaxEventHandlers {
		return Hub{}, Errorf(BadRequest, "eventHandlers has %d entries; the limit is %d", n, MaxEventHandlers)
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
	return h, nil
}

func (r EventHandlerResource) handler() (EventHandler, error) {
	e := EventHandler{URLTemplate: r.URLTemplate, UserEventPattern: strings.TrimSpace(r.UserEventPattern)}
	if err := checkURLTemplate(r.URLTemplate); err != nil {
		return e, err
	}
	if n := len(e.UserEventPattern); n > MaxUserEventPattern {
		return e, Errorf(BadRequest, "userEventPattern has %d bytes; the limit is %d", n, MaxUserEventPattern)
	}
	for _, s := range r.SystemEvents {
		name := strings.ToLower(s)
		if !slices.Contains([]string{"connect", "connected", "disconnected"}, name) {
			return e, Errorf(BadRequest, "system event %q must be connect, connected or disconnected", clip(s))
		}
		if !slices.Contains(e.SystemEvents, name) {
			e.SystemEvents = append(e.SystemEvents, name)
		}
	}
	return e, nil
}

func checkURLTemplate(s string) error {
	if n := len(s); n > MaxURLTemplate {
		return Errorf(BadRequest, "urlTemplate has %d bytes; the limit is %d", n, MaxURLTemplate)
	}
	if strings.Contains(strings.ToLower(s), "{@microsoft.keyvault") {
		return Errorf(BadRequest, "urlTemplate refers to Azure Key Vault, which is not available here; write the value itself")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return Errorf(BadRequest, "urlTemplate %q is not a URL; {hub} and {event} may stand in its path and query", clip(s))
	case u.Scheme == "tunnel":
		return Errorf(BadRequest, "urlTemplate %q: tunnels are not supported; use http or https", clip(s))
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return Errorf(BadRequest, "urlTemplate %q must be an absolute http or https URL", clip(s))
	}
	return nil
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
