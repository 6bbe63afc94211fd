package server_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/internal/rest"
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
