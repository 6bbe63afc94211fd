package client_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/client"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

const (
	hub      = "chat"
	patience = 45 * time.Second
)

var (
	subprotocols = append(reliable, plain...)
	reliable     = []client.Subprotocol{client.ReliableJSON, client.ReliableProtobuf}
	plain        = []client.Subprotocol{client.PlainJSON, client.PlainProtobuf}
	// everything is a user who may do everything.
	everything = token.MintOptions{UserID: "ann", Roles: []string{"webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"}}
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inEach runs a test in each subprotocol.
func inEach(t *testing.T, list []client.Subprotocol, test func(*testing.T, client.Subprotocol)) {
	for _, s := range list {
		t.Run(string(s), func(t *testing.T) { test(t, s) })
	}
}

// soon is a context for what should not take long.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// connect starts a client that lives until the test ends. Its pauses are short.
func connect(t testing.TB, source client.URLSource, o client.Options) *client.Client {
	t.Helper()
	if o.RetryDelay == 0 {
		o.RetryDelay = 5 * time.Millisecond
	}
	if o.MaxReconnectDelay == 0 {
		o.MaxReconnectDelay = 50 * time.Millisecond
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c, err := client.New(source, &o)
	check(t, err)
	t.Cleanup(c.Close)
	check(t, c.Start(soon(t)))
	return c
}

func restOf(t testing.TB, s *webpubsubtest.Service) *service.Client {
	t.Helper()
	rest, err := service.New(s.ConnectionString, hub, nil)
	check(t, err)
	return rest
}

// handle has o answer the hub's events.
func handle(t testing.TB, s *webpubsubtest.Service, o eventhandler.Options) {
	t.Helper()
	o.Hub, o.AccessKeys = hub, []string{s.Settings.Settings().Keys.Primary}
	h, err := eventhandler.New(o)
	check(t, err)
	s.HandleEvents(t, hub, h)
}

func receive(t testing.TB, c *client.Client) webpubsub.Message {
	t.Helper()
	m, err := c.Receive(soon(t))
	check(t, err)
	return m
}

// expect takes the next message and compares it: group, and type and text of the data.
func expect(t testing.TB, c *client.Client, group string, d webpubsub.Data) webpubsub.Message {
	t.Helper()
	m := receive(t, c)
	if string(m.Group) != group || show(m.Data) != show(d) {
		t.Errorf("received %q %s; want %q %s", m.Group, show(m.Data), group, show(d))
	}
	return m
}

func show(d webpubsub.Data) string { return fmt.Sprintf("%v %q", d.Type, d.Bytes) }

// expectCode compares the code of an error.
func expectCode(t testing.TB, what string, err error, want webpubsub.Code) {
	t.Helper()
	if err == nil || webpubsub.CodeOf(err) != want {
		t.Errorf("%s: %v; want %v", what, err, want)
	}
}

// await takes a value that a callback passed on.
func await[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %T", *new(T))
		panic("unreachable")
	}
}

func refuse(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}
