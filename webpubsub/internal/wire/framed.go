package wire

import "encoding/binary"

// Framed is a response as it goes over a WebSocket: a whole frame of a server, which is not
// masked and so the same for everyone. Nil is no response. It must not be changed.
type Framed []byte

const (
	maxHeader = 10 // of a server's frame, in bytes

	finalText   = 0x81
	finalBinary = 0x82
)

// Text reports whether it is a text frame, not a binary one.
func (f Framed) Text() bool { return f != nil && f[0] == finalText }

// Payload is what is in the frame; nil when there is no frame.
func (f Framed) Payload() []byte {
	if f == nil {
		return nil
	}
	return f[headerSize(f[1]):]
}

func headerSize(length byte) int {
	switch length {
	case 126:
		return 4
	case 127:
		return maxHeader
	}
	return 2
}

// frameFrom makes a frame of what is in b from an index on, before which there is room for the
// header.
func frameFrom(b []byte, payload int, text bool) Framed {
	size := len(b) - payload
	var from int
	switch {
	case size < 126:
		from = payload - 2
		b[from+1] = byte(size)
	case size < 1<<16:
		from = payload - 4
		b[from+1] = 126
		binary.BigEndian.PutUint16(b[from+2:], uint16(size))
	default:
		from = payload - maxHeader
		b[from+1] = 127
		binary.BigEndian.PutUint64(b[from+2:], uint64(size))
	}
	b[from] = finalBinary
	if text {
		b[from] = finalText
	}
	return b[from:]
}

// room returns a buffer for a payload of about size bytes, with room for a header.
func room(header, size int) []byte { return make([]byte, header, header+size) }
