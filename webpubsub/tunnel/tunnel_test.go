package tunnel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/easelhq/easel/webpubsub"
	"github.com/easelhq/easel/webpubsub/eventhandler"
	"github.com/easelhq/easel/webpubsub/server"
	"github.com/easelhq/easel/webpubsub/service"
	"github.com/easelhq/easel/webpubsub/token"
	"github.com/easelhq/easel/webpubsub/tunnel"
	"github.com/easelhq/easel/webpubsub/webpubsubtest"
)

const patience = 45 * time.Second

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// handled makes a tunnel the handler of hub board.
func handled(t *testing.T, s webpubsub.SettingsStore) {
	t.Helper()
	check(t, s.SetHub(t.Context(), "board", webpubsub.Hub{EventHandlers: []webpubsub.EventHandler{{
		URLTemplate: "tunnel:///ev/{event}", UserEventPattern: "*", SystemEvents: []string{"connect", "connected", "disconnected"},
	}}}))
}

// open runs a tunnel until stop, or the test's end, and waits until it is connected.
func open(t *testing.T, connectionString string, h http.Handler) (tun *tunnel.Tunnel, stop func()) {
	t.Helper()
	connected := make(chan struct{}, 100)
	tun, err := tunnel.New(connectionString, "board", h, &tunnel.Options{OnState: func(ok bool, _ error) {
		if ok {
			connected <- struct{}{}
		}
	}})
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { tun.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); run.Wait() })
	t.Cleanup(stop)
	select {
	case <-connected:
	case <-time.After(patience):
		t.Fatal("the tunnel does not connect")
	}
	return tun, stop
}

func events(t *testing.T, s *webpubsubtest.Service, o eventhandler.Options) http.Handler {
	t.Helper()
	o.Hub, o.AccessKeys = "board", []string{s.Settings.Settings().Keys.Primary}
	h, err := eventhandler.New(o)
	check(t, err)
	return h
}

// client is a WebSocket client with the plain JSON subprotocol.
type client struct {
	t  *testing.T
	ws *websocket.Conn
}

func connect(t *testing.T, s *webpubsubtest.Service, user string) *client {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), s.ClientURL(t, "board", token.MintOptions{UserID: user}), &websocket.DialOptions{Subprotocols: []string{"json.webpubsub.azure.v1"}})
	check(t, err)
	t.Cleanup(func() { ws.CloseNow() })
	c := &client{t, ws}
	if f := c.next(); f["event"] != "connected" {
		t.Fatalf("the first frame is %v", f)
	}
	return c
}

func (c *client) next() (f map[string]any) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	_, b, err := c.ws.Read(ctx)
	check(c.t, err)
	check(c.t, json.Unmarshal(b, &f))
	return f
}

