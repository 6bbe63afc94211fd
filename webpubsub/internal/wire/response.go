package wire

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// Connected is the first frame of every connection. An anonymous user is null; a
// reconnection token makes the connection recoverable.
func Connected(user webpubsub.UserID, id webpubsub.ConnectionID, reconnectionToken string) []byte {
	b := []byte(`{"type":"system","event":"connected","userId":`)
	if user == "" {
		b = append(b, "null"...)
	} else {
		b = appendString(b, string(user))
	}
	b = appendString(append(b, `,"connectionId":`...), string(id))
	if reconnectionToken != "" {
		b = appendString(append(b, `,"reconnectionToken":`...), reconnectionToken)
	}
	return append(b, '}')
}

// Disconnected precedes a close by the service and says why.
func Disconnected(message string) []byte {
	return append(appendString([]byte(`{"type":"system","event":"disconnected","message":`), message), '}')
}

// Pong answers a ping.
func Pong() []byte { return []byte(`{"type":"pong"}`) }

// Ack says that the request has had its effect.
func Ack(id uint64) []byte {
	b := strconv.AppendUint([]byte(`{"type":"ack","ackId":`), id, 10)
	return append(b, `,"success":true}`...)
}

// The names of ack errors.
const (
	ErrForbidden = "Forbidden"
	ErrDuplicate = "Duplicate"
	ErrInternal  = "InternalServerError"
)

// Nack says that the request was not executed, and why.
func Nack(id uint64, name, message string) []byte {
	b := strconv.AppendUint([]byte(`{"type":"ack","ackId":`), id, 10)
	b = appendString(append(b, `,"success":false,"error":{"name":`...), name)
	b = appendString(append(b, `,"message":`...), message)
	return append(b, "}}"...)
}

// Shared is a message on its way to any number of connections; it is encoded once per
// format. Safe for concurrent use.
type Shared struct {
	webpubsub.Message
	json func() []byte
}

// Share prepares a message for sending.
func Share(m webpubsub.Message) *Shared {
	return &Shared{Message: m, json: sync.OnceValue(func() []byte { return encode(m) })}
}

// JSON is the frame of the plain JSON subprotocol. It must not be changed.
func (s *Shared) JSON() []byte { return s.json() }

// ReliableJSON is the frame of the reliable JSON subprotocol.
func (s *Shared) ReliableJSON(sequenceID uint64) []byte {
	body := s.json()
	b := make([]byte, 0, len(body)+36)
	b = strconv.AppendUint(append(b, `{"sequenceId":`...), sequenceID, 10)
	return append(append(b, ','), body[1:]...)
}

// Bare is the frame for a client without subprotocol: the payload alone. It must not be
// changed.
func (s *Shared) Bare() (text bool, frame []byte) {
	t := s.Data.Type
	return t == webpubsub.Text || t == webpubsub.JSON, s.Data.Bytes
}

func encode(m webpubsub.Message) []byte {
	b := make([]byte, 0, len(m.Data.Bytes)*4/3+len(m.Group)+128)
	if m.Group == "" {
		b = append(b, `{"type":"message","from":"server"`...)
	} else {
		b = append(b, `{"type":"message","from":"group"`...)
		if m.FromUserID != "" {
			b = appendString(append(b, `,"fromUserId":`...), string(m.FromUserID))
		}
		b = appendString(append(b, `,"group":`...), string(m.Group))
	}
	b = append(append(b, `,"dataType":"`...), m.Data.Type.String()...)
	b = appendData(append(b, `","data":`...), m.Data)
	return append(b, '}')
}

func appendData(b []byte, d webpubsub.Data) []byte {
	switch d.Type {
	case webpubsub.JSON:
		return append(b, d.Bytes...)
	case webpubsub.Text:
		return appendString(b, string(d.Bytes))
	default:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, d.Bytes)
		return append(b, '"')
	}
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	if plain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil { // a string always has a JSON form
		panic(err)
	}
	return append(b, quoted...)
}

// plain reports whether s needs no escapes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
