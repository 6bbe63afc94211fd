package listener

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/easelhq/easel/webpubsub"
)

// inMemory is an http.RoundTripper that calls a handler.
type inMemory struct{ http.Handler }

func (t inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	t.ServeHTTP(w, r)
	return w.Result(), nil
}

func open(t *testing.T, rt http.RoundTripper) Sink {
	t.Helper()
	s, err := HTTP(rt)(webpubsub.ListenerEndpoint{Type: webpubsub.ListenerHTTP, URL: "http://log.example.net/ev?code=secret"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHTTP_postsTheEventInBinaryMode(t *testing.T) {
	s := open(t, inMemory{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.String() != "http://log.example.net/ev?code=secret" || string(body) != "hi" || r.ContentLength != 2 {
			t.Errorf("%s %s %q", r.Method, r.URL, body)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/plain", "ce-type": "azure.webpubsub.user.draw", "ce-connectionState": "", "ce-signature": "sha256=aa",
			"x-webpubsub-metadata-trace": "t", "WebHook-Request-Origin": "wps.example.net",
		} {
			if got, ok := r.Header[http.CanonicalHeaderKey(name)]; !ok || got[0] != want {
				t.Errorf("%s is %q", name, got)
			}
		}
	})})
	err := s.Send(t.Context(), Event{
		ContentType: "text/plain", Body: []byte("hi"), Signature: "sha256=aa", Origin: "wps.example.net",
		Properties: map[string]string{"cloudEvents:type": "azure.webpubsub.user.draw", "cloudEvents:connectionstate": "", "x-webpubsub-metadata-trace": "t"},
	})
	if err != nil || s.Close() != nil {
		t.Error(err)
	}
}

func TestHTTP_statuses(t *testing.T) {
	for status, want := range map[int]struct{ fails, final bool }{
		200: {}, 204: {}, 202: {},
		301: {true, true}, 400: {true, true}, 404: {true, true},
		408: {true, false}, 429: {true, false}, 500: {true, false}, 503: {true, false},
	} {
		s := open(t, inMemory{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})})
		err := s.Send(t.Context(), Event{})
		if (err != nil) != want.fails || errors.Is(err, ErrRefused) != want.final {
			t.Errorf("%d: %v", status, err)
		}
	}
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no network") }

func TestHTTP_errors_keepTheURLsSecret(t *testing.T) {
	if err := open(t, broken{}).Send(t.Context(), Event{}); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "no network") {
		t.Errorf("got %v", err)
	}
}
