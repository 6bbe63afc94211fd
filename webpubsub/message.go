package webpubsub

import "time"

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
	// TTL bounds the wait for a detached reliable connection; 0 is no limit.
	TTL time.Duration
}
