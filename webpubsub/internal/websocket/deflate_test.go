package websocket_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
	"github.com/easelhq/easel/webpubsub/internal/websocket/websockettest"
)

// words are bytes that can be compressed more or less.
func words(rng *rand.Rand, n int) []byte {
	b := make([]byte, 0, n+20)
	for len(b) < n {
		b = fmt.Appendf(b, `{"x":%d,"kind":"%s"}`, rng.IntN(100), []string{"pen", "text", "arrow"}[rng.IntN(3)])
	}
	return b[:n]
}

func TestDeflate_isReadByTheOtherSide(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	client := websocket.Parser{Limit: limit, Server: true, Inflate: websocket.NewInflater(false)}
	for _, n := range []int{0, 1, 125, 126, 5000, 32 << 10, 100_000, limit} {
		want := words(rng, n)
		b := websocket.AppendDeflated([]byte("before"), want)[len("before"):]
		if n > 1000 && len(b) > n/2 {
			t.Errorf("%d bytes became %d", n, len(b))
		}
		b = websocket.AppendMessage(nil, websocket.Text|websocket.Compressed, b)
		got, e := client.Next(b)
		if got != len(b) || e.Kind != websocket.Text || !bytes.Equal(e.Payload, want) {
			t.Errorf("%d bytes: %.80s", n, happened(e))
		}
	}
}

// A message that grows when compressed still fits its limit.
func TestInflate_acceptsTheLimit_ofWhatCannotBeCompressed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	want := make([]byte, 100_000)
	for i := range want {
		want[i] = byte(rng.Uint32())
	}
	p := websocket.Parser{Limit: len(want), Inflate: websocket.NewInflater(false)}
	payload := websockettest.Deflated(want)
	if len(payload) <= len(want) {
		t.Fatalf("%d bytes became %d", len(want), len(payload))
	}
	_, e := p.Next(frame{Opcode: websockettest.Binary, RSV1: true, Key: key, Payload: payload}.Bytes())
	if e.Kind != websocket.Binary || !bytes.Equal(e.Payload, want) {
		t.Errorf("%.80s", happened(e))
	}
}

