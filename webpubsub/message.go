package webpubsub

import (
	"encoding/binary"
	"mime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub/internal/jsonscan"
)

// DataType is the kind of a message's data.
type DataType uint8

// The data types. JSON is the default of the JSON subprotocols.
const (
	JSON DataType = iota
	Text
	Binary
	Protobuf
)

// String returns the word used on the wire: json, text, binary or protobuf.
func (t DataType) String() string {
	return [...]string{"json", "text", "binary", "protobuf"}[t]
}

// Data is a payload: for JSON the original text, for Text UTF-8, else raw bytes.
// Bytes must not be changed once a Data is handed over.
type Data struct {
	Type  DataType
	Bytes []byte
}

// Message is what a client receives: from a group, or from the server when Group is empty.
type Message struct {
	// Group is set for messages of a group, whoever published them.
	Group GroupName
	// FromUserID is the publishing client's user; empty for REST and anonymous clients.
	FromUserID UserID
	Data       Data
	// Metadata goes with the data; nil is none.
	Metadata Metadata
	// Stream is set when the message is a part of a stream.
	Stream *StreamPart
	// TTL bounds the wait for a detached reliable connection; 0 is no limit.
	TTL time.Duration
}

// StreamPart says where a message stands in a publisher's stream.
// Source: streaming to a group.
type StreamPart struct {
	ID string
	// SequenceID counts the stream's messages from 1.
	SequenceID uint64
	// End marks the last message, which has no data of its own.
	End bool
	// Error is why the stream ended early; nil when it did not.
	Error *StreamError
}

// StreamError is why a stream ended early.
type StreamError struct {
	Name    string
	Message string
	// UserErrorCode is the publisher's own; may be empty.
	UserErrorCode string
}

// contentTypes are the media types of data, by type; fullContentTypes have their charset.
var (
	contentTypes     = [...]string{"application/json", "text/plain", "application/octet-stream", "application/x-protobuf"}
	fullContentTypes = [...]string{"application/json; charset=utf-8", "text/plain; charset=utf-8", contentTypes[Binary], contentTypes[Protobuf]}
)

// ContentType is the Content-Type of an HTTP body that holds data of type t. JSON says its
// charset too: the first official middleware takes application/json alone for text.
// Source: event handlers, user events.
func (t DataType) ContentType() string { return fullContentTypes[t] }

// NewData makes data of an HTTP body by its Content-Type; an absent one is [Binary].
//
//   - Errors: UnsupportedMediaType for other types; BadRequest when JSON does not parse,
//     text is not UTF-8, or protobuf is not an Any.
//   - Source: event handlers, user events.
func NewData(contentType string, body []byte) (Data, error) {
	if contentType == "" {
		return Data{Type: Binary, Bytes: body}, nil
	}
	t, known := dataTypeOf(contentType)
	switch {
	case !known:
		return Data{}, Errorf(UnsupportedMediaType, "content type %q is not one of %s", clip(contentType), strings.Join(contentTypes[:], ", "))
	case t == JSON && !(utf8.Valid(body) && jsonscan.IsJSON(body)):
		return Data{}, Errorf(BadRequest, "the body is not JSON")
	case t == Text && !utf8.Valid(body):
		return Data{}, Errorf(BadRequest, "the text is not UTF-8")
	case t == Protobuf && !IsAny(body):
		return Data{}, Errorf(BadRequest, "the body is not a google.protobuf.Any")
	default:
		return Data{Type: t, Bytes: body}, nil
	}
}

// dataTypeOf is quick about what [DataType.ContentType] returns.
func dataTypeOf(contentType string) (t DataType, known bool) {
	for t := range DataType(len(contentTypes)) {
		if contentType == contentTypes[t] || contentType == t.ContentType() {
			return t, true
		}
	}
	media, _, err := mime.ParseMediaType(contentType)
	kind := slices.Index(contentTypes[:], media)
	return DataType(max(kind, 0)), err == nil && kind >= 0
}

// IsAny reports whether b is a serialized google.protobuf.Any: what data of type [Protobuf]
// is. Receivers could not read a message that holds anything else.
func IsAny(b []byte) bool {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 || tag>>3 == 0 || tag>>3 > 1<<29-1 {
			return false
		}
		value, rest, ok := cutField(tag&7, b[n:])
		if !ok || tag == 1<<3|2 && !utf8.Valid(value) { // type_url
			return false
		}
		b = rest
	}
	return true
}

// cutField cuts the value of a protobuf field off b; not ok when it is broken or one of the
// long deprecated groups.
func cutField(wireType uint64, b []byte) (value, rest []byte, ok bool) {
	size := 0
	switch wireType {
	case 0:
		_, size = binary.Uvarint(b)
	case 1:
		size = 8
	case 2:
		length, n := binary.Uvarint(b)
		if n <= 0 || length > uint64(len(b)-n) {
			return nil, nil, false
		}
		b, size = b[n:], int(length)
		return b[:size], b[size:], true
	case 5:
		size = 4
	}
	if size <= 0 || size > len(b) {
		return nil, nil, false
	}
	return b[:size], b[size:], true
}
