package webpubsub

import "testing"

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
		{"application/x-protobuf", "\x0a", Protobuf, Internal},
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
	for _, kind := range []DataType{JSON, Text, Binary, Protobuf} {
		if d, err := NewData(kind.ContentType(), []byte("1")); err != nil || d.Type != kind {
			t.Errorf("%v: %v, %v", kind, d.Type, err)
		}
	}
}
