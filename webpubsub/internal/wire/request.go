package wire

import (
	"time"

	"github.com/easelhq/easel/webpubsub"
)

// RequestType is the kind of a request.
type RequestType uint8

// The requests a client may send.
const (
	JoinGroup RequestType = iota
	LeaveGroup
	SendToGroup
	Event
	Ping
	SequenceAck
	// Invoke is an event whose answer comes as [InvokeResponse].
	Invoke
	CancelInvocation
	// StreamStart is a sendToGroup frame with a stream and without data.
	StreamStart
	// StreamData without Data keeps the stream alive.
	StreamData
	StreamEnd
	SetGroupState
	SubscribeGroupState
	UnsubscribeGroupState
)

// Request is one frame of a client. Which fields are set depends on Type.
type Request struct {
	Type  RequestType
	AckID *uint64 // nil = no ack wanted
	Group webpubsub.GroupName
	Event webpubsub.EventName
	// NoEcho keeps the message, or all of the stream, from its sender.
	NoEcho bool
	// Data is always there for SendToGroup and Event, may be there for Invoke and
	// StreamData, and is nil otherwise.
	Data *webpubsub.Data
	// Metadata of SendToGroup and Event; nil is none.
	Metadata webpubsub.Metadata
	TTL      time.Duration
	// SequenceID is that of a SequenceAck, or of StreamData with data.
	SequenceID   uint64
	InvocationID string
	// StreamID of the three stream requests: 1 to [webpubsub.MaxStreamID] bytes.
	StreamID string
	// StreamIdle of StreamStart is after how long without a frame the stream ends.
	StreamIdle time.Duration
	// StreamError of StreamEnd has Message and UserErrorCode only; nil is a normal end.
	StreamError *webpubsub.StreamError
	// State of SetGroupState; nil clears it.
	State map[string]string
}

// DecodeRequest reads a client's frame. Errors: BadRequest when it is malformed; the
// connection is then to be closed with 1007. Data is not copied.
func DecodeRequest(f Format, frame []byte) (Request, error) {
	if f == JSON {
		return decodeJSONRequest(frame)
	}
	return decodeProtobufRequest(frame)
}

// EncodeRequest writes a client's frame. It does not check what is in r. Errors: BadRequest
// when the format has no form for it.
func EncodeRequest(f Format, r Request) ([]byte, error) {
	if f == JSON {
		return encodeJSONRequest(r), nil
	}
	return encodeProtobufRequest(f, r)
}

// check looks at what both formats have to refuse.
func (r *Request) check() (err error) {
	switch r.Type {
	case JoinGroup, LeaveGroup, SendToGroup, StreamStart, SetGroupState, SubscribeGroupState, UnsubscribeGroupState:
		_, err = webpubsub.ParseGroupName(string(r.Group))
	case Event, Invoke:
		_, err = webpubsub.ParseEventName(string(r.Event))
	}
	if err != nil {
		return err
	}
	if d := r.Data; d != nil && d.Type == webpubsub.JSON && string(d.Bytes) == "null" {
		return malformed("data is null")
	}
	switch r.Type {
	case SendToGroup, Event:
		return r.checkMessage()
	case StreamStart, StreamData, StreamEnd:
		return r.checkStream()
	case Invoke, CancelInvocation:
		if len(r.InvocationID) > webpubsub.MaxInvocationID {
			return malformed("invocationId has %d bytes; the limit is %d", len(r.InvocationID), webpubsub.MaxInvocationID)
		}
	case SetGroupState:
		return checkState(r.State)
	}
	return nil
}

func (r *Request) checkMessage() error {
	if r.Data == nil {
		return malformed("data is missing")
	}
	if r.TTL > webpubsub.MaxTTL {
		return malformed("ttlSeconds %d is not from 0 to %d", r.TTL/time.Second, webpubsub.MaxTTL/time.Second)
	}
	return r.Metadata.Check()
}

func (r *Request) checkStream() error {
	switch {
	case r.StreamID == "" || len(r.StreamID) > webpubsub.MaxStreamID:
		return malformed("streamId has %d bytes; it takes 1 to %d", len(r.StreamID), webpubsub.MaxStreamID)
	case r.Type == StreamStart && (r.AckID != nil || r.Data != nil):
		return malformed("the start of a stream takes neither ackId nor data")
	case r.Type == StreamStart && r.StreamIdle <= 0:
		return malformed("idleTimeoutMs is not greater than 0")
	}
	return nil
}

func checkState(state map[string]string) error {
	size := 0
	for k, v := range state {
		size += len(k) + len(v)
	}
	if size > webpubsub.MaxGroupStateBytes {
		return malformed("state has %d bytes; the limit is %d", size, webpubsub.MaxGroupStateBytes)
	}
	return nil
}

// emptyText is what absent data beside metadata counts as.
func emptyText() *webpubsub.Data { return &webpubsub.Data{Type: webpubsub.Text, Bytes: []byte{}} }
