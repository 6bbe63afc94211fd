package bench

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/service"
)

// easel speaks the JSON subprotocol of Web PubSub.
type easel struct {
	service *service.Client
	path    string // of the client endpoint
}

const (
	jsonSubprotocol     = "json.webpubsub.azure.v1"
	protobufSubprotocol = "protobuf.webpubsub.azure.v1"
	echoEvent           = "echo"
)

func (e *easel) request(c *client) (upgrade, error) {
	t, err := e.service.ClientToken(service.TokenOptions{UserID: webpubsub.UserID(c.user), Roles: c.roles})
	if err != nil {
		return upgrade{}, err
	}
	return upgrade{path: e.path + "?access_token=" + t.Token, subprotocol: jsonSubprotocol}, nil
}

func (e *easel) greet(*client) []byte { return nil }
func (e *easel) binary() bool         { return false }
func (e *easel) echoes() bool         { return false }

func (e *easel) join(b []byte, group string, n int) []byte {
	return fmt.Appendf(b, `{"type":"joinGroup","group":%q,"ackId":%d}`, group, n+1)
}

func (e *easel) publish(b []byte, group string, body []byte) []byte {
	b = append(b, `{"type":"sendToGroup","noEcho":true,"group":"`...)
	b = append(b, group...)
	b = append(b, `","dataType":"json","data":`...)
	return append(append(b, body...), '}')
}

func (e *easel) event(b []byte, body []byte) []byte {
	b = append(b, `{"type":"event","event":"`+echoEvent+`","dataType":"json","data":`...)
	return append(append(b, body...), '}')
}

func (e *easel) receive(message []byte, s session) error {
	if st, ok := findStamp(message); ok {
		s.delivered(st)
		return nil
	}
	switch {
	case bytes.Contains(message, []byte(`"event":"connected"`)):
		s.connected()
	case bytes.Contains(message, []byte(`"type":"ack"`)) && bytes.Contains(message, []byte(`"success":true`)):
		s.joined()
	default:
		return refusal(message)
	}
	return nil
}

// easelProtobuf speaks the protobuf subprotocol.
type easelProtobuf struct{ easel }

func (e *easelProtobuf) request(c *client) (upgrade, error) {
	u, err := e.easel.request(c)
	u.subprotocol = protobufSubprotocol
	return u, err
}

func (e *easelProtobuf) binary() bool { return true }

// Fields of the protobuf subprotocol. Source: webpubsub.client.proto.
const (
	upSendToGroup, upEvent, upJoinGroup = 1, 5, 6
	downAck, downData, downSystem       = 1, 2, 3
	dataJSON                            = 4
)

func (e *easelProtobuf) join(b []byte, group string, n int) []byte {
	var m []byte
	m = appendField(m, 1, []byte(group))
	m = appendNumber(m, 2, uint64(n+1))
	return appendField(b, upJoinGroup, m)
}

func (e *easelProtobuf) publish(b []byte, group string, body []byte) []byte {
	data := fieldSize(len(body))
	b = appendHead(b, upSendToGroup, fieldSize(len(group))+fieldSize(data)+2)
	b = appendField(b, 1, []byte(group))
	b = appendHead(b, 3, data)
	b = appendField(b, dataJSON, body)
	return appendNumber(b, 4, 1) // no echo
}

func (e *easelProtobuf) event(b []byte, body []byte) []byte {
	data := fieldSize(len(body))
	b = appendHead(b, upEvent, fieldSize(len(echoEvent))+fieldSize(data))
	b = appendField(b, 1, []byte(echoEvent))
	b = appendHead(b, 2, data)
	return appendField(b, dataJSON, body)
}

func (e *easelProtobuf) receive(message []byte, s session) error {
	if len(message) == 0 {
		return refusal(message)
	}
	switch field := int(message[0] >> 3); field {
	case downData:
		st, ok := findStamp(message)
		if !ok {
			return refusal(message)
		}
		s.delivered(st)
	case downSystem:
		s.connected()
	case downAck:
		// Success is a field of its own, absent when false; an error follows.
		if !bytes.Contains(message, []byte{2 << 3, 1}) {
			return refusal(message)
		}
		s.joined()
	default:
		return refusal(message)
	}
	return nil
}

// appendField, appendHead and appendNumber write protobuf. A head is followed by so many bytes.
func appendField(b []byte, field int, value []byte) []byte {
	return append(appendHead(b, field, len(value)), value...)
}

func appendHead(b []byte, field, size int) []byte {
	return binary.AppendUvarint(append(b, byte(field<<3|2)), uint64(size))
}

func appendNumber(b []byte, field int, n uint64) []byte {
	return binary.AppendUvarint(append(b, byte(field<<3)), n)
}

func fieldSize(size int) int {
	var b [binary.MaxVarintLen64]byte
	return 1 + binary.PutUvarint(b[:], uint64(size)) + size
}
