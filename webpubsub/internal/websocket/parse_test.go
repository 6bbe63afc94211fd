package websocket_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
	"github.com/easelhq/easel/webpubsub/internal/websocket/websockettest"
)

type frame = websockettest.Frame

var key = [4]byte{0x12, 0x34, 0x56, 0x78}

const limit = 1 << 20

// happened is an event with memory of its own, as text.
func happened(e websocket.Event) string {
	switch e.Kind {
	case websocket.Text:
		return fmt.Sprintf("text %q", e.Payload)
	case websocket.Binary:
		return fmt.Sprintf("binary %q", e.Payload)
	case websocket.Ping:
		return fmt.Sprintf("ping %q", e.Payload)
	case websocket.Pong:
		return fmt.Sprintf("pong %q", e.Payload)
	case websocket.Close:
		return fmt.Sprintf("close %d %q", e.Code, e.Payload)
	case websocket.Broken:
		return fmt.Sprintf("broken %d %s", e.Code, e.Reason)
	}
	return fmt.Sprintf("kind %d", e.Kind)
}

// push pushes a copy of b and adds up what happens.
func push(p *websocket.Parser, b []byte) (events []string) {
	b = bytes.Clone(b)
	for len(b) > 0 {
		n, e := p.Next(b)
		if b = b[n:]; e.Kind != websocket.None {
			events = append(events, happened(e))
		} else if len(b) > 0 {
			panic(fmt.Sprintf("%d bytes are left over and nothing has happened", len(b)))
		}
	}
	return events
}

// pieces cuts b at random, often into very small pieces.
func pieces(rng *rand.Rand, b []byte) (list [][]byte) {
	for len(b) > 0 {
		n := 1 + rng.IntN(min(len(b), 1<<rng.IntN(12)))
		list = append(list, b[:n])
		b = b[n:]
	}
	return list
}

func TestParser_isSmall(t *testing.T) {
	if size := unsafe.Sizeof(websocket.Parser{}); size > 48 {
		t.Errorf("a parser has %d bytes", size)
	}
}

