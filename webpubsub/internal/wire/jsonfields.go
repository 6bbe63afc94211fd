package wire

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/jsonscan"
)

// property is a name with a meaning in some frame.
type property uint8

const (
	propType property = iota
	propAckID
	propGroup
	propNoEcho
	propStream
	propTtlSeconds
	propIdleTimeoutMS
	propStreamID
	propEvent
	propData
	propDataType
	propMetadata
	propSequenceID
	propInvocationID
	propTarget
	propStreamSequenceID
	propError
	propName
	propMessage
	propUserErrorCode
	propState
	propUserID
	propConnectionID
	propReconnectionToken
	propSuccess
	propFrom
	propFromUserID
	propEndOfStream
	propExpectedSequenceID
	propItems
	propUpdatedAt
	properties
)

var propertyNames = [properties]string{
	propType:               "type",
	propAckID:              "ackId",
	propGroup:              "group",
	propNoEcho:             "noEcho",
	propStream:             "stream",
	propTtlSeconds:         "ttlSeconds",
	propIdleTimeoutMS:      "idleTimeoutMs",
	propStreamID:           "streamId",
	propEvent:              "event",
	propData:               "data",
	propDataType:           "dataType",
	propMetadata:           "metadata",
	propSequenceID:         "sequenceId",
	propInvocationID:       "invocationId",
	propTarget:             "target",
	propStreamSequenceID:   "streamSequenceId",
	propError:              "error",
	propName:               "name",
	propMessage:            "message",
	propUserErrorCode:      "userErrorCode",
	propState:              "state",
	propUserID:             "userId",
	propConnectionID:       "connectionId",
	propReconnectionToken:  "reconnectionToken",
	propSuccess:            "success",
	propFrom:               "from",
	propFromUserID:         "fromUserId",
	propEndOfStream:        "endOfStream",
	propExpectedSequenceID: "expectedSequenceId",
	propItems:              "items",
	propUpdatedAt:          "updatedAt",
}

func (p property) String() string { return propertyNames[p] }

// propertyOf is the property of a name; properties when it is none of ours.
func propertyOf(name []byte) property {
	switch string(name) {
	case "type":
		return propType
	case "ackId":
		return propAckID
	case "group":
		return propGroup
	case "noEcho":
		return propNoEcho
	case "stream":
		return propStream
	case "ttlSeconds":
		return propTtlSeconds
	case "idleTimeoutMs":
		return propIdleTimeoutMS
	case "streamId":
		return propStreamID
	case "event":
		return propEvent
	case "data":
		return propData
	case "dataType":
		return propDataType
	case "metadata":
		return propMetadata
	case "sequenceId":
		return propSequenceID
	case "invocationId":
		return propInvocationID
	case "target":
		return propTarget
	case "streamSequenceId":
		return propStreamSequenceID
	case "error":
		return propError
	case "name":
		return propName
	case "message":
		return propMessage
	case "userErrorCode":
		return propUserErrorCode
	case "state":
		return propState
	case "userId":
		return propUserID
	case "connectionId":
		return propConnectionID
	case "reconnectionToken":
		return propReconnectionToken
	case "success":
		return propSuccess
	case "from":
		return propFrom
	case "fromUserId":
		return propFromUserID
	case "endOfStream":
		return propEndOfStream
	case "expectedSequenceId":
		return propExpectedSequenceID
	case "items":
		return propItems
	case "updatedAt":
		return propUpdatedAt
	}
	return properties
}

// fields are the properties of a JSON object that have a name of ours.
type fields struct {
	source []byte // the text that the object is in
	at     [properties]span
}

// span is a part of a text; the zero span is nowhere.
type span struct{ from, to uint32 }

// parse reads a whole frame. Its data and texts without escapes are not copied.
func (f *fields) parse(frame []byte) error {
	switch {
	case !utf8.Valid(frame):
		return malformed("frame is not valid UTF-8")
	case uint64(len(frame)) > math.MaxUint32:
		return malformed("frame has %d bytes; the limit is %d", len(frame), uint32(math.MaxUint32))
	}
	f.source = frame
	s := jsonscan.Scan{Text: frame}
	end := -1
	if from := s.Space(0); from < len(frame) && frame[from] == '{' {
		end = s.Object(from, 1, f.set)
	}
	switch {
	case end < 0 || s.Space(end) != len(frame):
		return malformed("frame is not a JSON object")
	case s.Lone:
		return malformed("frame has an unmatched surrogate")
	}
	return nil
}

// fieldsOf reads an object that has been checked.
func fieldsOf(object []byte) *fields {
	f := &fields{source: object}
	s := jsonscan.Scan{Text: object}
	s.Object(0, 1, f.set)
	return f
}

// set takes a property. The key has its quotes.
func (f *fields) set(key []byte, from, to int) {
	if p := propertyOf(jsonscan.Unquote(key)); p < properties {
		f.at[p] = span{uint32(from), uint32(to)}
	}
}

// raw is the text of a property's value; nil when it is missing.
func (f *fields) raw(p property) []byte {
	at := f.at[p]
	if at.to == 0 {
		return nil
	}
	return f.source[at.from:at.to:at.to]
}

// absent reports whether a property is missing or null.
func (f *fields) absent(p property) bool {
	raw := f.raw(p)
	return raw == nil || raw[0] == 'n'
}

