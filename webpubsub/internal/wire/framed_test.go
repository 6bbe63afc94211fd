package wire

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

// The headers are those of RFC 6455, 5.2: final, unmasked, in the shortest form.
func TestFramed_headerOfEveryLength(t *testing.T) {
	for size, want := range map[int]string{
		0: "8100", 1: "8101", 125: "817d", 126: "817e007e", 65535: "817effff", 65536: "817f0000000000010000",
	} {
		payload := strings.Repeat("x", size)
		f := Share(webpubsub.Message{Data: *text(payload)}).Bare()
		if head := f[:len(f)-size]; hex.EncodeToString(head) != want || string(f.Payload()) != payload || !f.Text() {
			t.Errorf("size %d: header %x, payload of %d bytes, text %t; want header %s", size, head, len(f.Payload()), f.Text(), want)
		}
	}
}

func TestFramed_opcodeIsThatOfTheFormat(t *testing.T) {
	for _, c := range []struct {
		f    Framed
		text bool
	}{
		{Share(webpubsub.Message{Data: *text("")}).Frame(JSON), true},
		{Share(webpubsub.Message{Data: *text("")}).Reliable(JSON, 1), true},
		{Share(webpubsub.Message{Data: *text("")}).Frame(Protobuf), false},
		{Share(webpubsub.Message{Data: *text("")}).Reliable(Protobuf, 1), false},
		{EncodeResponse(Protobuf, Response{Type: Pong}), false},
		{Share(webpubsub.Message{Data: *data(webpubsub.JSON, "1")}).Bare(), true},
		{Share(webpubsub.Message{Data: *data(webpubsub.Binary, "1")}).Bare(), false},
		{Share(webpubsub.Message{Data: *data(webpubsub.Protobuf, "")}).Bare(), false},
	} {
		if want := map[bool]byte{true: 0x81, false: 0x82}[c.text]; c.f.Text() != c.text || c.f[0] != want {
			t.Errorf("%x: text %t; want %t", c.f, c.f.Text(), c.text)
		}
	}
}
