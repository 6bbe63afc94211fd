package server_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/internal/leaktest"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
)

// onLoops says how the service of a fixture serves its connections: by event loops, where
// there are any, or by goroutines.
var onLoops bool

// TestMain runs everything over both transports, and fails when goroutines of the service
// outlive it.
func TestMain(m *testing.M) {
	for _, onLoops = range []bool{false, true} {
		if code := leaktest.Main(m, "webpubsub/server.", "internal/engine.", "internal/upstream."); code != 0 {
			fmt.Println("failed with onLoops", onLoops)
			os.Exit(code)
		}
	}
}

func TestKeepAlive_withoutPongs_dropsTheClient(t *testing.T) {
	f := start(t)
	gone := newEventLog()
	f.handle(f.handler(eventhandler.Options{Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone.add("gone") }}))
	hub := f.settings.Settings().Hubs["board"]
	hub.KeepAlive = 50 * time.Millisecond
	check(t, f.settings.SetHub(t.Context(), "board", hub))
	// A client that reads nothing answers no pings.
	f.connect(plain, everything)
	gone.await(t, 1)
}

func TestKeepAlive_withPongs_keepsTheClient(t *testing.T) {
	f := start(t)
	check(t, f.settings.SetHub(t.Context(), "board", webpubsub.Hub{KeepAlive: 5 * time.Millisecond}))
	pings := make(chan struct{}, 100)
	ws, _, err := websocket.Dial(t.Context(), f.socketURL("/client/hubs/board?access_token="+f.token(everything)), &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool {
			select {
			case pings <- struct{}{}:
			default:
			}
			return true
		},
	})
	check(t, err)
	defer ws.CloseNow()
	ctx := ws.CloseRead(t.Context())
	for range 10 { // far beyond two intervals
		select {
		case <-pings:
		case <-ctx.Done():
			t.Fatal("the client was dropped")
		}
	}
}
