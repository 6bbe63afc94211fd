package wire

import (
	"fmt"
	"strings"

	"github.com/easelhq/easel/webpubsub"
)

// Format is how requests and responses are written.
type Format uint8

// The formats.
const (
	// JSON is text frames, each an object.
	JSON Format = iota
	// Protobuf is binary frames, each an UpstreamMessage or a DownstreamMessage. It has no
	// form for invocations and group state, and names no sender.
	Protobuf
	// ProtobufJSONAsText is Protobuf that sends JSON payloads as text_data, not as
	// json_data, for clients that were generated from the older published interface.
	ProtobufJSONAsText
	formats
)

// Text reports whether frames of the format are text frames.
func (f Format) Text() bool { return f == JSON }

func malformed(format string, args ...any) error {
	return webpubsub.Errorf(webpubsub.BadRequest, format, args...)
}

// clip shortens a peer's value for an error message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
