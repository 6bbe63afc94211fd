package rest

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charsets are those of .NET, which the real service uses, and what Windows writes; by
// name in lower case. A byte order mark wins over the name.
var charsets = map[string]encoding.Encoding{
	"iso-8859-1":   charmap.ISO8859_1,
	"latin1":       charmap.ISO8859_1,
	"windows-1252": charmap.Windows1252,
	"utf-16":       unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32":       utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32le":     utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32be":     utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
}

// charset returns how to turn text of a charset into UTF-8. What is no character becomes
// U+FFFD, as in .NET.
func charset(name string) (decode func([]byte) ([]byte, error), ok bool) {
	switch name = strings.ToLower(name); name {
	case "", "utf-8", "utf8", "us-ascii":
		return fromUTF8, true
	}
	e, ok := charsets[name]
	if !ok {
		return nil, false
	}
	return e.NewDecoder().Bytes, true
}

func asIs(b []byte) ([]byte, error) { return b, nil }

func fromUTF8(b []byte) ([]byte, error) {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	if utf8.Valid(b) {
		return b, nil
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD")), nil
}
