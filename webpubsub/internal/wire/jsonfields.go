package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// fields are a JSON object's properties, by exact name.
type fields map[string]json.RawMessage

// parseObject reads a whole frame.
func parseObject(frame []byte) (f fields, err error) {
	if !utf8.Valid(frame) {
		return nil, malformed("frame is not valid UTF-8")
	}
	if err := json.Unmarshal(frame, &f); err != nil || f == nil {
		return nil, malformed("frame is not a JSON object")
	}
	if loneSurrogate(frame) {
		return nil, malformed("frame has an unmatched surrogate")
	}
	return f, nil
}

// absent reports whether a property is missing or null.
func (f fields) absent(name string) bool {
	raw := f[name]
	return len(raw) == 0 || string(raw) == "null"
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

// optionalText is empty when the property is missing or null.
func (f fields) optionalText(name string) (string, error) {
	if f.absent(name) {
		return "", nil
	}
	return f.text(name)
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

// number reads an integer from 0 to most.
func (f fields) number(name string, most uint64) (uint64, error) {
	raw := string(f[name])
	n, ok := parseNumber(raw)
	if !ok || n > most {
		return 0, malformed("%s %s is not an integer from 0 to %d", name, clip(raw), most)
	}
	return n, nil
}

func parseNumber(s string) (uint64, bool) {
	if strings.HasPrefix(s, "+") {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}

// object reads a property that is an object; nil when it is missing or null.
func (f fields) object(name string) (fields, error) {
	if f.absent(name) {
		return nil, nil
	}
	var o fields
	if json.Unmarshal(f[name], &o) != nil {
		return nil, malformed("%s is not an object", name)
	}
	return o, nil
}

// texts reads an object of strings, in which no key is there twice; nil when it is missing
// or null.
func (f fields) texts(name string) (map[string]string, error) {
	if f.absent(name) {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(f[name]))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, malformed("%s is not an object", name)
	}
	m := map[string]string{}
	for d.More() {
		key, err := d.Token()
		k, isText := key.(string)
		if err != nil || !isText {
			return nil, malformed("%s is not an object", name)
		}
		value, err := d.Token()
		v, isText := value.(string)
		if err != nil || !isText {
			return nil, malformed("%s of %s is not a string", clip(k), name)
		}
		if _, twice := m[k]; twice {
			return nil, malformed("%s is twice in %s", clip(k), name)
		}
		m[k] = v
	}
	return m, nil
}

// metadata is nil when there are no entries.
func (f fields) metadata() (webpubsub.Metadata, error) {
	m, err := f.texts("metadata")
	if len(m) == 0 {
		return nil, err
	}
	return m, err
}

// data reads dataType and data; nil when there is no data.
func (f fields) data() (*webpubsub.Data, error) {
	t, err := f.dataType()
	if err != nil {
		return nil, err
	}
	raw, ok := f["data"]
	if !ok {
		return nil, nil
	}
	b, err := f.payload(t, raw)
	if err != nil {
		return nil, err
	}
	return &webpubsub.Data{Type: t, Bytes: b}, nil
}

func (f fields) payload(t webpubsub.DataType, raw []byte) ([]byte, error) {
	if t == webpubsub.JSON {
		return raw, nil
	}
	s, err := f.text("data")
	if err != nil || t == webpubsub.Text {
		return []byte(s), err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	switch {
	case err != nil:
		return nil, malformed("data is not base64: %v", err)
	case t == webpubsub.Protobuf && !webpubsub.IsAny(b):
		return nil, malformed("data is not a google.protobuf.Any")
	}
	return b, nil
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
