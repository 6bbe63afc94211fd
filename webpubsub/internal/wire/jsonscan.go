package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// jsonScan checks JSON text and finds where its values are, in one pass and without copying.
// It takes what encoding/json takes, which a fuzz test holds it to; that costs several times as
// much, and makes a map of every object.
//
// Its methods read from an index on and return the one after what they have read, or -1 when
// it is not JSON.
type jsonScan struct {
	text []byte
	// lone: an escape is half of a surrogate pair. It is JSON, but no character.
	lone bool
}

// maxJSONDepth is how deep arrays and objects may be nested, as in encoding/json.
const maxJSONDepth = 10000

func (s *jsonScan) space(i int) int {
	for i < len(s.text) {
		switch s.text[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// value reads a value inside of depth others.
func (s *jsonScan) value(i, depth int) int {
	if i >= len(s.text) {
		return -1
	}
	switch c := s.text[i]; c {
	case '"':
		return s.string(i)
	case '{':
		return s.object(i, depth+1, nil)
	case '[':
		return s.array(i, depth+1)
	case 't':
		return s.word(i, "true")
	case 'f':
		return s.word(i, "false")
	case 'n':
		return s.word(i, "null")
	default:
		return s.number(i)
	}
}

func (s *jsonScan) word(i int, word string) int {
	if rest := s.text[i:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func (s *jsonScan) number(i int) int {
	if s.text[i] == '-' {
		i++
	}
	whole := i
	if i = s.digits(i); i == whole || s.text[whole] == '0' && i > whole+1 {
		return -1
	}
	if i < len(s.text) && s.text[i] == '.' {
		from := i + 1
		if i = s.digits(from); i == from {
			return -1
		}
	}
	if i < len(s.text) && s.text[i]|' ' == 'e' {
		from := i + 1
		if from < len(s.text) && (s.text[from] == '+' || s.text[from] == '-') {
			from++
		}
		if i = s.digits(from); i == from {
			return -1
		}
	}
	return i
}

func (s *jsonScan) digits(i int) int {
	for i < len(s.text) && s.text[i]-'0' <= 9 {
		i++
	}
	return i
}

func (s *jsonScan) array(i, depth int) int {
	if depth > maxJSONDepth {
		return -1
	}
	if i = s.space(i + 1); i < len(s.text) && s.text[i] == ']' {
		return i + 1
	}
	for {
		if i = s.value(i, depth); i < 0 {
			return -1
		}
		if i = s.space(i); i >= len(s.text) {
			return -1
		}
		switch s.text[i] {
		case ',':
			i = s.space(i + 1)
		case ']':
			return i + 1
		default:
			return -1
		}
	}
}

// object reads an object. The properties that have a name of ours go to f, unless it is nil;
// of one that is there more than once the last counts.
func (s *jsonScan) object(i, depth int, f *fields) int {
	if depth > maxJSONDepth {
		return -1
	}
	if i = s.space(i + 1); i < len(s.text) && s.text[i] == '}' {
		return i + 1
	}
	for {
		key, from := s.key(i)
		if from < 0 {
			return -1
		}
		if i = s.value(from, depth); i < 0 {
			return -1
		}
		if f != nil {
			f.set(key, span{uint32(from), uint32(i)})
		}
		if i = s.space(i); i >= len(s.text) {
			return -1
		}
		switch s.text[i] {
		case ',':
			i = s.space(i + 1)
		case '}':
			return i + 1
		default:
			return -1
		}
	}
}

// key reads a key, which it returns with its quotes, and what stands before its value.
func (s *jsonScan) key(i int) (key []byte, end int) {
	if i >= len(s.text) || s.text[i] != '"' {
		return nil, -1
	}
	if end = s.string(i); end < 0 {
		return nil, -1
	}
	key = s.text[i:end]
	if i = s.space(end); i >= len(s.text) || s.text[i] != ':' {
		return nil, -1
	}
	return key, s.space(i + 1)
}

// next passes what stands between two members of an object or array that has been checked, or
// before its end.
func (s *jsonScan) next(i int) int {
	if i = s.space(i); s.text[i] == ',' {
		i = s.space(i + 1)
	}
	return i
}

// string reads a string.
func (s *jsonScan) string(i int) int {
	for i++; ; {
		i = s.plain(i)
		switch {
		case i >= len(s.text) || s.text[i] < ' ':
			return -1
		case s.text[i] == '"':
			return i + 1
		}
		if i = s.escape(i); i < 0 {
			return -1
		}
	}
}

// plain passes what stands for itself in a string: eight bytes at a time, where there are as
// many. The bits are those of the bytes that don't; below the lowest there are no false ones.
func (s *jsonScan) plain(i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s.text); i += 8 {
		w := binary.LittleEndian.Uint64(s.text[i:])
		quote, backslash := w^ones*'"', w^ones*'\\'
		stop := ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-ones*' ')&^w) & high
		if stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(s.text) && s.text[i] != '"' && s.text[i] != '\\' && s.text[i] >= ' ' {
		i++
	}
	return i
}

// escape reads an escape; both halves of a pair are one.
func (s *jsonScan) escape(i int) int {
	if i+1 >= len(s.text) {
		return -1
	}
	switch s.text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return -1
	}
	unit, ok := hex4(s.text[i+2:])
	if !ok {
		return -1
	}
	switch i += 6; {
	case unit&0xfc00 == 0xdc00:
		s.lone = true
	case unit&0xfc00 == 0xd800:
		rest := s.text[i:]
		if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
			s.lone = true
			return i
		}
		second, ok := hex4(rest[2:])
		if !ok || second&0xfc00 != 0xdc00 {
			s.lone = true // what follows is read for itself
			return i
		}
		i += 6
	}
	return i
}

// hex4 reads the four digits of a \u escape.
func hex4(b []byte) (unit uint16, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch digit := c | ' '; {
		case c >= '0' && c <= '9':
			unit = unit<<4 | uint16(c-'0')
		case digit >= 'a' && digit <= 'f':
			unit = unit<<4 | uint16(digit-'a'+10)
		default:
			return 0, false
		}
	}
	return unit, true
}