// What comes compressed never becomes more than the limit, and never more than is needed.
func FuzzInflate(f *testing.F) {
	f.Add([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00"), false)
	f.Add(websockettest.Deflated([]byte(strings.Repeat("ab", 300))), true)
	f.Add(bytes.Repeat([]byte("\x03\x00"), 10), true)
	f.Fuzz(func(t *testing.T, b []byte, takeover bool) {
		const most = 1000
		stream := frame{Opcode: websockettest.Binary, RSV1: true, Key: key, Payload: b}.Bytes()
		stream = append(stream, stream...) // with takeover, the second one has a history
		p := websocket.Parser{Limit: most, Inflate: websocket.NewInflater(takeover)}
		var first []byte
		for i := 0; len(stream) > 0; i++ {
			n, e := p.Next(stream)
			stream = stream[n:]
			if len(e.Payload) > most {
				t.Fatalf("%d bytes", len(e.Payload))
			}
			switch {
			case i == 0 && e.Kind == websocket.Binary:
				first = bytes.Clone(e.Payload)
			case i == 1 && first != nil && !takeover && !bytes.Equal(first, e.Payload):
				t.Fatalf("%x becomes %x, then %x", b, first, e.Payload)
			}
		}
	})
}

func TestNegotiate(t *testing.T) {
	const no = "server_no_context_takeover; client_no_context_takeover"
	for name, c := range map[string]struct {
		offers   []string
		takeover bool
		want     string // the answer; empty when there is none
	}{
		"nothing":                                  {nil, false, ""},
		"nothing in a line":                        {[]string{""}, false, ""},
		"another extension":                        {[]string{"x-webkit-deflate-frame"}, false, ""},
		"as browsers offer":                        {[]string{"permessage-deflate; client_max_window_bits"}, false, "permessage-deflate; " + no},
		"the name alone":                           {[]string{"permessage-deflate"}, false, "permessage-deflate; " + no},
		"the name alone, takeover allowed":         {[]string{"permessage-deflate"}, true, "permessage-deflate; server_no_context_takeover"},
		"no takeover wanted, takeover allowed":     {[]string{"permessage-deflate; client_no_context_takeover"}, true, "permessage-deflate; " + no},
		"no takeover on both sides":                {[]string{"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}, false, "permessage-deflate; " + no},
		"a window for the client":                  {[]string{"permessage-deflate; client_max_window_bits=10"}, false, "permessage-deflate; " + no},
		"a window for the server":                  {[]string{"permessage-deflate; server_max_window_bits=10"}, false, "permessage-deflate; " + no + "; server_max_window_bits=10"},
		"the widest window":                        {[]string{"permessage-deflate; server_max_window_bits=15"}, false, "permessage-deflate; " + no},
		"a window in quotes":                       {[]string{`permessage-deflate; server_max_window_bits="9"`}, false, "permessage-deflate; " + no + "; server_max_window_bits=9"},
		"a server's window without a value":        {[]string{"permessage-deflate; server_max_window_bits"}, false, ""},
		"a window of 7":                            {[]string{"permessage-deflate; server_max_window_bits=7"}, false, ""},
		"a window of 16":                           {[]string{"permessage-deflate; client_max_window_bits=16"}, false, ""},
		"a window with a leading zero":             {[]string{"permessage-deflate; client_max_window_bits=08"}, false, ""},
		"a window with a sign":                     {[]string{"permessage-deflate; client_max_window_bits=+9"}, false, ""},
		"a window that is no number":               {[]string{"permessage-deflate; server_max_window_bits=ten"}, false, ""},
		"an empty window":                          {[]string{"permessage-deflate; client_max_window_bits="}, false, ""},
		"no takeover with a value":                 {[]string{"permessage-deflate; server_no_context_takeover=true"}, false, ""},
		"no client takeover with a value":          {[]string{"permessage-deflate; client_no_context_takeover=1"}, false, ""},
		"a parameter twice":                        {[]string{"permessage-deflate; client_max_window_bits; client_max_window_bits"}, false, ""},
		"an unknown parameter":                     {[]string{"permessage-deflate; level=9"}, false, ""},
		"an empty parameter":                       {[]string{"permessage-deflate; "}, false, ""},
		"a name with a value":                      {[]string{"permessage-deflate=1"}, false, ""},
		"the second offer":                         {[]string{"permessage-deflate; level=9, permessage-deflate"}, false, "permessage-deflate; " + no},
		"the second line":                          {[]string{"x-other", "permessage-deflate; server_max_window_bits=12"}, false, "permessage-deflate; " + no + "; server_max_window_bits=12"},
		"the first of two":                         {[]string{"permessage-deflate; server_max_window_bits=11, permessage-deflate"}, false, "permessage-deflate; " + no + "; server_max_window_bits=11"},
		"commas in the quotes of another one":      {[]string{`x-other; a=",permessage-deflate; level=1,", permessage-deflate`}, false, "permessage-deflate; " + no},
		"spaces everywhere":                        {[]string{"  permessage-deflate ;  client_max_window_bits = 12  "}, false, "permessage-deflate; " + no},
		"an offer inside the quotes of another":    {[]string{`x-other; a=", permessage-deflate, "`}, false, ""},
		"quotes that do not end":                   {[]string{`permessage-deflate; server_max_window_bits="10`}, false, ""},
		"nothing before a good offer":              {[]string{", permessage-deflate"}, false, "permessage-deflate; " + no},
		"the name of another extension as a token": {[]string{"permessage-deflate-2"}, false, ""},
	} {
		d, agreed := websocket.Negotiate(c.offers, c.takeover)
		if agreed != (c.want != "") || agreed && d.Answer() != c.want {
			t.Errorf("%s: %v %q, want %q", name, agreed, d.Answer(), c.want)
		}
		if !agreed {
			continue
		}
		if got, ok := websocket.ParseAnswer([]string{d.Answer()}); !ok || got != d {
			t.Errorf("%s: a client reads the answer as %+v, %v; want %+v", name, got, ok, d)
		}
	}
}

func TestParseAnswer_refusesWhatWasNotOffered(t *testing.T) {
	for _, lines := range [][]string{
		nil, {""}, {"x-other"}, {"permessage-deflate", "permessage-deflate"}, {"permessage-deflate; client_max_window_bits"},
		{"permessage-deflate; server_max_window_bits"}, {"permessage-deflate; level=9"}, {"permessage-deflate, x-other"},
	} {
		if d, ok := websocket.ParseAnswer(lines); ok {
			t.Errorf("%q is taken as %+v", lines, d)
		}
	}
}

func TestDeflate_fits(t *testing.T) {
	if d := (websocket.Deflate{ServerWindowBits: 15}); !d.Fits(limit) {
		t.Error("a long message does not fit the widest window")
	}
	if d := (websocket.Deflate{ServerWindowBits: 10}); !d.Fits(1024) || d.Fits(1025) {
		t.Error("a window of 10 bits is not 1024 bytes")
	}
}

func BenchmarkAppendDeflated(b *testing.B) {
	for _, n := range []int{128, 1024, 16 << 10} {
		b.Run(fmt.Sprintf("size=%d", n), func(b *testing.B) {
			message := words(rand.New(rand.NewPCG(1, 2)), n)
			dst := make([]byte, 0, 2*n)
			b.ReportAllocs()
			b.SetBytes(int64(n))
			for b.Loop() {
				dst = websocket.AppendDeflated(dst[:0], message)
			}
			b.ReportMetric(float64(len(dst)), "bytes/msg")
		})
	}
}

func BenchmarkInflate(b *testing.B) {
	for _, n := range []int{128, 1024, 16 << 10} {
		b.Run(fmt.Sprintf("size=%d", n), func(b *testing.B) {
			stream := frame{Opcode: websockettest.Text, RSV1: true, Unmasked: true, Payload: websockettest.Deflated(words(rand.New(rand.NewPCG(1, 2)), n))}.Bytes()
			p := websocket.Parser{Limit: limit, Server: true, Inflate: websocket.NewInflater(false)}
			b.ReportAllocs()
			b.SetBytes(int64(n))
			for b.Loop() {
				if _, e := p.Next(stream); e.Kind != websocket.Text {
					b.Fatal(happened(e))
				}
			}
		})
	}
}