// meant is what a property that is a string stands for.
func (f *fields) meant(p property) ([]byte, error) {
	raw := f.raw(p)
	switch {
	case raw == nil:
		return nil, malformed("%s is missing", p)
	case raw[0] != '"':
		return nil, malformed("%s is not a string", p)
	}
	return jsonscan.Unquote(raw), nil
}

func (f *fields) text(p property) (string, error) {
	b, err := f.meant(p)
	return string(b), err
}

// optionalText is empty when the property is missing or null.
func (f *fields) optionalText(p property) (string, error) {
	if f.absent(p) {
		return "", nil
	}
	return f.text(p)
}

func (f *fields) flag(p property) (bool, error) {
	switch raw := f.raw(p); string(raw) {
	case "", "null", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, malformed("%s %s is not a boolean", p, clip(string(raw)))
	}
}

// number reads an integer from 0 to most.
func (f *fields) number(p property, most uint64) (uint64, error) {
	raw := f.raw(p)
	n, ok := parseNumber(raw)
	if !ok || n > most {
		return 0, malformed("%s %s is not an integer from 0 to %d", p, clip(string(raw)), most)
	}
	return n, nil
}

// object reads a property that is an object; nil when it is missing or null.
func (f *fields) object(p property) (*fields, error) {
	if f.absent(p) {
		return nil, nil
	}
	raw := f.raw(p)
	if raw[0] != '{' {
		return nil, malformed("%s is not an object", p)
	}
	return fieldsOf(raw), nil
}

// texts reads an object of strings, in which no key is there twice; nil when it is missing
// or null.
func (f *fields) texts(p property) (map[string]string, error) {
	if f.absent(p) {
		return nil, nil
	}
	s := jsonscan.Scan{Text: f.raw(p)}
	if s.Text[0] != '{' {
		return nil, malformed("%s is not an object", p)
	}
	m := map[string]string{}
	for i := s.Space(1); s.Text[i] != '}'; {
		quoted, from := s.Key(i)
		key := string(jsonscan.Unquote(quoted))
		if s.Text[from] != '"' {
			return nil, malformed("%s of %s is not a string", clip(key), p)
		}
		if _, twice := m[key]; twice {
			return nil, malformed("%s is twice in %s", clip(key), p)
		}
		end := s.String(from)
		m[key] = string(jsonscan.Unquote(s.Text[from:end]))
		i = s.Next(end)
	}
	return m, nil
}

// objects reads an array of objects; null counts as an empty one.
func (f *fields) objects(p property) ([]*fields, error) {
	s := jsonscan.Scan{Text: f.raw(p)}
	if s.Text == nil || s.Text[0] != '[' && s.Text[0] != 'n' {
		return nil, malformed("%s is not an array of objects", p)
	}
	if s.Text[0] == 'n' {
		return nil, nil
	}
	var list []*fields
	for i := s.Space(1); s.Text[i] != ']'; {
		end := s.Value(i, 0)
		switch s.Text[i] {
		case '{':
			list = append(list, fieldsOf(s.Text[i:end]))
		case 'n':
			list = append(list, &fields{})
		default:
			return nil, malformed("%s is not an array of objects", p)
		}
		i = s.Next(end)
	}
	return list, nil
}

// metadata is nil when there are no entries.
func (f *fields) metadata() (webpubsub.Metadata, error) {
	m, err := f.texts(propMetadata)
	if len(m) == 0 {
		return nil, err
	}
	return m, err
}

// data reads dataType and data; nil when there is no data.
func (f *fields) data() (*webpubsub.Data, error) {
	t, err := f.dataType()
	if err != nil {
		return nil, err
	}
	if f.raw(propData) == nil {
		return nil, nil
	}
	b, err := f.payload(t)
	if err != nil {
		return nil, err
	}
	return &webpubsub.Data{Type: t, Bytes: b}, nil
}

func (f *fields) payload(t webpubsub.DataType) ([]byte, error) {
	if t == webpubsub.JSON {
		return f.raw(propData), nil
	}
	text, err := f.meant(propData)
	if err != nil || t == webpubsub.Text {
		return text, err
	}
	b, err := strictBase64.AppendDecode(nil, text)
	switch {
	case err != nil:
		return nil, malformed("data is not base64: %v", err)
	case t == webpubsub.Protobuf && !webpubsub.IsAny(b):
		return nil, malformed("data is not a google.protobuf.Any")
	}
	return b, nil
}

var strictBase64 = base64.StdEncoding.Strict()

var dataTypes = [...]webpubsub.DataType{webpubsub.JSON, webpubsub.Text, webpubsub.Binary, webpubsub.Protobuf}

func (f *fields) dataType() (webpubsub.DataType, error) {
	if f.raw(propDataType) == nil {
		return webpubsub.JSON, nil
	}
	name, err := f.meant(propDataType)
	if err != nil {
		return 0, err
	}
	for _, t := range dataTypes {
		if string(name) == t.String() {
			return t, nil
		}
	}
	for _, t := range dataTypes {
		if strings.EqualFold(string(name), t.String()) {
			return t, nil
		}
	}
	return 0, malformed("dataType %q is unknown", clip(string(name)))
}

// parseNumber reads an integer of digits only.
func parseNumber(digits []byte) (uint64, bool) {
	n, err := strconv.ParseUint(string(digits), 10, 64)
	return n, err == nil
}
