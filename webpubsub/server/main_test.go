package server_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
)

// TestMain fails when goroutines of the service outlive it.
func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); code == 0; runtime.Gosched() {
		left := leftovers()
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "goroutines left:\n%s\n", strings.Join(left, "\n\n"))
			code = 1
		}
	}
	os.Exit(code)
}

func leftovers() (left []string) {
	buf := make([]byte, 1<<20)
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "webpubsub/server.") || strings.Contains(g, "internal/upstream.") {
			left = append(left, g)
		}
	}
	return left
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