func (c *client) event(name string, ack int) {
	c.t.Helper()
	check(c.t, c.ws.Write(c.t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"type":"event","event":%q,"dataType":"text","data":"hi","ackId":%d}`, name, ack)))
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing comes")
		panic("unreachable")
	}
}

func TestTunnel_carriesEveryKindOfEvent(t *testing.T) {
	s := webpubsubtest.Start(t)
	handled(t, s.Settings)
	connected, gone := make(chan webpubsub.UserID, 1), make(chan string, 1)
	open(t, s.ConnectionString, events(t, s, eventhandler.Options{
		Connect: func(_ context.Context, r *eventhandler.ConnectRequest) (*eventhandler.ConnectResponse, error) {
			if r.UserID == "eve" {
				return nil, webpubsub.Errorf(webpubsub.Forbidden, "no")
			}
			return &eventhandler.ConnectResponse{Groups: []string{"lobby"}}, nil
		},
		Connected:    func(_ context.Context, e *eventhandler.ConnectedEvent) { connected <- e.UserID },
		Disconnected: func(_ context.Context, e *eventhandler.DisconnectedEvent) { gone <- e.Reason },
		UserEvent: func(_ context.Context, e *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
			return &eventhandler.UserResponse{Data: &webpubsub.Data{Type: webpubsub.JSON, Bytes: fmt.Appendf(nil, `"%s %s"`, e.Name, e.Data.Bytes)}}, nil
		},
	}))
	c := connect(t, s, "ann")
	if u := await(t, connected); u != "ann" {
		t.Errorf("connected: %s", u)
	}
	c.event("draw", 1)
	if f := c.next(); f["data"] != "draw hi" {
		t.Errorf("answer %v", f)
	}
	if f := c.next(); f["type"] != "ack" || f["success"] != true {
		t.Errorf("ack %v", f)
	}
	rest, err := service.New(s.ConnectionString, "board", nil)
	check(t, err)
	if there, err := rest.GroupExists(t.Context(), "lobby"); err != nil || !there {
		t.Errorf("the handler's group: %v, %v", there, err)
	}
	_, res, err := websocket.Dial(t.Context(), s.ClientURL(t, "board", token.MintOptions{UserID: "eve"}), nil)
	if err == nil || res.StatusCode != 403 {
		t.Errorf("a refused client: %v", res)
	}
	c.ws.Close(websocket.StatusNormalClosure, "bye")
	if reason := await(t, gone); reason != "bye" {
		t.Errorf("disconnected: %q", reason)
	}
}

func TestTunnel_restCalls_goUpWithinTheirHub(t *testing.T) {
	s := webpubsubtest.Start(t)
	tun, _ := open(t, s.ConnectionString, http.NotFoundHandler())
	c := connect(t, s, "ann")
	// The endpoint and the key are placeholders: the tunnel's identity counts.
	rest, err := service.New("Endpoint=https://host;AccessKey=none;", "board", &service.Options{Transport: tun})
	check(t, err)
	for i := range 20 {
		check(t, rest.SendToAll(t.Context(), service.Text(fmt.Sprint(i)), nil))
	}
	for i := range 20 {
		if f := c.next(); f["data"] != fmt.Sprint(i) {
			t.Errorf("message %d is %v", i, f)
		}
	}
	for user, want := range map[webpubsub.UserID]bool{"ann": true, "bob": false} {
		if got, err := rest.UserExists(t.Context(), user); err != nil || got != want {
			t.Errorf("%s exists: %v, %v", user, got, err)
		}
	}
	for _, path := range []string{"/api/hubs/other/:send?api-version=2024-12-01", "/api/settings/keys", "/api/hubs/board/../other/:send?api-version=2024-12-01"} {
		r := httptest.NewRequest("POST", "https://host"+path, strings.NewReader("x"))
		r.RequestURI = ""
		res, err := tun.RoundTrip(r)
		check(t, err)
		if res.StatusCode != 403 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestTunnel_oneClientsEvents_stayOnOneTunnelWhileItLives(t *testing.T) {
	s := webpubsubtest.Start(t)
	handled(t, s.Settings)
	served := make(chan int, 100)
	var stops []func()
	for i := range 4 {
		_, stop := open(t, s.ConnectionString, events(t, s, eventhandler.Options{
			UserEvent: func(context.Context, *eventhandler.UserEvent) (*eventhandler.UserResponse, error) {
				served <- i
				return nil, nil
			},
		}))
		stops = append(stops, stop)
	}
	c := connect(t, s, "ann")
	send := func(ack int) int {
		c.event("draw", ack)
		if f := c.next(); f["success"] != true {
			t.Fatalf("event %d: %v", ack, f)
		}
		return await(t, served)
	}
	first := send(1)
	for ack := 2; ack < 12; ack++ {
		if by := send(ack); by != first {
			t.Fatalf("event %d went to tunnel %d, not %d", ack, by, first)
		}
	}
	stops[first]()
	second := send(20)
	if second == first {
		t.Fatal("a tunnel that is gone was used")
	}
	if third := send(21); third != second {
		t.Errorf("went to %d after %d", third, second)
	}
}

func TestForward_appServerDown_answers500AndSaysSo(t *testing.T) {
	app := httptest.NewServer(http.NotFoundHandler())
	h, err := tunnel.Forward(app.URL, nil)
	check(t, err)
	app.Close()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/ev/draw", strings.NewReader("hi")))
	if w.Code != 500 || !strings.Contains(w.Body.String(), app.URL+" cannot be reached") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestForward_keepsPathQueryAndBody(t *testing.T) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("ce-connectionState", r.Header.Get("ce-id"))
		fmt.Fprintf(w, "%s %d %s", r.URL, r.ContentLength, body)
	}))
	defer app.Close()
	h, err := tunnel.Forward(app.URL+"/base", nil)
	check(t, err)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "https://wps.example.net/ev/draw?code=1", strings.NewReader("hi"))
	r.Header.Set("ce-id", "7")
	h.ServeHTTP(w, r)
	if w.Body.String() != "/base/ev/draw?code=1 2 hi" || w.Header().Get("ce-connectionState") != "7" {
		t.Errorf("%s %v", w.Body, w.Header())
	}
	for _, bad := range []string{"", "localhost:3000", "ftp://h"} {
		if _, err := tunnel.Forward(bad, nil); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRun_wrongKey_givesUp(t *testing.T) {
	s := webpubsubtest.Start(t)
	wrong := token.ConnectionString{Endpoint: s.Endpoint, AccessKey: "wrong"}.String()
	tun, err := tunnel.New(wrong, "board", http.NotFoundHandler(), nil)
	check(t, err)
	if err := tun.Run(t.Context()); webpubsub.CodeOf(err) != webpubsub.Unauthorized || strings.Contains(err.Error(), "access_token") {
		t.Errorf("got %v", err)
	}
}

func TestNew_badOptions_areBadRequests(t *testing.T) {
	for _, c := range [][2]string{{"Endpoint=http://h;AccessKey=k;", "1"}, {"", "board"}} {
		if _, err := tunnel.New(c[0], c[1], nil, nil); webpubsub.CodeOf(err) != webpubsub.BadRequest {
			t.Errorf("%q: %v", c, err)
		}
	}
}

// A service that restarts, at the same address, has its tunnel back without help.
func TestRun_serviceRestarts_connectsAgain(t *testing.T) {
	settings := webpubsubtest.NewSettings(webpubsub.Keys{Primary: "first-key", Secondary: "second-key"})
	var current atomic.Pointer[server.Server]
	begin := func() *server.Server {
		s, err := server.New(server.Options{Settings: settings})
		check(t, err)
		current.Store(s)
		return s
	}
	end := func(s *server.Server) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	}
	first := begin()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }))
	defer front.Close()
	states := make(chan bool, 100)
	tun, err := tunnel.New(token.ConnectionString{Endpoint: front.URL, AccessKey: "first-key"}.String(), "board", http.NotFoundHandler(),
		&tunnel.Options{OnState: func(ok bool, _ error) { states <- ok }})
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- tun.Run(ctx) }()
	if !await(t, states) {
		t.Fatal("not connected")
	}
	second := begin()
	end(first)
	if await(t, states) || !await(t, states) {
		t.Error("the end and the new connection are not told in turn")
	}
	cancel()
	if err := await(t, done); !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v", err)
	}
	end(second)
}
