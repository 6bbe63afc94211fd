package conformance_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/easelhq/easel/internal/certificate"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
	"github.com/easelhq/easel/webpubsub/webpubsubtest/conformance"
)

// eventHub is the hub whose events come to the tests.
const eventHub = "conformance_events"

// TestConformance runs against the service of EASEL_TARGET, a connection string, when there
// is one, else against our own over HTTP and HTTPS. Of another service events are tested
// when EASEL_TARGET_LISTEN says where to receive what it sends for hub conformance_events.
func TestConformance(t *testing.T) {
	if target := os.Getenv("EASEL_TARGET"); target != "" {
		conformance.Run(t, conformance.Target{
			ConnectionString: target,
			Handlers:         listen(t, os.Getenv("EASEL_TARGET_LISTEN")),
			Deliberate:       os.Getenv("EASEL_TARGET_DELIBERATE") != "",
		})
		return
	}
	t.Run("http", func(t *testing.T) { own(t, (*httptest.Server).Start) })
	t.Run("https", func(t *testing.T) { own(t, startTLS(t)) })
}

// startTLS starts a server with a certificate as easel pubsub --https has one.
func startTLS(t *testing.T) func(*httptest.Server) {
	authority, err := certificate.OpenAuthority(t.TempDir(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := authority.Leaf(nil)
	if err != nil {
		t.Fatal(err)
	}
	current, err := leaf.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := certificate.Pool(authority.File)
	if err != nil {
		t.Fatal(err)
	}
	return func(front *httptest.Server) {
		front.TLS = &tls.Config{Certificates: []tls.Certificate{*current}}
		front.StartTLS()
		front.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs = pool
	}
}

// own tests a service of ours behind a server that start starts.
func own(t *testing.T, start func(*httptest.Server)) {
	keys := webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}
	settings := webpubsubtest.NewSettings(keys)
	s, err := server.New(server.Options{Settings: settings, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(s)
	start(front)
	app := &swappable{}
	handlers := httptest.NewServer(app)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		front.Close()
		handlers.Close()
	})
	err = settings.SetHub(t.Context(), eventHub, webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{
		URLTemplate: handlers.URL + "/{event}", UserEventPattern: "*", SystemEvents: []string{"connect", "connected", "disconnected"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	front.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 8
	conformance.Run(t, conformance.Target{
		ConnectionString: token.ConnectionString{Endpoint: front.URL, AccessKey: keys.Primary}.String(),
		HTTPClient:       front.Client(),
		Handlers:         &conformance.Handlers{Hub: eventHub, Handle: app.set},
		Deliberate:       true,
	})
}

// swappable is a handler that is known before what it does.
type swappable struct{ next http.Handler }

func (s *swappable) set(h http.Handler) { s.next = h }

func (s *swappable) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.next.ServeHTTP(w, r) }

// listen receives events on an address; an empty one is none.
func listen(t *testing.T, addr string) *conformance.Handlers {
	if addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return &conformance.Handlers{Hub: eventHub, Handle: func(h http.Handler) {
		s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Serve(l) // ends with Close
		}()
		t.Cleanup(func() { s.Close(); <-done })
	}}
}
