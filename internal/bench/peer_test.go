package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// tiny is a server of the tiny protocol that also takes requests, as those in test/peers.
type tiny struct {
	key string

	mu      sync.Mutex
	groups  map[string][]*websocket.Conn
	handler string // its URL; empty answers events here
}

func (s *tiny) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.serve(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	group, publish := strings.CutPrefix(r.URL.Path, "/publish/")
	switch {
	case err != nil || r.Header.Get("X-API-Key") != s.key:
		w.WriteHeader(http.StatusUnauthorized)
	case publish:
		s.send(group, body)
		w.WriteHeader(http.StatusAccepted)
	case r.URL.Path == "/handler":
		s.mu.Lock()
		s.handler = string(body)
		s.mu.Unlock()
	}
}

func (s *tiny) send(group string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.groups[group] {
		c.Write(context.Background(), websocket.MessageText, body)
	}
}

func (s *tiny) serve(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	ctx := context.Background()
	c.Write(ctx, websocket.MessageText, []byte("hello"))
	for {
		_, message, err := c.Read(ctx)
		if err != nil {
			return
		}
		switch verb, rest, _ := strings.Cut(string(message), " "); verb {
		case "join":
			s.mu.Lock()
			s.groups[rest] = append(s.groups[rest], c)
			s.mu.Unlock()
			c.Write(ctx, websocket.MessageText, []byte("joined "+rest))
		case "echo":
			answer, err := s.answer(rest)
			if err != nil {
				return
			}
			c.Write(ctx, websocket.MessageText, answer)
		}
	}
}

func (s *tiny) answer(event string) ([]byte, error) {
	s.mu.Lock()
	where := s.handler
	s.mu.Unlock()
	if where == "" {
		return []byte(event), nil
	}
	a, err := http.Post(where, "application/json", strings.NewReader(event))
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	return io.ReadAll(a.Body)
}

func TestRun_sendsRequestsAndEventsToPeers(t *testing.T) {
	for name, w := range map[string]Workload{
		"to users":          REST{Targets: 8, Members: 1, AtOnce: 3, Size: 128},
		"to groups":         REST{Targets: 4, Members: 3, AtOnce: 2, Size: 128, Groups: true},
		"events":            Echo{Clients: 3, InFlight: 2, Size: 128},
		"events to be here": Echo{Clients: 3, InFlight: 2, Size: 128, Listen: "127.0.0.1:0"},
	} {
		for _, portable := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/portable=%v", name, portable), func(t *testing.T) {
				peer := &tiny{key: "k", groups: map[string][]*websocket.Conn{}}
				s := httptest.NewServer(peer)
				defer s.Close()
				target, o := Target{Server: "ws", URL: "ws" + strings.TrimPrefix(s.URL, "http"), Secret: "k"}, short
				o.portable = portable
				r, err := Run(t.Context(), w, target, o)
				if err != nil || r.Count == 0 || r.Latency == nil || r.Latency.P50 <= 0 {
					t.Fatalf("%+v, %v", r, err)
				}
				if e, ok := w.(Echo); ok && (peer.handler != "") != (e.Listen != "") {
					t.Errorf("the handler is %q", peer.handler)
				}
				target.Secret = "wrong"
				if e, ok := w.(Echo); ok && e.Listen == "" {
					return // asks for no key
				}
				if _, err := Run(t.Context(), w, target, o); err == nil || !strings.Contains(err.Error(), "401") {
					t.Errorf("with a wrong key: %v", err)
				}
			})
		}
	}
}

func TestREST_measuresAPlainWebServer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	}))
	defer s.Close()
	target := Target{Server: "http", URL: s.URL}
	r, err := Run(t.Context(), REST{Targets: 8, Members: 1, AtOnce: 3, Size: 128}, target, short)
	if err != nil || r.Count == 0 || r.Answers == nil || r.Latency != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := Run(t.Context(), Fanout{Members: 1, Size: 128, InFlight: 1}, target, short); err == nil || !strings.Contains(err.Error(), "no clients") {
		t.Errorf("a fan-out: %v", err)
	}
}
