package whiteboard

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Values stay raw JSON from the client's batch to the journal and back. The functions
// here split and build such text without decoding it.

var errMalformed = errors.New("malformed JSON")

// eachMember calls f for each member of the object in b, in order, keys as written. It
// relies on b being valid JSON, and reports an error when b is no object.
func eachMember(b []byte, f func(key string, value json.RawMessage) error) error {
	s := scanner{b: b}
	if !s.take('{') {
		return errMalformed
	}
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return errMalformed
		}
		name := s.value()
		key, ok := stringValue(name)
		if !ok || !s.take(':') {
			return errMalformed
		}
		value := s.value()
		if len(value) == 0 {
			return errMalformed
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
	return nil
}

// eachElement calls f for each element of the array in b, in order. It relies on b being
// valid JSON, and reports an error when b is no array.
func eachElement(b []byte, f func(value json.RawMessage) error) error {
	s := scanner{b: b}
	if !s.take('[') {
		return errMalformed
	}
	for first := true; !s.take(']'); first = false {
		if !first && !s.take(',') {
			return errMalformed
		}
		value := s.value()
		if len(value) == 0 {
			return errMalformed
		}
		if err := f(value); err != nil {
			return err
		}
	}
	return nil
}

// scanner walks over valid JSON; over anything else it stops short, but never panics.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) && strings.IndexByte(" \t\r\n", s.b[s.i]) >= 0 {
		s.i++
	}
}

// take skips white space and then c, if c is next.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// value skips white space and returns the value that follows; empty at the end.
func (s *scanner) value() []byte {
	s.space()
	start := s.i
	for depth := 0; s.i < len(s.b); {
		switch c := s.b[s.i]; c {
		case '"':
			s.text()
		case '{', '[':
			depth++
			s.i++
		case '}', ']', ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return s.b[start:s.i:s.i]
			}
			if c == '}' || c == ']' {
				depth--
			}
			s.i++
		default:
			s.i++
			continue
		}
		if depth == 0 {
			return s.b[start:s.i:s.i]
		}
	}
	return s.b[start:s.i:s.i]
}

// text skips the string that starts here.
func (s *scanner) text() {
	for s.i++; s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '\\':
			s.i++
		case '"':
			s.i++
			return
		}
	}
	s.i = len(s.b)
}

// stringValue decodes a JSON string.
func stringValue(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", false
	}
	for _, c := range raw[1 : len(raw)-1] {
		if c == '\\' || c == '"' || c < ' ' {
			var s string
			err := json.Unmarshal(raw, &s)
			return s, err == nil
		}
	}
	return string(raw[1 : len(raw)-1]), true
}

// appendString appends s as a JSON string.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			b, _ := json.Marshal(s) // cannot fail for a string
			return append(dst, b...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
