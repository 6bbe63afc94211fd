package wire

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/jsonscan"
)

// scanner walks over the fields of a protobuf message. After next it stands on a field: tag
// says its number and wire type, and number or bytes hold its value.
type scanner struct {
	rest   []byte
	tag    uint64
	number uint64
	bytes  []byte
	err    error // why next stopped; nil is the end
}

// Tags as scanner.tag has them.
func varint(field protowire.Number) uint64 { return protowire.EncodeTag(field, protowire.VarintType) }
func length(field protowire.Number) uint64 { return protowire.EncodeTag(field, protowire.BytesType) }

func scan(message []byte) *scanner { return &scanner{rest: message} }

func (s *scanner) next() bool {
	if len(s.rest) == 0 || s.err != nil {
		return false
	}
	field, kind, n := protowire.ConsumeTag(s.rest)
	if n < 0 {
		return s.fail("a field of the message does not parse")
	}
	s.rest = s.rest[n:]
	s.tag = protowire.EncodeTag(field, kind)
	switch kind {
	case protowire.VarintType:
		s.number, n = protowire.ConsumeVarint(s.rest)
	case protowire.BytesType:
		s.bytes, n = protowire.ConsumeBytes(s.rest)
	default:
		n = protowire.ConsumeFieldValue(field, kind, s.rest)
	}
	if n < 0 {
		return s.fail("field %d of the message does not parse", field)
	}
	s.rest = s.rest[n:]
	return true
}

func (s *scanner) fail(format string, args ...any) bool {
	if s.err == nil {
		s.err = malformed(format, args...)
	}
	return false
}

// text is the present field as a string.
func (s *scanner) text() string {
	if !utf8.Valid(s.bytes) {
		s.fail("a string is not valid UTF-8")
	}
	return string(s.bytes)
}

// id is the present field as an optional number.
func (s *scanner) id() *uint64 {
	n := s.number
	return &n
}

// into takes over the error of reading an embedded message.
func into[T any](s *scanner, read func([]byte) (T, error)) T {
	value, err := read(s.bytes)
	if err != nil {
		s.fail("%s", webpubsub.MessageOf(err))
	}
	return value
}

// entry adds one entry of a map to m, which it makes if need be. A repeated key replaces.
func entry(s *scanner, m webpubsub.Metadata) webpubsub.Metadata {
	if m == nil {
		m = webpubsub.Metadata{}
	}
	var key, value string
	e := scan(s.bytes)
	for e.next() {
		switch e.tag {
		case length(1):
			key = e.text()
		case length(2):
			value = e.text()
		}
	}
	if e.err != nil {
		s.fail("an entry of metadata does not parse")
	}
	m[key] = value
	return m
}

// decodeData reads a MessageData; nil when no member is chosen. White space around JSON is
// not kept, as it can't be in a JSON frame.
func decodeData(b []byte) (*webpubsub.Data, error) {
	var d *webpubsub.Data
	s := scan(b)
	for s.next() {
		switch s.tag {
		case length(1):
			s.text()
			d = &webpubsub.Data{Type: webpubsub.Text, Bytes: s.bytes}
		case length(2):
			d = &webpubsub.Data{Type: webpubsub.Binary, Bytes: s.bytes}
		case length(3):
			d = &webpubsub.Data{Type: webpubsub.Protobuf, Bytes: s.bytes}
		case length(4):
			d = &webpubsub.Data{Type: webpubsub.JSON, Bytes: bytes.TrimSpace(s.bytes)}
		}
	}
	switch {
	case s.err != nil || d == nil:
		return nil, s.err
	case d.Type == webpubsub.Protobuf && !webpubsub.IsAny(d.Bytes):
		return nil, malformed("protobuf_data is not a google.protobuf.Any")
	case d.Type == webpubsub.JSON && !jsonscan.Valid(d.Bytes):
		return nil, malformed("json_data is not JSON")
	}
	return d, nil
}

// appendData appends a MessageData as a field; nothing when there is no data.
func appendData(b []byte, f Format, field protowire.Number, d *webpubsub.Data) []byte {
	if d == nil {
		return b
	}
	member := [...]protowire.Number{webpubsub.Text: 1, webpubsub.Binary: 2, webpubsub.Protobuf: 3, webpubsub.JSON: 4}[d.Type]
	if d.Type == webpubsub.JSON && f == ProtobufJSONAsText {
		member = 1
	}
	b = protowire.AppendTag(b, field, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(member)+protowire.SizeBytes(len(d.Bytes))))
	return appendBytes(b, member, d.Bytes)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// appendText leaves the field out when it has its default, as proto3 does.
func appendText(b []byte, field protowire.Number, v string) []byte {
	if v == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// appendNumber leaves the field out when it has its default, as proto3 does.
func appendNumber(b []byte, field protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return appendPresent(b, field, v)
}

// appendPresent is for fields marked optional: a zero is written too.
func appendPresent(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendOptional(b []byte, field protowire.Number, v *uint64) []byte {
	if v == nil {
		return b
	}
	return appendPresent(b, field, *v)
}

func appendMetadata(b []byte, field protowire.Number, m webpubsub.Metadata) []byte {
	for _, k := range m.Keys() {
		b = appendBytes(b, field, appendText(appendText(nil, 1, k), 2, m[k]))
	}
	return b
}
