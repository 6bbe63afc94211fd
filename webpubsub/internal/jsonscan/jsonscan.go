// Package jsonscan checks JSON text and finds where its values are, in one pass and without
// copying. It takes what encoding/json takes, which fuzz tests hold it to; that costs several
// times as much, and makes a map of every object. It is for the few shapes that are read for
// every frame and every handshake.
package jsonscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Scan reads a text. Its methods read from an index on and return the one after what they have
// read, or -1 when it is not JSON.
type Scan struct {
	Text []byte
	// Lone: an escape is half of a surrogate pair. It is JSON, but no character.
	Lone bool
}

// maxDepth is how deep arrays and objects may be nested, as in encoding/json.
const maxDepth = 10000

// Space passes white space.
func (s *Scan) Space(i int) int {
	for i < len(s.Text) {
		switch s.Text[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// Value reads a value inside of depth others.
func (s *Scan) Value(i, depth int) int {
	if i >= len(s.Text) {
		return -1
	}
	switch c := s.Text[i]; c {
	case '"':
		return s.String(i)
	case '{':
		return s.Object(i, depth+1, nil)
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

func (s *Scan) word(i int, word string) int {
	if rest := s.Text[i:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func (s *Scan) number(i int) int {
	if s.Text[i] == '-' {
		i++
	}
	whole := i
	if i = s.digits(i); i == whole || s.Text[whole] == '0' && i > whole+1 {
		return -1
	}
	if i < len(s.Text) && s.Text[i] == '.' {
		from := i + 1
		if i = s.digits(from); i == from {
			return -1
		}
	}
	if i < len(s.Text) && s.Text[i]|' ' == 'e' {
		from := i + 1
		if from < len(s.Text) && (s.Text[from] == '+' || s.Text[from] == '-') {
			from++
		}
		if i = s.digits(from); i == from {
			return -1
		}
	}
	return i
}

func (s *Scan) digits(i int) int {
	for i < len(s.Text) && s.Text[i]-'0' <= 9 {
		i++
	}
	return i
}

func (s *Scan) array(i, depth int) int {
	if depth > maxDepth {
		return -1
	}
	if i = s.Space(i + 1); i < len(s.Text) && s.Text[i] == ']' {
		return i + 1
	}
	for {
		if i = s.Value(i, depth); i < 0 {
			return -1
		}
		more := false
		if i, more = s.next(i, ']'); !more {
			return i
		}
	}
}

// next passes what follows a value in an array or an object: a comma, and then there is more, or
// the closing bracket.
func (s *Scan) next(i int, closing byte) (after int, more bool) {
	if i = s.Space(i); i < len(s.Text) {
		switch s.Text[i] {
		case ',':
			return s.Space(i + 1), true
		case closing:
			return i + 1, false
		}
	}
	return -1, false
}

// Object reads an object, which is inside of depth-1 others. Its members are visited, unless visit
// is nil: the key with its quotes, and where the value is.
func (s *Scan) Object(i, depth int, visit func(key []byte, from, to int)) int {
	if depth > maxDepth {
		return -1
	}
	if i = s.Space(i + 1); i < len(s.Text) && s.Text[i] == '}' {
		return i + 1
	}
	for {
		key, from := s.Key(i)
		if from < 0 {
			return -1
		}
		if i = s.Value(from, depth); i < 0 {
			return -1
		}
		if visit != nil {
			visit(key, from, i)
		}
		more := false
		if i, more = s.next(i, '}'); !more {
			return i
		}
	}
}

// Key reads a key, which it returns with its quotes, and what stands before its value.
func (s *Scan) Key(i int) (key []byte, end int) {
	if i >= len(s.Text) || s.Text[i] != '"' {
		return nil, -1
	}
	if end = s.String(i); end < 0 {
		return nil, -1
	}
	key = s.Text[i:end]
	if i = s.Space(end); i >= len(s.Text) || s.Text[i] != ':' {
		return nil, -1
	}
	return key, s.Space(i + 1)
}

// Next passes what stands between two members of an object or array that has been checked, or
// before its end.
func (s *Scan) Next(i int) int {
	if i = s.Space(i); s.Text[i] == ',' {
		i = s.Space(i + 1)
	}
	return i
}

// String reads a string.
func (s *Scan) String(i int) int {
	for i++; ; {
		i = s.plain(i)
		switch {
		case i >= len(s.Text) || s.Text[i] < ' ':
			return -1
		case s.Text[i] == '"':
			return i + 1
		}
		if i = s.escape(i); i < 0 {
			return -1
		}
	}
}

// plain passes what stands for itself in a string: eight bytes at a time, where there are as
// many. The bits are those of the bytes that don't; below the lowest there are no false ones.
func (s *Scan) plain(i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s.Text); i += 8 {
		w := binary.LittleEndian.Uint64(s.Text[i:])
		quote, backslash := w^ones*'"', w^ones*'\\'
		stop := ((quote-ones)&^quote | (backslash-ones)&^backslash | (w-ones*' ')&^w) & high
		if stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(s.Text) && s.Text[i] != '"' && s.Text[i] != '\\' && s.Text[i] >= ' ' {
		i++
	}
	return i
}

// escape reads an escape; both halves of a pair are one.
func (s *Scan) escape(i int) int {
	if i+1 >= len(s.Text) {
		return -1
	}
	switch s.Text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return -1
	}
	unit, ok := hex4(s.Text[i+2:])
	if !ok {
		return -1
	}
	switch i += 6; {
	case unit&0xfc00 == 0xdc00:
		s.Lone = true
	case unit&0xfc00 == 0xd800:
		rest := s.Text[i:]
		if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
			s.Lone = true
			return i
		}
		second, ok := hex4(rest[2:])
		if !ok || second&0xfc00 != 0xdc00 {
			s.Lone = true // what follows is read for itself
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

// IsJSON reports whether b is one JSON value, as json.Valid does.
func IsJSON(b []byte) bool {
	s := Scan{Text: b}
	return s.whole()
}

// Valid reports whether b is one JSON value whose strings are Unicode.
func Valid(b []byte) bool {
	s := Scan{Text: b}
	return s.whole() && !s.Lone && utf8.Valid(b)
}

func (s *Scan) whole() bool {
	end := s.Value(s.Space(0), 0)
	return end >= 0 && s.Space(end) == len(s.Text)
}

// Unquote returns what a string that has been checked stands for: a part of it when it has no
// escapes. It is as encoding/json has it, but leaves invalid UTF-8 alone.
func Unquote(quoted []byte) []byte {
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
	if unit&0xfc00 == 0xd800 && len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
		if second, _ := hex4(rest[2:]); second&0xfc00 == 0xdc00 {
			r, rest = 0x10000+(r-0xd800)<<10+rune(second-0xdc00), rest[6:]
		}
	}
	return utf8.AppendRune(b, r), rest // half of a pair alone becomes U+FFFD
}
