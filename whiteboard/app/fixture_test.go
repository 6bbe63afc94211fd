package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/internal/inproc"
	"github.com/easelhq/easel/storage/memory"
	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/whiteboard"
	"github.com/easelhq/easel/whiteboard/app"
)

const patience = 45 * time.Second

// site is a whiteboard with the service it uses, both real, in memory and on one listener.
type site struct {
	t       *testing.T
	url     string
	store   whiteboard.Store
	service *server.Server
	client  *service.Client
	keys    webpubsub.Keys
	app     atomic.Pointer[app.App]
	deaf    atomic.Bool  // events are lost
	calls   atomic.Int64 // of the app, by service and clients
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, store: memory.New(), keys: webpubsub.Keys{Primary: token.NewKey(), Secondary: token.NewKey()}}
	settings := memory.NewSettings(webpubsub.Settings{Keys: s.keys, Hubs: map[webpubsub.HubName]webpubsub.Hub{
		"easel": {EventHandlers: []webpubsub.EventHandler{{URLTemplate: "http://app.internal/eventhandler", UserEventPattern: "*", SystemEvents: []string{"connect", "connected", "disconnected"}}}},
	}})
	toApp := &inproc.Transport{Handlers: map[string]http.Handler{"app.internal": http.HandlerFunc(s.events)}}
	var err error
	s.service, err = server.New(server.Options{Settings: settings, HandlerTransport: toApp, Audiences: []string{"http://service.internal"}})
	check(t, err)
	s.client, err = service.New(token.ConnectionString{Endpoint: "http://service.internal", AccessKey: s.keys.Primary}.String(), "easel",
		&service.Options{Transport: &inproc.Transport{Handlers: map[string]http.Handler{"service.internal": s.service}}})
	check(t, err)
	s.startApp()
	l := httptest.NewServer(http.HandlerFunc(s.route))
	s.url = l.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		check(t, s.service.Shutdown(ctx))
		check(t, s.app.Load().Close(ctx))
		l.Close()
		check(t, s.store.Close())
	})
	return s
}

// startApp makes an app, in the place of any there is.
func (s *site) startApp() {
	s.t.Helper()
	a, err := app.New(s.t.Context(), app.Options{
		Store: s.store, Embedded: true, Static: http.NotFoundHandler(),
		Service:    func() *service.Client { return s.client },
		AccessKeys: func() []string { return []string{s.keys.Primary, s.keys.Secondary} },
	})
	check(s.t, err)
	if old := s.app.Swap(a); old != nil {
		check(s.t, old.Close(s.t.Context()))
	}
}

func (s *site) route(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/client/") || strings.HasPrefix(r.URL.Path, "/api/") {
		s.service.ServeHTTP(w, r)
		return
	}
	s.calls.Add(1)
	s.app.Load().ServeHTTP(w, r)
}

