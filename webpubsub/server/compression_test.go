package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/websocket/websockettest"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

func TestCompression_onlyWhenBothWant(t *testing.T) {
	const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
	for name, c := range map[string]struct {
		on      bool
		headers []string
		want    string
	}{
		"off":                     {false, []string{offer}, ""},
		"not offered":             {true, nil, ""},
		"another extension":       {true, []string{"Sec-WebSocket-Extensions: bbf-usp-protocol"}, ""},
		"an offer that is broken": {true, []string{"Sec-WebSocket-Extensions: permessage-deflate; level=9"}, ""},
		"in a second line":        {true, []string{"Sec-WebSocket-Extensions: x-other", offer}, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
		"a narrow window": {true, []string{"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9"},
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, func(o *server.Options) { o.Compression = c.on })
			client := f.wireClient(t, f.echoPath("g"), c.headers...)
			if got := client.header.Get("Sec-WebSocket-Extensions"); got != c.want {
				t.Fatalf("the answer is %q, want %q", got, c.want)
			}
			for size, compressed := range map[int]bool{100: false, 500: c.want != "", 1000: c.want != "" && name != "a narrow window"} {
				message := bytes.Repeat([]byte("x"), size)
				client.write(websockettest.Frame{Opcode: websockettest.Text, Payload: message}.Bytes(), 5000)
				got, ok := client.next()
				if !ok || got.RSV1 != compressed {
					t.Fatalf("%d bytes come back as %v, %v", size, got, ok)
				}
				if got.RSV1 {
					got = inflated(t, got)
				}
				if !bytes.Equal(got.Payload, message) {
					t.Errorf("%d bytes come back as %v", size, got)
				}
			}
		})
	}
}

// A client of another library reads what is compressed, and its own is read.
func TestCompression_isUnderstoodByAnotherLibrary(t *testing.T) {
	f := start(t, func(o *server.Options) { o.Compression = true })
	for _, mode := range []websocket.CompressionMode{websocket.CompressionNoContextTakeover, websocket.CompressionContextTakeover} {
		for _, subprotocol := range []string{plain, reliable} {
			t.Run(fmt.Sprintf("%s mode %d", subprotocol, mode), func(t *testing.T) {
				read := new(atomic.Int64)
				o := &websocket.DialOptions{CompressionMode: mode, Subprotocols: []string{subprotocol}, HTTPClient: clientOf(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, addr)
					return &countedConn{conn, read}, err
				})}
				ws, _, err := websocket.Dial(t.Context(), f.socketURL("/client/hubs/board?access_token="+f.token(token.MintOptions{Groups: []string{"g"}, Roles: []string{"webpubsub.sendToGroup"}})), o)
				check(t, err)
				ws.SetReadLimit(-1)
				c := &client{t: t, ws: ws}
				c.greeted()
				before := read.Load()
				long := strings.Repeat("the same words again and again; ", 1000)
				for i := range 5 {
					want := fmt.Sprint(i, long)
					c.send(fmt.Sprintf(`{"type":"sendToGroup","group":"g","dataType":"text","data":%q}`, want))
					var got string
					check(t, json.Unmarshal(c.next().Data, &got))
					if got != want {
						t.Fatalf("message %d comes back with %d bytes, %.60s…", i, len(got), got)
					}
				}
				if n := read.Load() - before; n > int64(len(long)) {
					t.Errorf("%d bytes were sent for five messages of %d", n, len(long))
				}
				check(t, ws.Close(websocket.StatusNormalClosure, ""))
			})
		}
	}
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// BenchmarkCompression sends texts that can be compressed well to a hundred members, with and
// without compression. Its time includes the members' reading.
func BenchmarkCompression(b *testing.B) {
	for _, size := range []int{512, 4 << 10, 64 << 10} {
		for _, on := range []bool{false, true} {
			b.Run(fmt.Sprintf("size=%d/compressed=%v", size, on), func(b *testing.B) { benchmarkCompression(b, size, on) })
		}
	}
}

func benchmarkCompression(b *testing.B, size int, on bool) {
	const members = 100
	keys := webpubsub.Keys{Primary: token.NewKey()}
	s, err := server.New(server.Options{Settings: webpubsubtest.NewSettings(keys), Compression: on})
	if err != nil {
		b.Fatal(err)
	}
	l := httptest.NewServer(s)
	b.Cleanup(func() {
		s.Shutdown(context.Background())
		l.Close()
	})
	raw, err := token.Mint(keys.Primary, token.MintOptions{Audience: l.URL + "/client/hubs/board", Groups: []string{"g"}}, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	var total atomic.Int64
	got := make(chan struct{}, members)
	for range members {
		conn, err := net.Dial("tcp", l.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "GET /client/hubs/board?access_token=%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", raw, l.Listener.Addr())
		in := bufio.NewReader(conn)
		if answer, err := http.ReadResponse(in, nil); err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
			b.Fatal(answer, err)
		}
		go readFrames(in, &total, got)
	}
	texts := make([]webpubsub.Data, 16)
	for i := range texts {
		texts[i] = webpubsub.Data{Type: webpubsub.Text, Bytes: drawing(uint64(i), size)}
	}
	for len(s.GroupMembers("board", "g", "", members)) < members { // answered a moment before
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		s.SendToGroup("board", "g", texts[n%len(texts)], rest.SendOptions{})
		for range members {
			<-got
		}
		n++
	}
	b.ReportMetric(float64(total.Load())/float64(n*members), "wirebytes/delivery")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*members), "ns/delivery")
}

// readFrames reads a server's frames without looking at what is in them.
func readFrames(in *bufio.Reader, total *atomic.Int64, got chan<- struct{}) {
	for {
		head, err := in.Peek(2)
		if err != nil {
			return
		}
		size := 2 + int(head[1])
		switch head[1] {
		case 126:
			head, _ = in.Peek(4)
			size = 4 + int(binary.BigEndian.Uint16(head[2:]))
		case 127:
			head, _ = in.Peek(10)
			size = 10 + int(binary.BigEndian.Uint64(head[2:]))
		}
		in.Discard(size)
		total.Add(int64(size))
		got <- struct{}{}
	}
}

// drawing is JSON of shapes, as boards send it.
func drawing(seed uint64, size int) []byte {
	rng := rand.New(rand.NewPCG(seed, 0))
	b := []byte(`[`)
	for len(b) < size {
		b = fmt.Appendf(b, `{"id":"shape:%x","kind":"stroke","style":{"color":"blue","width":%d},"points":[[%d,%d],[%d,%d],[%d,%d]]},`,
			rng.Uint64(), rng.IntN(8), rng.IntN(2000), rng.IntN(2000), rng.IntN(2000), rng.IntN(2000), rng.IntN(2000), rng.IntN(2000))
	}
	return b[:size]
}
