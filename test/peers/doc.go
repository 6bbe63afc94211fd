// Package peers holds servers to compare Easel with: other people's real-time servers, and
// WebSocket libraries with a naive broadcast on top. It is a module of its own, so that Easel
// depends on none of them.
//
// Each command listens on a free port of 127.0.0.1, prints its WebSocket URL as the only line
// on standard output, and serves until it is told to stop. With -secret it asks for tokens, if
// its protocol has them. The libraries speak the tiny protocol that easel bench calls ws:
//
//	server: hello
//	client: join GROUP          server: joined GROUP
//	client: pub GROUP BODY      server, to the other members: BODY
//	client: echo BODY           server: BODY
//
// Most of them also take POST /publish/GROUP, whose body is for all members, with the secret in
// X-API-Key, as a stand-in for the REST API of a service. Some take POST /handler, whose body is
// the URL of a handler of events: they post events there, and answer what it answers.
//
// Compare, in folder compare, runs them and Easel in turns and prints the comparison.
package peers

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
)

// Listen listens on a free port and says where.
func Listen(path string) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ws://%s%s\n", l.Addr(), path)
	return l
}

// PublishRoute is the pattern of requests that publish.
const PublishRoute = "POST /publish/{group}"

// maxBody bounds the body of a request.
const maxBody = 1 << 20

// Publish answers requests that publish. Without a key all may.
func Publish(key string, publish func(group string, body []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodyOf(w, r, key)
		if !ok {
			return
		}
		if err := publish(r.PathValue("group"), body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Length", "0") // not every server adds it
		w.WriteHeader(http.StatusAccepted)
	}
}

func bodyOf(w http.ResponseWriter, r *http.Request, key string) (body []byte, ok bool) {
	if key != "" && r.Header.Get("X-API-Key") != key {
		http.Error(w, "wrong key", http.StatusUnauthorized)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return body, err == nil
}

// HandlerRoute is the pattern of requests that tell where the handler of events is.
const HandlerRoute = "POST /handler"

// Handler is the handler of events, once it is known. Safe for concurrent use.
type Handler struct{ url atomic.Pointer[string] }

// Set answers requests that tell where it is.
func (h *Handler) Set(key string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if body, ok := bodyOf(w, r, key); ok {
			where := string(body)
			h.url.Store(&where)
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

// Answer is what the handler answers an event with; the event itself as long as there is none.
func (h *Handler) Answer(event []byte) ([]byte, error) {
	where := h.url.Load()
	if where == nil {
		return event, nil
	}
	a, err := client.Post(*where, "application/json", bytes.NewReader(event))
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the handler answered %s", a.Status)
	}
	return io.ReadAll(io.LimitReader(a.Body, maxBody))
}

// client keeps as many connections as there are calls at a time.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}
