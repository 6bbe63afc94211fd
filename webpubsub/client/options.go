package client

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// URLSource returns where to connect: a ws or wss URL with its access token. It is called
// for each new connection, so it can fetch a fresh token each time; a recovery uses the URL
// of its connection. It is not called concurrently.
type URLSource func(context.Context) (string, error)

// URL is a source of one URL. Its token must outlive the last reconnection.
func URL(u string) URLSource {
	return func(context.Context) (string, error) { return u, nil }
}

// Subprotocol is the language of a connection.
type Subprotocol string

// The subprotocols. The reliable ones recover lost sockets without losing a message. The
// protobuf ones are smaller, name no sender, and know neither invocations nor group state.
const (
	ReliableJSON     Subprotocol = "json.reliable.webpubsub.azure.v1"
	PlainJSON        Subprotocol = "json.webpubsub.azure.v1"
	ReliableProtobuf Subprotocol = "protobuf.reliable.webpubsub.azure.v1"
	PlainProtobuf    Subprotocol = "protobuf.webpubsub.azure.v1"
)

func (s Subprotocol) known() bool {
	switch s {
	case ReliableJSON, PlainJSON, ReliableProtobuf, PlainProtobuf:
		return true
	}
	return false
}

func (s Subprotocol) reliable() bool { return s == ReliableJSON || s == ReliableProtobuf }

func (s Subprotocol) format() wire.Format {
	if strings.HasPrefix(string(s), "protobuf.") {
		return wire.Protobuf
	}
	return wire.JSON
}

// Options configure [New]. The zero value works. Callbacks run one at a time, in order, on a
// goroutine of the client; they may call its methods, but not Close and Shutdown, which wait
// for them. When callbacks take longer than the connection comes and goes, more than 64
// wait and the oldest are left out.
type Options struct {
	// Subprotocol is ReliableJSON when empty.
	Subprotocol Subprotocol
	// HTTPClient makes the handshakes: its transport has the TLS settings, proxy and dialer.
	// Nil is http.DefaultClient.
	HTTPClient *http.Client
	// Header goes with each handshake. Nil is none.
	Header http.Header
	// ConnectTimeout bounds one attempt to connect: URL, handshake and greeting together.
	// 0 is 30 s.
	ConnectTimeout time.Duration

	// NoReconnect stops the client when its connection is lost for good.
	NoReconnect bool
	// NoRejoin leaves it to the app to join groups, subscribe to group state and set it on
	// a new connection.
	NoRejoin bool
	// RetryDelay is the pause between attempts to recover a connection or to repeat an
	// operation, and the first pause before a new connection. 0 is 1 s.
	RetryDelay time.Duration
	// MaxReconnectDelay is what the pause between attempts to open a new connection grows
	// to; it doubles each time. 0 is 30 s.
	MaxReconnectDelay time.Duration
	// Jitter is the part of each pause, 0 to 1, by which it is made longer or shorter at
	// random, so that clients don't come back all at once. 0 is 0.3; negative is none.
	Jitter float64
	// MaxRetries is how often an operation is repeated that the service failed to carry out
	// or that got no answer before its connection was lost for good. It is not repeated
	// when the service refuses it. 0 is 3; negative is never.
	MaxRetries int

	// KeepAlive is the interval of pings. 0 is 20 s; negative is none.
	KeepAlive time.Duration
	// KeepAliveTimeout is after how long without a message of the service, pongs included,
	// the socket counts as lost. 0 is 45 s; negative is never.
	KeepAliveTimeout time.Duration

	// MaxReceivedMessages and MaxReceivedBytes bound what was received and not yet taken;
	// beyond, the client stops reading. 0 is 1000 messages and 16 MiB.
	MaxReceivedMessages int
	MaxReceivedBytes    int
	// NoReceive throws messages away as they come, for an app that does not call Receive.
	NoReceive bool
	// AcceptStreams gives messages that are parts of streams to AcceptStream. Otherwise
	// they come from Receive one by one, with Stream set.
	AcceptStreams bool

	// Metadata goes with each message and event, beside its own, which wins. Nil is none.
	Metadata webpubsub.Metadata

	// OnConnected is called for each new connection, not for recovered ones. What the app
	// does then comes after the groups are joined again.
	OnConnected func(Connection)
	// OnDisconnected is called when a connection is lost for good, and why.
	OnDisconnected func(Connection, error)
	// OnStopped is called last, once: after Close, or with NoReconnect. The error is that
	// of [Client.Err].
	OnStopped func(error)
	// OnRejoinFailed is called when a group could not be joined again, or a subscription
	// or state not be renewed, on a new connection. It is then forgotten.
	OnRejoinFailed func(webpubsub.GroupName, error)

	// Logger receives drops, retries and what the client does not understand; nil discards.
	Logger *slog.Logger
}

// Connection is a logical connection, as the service named it.
type Connection struct {
	ID webpubsub.ConnectionID
	// UserID is empty for an anonymous client.
	UserID webpubsub.UserID
}

// withDefaults returns a copy with every zero value replaced. Durations that are negative
// stay so.
func (o *Options) withDefaults() (Options, error) {
	var d Options
	if o != nil {
		d = *o
	}
	orElse(&d.Subprotocol, ReliableJSON)
	orElse(&d.HTTPClient, http.DefaultClient)
	orElse(&d.ConnectTimeout, 30*time.Second)
	orElse(&d.RetryDelay, time.Second)
	orElse(&d.MaxReconnectDelay, 30*time.Second)
	orElse(&d.Jitter, 0.3)
	orElse(&d.MaxRetries, 3)
	orElse(&d.KeepAlive, 20*time.Second)
	orElse(&d.KeepAliveTimeout, 45*time.Second)
	orElse(&d.MaxReceivedMessages, 1000)
	orElse(&d.MaxReceivedBytes, 16<<20)
	orElse(&d.Logger, slog.New(slog.DiscardHandler))
	d.Jitter = max(d.Jitter, 0)
	d.MaxRetries = max(d.MaxRetries, 0)
	switch {
	case !d.Subprotocol.known():
		return d, webpubsub.Errorf(webpubsub.BadRequest, "subprotocol %q is unknown", string(d.Subprotocol))
	case d.Jitter > 1:
		return d, webpubsub.Errorf(webpubsub.BadRequest, "jitter is %v; it takes 0 to 1", d.Jitter)
	case d.ConnectTimeout < 0 || d.RetryDelay < 0 || d.MaxReconnectDelay < 0 || d.MaxReceivedMessages < 0 || d.MaxReceivedBytes < 0:
		return d, webpubsub.Errorf(webpubsub.BadRequest, "a time or bound is negative")
	}
	return d, d.Metadata.Check()
}

func orElse[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}
