package listener

import (
	"context"
	"errors"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// Event is a copy of an event, in the shape that listeners on Azure know from Event Hubs.
// It must not be changed.
type Event struct {
	Hub webpubsub.HubName
	// Name is without prefix: connected, disconnected, or that of a user event.
	Name string
	// MessageID is {connectionId}/{ce-id}, unique for the service.
	MessageID string
	// PartitionKey is the connection id: events that share it are in order.
	PartitionKey string
	ContentType  string
	// Properties are the application properties: cloudEvents:type and the like, and
	// x-webpubsub-metadata-{key}.
	Properties map[string]string
	Body       []byte
	// Signature is that of a request to an event handler, for sinks that speak HTTP.
	Signature string
	// Origin is the service's host.
	Origin string
}

// Headers are e's properties for protocols whose headers cannot have a colon: ce-type and
// the like, as in all bindings of CloudEvents, x-webpubsub-metadata-{key}, and
// content-type.
func (e Event) Headers() map[string]string {
	h := map[string]string{"content-type": e.ContentType}
	for name, value := range e.Properties {
		if attribute, ok := strings.CutPrefix(name, "cloudEvents:"); ok {
			name = "ce-" + attribute
		}
		h[name] = value
	}
	return h
}

// Sink takes events. Implementations are safe for concurrent use.
type Sink interface {
	// Send hands over an event; when it returns nil, the event is safe with the
	// receiver. An error that is [ErrRefused] is not tried again.
	Send(ctx context.Context, e Event) error
	// Close lets go of connections. It is called once, after the last Send.
	Close() error
}

// Factory opens the sink of an endpoint. It should return at once, and leave connecting
// to the first Send or to the background.
type Factory func(webpubsub.ListenerEndpoint) (Sink, error)

// Stats count the events that were meant for sinks.
type Stats struct {
	Sent uint64
	// Failed is what a sink did not take, further attempts included.
	Failed uint64
	// Dropped is what found the queue full, or came while shutting down.
	Dropped uint64
}

// ErrRefused is a receiver's final no.
var ErrRefused = errors.New("event refused")
