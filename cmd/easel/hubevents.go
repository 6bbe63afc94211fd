package main

import (
	"slices"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

const (
	handlerHelp = `url-template=URL [user-event-pattern=PATTERN] [system-event=connect|connected|disconnected]…
[group-event=joined|left]… [group-filter=PATTERN]… [auth-type=None|StaticHeader|ClientCredentials]
[auth-header='NAME: VALUE'] [auth-token-url=URL auth-client-id=ID auth-client-secret=SECRET auth-scope=SCOPE]; repeatable`
	listenerHelp = `url=URL [type=Http|NatsJetStream] [subject=SUBJECT] [stream=STREAM] [user-event-pattern=PATTERN]
[system-event=connected|disconnected]…; repeatable; none without any words`
)

// takeEvents takes event handlers and listeners, each with the words that follow its flag,
// out of args.
func (c *hubChange) takeEvents(args []string) (rest []string, err error) {
	handlers, args := takeWords(args, "event-handler")
	for _, words := range handlers {
		var h webpubsub.EventHandlerResource
		if err := eachField("event-handler", words, func(key, value string) bool { return setHandler(&h, key, value) }); err != nil {
			return nil, err
		}
		if h.URLTemplate == "" {
			return nil, usagef("--event-handler has no url-template=")
		}
		c.handlers = append(c.handlers, h)
	}
	listeners, args := takeWords(args, "event-listener")
	for _, words := range listeners {
		c.setListeners = true
		if len(words) == 0 {
			continue
		}
		l := webpubsub.EventListenerResource{Filter: webpubsub.ListenerFilterResource{Type: "EventName"}}
		l.Endpoint.Type = webpubsub.ListenerHTTP
		if err := eachField("event-listener", words, func(key, value string) bool { return setListener(&l, key, value) }); err != nil {
			return nil, err
		}
		c.listeners = append(c.listeners, l)
	}
	return args, nil
}

// spaced are the fields whose values may hold spaces.
var spaced = []string{"auth-header", "auth-client-secret", "auth-scope"}

// eachField reads words of the form key=value. One word may hold several, as when all were
// quoted together. Set reports whether it knows the key.
func eachField(flag string, words []string, set func(key, value string) bool) error {
	for _, word := range words {
		fields := strings.Fields(word)
		if key, _, _ := strings.Cut(word, "="); slices.Contains(spaced, key) {
			fields = []string{word}
		}
		for _, field := range fields {
			key, value, ok := strings.Cut(field, "=")
			if !ok {
				return usagef("--%s: %q is not of the form key=value", flag, field)
			}
			if !set(key, strings.Trim(value, `"'`)) {
				return usagef("--%s: %q is not known there; easel hub create -h lists what is", flag, key)
			}
		}
	}
	return nil
}

func setHandler(h *webpubsub.EventHandlerResource, key, value string) bool {
	switch key {
	case "url-template":
		h.URLTemplate = value
	case "user-event-pattern":
		h.UserEventPattern = value
	case "system-event":
		h.SystemEvents = append(h.SystemEvents, value)
	case "group-event", "group-filter":
		if h.GroupPresenceEvents == nil {
			h.GroupPresenceEvents = &webpubsub.GroupPresenceResource{}
		}
		if g := h.GroupPresenceEvents; key == "group-event" {
			g.EventNames = append(g.EventNames, value)
		} else {
			g.GroupFilters = append(g.GroupFilters, value)
		}
	default:
		auth, ok := strings.CutPrefix(key, "auth-")
		return ok && setAuth(h, auth, value)
	}
	return true
}

func setAuth(h *webpubsub.EventHandlerResource, key, value string) bool {
	if h.Auth == nil {
		h.Auth = &webpubsub.HandlerAuthResource{}
	}
	a := h.Auth
	credentials := func() *webpubsub.ClientCredentialsResource {
		if a.ClientCredentials == nil {
			a.ClientCredentials = &webpubsub.ClientCredentialsResource{}
		}
		return a.ClientCredentials
	}
	switch key {
	case "type":
		a.Type = value
	case "header":
		name, text, _ := strings.Cut(value, ":")
		a.Header = &webpubsub.HeaderResource{Name: name, Value: strings.TrimSpace(text)}
	case "resource": // of a managed identity, which the service refuses with its reason
		a.ManagedIdentity = map[string]string{"resource": value}
	case "token-url":
		credentials().TokenURL = value
	case "client-id":
		credentials().ClientID = value
	case "client-secret":
		credentials().ClientSecret = value
	case "scope":
		credentials().Scope = value
	default:
		return false
	}
	return true
}

func setListener(l *webpubsub.EventListenerResource, key, value string) bool {
	switch key {
	case "type":
		l.Endpoint.Type = value
	case "url":
		l.Endpoint.URL = value
	case "subject":
		l.Endpoint.Subject = value
	case "stream":
		l.Endpoint.Stream = value
	case "user-event-pattern":
		l.Filter.UserEventPattern = value
	case "system-event":
		l.Filter.SystemEvents = append(l.Filter.SystemEvents, value)
	default:
		return false
	}
	return true
}
