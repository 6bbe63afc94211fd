package bench

import (
	"encoding/binary"
	"fmt"
)

// opcode is the kind of a WebSocket frame. Source: RFC 6455, section 5.2.
type opcode byte

const (
	opContinue opcode = 0x0
	opText     opcode = 0x1
	opBinary   opcode = 0x2
	opClose    opcode = 0x8
	opPing     opcode = 0x9
	opPong     opcode = 0xA
)

// maxFrame bounds what a server may send in one frame: a message, and what is around it.
const maxFrame = 16 << 20

// mask hides what clients send from old proxies. It is the same for all frames: what leaves a
// load generator needs no hiding.
var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// appendFrame appends a client's frame.
func appendFrame(b []byte, op opcode, payload []byte) []byte {
	b = append(b, 0x80|byte(op))
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	b = append(b, mask[:]...)
	at := len(b)
	b = append(b, payload...)
	masked := b[at:]
	key := uint64(binary.LittleEndian.Uint32(mask[:]))
	key |= key << 32
	for ; len(masked) >= 8; masked = masked[8:] {
		binary.LittleEndian.PutUint64(masked, binary.LittleEndian.Uint64(masked)^key)
	}
	for i := range masked {
		masked[i] ^= mask[i&3]
	}
	return b
}

// frame is one that a server sent. Its payload is part of the bytes it was found in.
type frame struct {
	op      opcode
	final   bool
	payload []byte
}

// nextFrame finds the frame at the start of b, and how long it is: 0 when it isn't all there.
// What no server may send is an error.
func nextFrame(b []byte) (f frame, size int, err error) {
	if len(b) < 2 {
		return f, 0, nil
	}
	n, at := uint64(b[1]&0x7f), 2
	switch {
	case b[0]&0x70 != 0:
		return f, 0, fmt.Errorf("a frame begins with %#x: no extension has been agreed", b[0])
	case b[1]&0x80 != 0:
		return f, 0, fmt.Errorf("the server masks its frames")
	case n == 126 && len(b) < 4, n == 127 && len(b) < 10:
		return f, 0, nil
	case n == 126:
		n, at = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case n == 127:
		n, at = binary.BigEndian.Uint64(b[2:]), 10
	}
	if n > maxFrame {
		return f, 0, fmt.Errorf("a frame has %d bytes; the limit is %d", n, maxFrame)
	}
	if uint64(len(b)-at) < n {
		return f, 0, nil
	}
	size = at + int(n)
	return frame{opcode(b[0] & 0x0f), b[0]&0x80 != 0, b[at:size]}, size, nil
}
