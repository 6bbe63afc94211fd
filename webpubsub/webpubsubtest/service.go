// Package webpubsubtest runs a Web PubSub service inside a test.
package webpubsubtest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/token"
)

// shutdownTimeout bounds the end of a service; a test that needs longer fails.
const shutdownTimeout = 10 * time.Second

// Service is a whole service on a port of 127.0.0.1, with fresh keys and no hubs set up.
type Service struct {
	// Endpoint is http://127.0.0.1:port.
	Endpoint string
	// ConnectionString has the primary key.
	ConnectionString string
	// Settings may be changed at any time.
	Settings webpubsub.SettingsStore
}

// Start runs a service until the test ends. Its log is the test's output. Changes are made
// to the server's options before it starts.
func Start(tb testing.TB, changes ...func(*server.Options)) *Service {
	tb.Helper()
	settings := NewSettings(webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()})
	o := server.Options{Settings: settings, Logger: slog.New(slog.NewTextHandler(tb.Output(), nil))}
	for _, change := range changes {
		change(&o)
	}
	s, err := server.New(o)
	if err != nil {
		tb.Fatalf("start service: %v", err)
	}
	front := httptest.NewUnstartedServer(s)
	front.Listener = s.Listener(front.Listener)
	front.Start()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Errorf("shut down service: %v", err)
		}
		front.Close()
	})
	return &Service{
		Endpoint:         front.URL,
		ConnectionString: token.ConnectionString{Endpoint: front.URL, AccessKey: o.Settings.Settings().Keys.Primary}.String(),
		Settings:         o.Settings,
	}
}

// ClientURL is where a client connects to hub, with a token that grants what o says. The
// audience is filled in.
func (s *Service) ClientURL(tb testing.TB, hub string, o token.MintOptions) string {
	tb.Helper()
	o.Audience = s.Endpoint + token.ClientPath + hub
	raw, err := token.Mint(s.Settings.Settings().Keys.Primary, o, time.Now())
	if err != nil {
		tb.Fatalf("client URL: %v", err)
	}
	return strings.Replace(o.Audience, "http", "ws", 1) + "?access_token=" + raw
}

// HandleEvents serves h over HTTP until the test ends and makes it the only event handler
// of hub, for all events.
func (s *Service) HandleEvents(tb testing.TB, hub webpubsub.HubName, h http.Handler) {
	tb.Helper()
	app := httptest.NewServer(h)
	tb.Cleanup(func() {
		// Cleanups run last first: the events of connections that end with the service
		// would find nobody here, so the hub gives up its handler before.
		if err := s.Settings.DeleteHub(context.Background(), hub); err != nil {
			tb.Errorf("forget hub %s: %v", hub, err)
		}
		app.Close()
	})
	err := s.Settings.SetHub(tb.Context(), hub, webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{
		URLTemplate:      app.URL + "/{hub}/{event}",
		UserEventPattern: "*",
		SystemEvents:     []string{"connect", "connected", "disconnected"},
	}}})
	if err != nil {
		tb.Fatalf("set up hub %s: %v", hub, err)
	}
}
