package client

import (
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// ErrClosed is what everything returns after [Client.Close]. Its code is Unavailable.
var ErrClosed error = &webpubsub.Error{Code: webpubsub.Unavailable, Msg: "the client is closed"}

var (
	errNotStarted   = webpubsub.Errorf(webpubsub.Unavailable, "the client is not started")
	errNotConnected = webpubsub.Errorf(webpubsub.Unavailable, "there is no connection at the moment")
	errLost         = webpubsub.Errorf(webpubsub.Unavailable, "the connection was lost before the service answered")
	errSilent       = webpubsub.Errorf(webpubsub.Unavailable, "the service was silent for too long")
	errStreamEnded  = webpubsub.Errorf(webpubsub.Conflict, "the stream is closed already")
)

// codes are what the names of errors in acks, invoke responses and stream frames mean.
// Source: JSON subprotocol, ack and streaming.
var codes = map[string]webpubsub.Code{
	wire.ErrForbidden:         webpubsub.Forbidden,
	wire.ErrDuplicate:         webpubsub.Duplicate,
	wire.ErrBadRequest:        webpubsub.BadRequest,
	wire.ErrInternal:          webpubsub.Internal,
	wire.ErrStreamNotFound:    webpubsub.NotFound,
	wire.ErrIdleTimeout:       webpubsub.Unavailable,
	wire.ErrCancelled:         webpubsub.Unavailable,
	wire.ErrUser:              webpubsub.Internal,
	wire.ErrInvalidSequenceID: webpubsub.Internal,
	"NotFound":                webpubsub.NotFound,
	"Timeout":                 webpubsub.Unavailable,
	"TransientError":          webpubsub.Unavailable,
	"InvocationFailed":        webpubsub.Internal,
}

// serviceError is an error as the service named it. A nil one is that of a service that says
// no without saying why.
func serviceError(e *wire.Error) error {
	if e == nil {
		return webpubsub.Errorf(webpubsub.Internal, "the service failed and did not say why")
	}
	code, known := codes[e.Name]
	msg := e.Message
	if msg == "" || !known {
		msg = e.Name + ": " + msg
	}
	return &webpubsub.Error{Code: code, Msg: msg}
}

// mayRepeat reports whether an operation that failed so may go well the next time.
func mayRepeat(err error) bool {
	code := webpubsub.CodeOf(err)
	return code == webpubsub.Internal || code == webpubsub.Unavailable
}

// StreamError is why a stream was ended early, as its publisher or the service told its
// subscribers.
type StreamError struct{ webpubsub.StreamError }

func (e *StreamError) Error() string {
	s := "the stream ended with " + e.Name
	if e.UserErrorCode != "" {
		s += " " + e.UserErrorCode
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Unwrap makes the error's code known to [webpubsub.CodeOf].
func (e *StreamError) Unwrap() error { return &webpubsub.Error{Code: codes[e.Name], Msg: e.Message} }
