package webpubsub

import (
	"strings"
	"testing"
)

func TestNewData(t *testing.T) {
	for _, c := range []struct {
		contentType, body string
		want              DataType
		code              Code // of the error; Internal is none
	}{
		{"", "\xff", Binary, Internal},
		{"text/plain", "hi", Text, Internal},
		{"Text/Plain; charset=utf-8", "", Text, Internal},
		{"text/plain", "\xff", 0, BadRequest},
		{"application/json", `{"a":1}`, JSON, Internal},
		{"application/json; charset=utf-8", `{`, 0, BadRequest},
		{"application/json", "\"\xff\"", 0, BadRequest},
		{"application/json", "", 0, BadRequest},
		{"application/octet-stream", "\x00", Binary, Internal},
		{"application/x-protobuf", "\x0a\x01a\x12\x02hi", Protobuf, Internal},
		{"application/x-protobuf", "", Protobuf, Internal},
		{"application/x-protobuf", "\x0a", 0, BadRequest},
		{"application/x-protobuf", "\x0a\x01\xff", 0, BadRequest},
		{"text/html", "hi", 0, UnsupportedMediaType},
		{";", "hi", 0, UnsupportedMediaType},
	} {
		d, err := NewData(c.contentType, []byte(c.body))
		if c.code != Internal {
			if CodeOf(err) != c.code {
				t.Errorf("%q, %q: %v, want %v", c.contentType, c.body, err, c.code)
			}
		} else if err != nil || d.Type != c.want || string(d.Bytes) != c.body {
			t.Errorf("%q, %q: %v, %v; want %v", c.contentType, c.body, d, err, c.want)
		}
	}
}

func TestContentType_ofEveryType_readsBack(t *testing.T) {
	for kind, body := range map[DataType]string{JSON: "1", Text: "1", Binary: "1", Protobuf: "\x12\x011"} {
		if d, err := NewData(kind.ContentType(), []byte(body)); err != nil || d.Type != kind {
			t.Errorf("%v: %v, %v", kind, d.Type, err)
		}
	}
}

func TestIsAny(t *testing.T) {
	long := "\x0a\x80\x01" + strings.Repeat("a", 128)
	for body, want := range map[string]bool{
		"": true, "\x0a\x01a\x12\x02hi": true, long: true, "\x18\x01": true, "\x19" + "12345678": true, "\x1d" + "1234": true,
		"\x00": false, "\x0a": false, "\x0a\x05a": false, "\x0a\x01\xff": false, "\x18": false, "\x19" + "1": false, "\x1b\x1c": false, "\xff": false,
	} {
		if got := IsAny([]byte(body)); got != want {
			t.Errorf("%.20q: %v, want %v", body, got, want)
		}
	}
}
