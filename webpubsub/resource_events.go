package webpubsub

import (
	"net/url"
	"slices"
	"strings"
)

// EventHandlerResource is an [EventHandler] inside a [HubResource].
type EventHandlerResource struct {
	URLTemplate      string   `json:"urlTemplate"`
	UserEventPattern string   `json:"userEventPattern"`
	SystemEvents     []string `json:"systemEvents"`
	// GroupPresenceEvents is nil for none.
	GroupPresenceEvents *GroupPresenceResource `json:"groupPresenceEvents,omitempty"`
	// Auth is nil for none.
	Auth *HandlerAuthResource `json:"auth,omitempty"`
}

// GroupPresenceResource is a [GroupPresence] inside an [EventHandlerResource].
type GroupPresenceResource struct {
	EventNames   []string `json:"eventNames"`
	GroupFilters []string `json:"groupFilters"`
}

// HandlerAuthResource is a [HandlerAuth] inside an [EventHandlerResource].
type HandlerAuthResource struct {
	// Type is None, StaticHeader or ClientCredentials; empty is None.
	Type              string                     `json:"type"`
	Header            *HeaderResource            `json:"header,omitempty"`
	ClientCredentials *ClientCredentialsResource `json:"clientCredentials,omitempty"`
	// ManagedIdentity is understood only to be refused with a reason.
	ManagedIdentity any `json:"managedIdentity,omitempty"`
}

