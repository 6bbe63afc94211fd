package rest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf16"

	"github.com/easelhq/easel/webpubsub"
)

// message reads the body of a send. Errors: TooLarge, UnsupportedMediaType, BadRequest.
// Source: REST API, message bodies.
func (c *call) message() (webpubsub.Data, error) {
	if err := c.checkLength(); err != nil {
		return webpubsub.Data{}, err
	}
	kind, decode, err := contentType(c.r.Header)
	if err != nil {
		return webpubsub.Data{}, err
	}
	body, err := c.readBody()
	if err != nil {
		return webpubsub.Data{}, err
	}
	if body, err = decode(body); err != nil {
		return webpubsub.Data{}, err
	}
	if n := len(body); n > webpubsub.MaxMessageBytes {
		return webpubsub.Data{}, webpubsub.Errorf(webpubsub.TooLarge, "The body has %d bytes as UTF-8; the limit is %d.", n, webpubsub.MaxMessageBytes)
	}
	if kind == webpubsub.JSON && !json.Valid(body) {
		return webpubsub.Data{}, webpubsub.Errorf(webpubsub.BadRequest, "The request body is not a valid JSON.")
	}
	return webpubsub.Data{Type: kind, Bytes: body}, nil
}

func (c *call) checkLength() error {
	if n := c.r.ContentLength; n > webpubsub.MaxMessageBytes {
		return webpubsub.Errorf(webpubsub.TooLarge, "Invalid Content-Length header. The body has %d bytes; the limit is %d.", n, webpubsub.MaxMessageBytes)
	}
	return nil
}

// readBody reads at most MaxMessageBytes. A body without Content-Length is taken too,
// although the real service refuses it.
func (c *call) readBody() ([]byte, error) {
	if err := c.checkLength(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, webpubsub.MaxMessageBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, webpubsub.Errorf(webpubsub.TooLarge, "The body is too large; the limit is %d bytes.", webpubsub.MaxMessageBytes)
	}
	if err != nil {
		return nil, &webpubsub.Error{Code: webpubsub.BadRequest, Msg: "The body could not be read.", Err: err}
	}
	return body, nil
}

// contentType returns the kind of data and how to turn its bytes into ours.
func contentType(h http.Header) (webpubsub.DataType, func([]byte) ([]byte, error), error) {
	values := h.Values("Content-Type")
	if len(values) == 0 {
		return webpubsub.Binary, asIs, nil
	}
	name, params, err := mime.ParseMediaType(values[0])
	if err != nil || len(values) > 1 {
		return 0, nil, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "content type %q", clip(values[0]))
	}
	var kind webpubsub.DataType
	switch name {
	case "text/plain":
		kind = webpubsub.Text
	case "application/json":
		kind = webpubsub.JSON
	case "application/octet-stream":
		return webpubsub.Binary, asIs, nil
	default:
		return 0, nil, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "content type %q", clip(name))
	}
	decode, ok := charsets[strings.ToLower(params["charset"])]
	if !ok {
		return 0, nil, webpubsub.Errorf(webpubsub.UnsupportedMediaType, "charset %q", clip(params["charset"]))
	}
	return kind, decode, nil
}

// charsets turn text into UTF-8.
var charsets = map[string]func([]byte) ([]byte, error){
	"":           fromUTF8,
	"utf-8":      fromUTF8,
	"utf8":       fromUTF8,
	"us-ascii":   fromUTF8,
	"iso-8859-1": fromLatin1,
	"latin1":     fromLatin1,
	"utf-16":     fromUTF16(binary.LittleEndian),
	"utf-16le":   fromUTF16(binary.LittleEndian),
	"utf-16be":   fromUTF16(binary.BigEndian),
}

func asIs(b []byte) ([]byte, error) { return b, nil }

// fromUTF8 drops a byte order mark and replaces what is not UTF-8, as .NET does.
func fromUTF8(b []byte) ([]byte, error) {
	return bytes.ToValidUTF8(bytes.TrimPrefix(b, []byte("\uFEFF")), []byte("\uFFFD")), nil
}

func fromLatin1(b []byte) ([]byte, error) {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return []byte(string(runes)), nil
}

// fromUTF16 follows a byte order mark; without one it uses order.
func fromUTF16(order binary.ByteOrder) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		if len(b)%2 != 0 {
			return nil, webpubsub.Errorf(webpubsub.BadRequest, "The body has an odd number of bytes, which UTF-16 cannot have.")
		}
		order := order
		if len(b) >= 2 {
			switch binary.BigEndian.Uint16(b) {
			case 0xFEFF:
				order, b = binary.BigEndian, b[2:]
			case 0xFFFE:
				order, b = binary.LittleEndian, b[2:]
			}
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = order.Uint16(b[2*i:])
		}
		return []byte(string(utf16.Decode(units))), nil
	}
}
