// Package websockettest is WebSocket frames as plain data, to test what reads and writes
// them: a naive encoder and decoder that share nothing with the product's, and the cases of
// RFC 6455 and 7692 that every endpoint has to pass.
package websockettest

import (
	"encoding/binary"
	"fmt"
)

// Opcodes. Source: RFC 6455, 5.2.
const (
	Continuation = 0x0
	Text         = 0x1
	Binary       = 0x2
	Close        = 0x8
	Ping         = 0x9
	Pong         = 0xa
)

// Frame is any frame, also one that must not be.
type Frame struct {
	More             bool // FIN is not set
	RSV1, RSV2, RSV3 bool
	Opcode           byte
	Unmasked         bool // as servers send
	Key              [4]byte
	Payload          []byte
}

// Bytes is the frame as it travels.
func (f Frame) Bytes() []byte {
	first := f.Opcode
	for bit, set := range map[byte]bool{0x80: !f.More, 0x40: f.RSV1, 0x20: f.RSV2, 0x10: f.RSV3} {
		if set {
			first |= bit
		}
	}
	b := []byte{first, 0}
	switch n := len(f.Payload); {
	case n <= 125:
		b[1] = byte(n)
	case n <= 65535:
		b[1] = 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] = 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	if f.Unmasked {
		return append(b, f.Payload...)
	}
	b[1] |= 0x80
	b = append(b, f.Key[:]...)
	for i, c := range f.Payload {
		b = append(b, c^f.Key[i%4])
	}
	return b
}

// String is for the messages of tests.
func (f Frame) String() string {
	payload := f.Payload
	if len(payload) > 32 {
		return fmt.Sprintf("opcode %#x more %v rsv1 %v, %d bytes: %.32q…", f.Opcode, f.More, f.RSV1, len(payload), payload)
	}
	return fmt.Sprintf("opcode %#x more %v rsv1 %v: %q", f.Opcode, f.More, f.RSV1, payload)
}

// Decode reads a frame at the beginning of b, and returns what follows it; false when b is
// too short for one.
func Decode(b []byte) (f Frame, rest []byte, ok bool) {
	take := func(n uint64) []byte {
		if !ok || n > uint64(len(b)) {
			ok = false
			return nil
		}
		head := b[:n]
		b = b[n:]
		return head
	}
	ok = true
	head := take(2)
	if !ok {
		return f, b, false
	}
	bit := func(b, mask byte) bool { return b&mask != 0 }
	f = Frame{More: !bit(head[0], 0x80), RSV1: bit(head[0], 0x40), RSV2: bit(head[0], 0x20), RSV3: bit(head[0], 0x10),
		Opcode: head[0] & 0xf, Unmasked: !bit(head[1], 0x80)}
	length := uint64(head[1] & 0x7f)
	switch length {
	case 126:
		if size := take(2); ok {
			length = uint64(binary.BigEndian.Uint16(size))
		}
	case 127:
		if size := take(8); ok {
			length = binary.BigEndian.Uint64(size)
		}
	}
	if !f.Unmasked {
		copy(f.Key[:], take(4))
	}
	masked := take(length)
	if !ok {
		return f, b, false
	}
	f.Payload = make([]byte, len(masked))
	for i, c := range masked {
		f.Payload[i] = c ^ f.Key[i%4]
	}
	return f, b, true
}
