package wire

import (
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// ResponseType is the kind of a response.
type ResponseType uint8

// The responses of the service.
const (
	// Unknown is a frame of a kind that this package does not know; clients ignore it.
	Unknown ResponseType = iota
	Connected
	Disconnected
	Ack
	Message
	Pong
	InvokeResponse
	StreamAck
	StreamNack
	StreamClosed
	GroupStateSnapshot
	GroupStateUpdate
)

// The names of errors in acks, invoke responses and stream frames.
const (
	ErrForbidden         = "Forbidden"
	ErrDuplicate         = "Duplicate"
	ErrInternal          = "InternalServerError"
	ErrBadRequest        = "BadRequest"
	ErrStreamNotFound    = "StreamNotFound"
	ErrIdleTimeout       = "IdleTimeout"
	ErrUser              = "UserError"
	ErrCancelled         = "Cancelled"
	ErrInvalidSequenceID = "InvalidSequenceId"
	ErrTransient         = "TransientError"
)

// Error is why a request failed.
type Error struct{ Name, Message string }

// Response is one frame of the service. Which fields are set depends on Type.
type Response struct {
	Type ResponseType

	// Of Connected. An empty user is anonymous; protobuf can't tell it from "". A
	// reconnection token makes the connection recoverable.
	ConnectionID      webpubsub.ConnectionID
	UserID            webpubsub.UserID
	ReconnectionToken string

	// Reason of Disconnected.
	Reason string

	// Of Ack, and Success of InvokeResponse. Error is of these, and of StreamNack and
	// StreamClosed; nil is none.
	AckID   uint64
	Success bool
	Error   *Error

	// Of Message. It has no TTL, which only the service knows.
	Message webpubsub.Message
	// SequenceID of Message and the group state frames; 0 on plain connections.
	SequenceID uint64

	// Of InvokeResponse; Data is nil when there is none.
	InvocationID string
	Data         *webpubsub.Data

	// Of the stream frames.
	StreamID           string
	ExpectedSequenceID uint64

	// Of the group state frames.
	Group webpubsub.GroupName
	Items []StateItem
}

// StateItem is one connection's state in a group.
type StateItem struct {
	ConnectionID webpubsub.ConnectionID
	UserID       webpubsub.UserID // empty when anonymous
	// State is nil when it was cleared, or its connection is gone.
	State map[string]string
	// UpdatedAt has milliseconds and rises strictly for each connection.
	UpdatedAt time.Time
}

// EncodeResponse writes a frame of the service; nil when the format has no form for it.
// Responses for many connections are better shared, with [Share].
func EncodeResponse(f Format, r Response) []byte {
	e := encodeResponse(f, &r)
	if r.SequenceID != 0 {
		return e.withSequenceID(f, r.SequenceID)
	}
	return e.frame
}

// encodeResponse leaves the sequence id out.
func encodeResponse(f Format, r *Response) splicable {
	if f != JSON {
		return encodeProtobufResponse(f, r)
	}
	b := appendJSONResponse(make([]byte, 0, jsonSize(r)), r)
	if len(b) == 0 {
		return splicable{}
	}
	return splicable{frame: b}
}

// DecodeResponse reads a frame of the service. Errors: BadRequest when it is malformed; a
// frame of an unknown kind is not an error but [Unknown]. Data is not copied.
func DecodeResponse(f Format, frame []byte) (Response, error) {
	if f == JSON {
		return decodeJSONResponse(frame)
	}
	return decodeProtobufResponse(frame)
}
