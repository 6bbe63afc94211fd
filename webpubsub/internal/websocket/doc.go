// Package websocket is the WebSocket protocol, RFC 6455 and its compression, RFC 7692, as
// functions on bytes. It does no I/O, starts no goroutine and reads no clock.
//
// # Reading
//
// A [Parser] is pushed what a peer sends, in pieces of any size, and says what it means:
//
//	for len(b) > 0 {
//		n, e := parser.Next(b)
//		b = b[n:]
//		switch e.Kind {
//		case websocket.None: // b is used up
//		case websocket.Text, websocket.Binary: // e.Payload is a message
//		case websocket.Ping: // e.Payload is to be sent back in a Pong
//		case websocket.Pong:
//		case websocket.Close: // e.Code, and e.Payload is the reason
//		case websocket.Broken: // close with e.Code; e.Reason says why
//		}
//	}
//
// A frame that is whole in b costs no allocation: it is unmasked where it is. A Parser keeps
// memory only while a frame or a message is incomplete, and no more than has arrived of it.
//
// # Writing
//
// Frames are appended to buffers: [AppendMessage], [AppendClose], or [AppendHeader] alone,
// for a payload that is elsewhere. A server's frames are the same for every receiver, so that
// a message for many is encoded once.
package websocket

// Kind is what a frame or an event is; those that travel have the opcodes of RFC 6455, 5.2.
type Kind byte

const (
	None   Kind = 0x0 // no event: more bytes are needed
	Text   Kind = 0x1
	Binary Kind = 0x2
	Close  Kind = 0x8
	Ping   Kind = 0x9
	Pong   Kind = 0xa
	Broken Kind = 0xff // an event only: the peer does not follow the protocol, or its limits

	// Compressed is added to Text or Binary for [AppendHeader] and its like: the payload is
	// compressed, as agreed in the handshake. It is the bit RSV1 of RFC 7692, 6.
	Compressed Kind = 0x40

	continuation Kind = 0x0
)

func (k Kind) control() bool { return k >= Close }

// Close codes. Source: RFC 6455, 7.4.1.
const (
	CodeNormal   = 1000
	CodeProtocol = 1002
	CodeNone     = 1005 // never travels: a close frame without code
	CodeLost     = 1006 // never travels: the connection ended without a close frame
	CodeInvalid  = 1007
	CodeTooLarge = 1009
)

const (
	// MaxControl is the longest payload of a control frame, in bytes.
	MaxControl = 125
	// MaxReason is the longest reason in a close frame, in bytes.
	MaxReason = MaxControl - 2
	// MaxServerHeader and MaxClientHeader are the longest headers of frames, in bytes.
	MaxServerHeader = 10
	MaxClientHeader = MaxServerHeader + 4
)

// CodeMayTravel reports whether a close code may be in a close frame: what RFC 6455 and its
// registry let travel.
func CodeMayTravel(code int) bool {
	switch code {
	case 1004, 1005, 1006, 1015:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}
