package websocket_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
	"github.com/easelhq/easel/webpubsub/internal/websocket/websockettest"
)

func TestAppendMessage_isWhatTheNaiveEncoderWrites(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 127, 128, 65535, 65536, 70_000} {
		payload := bytes.Repeat([]byte("x"), n)
		want := frame{Opcode: websockettest.Binary, Unmasked: true, Payload: payload}.Bytes()
		got := websocket.AppendMessage([]byte("before"), websocket.Binary, payload)
		if !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%d bytes: %.20x…, want %.20x…", n, got[6:], want)
		}
		if size := websocket.HeaderSize(n); size != len(want)-n {
			t.Errorf("%d bytes: header of %d bytes, want %d", n, size, len(want)-n)
		}
		masked := frame{Opcode: websockettest.Text, Key: key, Payload: payload}.Bytes()
		if got := websocket.AppendMasked(nil, websocket.Text, key, payload); !bytes.Equal(got, masked) {
			t.Errorf("%d bytes masked: %.20x…, want %.20x…", n, got, masked)
		}
	}
	compressed := frame{Opcode: websockettest.Text, RSV1: true, Unmasked: true, Payload: []byte("x")}.Bytes()
	if got := websocket.AppendMessage(nil, websocket.Text|websocket.Compressed, []byte("x")); !bytes.Equal(got, compressed) {
		t.Errorf("compressed: %x, want %x", got, compressed)
	}
}

func TestAppendMasked_allLengthsAndPlaces(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		payload := make([]byte, rng.IntN(200))
		for i := range payload {
			payload[i] = byte(rng.Uint32())
		}
		before := make([]byte, rng.IntN(9))
		want := append(before, frame{Opcode: websockettest.Binary, Key: key, Payload: payload}.Bytes()...)
		if got := websocket.AppendMasked(bytes.Clone(before), websocket.Binary, key, payload); !bytes.Equal(got, want) {
			t.Fatalf("%x\n got %x\nwant %x", payload, got, want)
		}
	}
}

func TestAppendClose(t *testing.T) {
	for name, c := range map[string]struct {
		code         int
		reason, want string
	}{
		"code and reason":        {1000, "bye", "\x88\x05\x03\xe8bye"},
		"no code":                {websocket.CodeNone, "bye", "\x88\x00"},
		"zero":                   {0, "", "\x88\x00"},
		"a lost connection":      {websocket.CodeLost, "", "\x88\x00"},
		"a long reason":          {4000, strings.Repeat("x", 200), "\x88\x7d\x0f\xa0" + strings.Repeat("x", 123)},
		"a cut inside character": {4000, strings.Repeat("x", 122) + "ä", "\x88\x7c\x0f\xa0" + strings.Repeat("x", 122)},
	} {
		if got := string(websocket.AppendClose(nil, c.code, c.reason)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAppend_allocatesNothing(t *testing.T) {
	payload, dst := make([]byte, 300), make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() {
		dst = websocket.AppendMessage(dst[:0], websocket.Text, payload)
		dst = websocket.AppendMasked(dst, websocket.Text, key, payload)
		dst = websocket.AppendClose(dst, 1000, "bye")
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppendMessage(b *testing.B) {
	payload, dst := make([]byte, 128), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		dst = websocket.AppendMessage(dst[:0], websocket.Text, payload)
	}
}

func BenchmarkAppendMasked(b *testing.B) {
	payload, dst := make([]byte, 128), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		dst = websocket.AppendMasked(dst[:0], websocket.Text, key, payload)
	}
}
