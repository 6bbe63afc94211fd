package upstream

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

// settings is a store that only reads.
type settings webpubsub.Settings

func (s settings) Settings() webpubsub.Settings                                 { return webpubsub.Settings(s) }
func (settings) SetKeys(context.Context, webpubsub.Keys) error                  { panic("read only") }
func (settings) SetHub(context.Context, webpubsub.HubName, webpubsub.Hub) error { panic("read only") }
func (settings) DeleteHub(context.Context, webpubsub.HubName) error             { panic("read only") }
func board(handlers ...webpubsub.EventHandler) settings {
	return settings{
		Keys: webpubsub.Keys{Primary: "primary-key-0123456789-abcdefghij", Secondary: "secondary-key-0123456789-abcdefgh"},
		Hubs: map[webpubsub.HubName]webpubsub.Hub{"board": {EventHandlers: handlers}},
	}
}

// everything takes all events of a hub at http://app.example.net.
var everything = webpubsub.EventHandler{
	URLTemplate:      "http://app.example.net/ev/{hub}/{event}?code=secret",
	UserEventPattern: "*",
	SystemEvents:     []string{"connect", "connected", "disconnected"},
}

var ann = Source{Hub: "board", ConnectionID: "0f8fad5bd9cb469fa16570867728950e", UserID: "ann"}

// transport is an http.RoundTripper that calls a handler in memory.
type transport struct{ http.Handler }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	t.ServeHTTP(w, r)
	return w.Result(), nil
}

// failing is an http.RoundTripper without a network.
type failing func(*http.Request) error

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) { return nil, f(r) }

// consenting answers validation requests itself and hands all others to next.
func consenting(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions {
			next(w, r)
			return
		}
		w.Header().Set("WebHook-Allowed-Origin", "*")
	})
}

func newDispatcher(t *testing.T, s settings, rt http.RoundTripper) *Dispatcher {
	t.Helper()
	d := New(Options{Settings: s, Transport: rt, Origin: "https://wps.example.net:8443"})
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

// seen is a request as a handler got it.
type seen struct {
	method, url string
	header      http.Header
	body        string
	length      int64
}

// recorder keeps the requests it passes on. Safe for concurrent use.
type recorder struct {
	next http.Handler

	mu   sync.Mutex
	list []seen // guarded by mu
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.list = append(r.list, seen{req.Method, req.URL.String(), req.Header.Clone(), string(body), req.ContentLength})
	r.mu.Unlock()
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.next.ServeHTTP(w, req)
}

func (r *recorder) all() []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]seen(nil), r.list...)
}

// logTo is a logger whose text can be read while it is written.
func logTo(b *lockedBuffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func ptr[T any](v T) *T { return &v }
