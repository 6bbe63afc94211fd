package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
	"github.com/easelhq/easel/webpubsub/internal/wire"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

func BenchmarkFanout(b *testing.B) {
	for _, conns := range []int{10, 1000} {
		b.Run(fmt.Sprintf("conns=%d/size=128B", conns), func(b *testing.B) { benchmarkFanout(b, conns) })
	}
}

// benchmarkFanout sends to a group and waits until everyone has read everything.
func benchmarkFanout(b *testing.B, conns int) {
	keys := webpubsub.Keys{Primary: token.NewKey()}
	s, err := server.New(server.Options{Settings: webpubsubtest.NewSettings(keys)})
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
	where := "ws" + strings.TrimPrefix(l.URL, "http") + "/client/hubs/board?access_token=" + raw
	got := make(chan struct{}, conns)
	const burst = 16
	for range conns {
		ws, _, err := websocket.Dial(b.Context(), where, &websocket.DialOptions{Subprotocols: []string{plain}})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { ws.CloseNow() })
		if _, _, err := ws.Read(b.Context()); err != nil { // the greeting
			b.Fatal(err)
		}
		go func() {
			for {
				for range burst {
					if _, _, err := ws.Read(b.Context()); err != nil {
						return
					}
				}
				got <- struct{}{}
			}
		}()
	}
	for len(s.GroupMembers("board", "g", "", conns)) < conns { // greeted a moment before
	}
	data := service.JSON([]byte(`{"x":"` + strings.Repeat("x", 120) + `"}`))
	b.ReportAllocs()
	sent := 0
	for b.Loop() {
		for range burst {
			s.SendToGroup("board", "g", data, rest.SendOptions{})
		}
		for range conns {
			<-got
		}
		sent += burst * conns
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "deliveries/s")
}

// serveLoops is a service whose clients, and sends, are served by event loops where there are any.
func serveLoops(b *testing.B) (webpubsub.Keys, *server.Server, *httptest.Server) {
	b.Helper()
	keys := webpubsub.Keys{Primary: token.NewKey()}
	s, err := server.New(server.Options{Settings: webpubsubtest.NewSettings(keys)})
	if err != nil {
		b.Fatal(err)
	}
	l := httptest.NewUnstartedServer(s)
	l.Listener = s.Listener(l.Listener)
	l.Start()
	b.Cleanup(func() {
		s.Shutdown(context.Background())
		l.Close()
	})
	return keys, s, l
}

// BenchmarkFanoutStep is what the service does with a message for a group, from its encoding
// to the sockets, with clients that cost nothing: what it allocates is the service's.
func BenchmarkFanoutStep(b *testing.B) {
	const members, burst = 1000, 16
	keys, s, l := serveLoops(b)
	raw, err := token.Mint(keys.Primary, token.MintOptions{Audience: l.URL + "/client/hubs/board", Groups: []string{"g"}}, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	var got atomic.Int64 // bytes
	for range members {
		conn, err := net.Dial("tcp", l.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "GET /client/hubs/board?access_token=%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", raw, l.Listener.Addr(), plain)
		buf := make([]byte, 64<<10)
		if _, err := conn.Read(buf); err != nil { // the answer and the greeting, which are one write
			b.Fatal(err)
		}
		go func() {
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				got.Add(int64(n))
			}
		}()
	}
	for len(s.GroupMembers("board", "g", "", members)) < members {
	}
	data := service.JSON([]byte(`{"x":"` + strings.Repeat("x", 120) + `"}`))
	send := func(n int) {
		for range n {
			s.SendToGroup("board", "g", data, rest.SendOptions{})
		}
	}
	await := func(bytes int64) {
		for got.Load() < bytes {
			runtime.Gosched()
		}
	}
	each := int64(members * len(wire.Share(webpubsub.Message{Group: "g", Data: data}).Frame(wire.JSON)))
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sent := int64(0)
	for b.Loop() {
		send(burst)
		sent += burst
		await(sent * each)
	}
	runtime.ReadMemStats(&after)
	deliveries := float64(sent * members)
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/deliveries, "allocs/delivery")
	b.ReportMetric(deliveries/b.Elapsed().Seconds(), "deliveries/s")
}
