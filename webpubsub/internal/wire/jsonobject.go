package wire

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// object is a JSON object being written; its zero value is at the start.
type object struct{ b []byte }

func (o *object) key(name string) {
	if len(o.b) == 0 {
		o.b = append(o.b, '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *object) text(name, value string) {
	o.key(name)
	o.b = appendString(o.b, value)
}

func (o *object) optional(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) number(name string, n uint64) {
	o.key(name)
	o.b = strconv.AppendUint(o.b, n, 10)
}

func (o *object) flag(name string, value bool) {
	o.key(name)
	o.b = strconv.AppendBool(o.b, value)
}

func (o *object) object(name string, value object) {
	o.key(name)
	o.b = append(o.b, value.end()...)
}

// texts writes a map in the order of its keys.
func (o *object) texts(name string, m map[string]string) {
	var inner object
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		inner.quotedKey(k)
		inner.b = appendString(inner.b, m[k])
	}
	o.object(name, inner)
}

func (o *object) quotedKey(name string) {
	if len(o.b) == 0 {
		o.b = append(o.b, '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = append(appendString(o.b, name), ':')
}

// data writes dataType and data; nothing when there is no data.
func (o *object) data(d *webpubsub.Data) {
	if d == nil {
		return
	}
	o.text("dataType", d.Type.String())
	o.key("data")
	switch d.Type {
	case webpubsub.JSON:
		o.b = append(o.b, d.Bytes...)
	case webpubsub.Text:
		o.b = appendString(o.b, string(d.Bytes))
	default:
		o.b = append(o.b, '"')
		o.b = base64.StdEncoding.AppendEncode(o.b, d.Bytes)
		o.b = append(o.b, '"')
	}
}

func (o *object) end() []byte {
	if len(o.b) == 0 {
		return []byte("{}")
	}
	return append(o.b, '}')
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