func TestParser_wholeFrames_allocateNothing(t *testing.T) {
	stream := websocket.AppendMasked(nil, websocket.Text, key, []byte(strings.Repeat("ä", 1000)))
	stream = websocket.AppendMasked(stream, websocket.Ping, key, []byte("?"))
	stream = websocket.AppendMasked(stream, websocket.Binary, key, make([]byte, 70_000))
	b := make([]byte, len(stream))
	p := websocket.Parser{Limit: limit}
	if allocs := testing.AllocsPerRun(100, func() {
		copy(b, stream)
		events := 0
		for rest := b; len(rest) > 0; {
			n, e := p.Next(rest)
			if rest = rest[n:]; e.Kind == websocket.Broken {
				t.Fatal(e.Reason)
			}
			events++
		}
		if events != 3 {
			t.Fatalf("%d events", events)
		}
	}); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestParser_keepsNothingWhenQuiet(t *testing.T) {
	p := websocket.Parser{Limit: limit}
	stream := bytes.Join([][]byte{
		frame{Opcode: websockettest.Text, More: true, Key: key, Payload: []byte("hel")}.Bytes(),
		frame{Opcode: websockettest.Ping, Key: key, Payload: []byte("?")}.Bytes(),
		frame{Opcode: websockettest.Continuation, Key: key, Payload: []byte("lo")}.Bytes(),
		frame{Opcode: websockettest.Pong, Key: key, Payload: []byte("!")}.Bytes(),
		frame{Opcode: websockettest.Binary, Key: key, Payload: make([]byte, 3000)}.Bytes(),
	}, nil)
	for i := range stream {
		push(&p, stream[i:i+1])
	}
	if !p.Idle() {
		t.Error("the parser keeps memory between messages")
	}
}

// A header that announces much costs nothing until it comes.
func TestParser_memoryFollowsWhatArrived(t *testing.T) {
	const connections = 1000
	b := frame{Opcode: websockettest.Binary, Key: key, Payload: make([]byte, limit)}.Bytes()[:100]
	parsers := make([]websocket.Parser, connections)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range parsers {
		parsers[i].Limit = limit
		parsers[i].Next(b[:14])
		parsers[i].Next(b[14:])
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / connections; each > 1024 {
		t.Errorf("100 bytes of a message of 1 MiB took %d bytes", each)
	}
}

func TestParser_tooLarge_isKnownFromTheHeader(t *testing.T) {
	for name, b := range map[string][]byte{
		"one frame": frame{Opcode: websockettest.Text, Key: key, Payload: make([]byte, 1001)}.Bytes()[:8],
		"fragments": append(frame{Opcode: websockettest.Text, More: true, Key: key, Payload: []byte("x")}.Bytes(),
			frame{Opcode: websockettest.Continuation, Key: key, Payload: make([]byte, 1000)}.Bytes()[:8]...),
		"a length of 63 bits": {0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4},
	} {
		p := websocket.Parser{Limit: 1000}
		if got := fmt.Sprint(push(&p, b)); got != "[broken 1009 The message is too large.]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	p := websocket.Parser{Limit: 1000}
	if got := push(&p, frame{Opcode: websockettest.Text, Key: key, Payload: make([]byte, 1000)}.Bytes()); len(got) != 1 || !strings.HasPrefix(got[0], "text") {
		t.Errorf("a message of the limit: %.60q", got)
	}
}

// naive is what a stream means, by way of the simple decoder. It knows no limits.
func naive(b []byte, server bool) (events []string) {
	var kind byte
	var message []byte
	for {
		f, rest, ok := websockettest.Decode(b)
		if !ok {
			return events
		}
		b = rest
		control := f.Opcode >= websockettest.Close
		switch {
		case f.RSV1 || f.RSV2 || f.RSV3 || f.Unmasked != server,
			f.Opcode > websockettest.Binary && !control || f.Opcode > websockettest.Pong,
			control && (f.More || len(f.Payload) > 125),
			!control && (f.Opcode == websockettest.Continuation) != (kind != 0):
			return append(events, "broken 1002")
		case f.Opcode == websockettest.Ping:
			events = append(events, fmt.Sprintf("ping %q", f.Payload))
		case f.Opcode == websockettest.Pong:
			events = append(events, fmt.Sprintf("pong %q", f.Payload))
		case f.Opcode == websockettest.Close:
			code, reason := 1005, f.Payload
			if len(reason) == 1 {
				return append(events, "broken 1002")
			}
			if len(reason) >= 2 {
				code, reason = int(reason[0])<<8|int(reason[1]), reason[2:]
				if code < 1000 || code > 1014 && code < 3000 || code >= 5000 || code >= 1004 && code <= 1006 {
					return append(events, "broken 1002")
				}
			}
			if !utf8.Valid(reason) {
				return append(events, "broken 1007")
			}
			return append(events, fmt.Sprintf("close %d %q", code, reason))
		default:
			if f.Opcode != websockettest.Continuation {
				kind, message = f.Opcode, nil
			}
			message = append(message, f.Payload...)
			if kind == websockettest.Text && !utf8.Valid(message) && !(f.More && mayBecomeText(message)) {
				return append(events, "broken 1007")
			}
			if f.More {
				continue
			}
			events = append(events, fmt.Sprintf("%s %q", map[byte]string{1: "text", 2: "binary"}[kind], message))
			kind = 0
		}
	}
}

// mayBecomeText reports whether only the last character is wrong, for it is incomplete.
func mayBecomeText(b []byte) bool {
	for n := 1; n <= min(3, len(b)); n++ {
		if end := len(b) - n; utf8.Valid(b[:end]) && !utf8.FullRune(b[end:]) {
			return true
		}
	}
	return false
}

// session is what a client might send: mostly right, with a few mistakes.
func session(rng *rand.Rand, server bool, longest int) (b []byte) {
	inside := false
	payload := func(most int) []byte {
		text := []byte(strings.Repeat("aä€𝄞", 1+most/10))
		text = text[:rng.IntN(most+1)]
		if rng.IntN(20) > 0 { // mostly whole characters
			for len(text) > 0 && !utf8.Valid(text) {
				text = text[:len(text)-1]
			}
		}
		return text
	}
	for range 1 + rng.IntN(20) {
		f := frame{Unmasked: server, Key: [4]byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32())}}
		switch n := rng.IntN(10); {
		case n < 3:
			f.Opcode, f.Payload = byte(websockettest.Ping+rng.IntN(2)), payload(125)
		case inside:
			f.Opcode, f.More, f.Payload = websockettest.Continuation, rng.IntN(3) > 0, payload(200)
			inside = f.More
		default:
			f.Opcode, f.More, f.Payload = byte(1+rng.IntN(2)), rng.IntN(3) == 0, payload([]int{0, 10, 130, longest}[rng.IntN(4)])
			inside = f.More
		}
		if rng.IntN(40) == 0 { // anything
			f.Opcode, f.More, f.RSV1 = byte(rng.IntN(16)), rng.IntN(2) == 0, rng.IntN(4) == 0
			if f.Opcode == websockettest.Close {
				f.Payload = append([]byte{byte(rng.IntN(6)), byte(rng.Uint32())}, payload(30)...)
			}
		}
		b = append(b, f.Bytes()...)
	}
	return b
}

// agree compares the events of a stream's first mistake by code only, and lets the parser
// see one that the naive decoder has not, in a frame that is incomplete.
func agree(got, want []string) bool {
	for i, w := range want {
		if i >= len(got) || got[i] != w && !(strings.HasPrefix(w, "broken") && strings.HasPrefix(got[i], "broken")) {
			return false
		}
	}
	more := got[len(want):]
	return len(more) == 0 || len(more) == 1 && strings.HasPrefix(more[0], "broken")
}

func TestParser_agreesWithTheNaiveDecoder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 500 {
		server := rng.IntN(4) == 0
		b := session(rng, server, 70_000)
		want := naive(b, server)
		whole := websocket.Parser{Limit: limit, Server: server}
		if got := push(&whole, b); !agree(got, want) {
			t.Fatalf("%.300x\n got %.300q\nwant %.300q", b, got, want)
		}
		parts := websocket.Parser{Limit: limit, Server: server}
		var got []string
		for _, piece := range pieces(rng, b) {
			got = append(got, push(&parts, piece)...)
		}
		if !agree(got, want) {
			t.Fatalf("in pieces: %.300x\n got %.300q\nwant %.300q", b, got, want)
		}
	}
}

