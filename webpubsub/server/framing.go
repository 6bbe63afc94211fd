package server

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// errFraming is what reading ends with when a client breaks the WebSocket framing.
var errFraming = errors.New("the WebSocket framing is broken")

const (
	// lingerTime and lingerBytes bound what is read from a client after its framing broke,
	// so that it can still receive why.
	lingerTime  = time.Second
	lingerBytes = 1 << 20
)

// framing is a client's connection that looks at the frames coming in, before the WebSocket
// library does: the library would answer broken ones with a close frame of its own wording,
// and tell us of it like of any lost connection.
type framing struct {
	net.Conn
	in     io.Reader
	check  frameCheck // of the reader
	broken atomic.Bool
}

// Read returns errFraming in place of a frame that is broken.
func (f *framing) Read(b []byte) (int, error) {
	if f.broken.Load() {
		return 0, errFraming
	}
	n, err := f.in.Read(b)
	if good := f.check.valid(b[:n]); good < n {
		f.broken.Store(true)
		if good == 0 {
			return 0, errFraming
		}
		return good, nil
	}
	return n, err
}

// Close of a connection with broken framing lets the client read why: what is unread would
// make the system reset the connection instead.
func (f *framing) Close() error {
	half, ok := f.Conn.(interface{ CloseWrite() error })
	if f.broken.Load() && ok && half.CloseWrite() == nil {
		f.Conn.SetReadDeadline(time.Now().Add(lingerTime))
		io.CopyN(io.Discard, f.Conn, lingerBytes)
	}
	return f.Conn.Close()
}

// hijacked is a response whose connection is taken over through a framing.
type hijacked struct {
	http.ResponseWriter
	framing *framing
}

// Hijack is for the WebSocket library. What has been read already is looked at, too.
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	h.framing = &framing{Conn: conn, in: io.MultiReader(bytes.NewReader(bytes.Clone(early)), conn)}
	return h.framing, bufio.NewReadWriter(bufio.NewReader(h.framing), rw.Writer), nil
}

// frameCheck follows a client's frames, in pieces of any size, as far as RFC 6455 says what
// they must be like: masked, of known kind, in an order that makes sense.
type frameCheck struct {
	header  [14]byte
	have    int    // bytes of header
	payload uint64 // bytes to come
	message bool   // one has begun and not ended
	closing int    // bytes of a close code to come
	code    [2]byte
	broken  bool
}

// Kinds of frames, the opcodes.
const (
	frameContinuation = 0x0
	frameText         = 0x1
	frameBinary       = 0x2
	frameClose        = 0x8
	framePing         = 0x9
	framePong         = 0xa
	maxControlPayload = 125
)

// valid returns how much of b is good: all of it, or what is before the frame that is not.
func (f *frameCheck) valid(b []byte) int {
	start := 0 // of the present frame
	for i := 0; i < len(b); {
		if f.have == 0 && f.payload == 0 {
			start = i
		}
		if f.payload > 0 && f.headerDone() {
			n := int(min(f.payload, uint64(len(b)-i)))
			if f.closing > 0 {
				n = 1
				f.closeCode(b[i])
			}
			f.payload -= uint64(n)
			i += n
			f.frameDone()
		} else {
			f.header[f.have] = b[i]
			f.have++
			i++
			f.headerByte()
		}
		if f.broken {
			return start
		}
	}
	return len(b)
}

func (f *frameCheck) opcode() byte { return f.header[0] & 0xf }
func (f *frameCheck) fin() bool    { return f.header[0]&0x80 != 0 }

// headerSize is known after two bytes.
func (f *frameCheck) headerSize() int {
	switch f.header[1] & 0x7f {
	case 126:
		return 2 + 2 + 4
	case 127:
		return 2 + 8 + 4
	}
	return 2 + 4
}

func (f *frameCheck) headerDone() bool { return f.have >= 2 && f.have == f.headerSize() }

// headerByte looks at a header as far as it is there.
func (f *frameCheck) headerByte() {
	switch {
	case f.have == 1:
		f.broken = !f.firstByteGood()
	case f.have == 2:
		f.broken = f.header[1]&0x80 == 0 || f.opcode() >= frameClose && f.header[1]&0x7f > maxControlPayload
	case f.headerDone():
		f.payload = f.length()
		f.broken = f.payload > 1<<63-1 || f.opcode() == frameClose && f.payload == 1
		if f.opcode() == frameClose && f.payload > 0 {
			f.closing = 2
		}
		f.frameDone()
	}
}

func (f *frameCheck) firstByteGood() bool {
	if f.header[0]&0x70 != 0 { // no extension is negotiated
		return false
	}
	switch f.opcode() {
	case frameContinuation:
		return f.message
	case frameText, frameBinary:
		return !f.message
	case frameClose, framePing, framePong:
		return f.fin()
	}
	return false
}

func (f *frameCheck) length() uint64 {
	switch n := f.header[1] & 0x7f; n {
	case 126:
		return uint64(binary.BigEndian.Uint16(f.header[2:]))
	case 127:
		return binary.BigEndian.Uint64(f.header[2:])
	default:
		return uint64(n)
	}
}

// frameDone prepares for the next frame when this one is complete.
func (f *frameCheck) frameDone() {
	if f.payload > 0 {
		return
	}
	if f.opcode() < frameClose {
		f.message = !f.fin()
	}
	f.have = 0
}

// closeCode takes a byte of a close frame's code, and looks at it when it is complete.
func (f *frameCheck) closeCode(b byte) {
	at := 2 - f.closing
	f.code[at] = b ^ f.header[f.headerSize()-4+at]
	if f.closing--; f.closing == 0 {
		f.broken = !closeCodeGood(binary.BigEndian.Uint16(f.code[:]))
	}
}

// closeCodeGood: what RFC 6455 and its registry let travel.
func closeCodeGood(code uint16) bool {
	switch code {
	case 1004, 1005, 1006, 1015:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}

// controlFrame is a whole control frame of the service, which masks nothing.
func controlFrame(opcode byte, payload []byte) []byte {
	return append([]byte{0x80 | opcode, byte(len(payload))}, payload...)
}
