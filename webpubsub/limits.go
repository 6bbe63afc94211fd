package webpubsub

import "time"

// Limits of the service. Errors that report a breach name the value and the limit.
const (
	// MaxHubName is the longest hub name, in characters. Source: REST API, hub pattern.
	MaxHubName = 128
	// MaxGroupName is the longest group name, in UTF-16 code units, as .NET counts.
	// Source: REST API, group.
	MaxGroupName = 1024
	// MaxEventName is the longest user event name, in characters.
	MaxEventName = 128
	// MaxMessageBytes is the largest client message after reassembly, and the largest
	// REST body. Source: Web PubSub limits, message size.
	MaxMessageBytes = 1 << 20
	// MaxHandlerResponseBytes is how much of an event handler's response is read.
	MaxHandlerResponseBytes = 16 << 20
	// MaxQueuedMessages and MaxQueuedBytes bound what waits for one connection: the
	// outbound queue of a plain one, the unacknowledged messages of a reliable one.
	// One more closes the connection with 1008. Source: client spec, sequence ack.
	MaxQueuedMessages = 1000
	MaxQueuedBytes    = 16 << 20
	// MaxTTL is the longest that a message may say it waits for a detached connection.
	// Source: JSON subprotocol, sendToGroup.
	MaxTTL = 300 * time.Second
	// MaxStreamID and MaxInvocationID are the longest ids that clients may choose, in bytes.
	MaxStreamID     = 1024
	MaxInvocationID = 1024
	// DefaultStreamIdle is how long a stream may be silent when its start does not say.
	// Source: streaming to a group.
	DefaultStreamIdle = 300 * time.Second
	// MaxStreams is how many streams one connection may publish at a time, and how many of
	// its finished ones are remembered.
	MaxStreams = 100
	// MaxInvocations is how many invocations of one connection may be at their handler or
	// wait for it; one more is refused.
	MaxInvocations = 100
	// MaxGroupStates is in how many groups one connection may have a state, and to how many
	// groups' states it may be subscribed; one more is refused.
	MaxGroupStates = 100
	// MaxGroupStateBytes bounds all keys and values of one connection's state in a group.
	MaxGroupStateBytes = 8192
	// MaxRememberedAckIDs is how many successful ack ids a connection remembers,
	// first in, first out.
	MaxRememberedAckIDs = 1000
	// RecoveryWindow is how long a dropped reliable connection waits for its client.
	// The client gives up after 30 s; the rest is grace for a request on its way.
	RecoveryWindow = 35 * time.Second
	// DefaultKeepAlive is the interval of WebSocket pings. Source: hub setting
	// webSocketKeepAliveIntervalInSeconds, 1 to 120, default 20.
	DefaultKeepAlive = 20 * time.Second
	// HandlerTimeout bounds one event delivery, retries included.
	HandlerTimeout = 100 * time.Second
	// ValidationTimeout bounds one abuse-protection request.
	ValidationTimeout = 10 * time.Second
)