// However the bytes come in, the same happens, and it is what the naive decoder says.
func FuzzParser(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(session(rand.New(rand.NewPCG(seed, 1)), false, 200), seed, false)
	}
	f.Add(session(rand.New(rand.NewPCG(99, 1)), true, 200), uint64(3), true)
	f.Fuzz(func(t *testing.T, b []byte, seed uint64, server bool) {
		whole := websocket.Parser{Limit: limit, Server: server}
		want := push(&whole, b)
		parts := websocket.Parser{Limit: limit, Server: server}
		var got []string
		for _, piece := range pieces(rand.New(rand.NewPCG(seed, 0)), b) {
			got = append(got, push(&parts, piece)...)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%x\n whole %q\npieces %q", b, want, got)
		}
		if simple := naive(b, server); !agree(got, simple) && !strings.Contains(fmt.Sprint(got), "1009") {
			t.Fatalf("%x\n  got %q\nnaive %q", b, got, simple)
		}
		if whole.Idle() != parts.Idle() {
			t.Fatalf("%x: idle %v as a whole, %v in pieces", b, whole.Idle(), parts.Idle())
		}
	})
}

func BenchmarkParser(b *testing.B) {
	for _, size := range []int{16, 128, 1024, 16 << 10} {
		for _, kind := range []websocket.Kind{websocket.Text, websocket.Binary} {
			b.Run(fmt.Sprintf("kind=%d/size=%d", kind, size), func(b *testing.B) {
				stream := websocket.AppendMasked(nil, kind, key, bytes.Repeat([]byte("x"), size))
				buf := make([]byte, len(stream))
				p := websocket.Parser{Limit: limit}
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					copy(buf, stream)
					if _, e := p.Next(buf); e.Kind != kind {
						b.Fatal(happened(e))
					}
				}
			})
		}
	}
}
