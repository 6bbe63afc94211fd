package tunnel

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
)

// MaxFrameBytes is the largest frame that is read or written: a message of the largest
// size, with room for its headers. Source: tunnel protocol, frames; it names 1 MiB, which
// would leave no room.
const MaxFrameBytes = 2 * webpubsub.MaxMessageBytes

// Type says what a message is. Source: tunnel protocol, frames.
type Type int

// The types of messages.
const (
	RequestType   Type = 1
	ResponseType  Type = 2
	StatusType    Type = 5
	ReconnectType Type = 6
	CloseType     Type = 7
	RebalanceType Type = 8
	ConnectedType Type = 10
	frameFields        = 3 // of a frame: type, JSON, content
)

// Message is one of *[Request], *[Response], *[Notice], *[Move] and *[Connected].
type Message interface {
	// header fills in and returns the type.
	header() Type
	// body returns the content beside the JSON; nil when the type has none.
	body() *[]byte
}

// Request is an HTTP request.
type Request struct {
	Type         Type
	AckID        uint64 `json:"AckId"`
	Method       string `json:"HttpMethod"`
	URL          string `json:"Url"`
	Headers      map[string][]string
	LocalRouting bool
	ChannelName  string
	TracingID    any    `json:"TracingId"`
	Content      []byte `json:"-"`
}

// Response answers the [Request] of the same AckID; it may come in parts.
type Response struct {
	Type         Type
	AckID        uint64 `json:"AckId"`
	StatusCode   int
	Headers      map[string][]string
	LocalRouting bool
	ChannelName  string
	// NotCompleted is set while more parts follow; each adds Content.
	NotCompleted bool
	TracingID    any    `json:"TracingId"`
	Content      []byte `json:"-"`
}

// Notice is a word from the service: [StatusType], or [CloseType] to end the connection.
type Notice struct {
	Type      Type
	Message   string
	TracingID any `json:"TracingId"`
}

// Move asks for another connection: instead of this one for [ReconnectType], beside it for
// [RebalanceType].
type Move struct {
	Type     Type
	TargetID string `json:"TargetId"`
	// Endpoint is empty for the present one.
	Endpoint  string
	Message   string
	TracingID any `json:"TracingId"`
}

// Connected is the first message of the service.
type Connected struct {
	Type              Type
	ConnectionID      string `json:"ConnectionId"`
	UserID            string `json:"UserId"`
	ReconnectionToken any
	TracingID         any `json:"TracingId"`
}

func (m *Request) header() Type   { m.Type = RequestType; return m.Type }
func (m *Response) header() Type  { m.Type = ResponseType; return m.Type }
func (m *Notice) header() Type    { return m.Type }
func (m *Move) header() Type      { return m.Type }
func (m *Connected) header() Type { m.Type = ConnectedType; return m.Type }

func (m *Request) body() *[]byte   { return &m.Content }
func (m *Response) body() *[]byte  { return &m.Content }
func (m *Notice) body() *[]byte    { return nil }
func (m *Move) body() *[]byte      { return nil }
func (m *Connected) body() *[]byte { return nil }

// newMessage returns an empty message of a type; nil when the type is unknown.
func newMessage(t Type) Message {
	switch t {
	case RequestType:
		return &Request{}
	case ResponseType:
		return &Response{}
	case StatusType, CloseType:
		return &Notice{}
	case ReconnectType, RebalanceType:
		return &Move{}
	case ConnectedType:
		return &Connected{}
	}
	return nil
}

// Encode returns m as a frame. Errors: TooLarge.
func Encode(m Message) ([]byte, error) {
	t := m.header()
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	p := packer{make([]byte, 4, text.Len()+64)}
	p.array(frameFields)
	p.integer(int(t))
	p.text(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
	if content := m.body(); content != nil && *content != nil {
		p.binary(*content)
	} else {
		p.null()
	}
	if len(p.b) > MaxFrameBytes {
		return nil, webpubsub.Errorf(webpubsub.TooLarge, "a tunnel message of %d bytes is over the limit of %d", len(p.b), MaxFrameBytes)
	}
	binary.LittleEndian.PutUint32(p.b, uint32(len(p.b)-4))
	return p.b, nil
}

// Decode reads a frame. A message of an unknown type is nil, without an error. The result
// shares memory with frame. Errors: BadRequest, TooLarge.
func Decode(frame []byte) (Message, error) {
	if len(frame) > MaxFrameBytes {
		return nil, webpubsub.Errorf(webpubsub.TooLarge, "a tunnel message of %d bytes is over the limit of %d", len(frame), MaxFrameBytes)
	}
	if len(frame) < 4 || int(binary.LittleEndian.Uint32(frame)) != len(frame)-4 {
		return nil, malformed("its length is not that of the frame")
	}
	u := unpacker{b: frame[4:]}
	fields, t, text, content := u.array(), u.integer(), u.text(), u.binary()
	switch {
	case u.err != nil:
		return nil, u.err
	case fields != frameFields || len(u.b) > 0:
		return nil, malformed("it has not three fields")
	}
	m := newMessage(Type(t))
	if m == nil {
		return nil, nil
	}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, &webpubsub.Error{Code: webpubsub.BadRequest, Msg: "a tunnel message is malformed: " + err.Error(), Err: err}
	}
	switch m := m.(type) { // the frame's word counts
	case *Notice:
		m.Type = Type(t)
	case *Move:
		m.Type = Type(t)
	}
	m.header()
	if b := m.body(); b != nil {
		*b = content
	}
	return m, nil
}

func malformed(format string, args ...any) error {
	return webpubsub.Errorf(webpubsub.BadRequest, "a tunnel message is malformed: %s", fmt.Sprintf(format, args...))
}
