package wire

import (
	"encoding/base64"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/easelhq/easel/webpubsub"
)

// object is JSON being written. Between open and close come the properties of an object, each
// after its key; objects may be nested.
type object struct{ b []byte }

func (o *object) open()  { o.b = append(o.b, '{') }
func (o *object) close() { o.b = append(o.b, '}') }

// comma separates a property from the one before it.
func (o *object) comma() {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
}

// key begins a property. Its name needs no escapes.
func (o *object) key(name string) {
	o.comma()
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
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

// texts writes a map in the order of its keys.
func (o *object) texts(name string, m map[string]string) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	o.key(name)
	o.open()
	for _, k := range keys {
		o.comma()
		o.b = append(appendString(o.b, k), ':')
		o.b = appendString(o.b, m[k])
	}
	o.close()
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
		o.b = appendString(o.b, d.Bytes)
	default:
		o.b = append(o.b, '"')
		o.b = base64.StdEncoding.AppendEncode(o.b, d.Bytes)
		o.b = append(o.b, '"')
	}
}

// dataSize is about how much data takes in JSON, so that mostly nothing has to grow.
func dataSize(d *webpubsub.Data) int {
	switch {
	case d == nil:
		return 0
	case d.Type == webpubsub.JSON:
		return 32 + len(d.Bytes)
	case d.Type == webpubsub.Text:
		return 40 + len(d.Bytes) + len(d.Bytes)/16
	}
	return 40 + base64.StdEncoding.EncodedLen(len(d.Bytes))
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; the two characters
// that end a line in older JavaScript are escaped.
func appendString[T string | []byte](b []byte, s T) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = decodeRune(s[i:])
			if (r != utf8.RuneError || size > 1) && r != '\u2028' && r != '\u2029' {
				i += size
				continue
			}
			b = append(b, s[from:i]...)
			b = appendUnit(b, r)
		} else {
			b = append(b, s[from:i]...)
			b = appendEscape(b, c)
		}
		i += size
		from = i
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

func decodeRune[T string | []byte](s T) (rune, int) {
	var first [utf8.UTFMax]byte
	return utf8.DecodeRune(first[:copy(first[:], s)])
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return appendUnit(b, rune(c))
}

// appendUnit escapes a character of the basic plane.
func appendUnit(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
