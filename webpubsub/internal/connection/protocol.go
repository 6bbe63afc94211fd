package connection

import (
	"strings"

	"github.com/easelhq/easel/webpubsub/internal/wire"
)

// Protocol is the framing of a connection.
type Protocol uint8

// The framings.
const (
	// Simple clients exchange bare payloads.
	Simple Protocol = iota
	JSON
	ReliableJSON
	Protobuf
	ReliableProtobuf
)

// ProtocolOf returns the framing of a subprotocol's name, in any case.
//
// Source: client endpoints, subprotocol choice.
func ProtocolOf(name string) (p Protocol, known bool) {
	switch strings.ToLower(name) {
	case "json.webpubsub.azure.v1":
		return JSON, true
	case "json.reliable.webpubsub.azure.v1":
		return ReliableJSON, true
	case "protobuf.webpubsub.azure.v1":
		return Protobuf, true
	case "protobuf.reliable.webpubsub.azure.v1":
		return ReliableProtobuf, true
	}
	return Simple, false
}

// Reliable reports whether messages are numbered and connections recoverable.
func (p Protocol) Reliable() bool { return p == ReliableJSON || p == ReliableProtobuf }

// format is how requests and responses are written; Simple has none.
func (p Protocol) format(jsonAsText bool) wire.Format {
	switch {
	case p == JSON || p == ReliableJSON:
		return wire.JSON
	case jsonAsText:
		return wire.ProtobufJSONAsText
	}
	return wire.Protobuf
}

// The close reasons that name the protocol.
func wrongFrameType(f wire.Format) string {
	if f == wire.JSON {
		return "The JSON subprotocol requires text messages."
	}
	return "The protobuf subprotocol requires binary messages."
}

func invalidMessage(f wire.Format) string {
	if f == wire.JSON {
		return "The client message is not a valid JSON protocol message."
	}
	return "The client message is not a valid protobuf protocol message."
}