// events is the way of the service's events to the app.
func (s *site) events(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	if s.deaf.Load() && strings.Contains(r.Header.Get("ce-type"), "connected") {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.app.Load().ServeHTTP(w, r)
}

// answer is what a request brought.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is the error code in the body.
func (a answer) code() string {
	var body struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(a.body, &body) != nil || body.Error.Message == "" {
		return ""
	}
	return body.Error.Code
}

func (s *site) do(method, path, secret string, body []byte, cookies ...*http.Cookie) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	check(s.t, err)
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	res, err := http.DefaultClient.Do(r)
	check(s.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	check(s.t, err)
	return answer{res.StatusCode, res.Header, b}
}

// board is a board with both its secrets.
type board struct {
	ID    whiteboard.BoardID
	Title string
	Role  whiteboard.Role
	Links struct{ Edit, View string }
}

func secretOf(link string) string {
	_, secret, _ := strings.Cut(link, "#")
	return secret
}

func (b board) edit() string { return secretOf(b.Links.Edit) }
func (b board) view() string { return secretOf(b.Links.View) }

func (s *site) newBoard(title string) board {
	s.t.Helper()
	body, _ := json.Marshal(map[string]string{"title": title})
	a := s.do("POST", "/boards", "", body)
	if a.status != http.StatusCreated {
		s.t.Fatalf("POST /boards: %d %s", a.status, a.body)
	}
	return decode[board](s.t, a.body)
}

func decode[T any](t *testing.T, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// frame is what a client receives.
type frame struct {
	Type, From, FromUserID, Group, Event, Message string
	AckID                                         uint64
	Success                                       bool
	Error                                         struct{ Name string }
	Data                                          json.RawMessage
}

// message is the board protocol inside a frame.
type message struct {
	K       string
	B       []whiteboard.Entry
	N, Q    uint64
	Code    string
	Message string
	People  []struct {
		U    whiteboard.UserID
		Name string
		Role whiteboard.Role
		N    int
	}
}

// guest is someone on a board.
type guest struct {
	t      *testing.T
	ws     *websocket.Conn
	user   whiteboard.UserID
	cookie *http.Cookie
	actor  whiteboard.ActorID
	clock  *whiteboard.Clock
	n      uint64
	acks   uint64
}

// join connects to a board; with a cookie, as the person it names.
func (s *site) join(b board, secret string, cookies ...*http.Cookie) *guest {
	s.t.Helper()
	a := s.do("GET", "/negotiate?board="+string(b.ID), secret, nil, cookies...)
	if a.status != http.StatusOK {
		s.t.Fatalf("negotiate: %d %s", a.status, a.body)
	}
	n := decode[struct {
		URL  string
		User struct{ ID whiteboard.UserID }
	}](s.t, a.body)
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, n.URL, &websocket.DialOptions{Subprotocols: []string{"json.webpubsub.azure.v1"}})
	check(s.t, err)
	s.t.Cleanup(func() { ws.CloseNow() })
	g := &guest{t: s.t, ws: ws, user: n.User.ID, actor: whiteboard.ActorID(whiteboard.NewBoardID())}
	g.clock = whiteboard.NewClock(g.actor)
	response := http.Response{Header: a.header}
	g.cookie = response.Cookies()[0]
	g.await("connected", func(f frame) bool { return f.Event == "connected" })
	return g
}

// next returns the next frame.
func (g *guest) next() (frame, error) {
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	_, b, err := g.ws.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	return decode[frame](g.t, b), nil
}

// await returns the first frame that is wanted.
func (g *guest) await(what string, want func(frame) bool) frame {
	g.t.Helper()
	for {
		f, err := g.next()
		if err != nil {
			g.t.Fatalf("waiting for %s: %v", what, err)
		}
		if want(f) {
			return f
		}
	}
}

// awaitMessage returns the first message of a kind that is wanted.
func (g *guest) awaitMessage(kind string, want func(message) bool) message {
	g.t.Helper()
	var m message
	g.await(kind, func(f frame) bool {
		m = message{}
		return f.Type == "message" && json.Unmarshal(f.Data, &m) == nil && m.K == kind && (want == nil || want(m))
	})
	return m
}

func (g *guest) send(v any) {
	g.t.Helper()
	b, err := json.Marshal(v)
	check(g.t, err)
	check(g.t, g.ws.Write(g.t.Context(), websocket.MessageText, b))
}

// event sends a user event and returns its ack's id.
func (g *guest) event(name string, data any) uint64 {
	g.t.Helper()
	g.acks++
	g.send(map[string]any{"type": "event", "event": name, "ackId": g.acks, "dataType": "json", "data": data})
	return g.acks
}

// op is a change stamped by this guest.
func (g *guest) op(id, patch string) whiteboard.Op {
	p, err := whiteboard.ParsePatch([]byte(patch))
	check(g.t, err)
	return whiteboard.Op{Stamp: g.clock.Next(time.Now()), Record: whiteboard.RecordID(id), Patch: p}
}

// commit sends a batch without waiting.
func (g *guest) commit(ops ...whiteboard.Op) {
	g.t.Helper()
	g.n++
	g.event("ops", whiteboard.Batch{Actor: g.actor, N: g.n, Ops: ops})
}

// echo waits for the echo of the guest's batch n.
func (g *guest) echo(n uint64) whiteboard.Entry {
	g.t.Helper()
	var found whiteboard.Entry
	g.awaitMessage("ops", func(m message) bool {
		for _, e := range m.B {
			if e.Actor == g.actor && e.N == n {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

const aRect = `{"kind":"rect","at":[1,2],"size":[30,40],"z":"a0","color":"black","width":2}`

// closed waits for the end of the connection and returns how the service explained it.
func (g *guest) closed() (code websocket.StatusCode, why string) {
	g.t.Helper()
	for {
		f, err := g.next()
		if err != nil {
			return websocket.CloseStatus(err), why
		}
		if f.Event == "disconnected" {
			why = f.Message
		}
	}
}
