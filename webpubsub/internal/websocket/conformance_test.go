package websocket_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/easelhq/easel/webpubsub/internal/websocket"
	"github.com/easelhq/easel/webpubsub/internal/websocket/websockettest"
)

// echo answers as an endpoint that sends every message back.
type echo struct {
	parser websocket.Parser
	out    []byte
}

func (e *echo) push(b []byte) {
	for len(b) > 0 {
		n, event := e.parser.Next(b)
		b = b[n:]
		switch event.Kind {
		case websocket.Text, websocket.Binary:
			e.out = websocket.AppendMessage(e.out, event.Kind, event.Payload)
		case websocket.Ping:
			e.out = websocket.AppendMessage(e.out, websocket.Pong, event.Payload)
		case websocket.Close, websocket.Broken:
			e.out = websocket.AppendClose(e.out, event.Code, event.Reason)
		}
	}
}

func answers(t *testing.T, b []byte) (list []websockettest.Answer) {
	for len(b) > 0 {
		f, rest, ok := websockettest.Decode(b)
		if !ok || !f.Unmasked || f.More || f.RSV1 || f.RSV2 || f.RSV3 {
			t.Fatalf("not a server's frame: %.40x", b)
		}
		list = append(list, websockettest.AnswerOf(f))
		b = rest
	}
	return list
}

func TestConformance(t *testing.T) {
	for _, c := range websockettest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			stream := append(bytes.Clone(c.Send), c.Then...)
			for _, size := range []int{len(stream), 1, 7, 997} {
				if size == 1 && len(stream) > 1<<17 {
					continue
				}
				e := echo{parser: websocket.Parser{Limit: websockettest.MaxMessage}}
				if c.Deflate {
					e.parser.Inflate = websocket.NewInflater(c.Takeover)
				}
				for rest := bytes.Clone(stream); len(rest) > 0; {
					n := min(size, len(rest))
					e.push(rest[:n])
					rest = rest[n:]
				}
				got := answers(t, e.out)
				if len(got) != len(c.Want) {
					t.Fatalf("in pieces of %d: %d answers, want %d: %.300s", size, len(got), len(c.Want), fmt.Sprint(got))
				}
				for i, want := range c.Want {
					if !got[i].Equal(want) {
						t.Fatalf("in pieces of %d: answer %d is %v, want %v", size, i, got[i], want)
					}
				}
			}
		})
	}
}