// HeaderResource is a fixed header inside a [HandlerAuthResource].
type HeaderResource struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ClientCredentialsResource is a [ClientCredentials] inside a [HandlerAuthResource].
type ClientCredentialsResource struct {
	TokenURL     string `json:"tokenUrl"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	Scope        string `json:"scope,omitempty"`
}

// EventListenerResource is an [EventListener] inside a [HubResource].
type EventListenerResource struct {
	Filter   ListenerFilterResource   `json:"filter"`
	Endpoint ListenerEndpointResource `json:"endpoint"`
}

// ListenerFilterResource says which events an [EventListener] gets.
type ListenerFilterResource struct {
	// Type is EventName.
	Type             string   `json:"type"`
	SystemEvents     []string `json:"systemEvents"`
	UserEventPattern string   `json:"userEventPattern"`
}

// ListenerEndpointResource is a [ListenerEndpoint] inside a [HubResource].
type ListenerEndpointResource struct {
	Type    string `json:"type"`
	URL     string `json:"url,omitempty"`
	Subject string `json:"subject,omitempty"`
	Stream  string `json:"stream,omitempty"`
	// These belong to the type EventHub, which is refused with a reason.
	FullyQualifiedNamespace string `json:"fullyQualifiedNamespace,omitempty"`
	EventHubName            string `json:"eventHubName,omitempty"`
}

func newEventHandlerResource(e EventHandler) EventHandlerResource {
	r := EventHandlerResource{
		URLTemplate:      e.URLTemplate,
		UserEventPattern: e.UserEventPattern,
		SystemEvents:     append([]string{}, e.SystemEvents...),
	}
	if g := e.GroupPresence; len(g.EventNames)+len(g.GroupFilters) > 0 {
		r.GroupPresenceEvents = &GroupPresenceResource{append([]string{}, g.EventNames...), append([]string{}, g.GroupFilters...)}
	}
	switch a := e.Auth; {
	case a.HeaderName != "":
		r.Auth = &HandlerAuthResource{Type: "StaticHeader", Header: &HeaderResource{a.HeaderName, a.HeaderValue}}
	case a.ClientCredentials != nil:
		c := ClientCredentialsResource(*a.ClientCredentials)
		r.Auth = &HandlerAuthResource{Type: "ClientCredentials", ClientCredentials: &c}
	}
	return r
}

func newEventListenerResource(l EventListener) EventListenerResource {
	return EventListenerResource{
		Filter:   ListenerFilterResource{"EventName", append([]string{}, l.SystemEvents...), l.UserEventPattern},
		Endpoint: ListenerEndpointResource{Type: l.Endpoint.Type, URL: l.Endpoint.URL, Subject: l.Endpoint.Subject, Stream: l.Endpoint.Stream},
	}
}

func (r EventHandlerResource) handler() (EventHandler, error) {
	e := EventHandler{URLTemplate: r.URLTemplate, UserEventPattern: strings.TrimSpace(r.UserEventPattern)}
	err := checkURLTemplate(r.URLTemplate)
	if err == nil {
		err = checkUserEventPattern(e.UserEventPattern)
	}
	if err == nil {
		e.SystemEvents, err = eventWords("system event", r.SystemEvents, "connect", "connected", "disconnected")
	}
	if err == nil && r.GroupPresenceEvents != nil {
		e.GroupPresence, err = r.GroupPresenceEvents.presence()
	}
	if err == nil && r.Auth != nil {
		e.Auth, err = r.Auth.auth()
	}
	return e, err
}

// eventWords returns the words of list, in lower case and once each.
func eventWords(what string, list []string, allowed ...string) (words []string, err error) {
	for _, s := range list {
		word := strings.ToLower(s)
		if !slices.Contains(allowed, word) {
			last := len(allowed) - 1
			return nil, Errorf(BadRequest, "%s %q must be %s or %s", what, clip(s), strings.Join(allowed[:last], ", "), allowed[last])
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words, nil
}

func checkUserEventPattern(s string) error {
	if n := len(s); n > MaxUserEventPattern {
		return Errorf(BadRequest, "userEventPattern has %d bytes; the limit is %d", n, MaxUserEventPattern)
	}
	return nil
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
		if u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return Errorf(BadRequest, "urlTemplate %q: a tunnel has no host; write tunnel:///path", clip(s))
		}
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return Errorf(BadRequest, "urlTemplate %q must be an absolute http or https URL, or tunnel:///path", clip(s))
	}
	return nil
}

func (r GroupPresenceResource) presence() (g GroupPresence, err error) {
	if g.EventNames, err = eventWords("group presence event", r.EventNames, "joined", "left"); err != nil {
		return g, err
	}
	if n := len(r.GroupFilters); n > MaxGroupFilters {
		return g, Errorf(BadRequest, "groupFilters has %d entries; the limit is %d", n, MaxGroupFilters)
	}
	for _, f := range r.GroupFilters {
		if _, err := ParsePattern(f); err != nil {
			return g, Errorf(BadRequest, "group filter %q: %s", clip(f), MessageOf(err))
		}
		g.GroupFilters = append(g.GroupFilters, f)
	}
	return g, nil
}

// Match reports whether the event (joined, left) of a group is selected.
func (g GroupPresence) Match(event string, group GroupName) bool {
	return slices.Contains(g.EventNames, event) && slices.ContainsFunc(g.GroupFilters, func(f string) bool {
		p, err := ParsePattern(f)
		return err == nil && p.Match(string(group))
	})
}

func (r HandlerAuthResource) auth() (HandlerAuth, error) {
	switch strings.ToLower(r.Type) {
	case "", "none":
		return HandlerAuth{}, nil
	case "staticheader":
		if r.Header == nil || !isHTTPToken(r.Header.Name) || !isPrintableASCII(r.Header.Value) {
			return HandlerAuth{}, Errorf(BadRequest, "auth of type StaticHeader needs header.name, an HTTP header name, and header.value, printable ASCII")
		}
		return HandlerAuth{HeaderName: r.Header.Name, HeaderValue: r.Header.Value}, nil
	case "clientcredentials":
		c := r.ClientCredentials
		if c == nil || c.ClientID == "" || !isHTTPURL(c.TokenURL) {
			return HandlerAuth{}, Errorf(BadRequest, "auth of type ClientCredentials needs clientCredentials.tokenUrl, an absolute http or https URL, and clientCredentials.clientId")
		}
		credentials := ClientCredentials(*c)
		return HandlerAuth{ClientCredentials: &credentials}, nil
	case "managedidentity":
		return HandlerAuth{}, Errorf(BadRequest, "auth of type ManagedIdentity exists on Azure only; use StaticHeader, or ClientCredentials for a bearer token")
	}
	return HandlerAuth{}, Errorf(BadRequest, "auth type %q must be None, StaticHeader or ClientCredentials", clip(r.Type))
}

func isHTTPURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && len(s) <= MaxURLTemplate
}

func (r EventListenerResource) listener() (EventListener, error) {
	l := EventListener{UserEventPattern: strings.TrimSpace(r.Filter.UserEventPattern)}
	if !strings.EqualFold(r.Filter.Type, "EventName") {
		return l, Errorf(BadRequest, "filter type %q must be EventName", clip(r.Filter.Type))
	}
	err := checkUserEventPattern(l.UserEventPattern)
	if err == nil {
		l.SystemEvents, err = eventWords("system event of a listener", r.Filter.SystemEvents, "connected", "disconnected")
	}
	if err == nil {
		l.Endpoint, err = r.Endpoint.endpoint()
	}
	return l, err
}

func (r ListenerEndpointResource) endpoint() (ListenerEndpoint, error) {
	switch strings.ToLower(r.Type) {
	case "eventhub":
		return ListenerEndpoint{}, Errorf(BadRequest, "endpoint type EventHub exists on Azure only; use %s with url, or %s with url and subject", ListenerHTTP, ListenerNATS)
	case strings.ToLower(ListenerHTTP):
		if !isHTTPURL(r.URL) {
			return ListenerEndpoint{}, Errorf(BadRequest, "endpoint url %q must be an absolute http or https URL", clip(r.URL))
		}
		return ListenerEndpoint{Type: ListenerHTTP, URL: r.URL}, nil
	case strings.ToLower(ListenerNATS):
		return r.natsEndpoint()
	}
	return ListenerEndpoint{}, Errorf(BadRequest, "endpoint type %q must be %s or %s", clip(r.Type), ListenerHTTP, ListenerNATS)
}

func (r ListenerEndpointResource) natsEndpoint() (ListenerEndpoint, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" || len(r.URL) > MaxURLTemplate {
		return ListenerEndpoint{}, Errorf(BadRequest, "endpoint url %q must be nats://host:port or tls://host:port", clip(r.URL))
	}
	if r.Subject == "" || len(r.Subject) > MaxURLTemplate || strings.ContainsAny(r.Subject, " \t\r\n*>") {
		return ListenerEndpoint{}, Errorf(BadRequest, "endpoint subject %q must be a NATS subject without wildcards; {hub} and {event} are replaced", clip(r.Subject))
	}
	if strings.ContainsAny(r.Stream, " \t\r\n*>./\\") || len(r.Stream) > 255 {
		return ListenerEndpoint{}, Errorf(BadRequest, "endpoint stream %q must be the name of a JetStream stream", clip(r.Stream))
	}
	return ListenerEndpoint{Type: ListenerNATS, URL: r.URL, Subject: r.Subject, Stream: r.Stream}, nil
}

// CheckListeners returns why h cannot be the settings of a hub beside the other hubs: all
// hubs together have at most [MaxEventListeners] listeners. Errors: BadRequest.
func (s Settings) CheckListeners(name HubName, h Hub) error {
	n := len(h.EventListeners)
	for other, hub := range s.Hubs {
		if other != name {
			n += len(hub.EventListeners)
		}
	}
	if n > MaxEventListeners && len(h.EventListeners) > 0 {
		return Errorf(BadRequest, "all hubs together would have %d event listeners; the limit is %d", n, MaxEventListeners)
	}
	return nil
}
