package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// Type is the kind of a request.
type Type uint8

// The requests a client may send.
const (
	JoinGroup Type = iota
	LeaveGroup
	SendToGroup
	Event
	Ping
	SequenceAck
)

// maxTTL is the longest time a message may wait for a detached connection.
const maxTTL = 300

// Request is one decoded frame of a client. Which fields are set depends on Type.
type Request struct {
	Type  Type
	AckID *uint64 // nil = no ack wanted
	Group webpubsub.GroupName
	Event webpubsub.EventName
	// NoEcho keeps the message from its sender.
	NoEcho     bool
	Data       webpubsub.Data
	TTL        time.Duration
	SequenceID uint64
}

// fields are a frame's properties, by exact name.
type fields map[string]json.RawMessage

// Decode reads a text frame of a JSON subprotocol. An error means that the frame is
// malformed and the connection is to be closed with 1007. Data is not copied.
func Decode(frame []byte) (Request, error) {
	if !utf8.Valid(frame) {
		return Request{}, malformed("frame is not valid UTF-8")
	}
	var f fields
	if err := json.Unmarshal(frame, &f); err != nil || f == nil {
		return Request{}, malformed("frame is not a JSON object")
	}
	if loneSurrogate(frame) {
		return Request{}, malformed("frame has an unmatched surrogate")
	}
	name, err := f.text("type")
	if err != nil {
		return Request{}, err
	}
	return f.request(strings.ToLower(name))
}

func (f fields) request(name string) (Request, error) {
	switch name {
	case "joingroup":
		return f.groupRequest(JoinGroup)
	case "leavegroup":
		return f.groupRequest(LeaveGroup)
	case "sendtogroup":
		return f.sendRequest()
	case "event":
		return f.eventRequest()
	case "ping":
		return Request{Type: Ping}, nil
	case "sequenceack":
		return f.sequenceAck()
	}
	return Request{}, malformed("type %q is unknown", name)
}

func (f fields) groupRequest(t Type) (r Request, err error) {
	r.Type = t
	if r.AckID, err = f.ackID(); err != nil {
		return r, err
	}
	r.Group, err = f.group()
	return r, err
}

func (f fields) sendRequest() (r Request, err error) {
	if r, err = f.groupRequest(SendToGroup); err != nil {
		return r, err
	}
	if r.NoEcho, err = f.flag("noEcho"); err != nil {
		return r, err
	}
	if r.TTL, err = f.ttl(); err != nil {
		return r, err
	}
	r.Data, err = f.data()
	return r, err
}

func (f fields) eventRequest() (r Request, err error) {
	r.Type = Event
	if r.AckID, err = f.ackID(); err != nil {
		return r, err
	}
	name, err := f.text("event")
	if err != nil {
		return r, err
	}
	if r.Event, err = webpubsub.ParseEventName(name); err != nil {
		return r, err
	}
	r.Data, err = f.data()
	return r, err
}

// sequenceAck also takes a decimal string, as one page of the documentation shows it.
func (f fields) sequenceAck() (Request, error) {
	raw := string(f["sequenceId"])
	id, ok := parseID(strings.Trim(raw, `"`))
	if !ok {
		return Request{}, malformed("sequenceId %s is not an integer from 0 to 2^64-1", clip(raw))
	}
	return Request{Type: SequenceAck, SequenceID: id}, nil
}

func (f fields) ackID() (*uint64, error) {
	raw := string(f["ackId"])
	if raw == "" || raw == "null" {
		return nil, nil
	}
	id, ok := parseID(raw)
	if !ok {
		return nil, malformed("ackId %s is not an integer from 0 to 2^64-1", clip(raw))
	}
	return &id, nil
}

func parseID(s string) (uint64, bool) {
	if strings.HasPrefix(s, "+") {
		return 0, false
	}
	id, err := strconv.ParseUint(s, 10, 64)
	return id, err == nil
}

func (f fields) group() (webpubsub.GroupName, error) {
	name, err := f.text("group")
	if err != nil {
		return "", err
	}
	return webpubsub.ParseGroupName(name)
}

func (f fields) text(name string) (string, error) {
	raw, ok := f[name]
	if !ok {
		return "", malformed("%s is missing", name)
	}
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", malformed("%s is not a string", name)
	}
	return s, nil
}

func (f fields) flag(name string) (bool, error) {
	switch raw := string(f[name]); raw {
	case "", "null", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, malformed("%s %s is not a boolean", name, clip(raw))
	}
}

func (f fields) ttl() (time.Duration, error) {
	raw := string(f["ttlSeconds"])
	if raw == "" || raw == "null" {
		return 0, nil
	}
	n, ok := parseID(raw)
	if !ok || n > maxTTL {
		return 0, malformed("ttlSeconds %s is not an integer from 0 to %d", clip(raw), maxTTL)
	}
	return time.Duration(n) * time.Second, nil
}

func (f fields) data() (webpubsub.Data, error) {
	t, err := f.dataType()
	if err != nil {
		return webpubsub.Data{}, err
	}
	raw, ok := f["data"]
	switch {
	case !ok:
		return webpubsub.Data{}, malformed("data is missing")
	case t == webpubsub.JSON && bytes.Equal(raw, []byte("null")):
		return webpubsub.Data{}, malformed("data is null")
	case t == webpubsub.JSON:
		return webpubsub.Data{Type: t, Bytes: raw}, nil
	}
	s, err := f.text("data")
	if err != nil || t == webpubsub.Text {
		return webpubsub.Data{Type: t, Bytes: []byte(s)}, err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return webpubsub.Data{}, malformed("data is not base64: %v", err)
	}
	return webpubsub.Data{Type: t, Bytes: b}, nil
}

func (f fields) dataType() (webpubsub.DataType, error) {
	if _, ok := f["dataType"]; !ok {
		return webpubsub.JSON, nil
	}
	name, err := f.text("dataType")
	if err != nil {
		return 0, err
	}
	for _, t := range []webpubsub.DataType{webpubsub.JSON, webpubsub.Text, webpubsub.Binary, webpubsub.Protobuf} {
		if strings.EqualFold(name, t.String()) {
			return t, nil
		}
	}
	return 0, malformed("dataType %q is unknown", clip(name))
}

// loneSurrogate reports whether a \u escape in valid JSON is half of a pair.
// encoding/json would silently replace it.
func loneSurrogate(frame []byte) bool {
	for {
		i := bytes.IndexByte(frame, '\\')
		if i < 0 {
			return false
		}
		frame = frame[i:]
		if frame[1] != 'u' {
			frame = frame[2:]
			continue
		}
		unit := hex4(frame[2:])
		frame = frame[6:]
		switch {
		case unit&0xfc00 == 0xdc00:
			return true
		case unit&0xfc00 == 0xd800:
			if len(frame) < 6 || frame[0] != '\\' || frame[1] != 'u' || hex4(frame[2:])&0xfc00 != 0xdc00 {
				return true
			}
			frame = frame[6:]
		}
	}
}

func hex4(b []byte) uint64 {
	unit, _ := strconv.ParseUint(string(b[:4]), 16, 16)
	return unit
}

func malformed(format string, args ...any) error {
	return webpubsub.Errorf(webpubsub.BadRequest, format, args...)
}

func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