// validJSON reports whether b is one JSON value whose strings are Unicode.
func validJSON(b []byte) bool {
	s := jsonScan{text: b}
	end := s.value(s.space(0), 0)
	return end >= 0 && s.space(end) == len(b) && !s.lone && utf8.Valid(b)
}

// unquote returns what a string that has been checked stands for: a part of it when it has no
// escapes.
func unquote(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	next := bytes.IndexByte(inner, '\\')
	if next < 0 {
		return inner
	}
	b := make([]byte, 0, len(inner))
	for ; next >= 0; next = bytes.IndexByte(inner, '\\') {
		b = append(b, inner[:next]...)
		b, inner = unescape(b, inner[next+1:])
	}
	return append(b, inner...)
}

// unescape appends what the escape means that rest has the end of.
func unescape(b, rest []byte) (text, after []byte) {
	switch c := rest[0]; c {
	case 'b':
		return append(b, '\b'), rest[1:]
	case 'f':
		return append(b, '\f'), rest[1:]
	case 'n':
		return append(b, '\n'), rest[1:]
	case 'r':
		return append(b, '\r'), rest[1:]
	case 't':
		return append(b, '\t'), rest[1:]
	case 'u':
	default:
		return append(b, c), rest[1:]
	}
	unit, _ := hex4(rest[1:])
	r, rest := rune(unit), rest[5:]
	if unit&0xfc00 == 0xd800 { // its other half follows, for the string has been checked
		second, _ := hex4(rest[2:])
		r, rest = 0x10000+(r-0xd800)<<10+rune(second-0xdc00), rest[6:]
	}
	return utf8.AppendRune(b, r), rest
}

// parseNumber reads an integer of digits only.
func parseNumber(digits []byte) (uint64, bool) {
	n, err := strconv.ParseUint(string(digits), 10, 64)
	return n, err == nil
}
